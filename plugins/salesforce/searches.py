"""Looks records up: by a field, and by id."""

from typing import Annotated, Literal

from engine.sdk import Context, Field, InputError, Record, Schema
from plugins.salesforce.api import field_named, query
from plugins.salesforce.fields import Fields, Object, record_schema
from plugins.salesforce.soql import literal, select, text
from plugins.salesforce.triggers import fields_of

#: More needn't be read to know that there are several.
TWO = 2


def find_record(
    ctx: Context,
    object: Object,
    field: Annotated[str, Field("Field", "Its API name, such as `Email`.")],
    value: Annotated[str, Field("Value", "Capitals don't matter.")],
    fields: Fields = None,
    if_several: Annotated[
        Literal["reject", "newest"],
        Field("If several", "`newest` takes the one that was made last."),
    ] = "reject",
) -> Record | None:
    """Find a record by the value of one of its fields."""
    described = field_named(ctx, object, field)
    condition = f"{described['name']} = {literal(value, described)}"
    names = fields_of(ctx, object, fields)
    found = list(query(ctx, select(object, names, condition, order="CreatedDate DESC", limit=TWO)))
    if len(found) > 1 and if_several == "reject":
        raise InputError(
            f"Salesforce has several records of {object} whose {field} is '{value}'.",
            hint="Merge them there, look for another field, or set `if_several: newest`.",
            field="value",
            code="several_matches",
        )
    return found[0] if found else None


def get_record(
    ctx: Context,
    object: Object,
    id: Annotated[str, Field("Id", "The record's id in Salesforce.")],
    fields: Fields = None,
) -> Record | None:
    """Find a record by its id in Salesforce."""
    names = fields_of(ctx, object, fields)
    return next(query(ctx, select(object, names, f"Id = {text(id)}", limit=1)), None)


def fields_found(ctx: Context, object: str, fields: list[str] | None = None) -> Schema:
    """Say what a record that was found holds."""
    return record_schema(ctx, object, fields_of(ctx, object, fields))
