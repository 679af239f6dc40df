"""What an object's fields are like, as only the account knows: for reading, and for writing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any

from engine.sdk import Context, Field, Option, Schema
from plugins.salesforce.api import answer_of, describe, heard, path_of
from plugins.salesforce.soql import NUMBERS

#: Parts of other fields, or too large for a list.
NOT_READ = frozenset({"address", "location", "base64", "complexvalue", "anyType"})

TEXT: Schema = {"type": "string"}


def objects(ctx: Context) -> Iterator[Option]:
    """Offer the objects whose records can be read or made, custom ones too, in pickers."""
    for one in answer_of(heard(ctx, ctx.http.get("/sobjects")), "sobjects")["sobjects"]:
        if (one.get("queryable") or one.get("createable")) and not one.get("deprecatedAndHidden"):
            yield Option(str(one["name"]), str(one.get("label") or one["name"]))


Object = Annotated[
    str,
    Field("Object", "Its API name, such as `Contact` or `Matter__c`.", options=objects, only=True),
]

Fields = Annotated[
    list[str] | None,
    Field(
        "Fields",
        "By API name; through related records as in `Account.Name` or `Owner.Email`. Left out, all "
        "of the record's own.",
    ),
]

MoreFields = Annotated[
    list[str] | None,
    Field(
        "More fields",
        "Besides the usual ones: by API name, such as `Region__c` or `Owner.Email`.",
    ),
]


def external_id_fields(ctx: Context, object: str) -> Schema:
    """Say by which fields an object's records can be upserted: external ids, and the id itself."""
    names = [
        str(one["name"])
        for one in describe(ctx, object)["fields"]
        if one.get("externalId") or one.get("idLookup")
    ]
    return {"type": "string", "enum": names}


def all_fields(ctx: Context, object: str) -> list[str]:
    """Return the names of the fields that can be read."""
    return [
        str(one["name"]) for one in describe(ctx, object)["fields"] if one["type"] not in NOT_READ
    ]


def known_fields(ctx: Context, object: str, names: Iterable[str]) -> list[str]:
    """Return those of some fields that the object has and the user may see.

    An admin can hide any field from a user; Salesforce then denies that it exists.
    """
    known = {str(one["name"]).lower() for one in describe(ctx, object)["fields"]}
    return [name for name in names if name.partition(".")[0].lower() in known or "." in name]


def record_schema(ctx: Context, object: str, names: Iterable[str]) -> Schema:
    """Say what records with these fields hold; related ones are looked up in their own object."""
    schema: Schema = {"type": "object", "properties": {}, "additionalProperties": True}
    for name in names:
        _add(ctx, schema, describe(ctx, object), path_of(name).split("."))
    return schema


def no_such_field() -> str:
    """Say what has no such field; the engine adds its name."""
    return "Salesforce's answer has no field"


#: A record has all fields that were asked for, be they empty.
ALL = {"": no_such_field}


def written(which: Callable[[Mapping[str, Any]], bool], *, required: bool = False) -> Any:
    """Return the function that says which fields of an object may be written.

    :param required: those without which no record can be made are required.
    """

    def fields_to_write(ctx: Context, object: str) -> Schema:
        properties: dict[str, Schema] = {}
        needed = []
        for one in describe(ctx, object)["fields"]:
            if not which(one) or one["type"] in NOT_READ:
                continue
            properties[str(one["name"])] = _written(one)
            if one.get("relationshipName") and one["type"] == "reference":
                properties[str(one["relationshipName"])] = _reference(one)
            if required and not one.get("nillable") and not one.get("defaultedOnCreate"):
                needed.append(str(one["name"]))
        # A required reference may be given by its external id instead.
        references = {
            str(one["name"]) for one in describe(ctx, object)["fields"] if one.get("referenceTo")
        }
        return {
            "type": "object",
            "properties": properties,
            "required": [name for name in needed if name not in references],
            "additionalProperties": False,
        }

    return fields_to_write


def _createable(one: Mapping[str, Any]) -> bool:
    return bool(one.get("createable"))


def _updateable(one: Mapping[str, Any]) -> bool:
    return bool(one.get("updateable"))


#: By what is done with them; each goes by a name of its own, which what is kept of it goes by.
to_create = written(_createable, required=True)
to_create.__name__ = "fields_to_create"
to_update = written(_updateable)
to_update.__name__ = "fields_to_update"
to_upsert = written(lambda one: _createable(one) or _updateable(one))
to_upsert.__name__ = "fields_to_upsert"


def _add(ctx: Context, schema: Schema, described: Mapping[str, Any], path: list[str]) -> None:
    first, *rest = path
    for one in described["fields"]:
        if not rest and str(one["name"]).lower() == first.lower():
            schema["properties"][str(one["name"])] = _read(one)
            return
        if rest and str(one.get("relationshipName")).lower() == first.lower():
            related = schema["properties"].setdefault(
                str(one["relationshipName"]), or_null({"type": "object", "properties": {}})
            )
            inner = related["anyOf"][0]
            targets = [str(target) for target in one.get("referenceTo") or ()]
            if len(targets) == 1 or "User" in targets:
                target = "User" if "User" in targets else targets[0]
                _add(ctx, inner, describe(ctx, target), rest)
            return
    schema["properties"].setdefault(first, {})


def _read(field: Mapping[str, Any]) -> Schema:
    """Return what a field of a record that was read holds; any may be empty."""
    kind = str(field["type"])
    about: Schema = {"title": str(field.get("label") or field["name"])}
    if kind == "boolean":
        return {**about, "type": "boolean"}
    if kind == "id":
        return {**about, "type": "string"}
    if kind in NUMBERS:
        return {**about, **or_null({"type": "number"})}
    if kind in ("date", "datetime"):
        return {**about, **or_null({"type": "string", "format": _format(kind)})}
    return {**about, **or_null(TEXT)}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _written(field: Mapping[str, Any]) -> Schema:
    """Return what a field takes; null empties it where it may be empty."""
    about: Schema = {"title": str(field.get("label") or field["name"])}
    if field.get("inlineHelpText"):
        about["description"] = str(field["inlineHelpText"])
    value = _value(field)
    about |= {name: value.pop(name) for name in ("description",) if name in value}
    return {**about, **(or_null(value) if field.get("nillable") else value)}


def _value(field: Mapping[str, Any]) -> Schema:
    kind = str(field["type"])
    choices = [str(one["value"]) for one in field.get("picklistValues") or () if one.get("active")]
    if kind == "picklist" and choices and field.get("restrictedPicklist"):
        return {"type": "string", "enum": choices}
    if kind in ("picklist", "multipicklist", "combobox") and choices:
        several = "; several with a semicolon between" if kind == "multipicklist" else ""
        return {"type": "string", "description": f"Such as {choices[0]}{several}."}
    if kind == "boolean":
        return {"type": "boolean"}
    if kind in ("int", "long"):
        return {"type": "integer"}
    if kind in NUMBERS:
        return {"type": "number"}
    if kind in ("date", "datetime"):
        return {"type": "string", "format": _format(kind)}
    value: Schema = {"type": "string", "format": "email"} if kind == "email" else {"type": "string"}
    if field.get("length") and kind not in ("reference", "id"):
        value["maxLength"] = int(field["length"])
    return value


def _reference(field: Mapping[str, Any]) -> Schema:
    """Return how a related record is given by an external id: ``Account: {Clio_Id__c: "7"}``."""
    targets = " or ".join(str(one) for one in field.get("referenceTo") or ())
    return {
        "type": "object",
        "title": str(field["relationshipName"]),
        "description": f"The {targets} by an external id, as in `Clio_Id__c: '7'`.",
        "additionalProperties": {"type": ["string", "number"]},
        "maxProperties": 1,
    }


def _format(kind: str) -> str:
    return "date" if kind == "date" else "date-time"
