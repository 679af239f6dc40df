"""Forms with brackets and amounts: small rules that money hangs on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from plugins.stripe.api import form, moment
from plugins.stripe.money import places, to_amount, to_minor
from plugins.stripe.practice.answers import nested


def test_a_form_has_brackets() -> None:
    values = {
        "metadata": {"matter": "00042", "gone": ""},
        "items": [{"price": "price_1", "quantity": 2}],
        "active": False,
        "left_out": None,
    }
    assert form(values) == [
        ("metadata[matter]", "00042"),
        ("metadata[gone]", ""),
        ("items[0][price]", "price_1"),
        ("items[0][quantity]", "2"),
        ("active", "false"),
    ]


NAMES = st.text("abcxyz_", min_size=1, max_size=4)
VALUES = st.recursive(
    st.text(max_size=5),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(NAMES, inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=30)
@given(values=st.dictionaries(NAMES, VALUES, max_size=4))
def test_the_practice_server_reads_what_is_written(values: dict[str, object]) -> None:
    assert nested(form(values)) == values


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.99", "usd", 1999),
        ("19.9", "USD", 1990),
        ("1250", "eur", 125000),
        ("500", "jpy", 500),
        ("500.00", "jpy", 500),
        ("5.12", "kwd", 5120),
        ("5", "isk", 500),
        ("0.1", "usd", 10),
        (" 7.00 ", "gbp", 700),
    ],
)
def test_amounts_are_counted_as_the_currency_is(amount: str, currency: str, minor: int) -> None:
    assert to_minor(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "says"),
    [
        ("19.999", "usd", "has more decimals than USD has"),
        ("500.50", "jpy", "has more decimals than JPY has"),
        ("5.124", "kwd", "is finer than Stripe counts KWD"),
        ("5.50", "isk", "no whole number of ISK"),
        ("1,250.00", "usd", "is no amount"),
        ("$5", "usd", "is no amount"),
        ("NaN", "usd", "is no amount"),
        ("", "usd", "is no amount"),
        ("10000000", "usd", "more than Stripe takes"),
        ("5", "dollars", "is no currency"),
        ("5", "ugx", "told in two ways"),
    ],
)
def test_what_is_no_amount_is_never_rounded(amount: str, currency: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        to_minor(amount, currency)
    assert caught.value.hint


@given(minor=st.integers(-(10**7), 10**7), currency=st.sampled_from(["usd", "jpy", "clp"]))
def test_amounts_come_back_as_they_went(minor: int, currency: str) -> None:
    written = to_amount(minor, currency)
    assert written is not None
    assert len(written.partition(".")[2]) == places(currency)
    assert to_minor(written, currency) == minor


def test_times_are_iso_and_utc() -> None:
    assert moment(1234567890) == "2009-02-13T23:31:30+00:00"
    assert moment(None) is None
