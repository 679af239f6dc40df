"""What a misspelt word was meant to be, and when that is sure enough to write it down."""

import pytest

from engine.recipe.suggest import nearest, same_thing, surely

FIELDS = ("id", "first_name", "last_name", "email", "email_2", "status", "created_at", "updated_at")


@pytest.mark.parametrize(
    ("word", "known", "sure"),
    [
        ("Last-Name", FIELDS, "last_name"),
        ("last_nmae", FIELDS, "last_name"),
        ("lst_name", FIELDS, "last_name"),
        ("ceated_at", FIELDS, "created_at"),
        ("email_3", FIELDS, ""),  # another number is no slip
        ("name", FIELDS, ""),  # two are as near
        ("unsubscribed", ("subscribed", "pending"), ""),  # the opposite
        ("subscribed", ("unsubscribed", "pending"), ""),
        ("descrip", ("description", "title"), "description"),
        ("first", ("first_name", "first_seen"), ""),
    ],
)
def test_only_what_is_sure_is_written_down(word: str, known: tuple[str, ...], sure: str) -> None:
    assert surely(word, nearest(word, known), known) == sure


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("surname", FIELDS, ("last_name", True)),
        ("e_mail", ("id", "email"), ("email", True)),
        ("emailAddress", ("id", "email"), ("email", False)),
        ("email", ("id", "email_address"), ("email_address", False)),
        ("state", FIELDS, ("status", False)),
        ("name", FIELDS, (None, False)),
        ("court", FIELDS, (None, False)),
    ],
)
def test_other_names_for_the_same_thing(
    name: str, known: tuple[str, ...], meant: tuple[str | None, bool]
) -> None:
    assert same_thing(name, known) == meant
