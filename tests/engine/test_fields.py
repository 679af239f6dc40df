"""From a Python signature to a JSON Schema: every type a connector may use, and those it may not."""

import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from engine.fields import (
    Field,
    Option,
    closed,
    field_hints,
    inline_references,
    parameters_schema,
    result_schema,
    row_schema,
    schema_of_sample,
    typeddict_schema,
)
from engine.sdk import BadRecord, Context, NotRequired, Record, TypedDict


class Address(TypedDict):
    """Where something is."""

    street: str
    city: NotRequired[str | None]


class Parcel(TypedDict):
    ref: str
    to: Address
    back_to: NotRequired[Address]


class Folder(TypedDict):
    name: str
    folders: NotRequired[list["Folder"]]


def schema_of(annotation: Any) -> dict[str, Any]:
    """Return the schema of a required parameter ``x`` so annotated, without its title."""

    def function(ctx: Context, x: annotation) -> None: ...

    schema: dict[str, Any] = parameters_schema(function)
    assert schema["required"] == ["x"]
    return {key: value for key, value in schema["properties"]["x"].items() if key != "title"}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (date, {"type": "string", "format": "date"}),
        (datetime, {"type": "string", "format": "date-time"}),
        (Literal["red", "blue"], {"type": "string", "enum": ["red", "blue"]}),
        (Literal["red"], {"type": "string", "const": "red"}),
        (list[str], {"type": "array", "items": {"type": "string"}}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Record, {"type": "object", "additionalProperties": True}),
        (str | None, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (Optional[int], {"anyOf": [{"type": "integer"}, {"type": "null"}]}),  # noqa: UP045 - a form people write
        (Any, {}),
    ],
)
def test_the_schema_of_a_type(annotation: Any, schema: dict[str, Any]) -> None:
    assert schema_of(annotation) == schema


def test_a_function_becomes_a_closed_object() -> None:
    def store(
        ctx: Context, since: datetime | None, colour: str, weight: int = 5, note: str | None = None
    ) -> None: ...

    schema = parameters_schema(store)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert list(schema["properties"]) == ["colour", "weight", "note"]  # ctx and since are not asked
    assert schema["required"] == ["colour"]
    assert schema["properties"]["weight"]["default"] == 5
    assert schema["properties"]["note"]["default"] is None
    assert "title" not in schema
    Draft202012Validator.check_schema(schema)


def test_a_field_adds_what_people_read() -> None:
    def store(
        ctx: Context,
        email: Annotated[str, Field("E-mail", "Where to write to.", format="email")],
        key: Annotated[str, Field("Key", secret=True)],
        plain: Annotated[str, "a remark of nobody's concern"],
    ) -> None: ...

    properties = parameters_schema(store)["properties"]
    assert properties["email"] == {
        "type": "string",
        "title": "E-mail",
        "description": "Where to write to.",
        "format": "email",
    }
    assert properties["key"]["writeOnly"] is True
    assert set(properties["plain"]) == {"type", "title"}


def test_a_fields_functions_are_found_by_the_parameters_name() -> None:
    def colours(ctx: Context) -> Iterator[Option]:
        yield Option("r", "Red")

    def store(ctx: Context, colour: Annotated[str, Field("Colour", options=colours)]) -> None: ...

    found = field_hints(store, "colour")
    assert found is not None
    assert found.options is colours
    assert field_hints(store, "ctx") is None
    assert field_hints(store, "nothing") is None


def test_names_that_a_schema_model_has_itself_are_fine_names() -> None:
    def store(ctx: Context, json: str, copy: int, schema: str, model_config: str) -> None: ...

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = parameters_schema(store)
    assert found["required"] == ["json", "copy", "schema", "model_config"]
    assert found["properties"]["json"]["title"] == "Json"


# -- types that can't be used ----------------------------------------------------------------------


class Opaque:
    """JSON Schema has no word for it."""


def with_opaque(ctx: Context, x: Opaque) -> None: ...
def with_callable(ctx: Context, x: Callable[[], int]) -> None: ...
def without_type(ctx: Context, x) -> None: ...  # type: ignore[no-untyped-def]  # the mistake meant
def with_more(ctx: Context, **x: str) -> None: ...
def with_list(ctx: Context, *x: str) -> None: ...


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (with_opaque, "schema for <class .*Opaque"),
        (with_callable, "Cannot generate a JsonSchema"),
        (without_type, "'x' has no type annotation"),
        (with_more, "'x' stands for any number of values"),
        (with_list, "'x' stands for any number of values"),
    ],
)
def test_a_signature_that_can_not_be_used(function: Callable[..., Any], problem: str) -> None:
    with pytest.raises(TypeError, match=problem) as caught:
        parameters_schema(function)
    assert "\n" not in str(caught.value)
    assert "arbitrary_types_allowed" not in str(caught.value)


def test_an_annotation_nobody_knows_is_named() -> None:
    def function(ctx: Context, x: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821 - meant

    with pytest.raises(NameError, match="Nowhere"):
        parameters_schema(function)


# -- rows and results ------------------------------------------------------------------------------


def test_a_row_is_closed_and_holds_its_nested_types() -> None:
    def send(ctx: Context, rows: list[Parcel]) -> None: ...

    schema = row_schema(send)
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["ref", "to"]
    for name in ("to", "back_to"):
        assert schema["properties"][name]["required"] == ["street"]
        assert schema["properties"][name]["description"] == "Where something is."
    assert "$" not in str(schema)  # neither $ref nor $defs
    valid = {"ref": "1", "to": {"street": "High Street", "city": None}}
    validator = Draft202012Validator(schema)
    assert validator.is_valid(valid)
    assert not validator.is_valid({**valid, "colour": "red"})
    assert not validator.is_valid({"ref": "1", "to": {"city": "York"}})


def rows_of_what(ctx: Context, rows: list) -> None: ...  # type: ignore[type-arg]  # the mistake meant
def rows_of_text(ctx: Context, rows: list[str]) -> None: ...
def no_list(ctx: Context, rows: Parcel) -> None: ...
def no_rows(ctx: Context) -> None: ...


@pytest.mark.parametrize("function", [rows_of_what, rows_of_text, no_list, no_rows])
def test_rows_must_be_a_list_of_a_typeddict(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"'rows' must be annotated as list\[SomeTypedDict\]"):
        row_schema(function)


def one(ctx: Context) -> Address: ...  # type: ignore[empty-body]  # only its annotation counts
def maybe(ctx: Context) -> Address | None: ...
def many(ctx: Context) -> Iterator[Address]: ...  # type: ignore[empty-body]  # as above
def mixed(ctx: Context) -> Iterator[Address | BadRecord]: ...  # type: ignore[empty-body]  # as above


@pytest.mark.parametrize("function", [one, maybe, many, mixed])
def test_a_declared_result_is_found_within_the_annotation(function: Callable[..., Any]) -> None:
    schema = result_schema(function)
    assert schema is not None
    assert list(schema["properties"]) == ["street", "city"]


def open_result(ctx: Context) -> Iterator[Record]: ...  # type: ignore[empty-body]  # as above
def untold(ctx: Context): ...  # type: ignore[no-untyped-def]  # connectors may leave it out


@pytest.mark.parametrize("function", [open_result, untold])
def test_an_open_result_has_no_schema(function: Callable[..., Any]) -> None:
    assert result_schema(function) is None


def test_a_type_that_holds_itself_is_open_at_the_second_level() -> None:
    schema = typeddict_schema(Folder)
    inner = schema["properties"]["folders"]["items"]
    assert "$ref" not in str(schema)
    validator = Draft202012Validator(schema)
    assert inner.get("type", "object") == "object"
    assert validator.is_valid({"name": "a", "folders": [{"name": "b", "folders": []}]})


def test_references_keep_what_stands_beside_them() -> None:
    schema = {
        "$ref": "#/$defs/A",
        "title": "Other",
        "$defs": {"A": {"type": "string", "title": "A"}},
    }
    assert inline_references(schema) == {"type": "string", "title": "Other"}


def test_closing_leaves_the_original_open() -> None:
    schema = {"type": "object", "properties": {}}
    assert closed(schema)["additionalProperties"] is False
    assert "additionalProperties" not in schema


# -- samples ---------------------------------------------------------------------------------------


def test_the_schema_of_a_sample() -> None:
    sample = {"a": "x", "b": 1, "c": 1.5, "d": True, "e": None, "f": [{"g": 1}], "h": []}
    properties = schema_of_sample(sample)["properties"]
    assert {name: part.get("type") for name, part in properties.items()} == {
        "a": "string",
        "b": "integer",
        "c": "number",
        "d": "boolean",
        "e": None,
        "f": "array",
        "h": "array",
    }
    assert properties["f"]["items"]["properties"]["g"] == {"type": "integer"}
    assert properties["h"]["items"] == {}


@given(
    sample=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=1) | st.dictionaries(st.text(), inner, max_size=4),
    )
)
def test_a_sample_is_valid_by_its_own_schema(sample: Any) -> None:
    assert Draft202012Validator(schema_of_sample(sample)).is_valid(sample)
