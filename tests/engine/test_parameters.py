"""Operations that share fields keep them in a TypedDict, and take it whole."""

from typing import Annotated, Any

import pytest
from typing_extensions import Unpack

from engine.context import Context
from engine.fields import field_hints, live_fields, parameters_schema
from engine.parameters import named
from engine.sdk import Field, NotRequired, TypedDict


def streets(ctx: Context) -> dict[str, Any]:
    return {"type": "object"}


class Address(TypedDict):
    street: Annotated[str, Field("Street", schema=streets)]
    city: NotRequired[Annotated[str, Field("City")]]


def move(ctx: Context, who: str, floor: int = 0, **address: Unpack[Address]) -> None: ...


def moved(ctx: Context, who: str, **address: Unpack[Address]) -> None: ...


def anything(ctx: Context, who: str, **more: Any) -> None: ...


def test_its_fields_are_the_operations_as_if_each_were_named() -> None:
    schema = parameters_schema(move)
    assert list(schema["properties"]) == ["who", "floor", "street", "city"]
    assert schema["required"] == ["who", "street"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["city"] == {"title": "City", "type": "string"}


def test_what_people_see_of_them_is_found_by_their_names() -> None:
    found = field_hints(move, "city")
    assert found is not None
    assert found.title == "City"
    assert live_fields(move) == {"street": streets}


def test_a_function_beside_it_is_given_those_it_takes() -> None:
    given = {"who": "Ada", "floor": 3, "street": "High Street"}
    assert named(moved, given) == {"who": "Ada", "street": "High Street"}
    assert named(anything, given) == given


def test_any_number_of_values_is_still_no_field() -> None:
    with pytest.raises(TypeError, match="'more' stands for any number of values"):
        parameters_schema(anything)
