"""An app's answer that something isn't there is taken for an answer."""

import pytest

from engine.errors import AuthError, InputError, tolerating


def found(error: Exception | None) -> str | None:
    with tolerating("not_found", "reconnect"):
        if error is not None:
            raise error
        return "a note"
    return None


def test_refusals_that_are_named_end_the_block_alone() -> None:
    assert found(None) == "a note"
    assert found(InputError("There is no note 7.", code="not_found")) is None
    assert found(AuthError("Notes no longer accepts this connection.")) is None


@pytest.mark.parametrize(
    "error", [InputError("The text is too long."), KeyError("not_found")], ids=["refused", "defect"]
)
def test_any_other_error_goes_on(error: Exception) -> None:
    with pytest.raises(type(error)):
        found(error)
