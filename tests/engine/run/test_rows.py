"""Rows: fields rendered, blanks dealt with as the recipe says, values of the action's own types."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from annotated_types import MaxLen
from hypothesis import given
from hypothesis import strategies as st

from engine.connector import Connector
from engine.fields import Record
from engine.operations import Action
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.load import parse_recipe
from engine.recipe.templates.coerce import CoerceError, coercer
from engine.recipe.templates.environment import build_environment
from engine.run.rows import Refused, RowBuilder, _keeps_text, row_builder
from engine.sdk import Context, Field, NotRequired, TypedDict

connector = Connector(name="archive", title="The Archive")


class Place(TypedDict):
    street: str
    city: NotRequired[str | None]


@connector.action("Store")
def store(
    ctx: Context,
    name: str,
    count: int | None = None,
    born: Annotated[str | None, Field(format="date")] = None,
    colour: Literal["red", "blue"] = "red",
    place: Place | None = None,
    tags: list[str] | None = None,
    note: str = "",
    extra: dict[str, str] | None = None,
    shelf: Annotated[str, MaxLen(3)] | None = None,
) -> Record:
    """Store something."""
    return {}


def builder(fields: str, blank: str = "leave alone") -> RowBuilder:
    text = f"name: n\ntrigger:\n  use: a.b\n  as: item\nsteps:\n  - use: archive.store\n    blank: {blank}\n    with:\n"
    text += "".join(f"      {line}\n" for line in fields.strip().splitlines())
    step = parse_recipe(text, Path("n.yaml")).steps[0]
    action = connector.actions["store"]
    assert isinstance(action, Action)
    environment = build_environment(filters_for({}), TESTS)
    return row_builder(
        environment,
        action,
        step.fields,
        app="The Archive",
        noun="matter",
        blank=step.blank,
        blanks=step.blanks.values,
    )


def build(fields: str, blank: str = "leave alone", **item: Any) -> Record:
    return builder(fields, blank).build({"item": item})


def refusal(fields: str, blank: str = "leave alone", **item: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        build(fields, blank, **item)
    return caught.value


NAME = 'name: "{{ item.name }}"\n'


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "item", "row"),
    [
        ('name: "{{ item.a }}"', {"a": "00042"}, {"name": "00042"}),
        ('name: "{{ item.a }}"', {"a": 42}, {"name": "42"}),
        ('name: "{{ item.a }}"', {"a": "1_000"}, {"name": "1_000"}),
        ('name: "{{ item.a }} {{ item.b }}"', {"a": "x", "b": None}, {"name": "x "}),
        ("name: 00042", {}, {"name": "00042"}),
        ('name: n\ncount: "{{ item.a }}"', {"a": "7"}, {"name": "n", "count": 7}),
        ("name: n\ncount: 7", {}, {"name": "n", "count": 7}),
        ('name: n\ntags: "{{ item.a }}"', {"a": ["x", "y"]}, {"name": "n", "tags": ["x", "y"]}),
        ('name: n\ntags: ["{{ item.a }}", b]', {"a": 1}, {"name": "n", "tags": ["1", "b"]}),
        ("name: n\ntags: one", {}, {"name": "n", "tags": ["one"]}),
        (
            'name: n\nplace.street: "{{ item.a }}"\nplace.city: Ghent',
            {"a": "High St"},
            {"name": "n", "place": {"street": "High St", "city": "Ghent"}},
        ),
        (
            'name: n\nplace: {street: "{{ item.a }}"}',
            {"a": "High St"},
            {"name": "n", "place": {"street": "High St"}},
        ),
        ('name: n\nextra: {k: "{{ item.a }}"}', {"a": 5}, {"name": "n", "extra": {"k": "5"}}),
        ('name: n\nborn: "{{ item.a }}"', {"a": "2026-01-31"}, {"name": "n", "born": "2026-01-31"}),
    ],
)
def test_a_field_has_the_type_that_its_action_asks_for(fields, item, row) -> None:
    assert build(fields, **item) == row


@pytest.mark.parametrize(
    ("fields", "item", "field", "code", "reason"),
    [
        (NAME + 'count: "{{ item.a }}"', {"a": "seven"}, "count", "not_a_number",
         "'seven' is not a whole number."),
        (NAME + 'born: "{{ item.a }}"', {"a": "31.1.2026"}, "born", "not_a_date",
         "'31.1.2026' is not a date written as 2026-01-31."),
        (NAME + 'colour: "{{ item.a }}"', {"a": "green"}, "colour", "not_an_option",
         "'green' is not one of the values The Archive knows for colour."),
        ('name: "{{ item.a }}"', {"a": ["x"]}, "name", "wrong_type",
         "\"['x']\" is a list, not text."),
        (NAME + 'place: "{{ item.a }}"', {"a": {"street": ["x"]}}, "place.street", "wrong_type",
         "\"['x']\" is a list, not text."),
        (NAME + 'place: "{{ item.a }}"', {"a": {"city": "Ghent"}}, "place.street", "missing",
         "The Archive needs place.street, but this matter has none."),
        (NAME + 'note: "{{ item.a.b.c }} of"', {"a": None}, "note", "missing_value",
         "item.a is empty."),
        (NAME + 'note: "{{ item.a + 1 }}"', {"a": "x"}, "note", "template_failed", None),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_names_its_field(fields, item, field, code, reason) -> None:
    refused = refusal(fields, **{"name": "n", **item})
    assert (refused.field, refused.code) == (field, code)
    if reason is not None:
        assert refused.reason == reason


def test_the_first_field_that_fails_is_named_however_many_there_are() -> None:
    refused = refusal(
        'name: "{{ item.a }}"\nnote: "{{ item.b.c }}x"\ncount: "{{ item.a }}"', a="n", b=None
    )
    assert refused.field == "note"


def test_options_are_listed_for_whoever_has_to_choose() -> None:
    assert refusal(NAME + 'colour: "{{ item.a }}"', name="n", a="green").how_to_fix == (
        "It takes: red, blue."
    )


def test_a_text_that_is_too_long_says_how_much_fits_and_what_to_do() -> None:
    refused = refusal(NAME + 'shelf: "{{ item.a }}"', name="n", a="A-12")
    assert refused.reason == "The text for shelf has 4 characters, and The Archive takes 3 at most."
    assert "`| truncate(3)`" in refused.how_to_fix


# -- blanks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [{}, {"a": None}, {"a": ""}, {"a": "  "}])
@pytest.mark.parametrize(
    ("field", "cleared"),
    [("count", {"count": None}), ("note", {"note": ""}), ("place.city", {"place": {"street": "s", "city": None}})],
)  # fmt: skip
def test_an_empty_source_field(nothing, field, cleared) -> None:
    """Left alone unless the recipe says to clear it at the target, or to reject the record."""
    street = "place.street: s\n" if field.startswith("place") else ""
    fields = f'name: n\n{street}{field}: "{{{{ item.a }}}}"'
    untouched = {"name": "n", "place": {"street": "s"}} if street else {"name": "n"}
    assert build(fields, **nothing) == untouched
    assert build(fields, "clear", **nothing) == {"name": "n", **cleared}
    refused = refusal(fields, "reject", **nothing)
    assert (refused.reason, refused.code) == (f"{field} is empty.", "blank")


BLANKS = """{note: clear, place.city: clear, "place": reject, otherwise: leave alone}"""


def test_single_fields_do_what_is_said_of_them() -> None:
    fields = (
        NAME + 'note: "{{ item.a }}"\ncount: "{{ item.a }}"\nplace:\n  street: "{{ item.s }}"\n'
    )
    fields += '  city: "{{ item.a }}"'
    row = build(fields, BLANKS, name="x", a=None, s="Elm")
    assert row == {"name": "x", "note": "", "place": {"street": "Elm", "city": None}}
    assert refusal(fields, BLANKS, name="x", a=None, s="").field == "place.street"


def test_without_a_word_for_the_rest_it_is_left_alone() -> None:
    fields = NAME + 'note: "{{ item.a }}"\ncount: "{{ item.a }}"'
    assert build(fields, "{count: clear}", name="x", a=None) == {"name": "x", "count": None}


@pytest.mark.parametrize("blank", ["leave alone", "clear"])
def test_an_empty_field_that_the_action_needs_is_missing(blank) -> None:
    refused = refusal('name: "{{ item.a }}"', blank, a=None)
    assert refused.reason == "The Archive needs name, but item.a is empty."
    assert (refused.code, refused.field) == ("missing", "name")
    assert refused.how_to_fix.startswith("Fill it in at the source")


def test_what_can_be_neither_null_nor_empty_text_is_left_alone_even_when_cleared() -> None:
    assert build('name: n\ncolour: "{{ item.a }}"', "clear", a=None) == {"name": "n"}


def test_zero_and_no_are_not_empty() -> None:
    assert build('name: n\ncount: "{{ item.a }}"', "reject", a=0) == {"name": "n", "count": 0}
    assert build('name: "{{ item.a }}"', "reject", a=False) == {"name": "false"}


# -- constants -------------------------------------------------------------------------------------


def test_what_no_record_changes_is_worked_out_once() -> None:
    built = builder("name: fixed\ncount: 7\ntags: [a, b]")
    assert built.fields.paths == ()
    assert dict(built.constants) == {("name",): "fixed", ("count",): 7, ("tags",): ["a", "b"]}


def test_a_constant_of_the_wrong_type_is_the_recipes_mistake_not_a_records() -> None:
    with pytest.raises(CoerceError, match="'seven' is not a whole number"):
        builder("name: n\ncount: seven")


def test_rows_do_not_share_what_is_nested() -> None:
    """A connector may change what it was given."""
    built: Callable[[Any], Record] = builder(
        'name: n\nplace.street: s\nplace.city: "{{ item.a }}"'
    ).build
    one, other = built({"item": {"a": "x"}}), built({"item": {"a": "y"}})
    one["place"]["street"] = "changed"
    assert other["place"] == {"street": "s", "city": "y"}


KINDS = ("string", "null", "integer", "boolean", "array")
kinds = st.sampled_from(KINDS).map(lambda kind: {"type": kind})
formats = st.sampled_from(["date", "email", "phone"]).map(
    lambda name: {"type": "string", "format": name}
)
schemas = kinds | formats | st.lists(kinds | formats, min_size=1).map(lambda few: {"anyOf": few})


@given(schemas, st.text(min_size=1) | st.sampled_from(["12", "true", "2024-03-04", "a@b.example"]))
def test_what_takes_text_as_it_is_would_be_converted_to_itself(schema, text) -> None:
    if _keeps_text(schema):
        assert coercer(schema)(text) == text
