"""Custom fields of matters and contacts: read by their names, and written by them.

Clio knows a field by the id of its definition, and a record's value of it by an id of its own, such
as ``text_line-123``. Sending the first where the second belongs is refused or overwrites another
field (third party); so recipes write names, and the ids are looked up here.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

from engine.sdk import (
    Context,
    Field,
    InputError,
    Option,
    Schema,
    tolerating,
    typeddict_schema,
)
from plugins.clio.asking import Json, Wanted, rows
from plugins.clio.fields import Contact, Matter

Parent = Literal["Matter", "Contact"]

DEFINITION = Wanted(
    "custom field",
    dict.fromkeys(
        (
            *("id", "name", "field_type", "parent_type", "deleted", "updated_at"),
            *("picklist_options.id", "picklist_options.option", "picklist_options.deleted_at"),
        ),
        "",
    ),
)
#: What is read of a record before its custom fields are written.
VALUES = "custom_field_values{id,value,custom_field}"


@dataclass(frozen=True)
class Definition:
    """A custom field of the firm's.

    :param options: of a picklist: text by id, with those that are no longer offered.
    """

    id: int
    name: str
    type: str
    parent: Parent
    options: Mapping[int, str] = field(default_factory=dict)

    @property
    def about(self) -> Schema:
        """JSON Schema of its values as recipes write them."""
        types: dict[str, Schema] = {
            "numeric": {"type": "number"},
            "currency": {"type": "number"},
            "checkbox": {"type": "boolean"},
            "contact": {"type": "integer", "description": "Id of a contact."},
            "matter": {"type": "integer", "description": "Id of a matter."},
            "date": {"type": "string", "format": "date"},
            "email": {"type": "string", "format": "email"},
        }
        found = types.get(self.type, {"type": "string"})
        if self.options:
            found = found | {"description": f"One of: {', '.join(self.options.values())}."}
        return {"anyOf": [found, {"type": "null"}], "title": self.name}

    def read(self, value: Any) -> Any:
        """Return a value as recipes see it: a picklist's by its text, a number as one."""
        match self.type:
            case "picklist":
                return self.options.get(int(value), str(value)) if _is_id(value) else value
            case "numeric" | "currency":
                return _number(value)
            case "checkbox":
                return value in (True, "true", "True")
        return value

    def written(self, value: Any) -> Any:
        """Return a value as Clio takes it.

        :raises InputError: the field has no such value.
        """
        match self.type:
            case "picklist":
                return self._option(str(value))
            case "checkbox":
                known = {"true": True, "yes": True, "1": True, "false": False, "no": False}
                return known.get(str(value).strip().lower(), value in (1, True))
        return value

    def _option(self, text: str) -> int:
        for id, option in self.options.items():
            if option == text:
                return id
        for id, option in self.options.items():
            if option.casefold() == text.strip().casefold():
                return id
        raise InputError(
            f"'{text}' is not a choice of the custom field '{self.name}' in Clio.",
            hint=f"Its choices are {', '.join(self.options.values())}.",
            field=f"custom_fields.{self.name}",
            code="unknown_choice",
        )


@dataclass(frozen=True)
class Definitions:
    """The firm's custom fields, as they are while a run lasts."""

    by_id: Mapping[int, Definition]

    def of(self, parent: Parent) -> list[Definition]:
        return [one for one in self.by_id.values() if one.parent == parent]

    @cached_property
    def blanks(self) -> Mapping[str, Json]:
        """A record's custom fields without any value, by parent."""
        parents: tuple[Parent, ...] = ("Matter", "Contact")
        return {parent: {one.name: None for one in self.of(parent)} for parent in parents}

    def named(self, parent: Parent, name: str) -> Definition:
        """Return the definition called ``name``.

        :raises InputError: there is none, or more than one.
        """
        own = self.of(parent)
        found = [one for one in own if one.name == name] or [
            one for one in own if one.name.casefold() == name.strip().casefold()
        ]
        if len(found) == 1:
            return found[0]
        words = f"custom field '{name}' of a {parent.lower()}"
        if found:
            raise InputError(
                f"Clio has more than one {words}.",
                hint="Rename one of them in Clio, so that it is clear which is meant.",
                field=f"custom_fields.{name}",
                code="ambiguous_custom_field",
            )
        alike = difflib.get_close_matches(name, [one.name for one in own], n=1)
        raise InputError(
            f"Clio has no {words}.",
            hint=f"Did you mean '{alike[0]}'?"
            if alike
            else "Correct its name in the recipe, or add the field in Clio.",
            field=f"custom_fields.{name}",
            code="unknown_custom_field",
        )


def definitions(ctx: Context) -> Definitions:
    """Return the firm's custom fields, asked for once a run; none where the app may not see them."""
    return ctx.kept.once("clio: custom fields", lambda: Definitions(_read(ctx)))


def values_by_name(known: Definitions, parent: Parent, row: Json) -> Json:
    """Return a record's custom fields by name; None for those without a value.

    Where two fields have the same name, the first one with a value counts.
    """
    found = dict(known.blanks[parent])
    for entry in row.get("custom_field_values") or ():
        value = entry.get("value")
        if value is None or entry.get("soft_deleted"):
            continue
        definition = known.by_id.get((entry.get("custom_field") or {}).get("id") or 0)
        name = definition.name if definition else entry.get("field_name")
        if name and found.get(name) is None:
            found[name] = definition.read(value) if definition else value
    return found


def changed_values(
    ctx: Context, parent: Parent, wanted: Mapping[str, Any], row: Json
) -> list[Json]:
    """Return the ``custom_field_values`` to send, so that a record has what a recipe wants.

    :param wanted: by name; None and empty text remove a value.
    :param row: the record as it is; empty for a new one.
    :raises InputError: a field or choice that Clio doesn't have.
    """
    known = definitions(ctx)
    present = {
        entry["custom_field"]["id"]: entry
        for entry in row.get("custom_field_values") or ()
        if entry.get("id") is not None and entry.get("custom_field")
    }
    changes: list[Json] = []
    for name, value in wanted.items():
        definition = known.named(parent, name)
        entry = present.get(definition.id)
        if value in (None, ""):
            if entry is not None:
                changes.append({"id": entry["id"], "_destroy": True})
            continue
        written = definition.written(value)
        if entry is None:
            changes.append({"custom_field": {"id": definition.id}, "value": written})
        elif str(definition.read(entry["value"])) != str(definition.read(written)):
            changes.append({"id": entry["id"], "value": written})
    return changes


def matter_custom_fields(ctx: Context) -> Schema:
    """Read which custom fields matters have."""
    return _schema(definitions(ctx), "Matter")


def contact_custom_fields(ctx: Context) -> Schema:
    """Read which custom fields contacts have."""
    return _schema(definitions(ctx), "Contact")


def matter_schema(ctx: Context) -> Schema:
    """Return what a matter is at this account, its custom fields by name included."""
    return _with_custom_fields(typeddict_schema(Matter), matter_custom_fields(ctx))


def contact_schema(ctx: Context) -> Schema:
    """Return what a contact is at this account, its custom fields by name included."""
    return _with_custom_fields(typeddict_schema(Contact), contact_custom_fields(ctx))


def _schema(known: Definitions, parent: Parent) -> Schema:
    return {
        "type": "object",
        "properties": {one.name: one.about for one in known.of(parent)},
        "additionalProperties": False,
    }


def _with_custom_fields(declared: Schema, custom: Schema) -> Schema:
    about = declared["properties"]["custom_fields"]
    words = {name: about[name] for name in ("title", "description") if name in about}
    return {
        **declared,
        "properties": {**declared["properties"], "custom_fields": {**words, **custom}},
    }


def no_such_field() -> str:
    """Say what has no such custom field; the engine adds its name."""
    return "Clio shows this connection no custom field"


#: Each record has all custom fields of its firm, by name.
ALL = {"custom_fields": no_such_field}

MatterCustomFields = Annotated[
    dict[str, Any],
    Field("Custom fields", "By name; null removes a value.", schema=matter_custom_fields),
]
ContactCustomFields = Annotated[
    dict[str, Any],
    Field("Custom fields", "By name; null removes a value.", schema=contact_custom_fields),
]


def matter_fields(ctx: Context) -> Iterator[Option]:
    """Offer the custom fields of matters in pickers."""
    yield from (Option(one.name, one.name) for one in definitions(ctx).of("Matter"))


def _read(ctx: Context) -> Mapping[int, Definition]:
    found: Iterable[Json] = ()
    with tolerating("not_allowed"):  # an app may see matters, but not what their fields are
        found = list(rows(ctx, "custom_fields.json", DEFINITION, {"order": "id(asc)"}))
    return {
        row["id"]: Definition(
            row["id"],
            row.get("name") or "",
            row.get("field_type") or "",
            row.get("parent_type") or "Matter",
            {
                option["id"]: option.get("option") or ""
                for option in row.get("picklist_options") or ()
            },
        )
        for row in found
        if not row.get("deleted")
    }


def _is_id(value: Any) -> bool:
    return isinstance(value, int) or str(value).isdigit()


def _number(value: Any) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value
    return int(number) if number.is_integer() else number
