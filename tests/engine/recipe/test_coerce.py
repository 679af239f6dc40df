"""Coercion: the target field's type decides, says so when it can't, and changes nothing silently."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields import Field, typeddict_schema
from engine.recipe.templates.coerce import CoerceError, coercer, is_blank
from engine.recipe.templates.environment import Blank
from engine.sdk import NotRequired, TypedDict

TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
YES_NO = {"type": "boolean"}


def form(format: str) -> dict[str, Any]:
    return {"type": "string", "format": format}


NULLABLE = {"anyOf": [{"type": "integer"}, {"type": "null"}]}


@pytest.mark.parametrize(
    ("schema", "given", "made"),
    [
        (TEXT, "00042", "00042"),
        (TEXT, 42, "42"),
        (TEXT, True, "true"),
        (TEXT, date(2026, 1, 31), "2026-01-31"),
        (TEXT, Decimal("1.50"), "1.50"),
        (WHOLE, "42", 42),
        (WHOLE, " -7 ", -7),
        (WHOLE, 42.0, 42),
        (WHOLE, Decimal("3"), 3),
        (NUMBER, "1.5", 1.5),
        (NUMBER, ".5e2", 50.0),
        (NUMBER, Decimal("1.5"), 1.5),
        (NUMBER, 3, 3),
        (YES_NO, "Yes", True),
        (YES_NO, "false", False),
        (YES_NO, True, True),
        (form("date"), "2026-01-31", "2026-01-31"),
        (form("date"), "2026-01-31T23:59:00+01:00", "2026-01-31"),
        (form("date"), datetime(2026, 1, 31, 12), "2026-01-31"),
        (form("date-time"), "2026-01-31 20:30", "2026-01-31T20:30:00"),
        (form("email"), " ada@mill.example ", "ada@mill.example"),
        (form("phone"), "+12125550100", "+12125550100"),
        (form("uri"), "anything", "anything"),
        ({"type": "array", "items": WHOLE}, ["1", 2], [1, 2]),
        ({"type": "array", "items": WHOLE}, "1", [1]),
        ({"type": "object", "additionalProperties": WHOLE}, {"a": "1"}, {"a": 1}),
        (NULLABLE, None, None),
        (NULLABLE, "5", 5),
        ({"enum": ["1", "2"]}, 1, "1"),
        ({}, {"any": "thing"}, {"any": "thing"}),
    ],
)
def test_a_value_takes_the_fields_type(schema, given, made) -> None:
    result = coercer(schema)(given)
    assert (result, type(result)) == (made, type(made))


@pytest.mark.parametrize(
    ("schema", "given", "message"),
    [
        (WHOLE, "4.5", "'4.5' is not a whole number."),
        (WHOLE, 4.5, "'4.5' is not a whole number."),
        (WHOLE, "1_000", "'1_000' is not a whole number."),
        (WHOLE, True, "'true' is not a whole number."),
        (WHOLE, float("nan"), "'nan' is not a whole number."),
        (WHOLE, float("inf"), "'inf' is not a whole number."),
        (NUMBER, "1,000.50", "'1,000.50' is not a number."),
        (NUMBER, "$5", "'$5' is not a number."),
        (YES_NO, "1", "'1' is neither true nor false."),
        (YES_NO, 1, "'1' is neither true nor false."),
        (form("date"), "31.01.2026", "'31.01.2026' is not a date written as 2026-01-31."),
        (form("date"), "2026-02-30", "'2026-02-30' is not a date written as 2026-01-31."),
        (form("email"), "ada at mill", "'ada at mill' is not an e-mail address."),
        (form("email"), "a@b@c.example", "'a@b@c.example' is not an e-mail address."),
        (form("phone"), "212 555 0100",
         "'212 555 0100' is not a phone number with its country code, like +12125550100."),
        (TEXT, ["a"], "\"['a']\" is a list, not text."),
        ({"type": "object"}, "a", "'a' is not a record with fields."),
        (NULLABLE, "five", "'five' is not a whole number."),
        (WHOLE, "9" * 30, f"'{'9' * 30}' is too large a number."),
        (WHOLE, 10**30, f"'{10**30}' is too large a number."),
        (WHOLE, "9" * 5000, f"'{'9' * 57}…' is not a whole number."),
        (NUMBER, float("nan"), "'nan' is not a number."),
        (NUMBER, Decimal("sNaN"), "'sNaN' is not a number."),
        (NUMBER, 10**400, f"'1{'0' * 56}…' is too large a number."),
        (WHOLE, "x" * 80, "'" + "x" * 57 + "…' is not a whole number."),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_quoted(schema, given, message) -> None:
    with pytest.raises(CoerceError) as caught:
        coercer(schema)(given)
    assert caught.value.message == message


def test_a_nested_value_that_does_not_fit_is_named_by_its_path() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {"n": WHOLE}}}}
    with pytest.raises(CoerceError) as caught:
        coercer(schema)({"a": {"n": "x"}})
    assert caught.value.within == "a.n"


def test_a_format_counts_wherever_the_connector_wrote_it() -> None:
    class Row(TypedDict):
        inside: NotRequired[Annotated[str, Field(format="date")] | None]
        outside: NotRequired[Annotated[str | None, Field(format="date")]]

    for name, part in typeddict_schema(Row)["properties"].items():
        assert coercer(part)("2026-01-31T12:00") == "2026-01-31", name
        assert coercer(part)(None) is None
        with pytest.raises(CoerceError, match="is not a date"):
            coercer(part)("tomorrow")


@given(st.text())
def test_text_stays_as_it_is(text) -> None:
    assert coercer(TEXT)(text) == text


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_survive_the_way_through_text(number) -> None:
    assert coercer(WHOLE)(coercer(TEXT)(number)) == number


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(value=ANY, schema=st.sampled_from([TEXT, WHOLE, NUMBER, YES_NO, NULLABLE, *map(form, ("date", "date-time", "email", "phone")), {"type": "array", "items": WHOLE}, {"type": "object", "properties": {"": WHOLE}}]))  # fmt: skip
def test_any_value_is_made_to_fit_or_refused_in_a_sentence(value, schema) -> None:
    try:
        coercer(schema)(value)
    except CoerceError as error:
        said = error.message
    else:
        return
    assert said.endswith(".")


@pytest.mark.parametrize("value", [None, "", "  ", "\n", Blank(name="x")])
def test_nothing_is_blank(value) -> None:
    assert is_blank(value)


@pytest.mark.parametrize("value", [0, False, "0", [], {}, "x"])
def test_zero_and_no_are_not_blank(value) -> None:
    assert not is_blank(value)
