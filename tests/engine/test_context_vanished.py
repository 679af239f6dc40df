"""A connector says that a field can't be had any more."""

from datetime import UTC, datetime
from typing import Any, cast

from engine.context import Context


def test_what_a_connector_says_reaches_the_engine_and_nobody_listening_is_no_error():
    told: list[Any] = []
    Context(http=cast(Any, None), now=datetime.now(UTC)).vanished("description", "It is refused.")

    ctx = Context(
        http=cast(Any, None),
        now=datetime.now(UTC),
        on_vanished=lambda path, reason: told.append((path, reason)),
    )
    ctx.vanished("description", "It is refused.")

    assert told == [("description", "It is refused.")]
