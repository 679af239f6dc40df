"""What a field holds, told from its schema, its value in the sample and its name."""

import re
from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any, Literal

from engine.fields import Record, Schema
from engine.recipe.checking.scopes import choices, items_of, kinds
from engine.recipe.filters.lists import ENTRY_FIELDS
from engine.run.whatif.used import ENTRY, Place, properties_of

Kind = Literal[
    "text",
    "name",
    "email",
    "phone",
    "date",
    "moment",
    "number",
    "id",
    "boolean",
    "list",
    "record",
    "choice",
]

#: Words of field names that tell what a text is.
WORDS: Mapping[Kind, frozenset[str]] = {
    "email": frozenset({"email", "mail"}),
    "phone": frozenset({"phone", "mobile", "telephone", "tel", "fax", "cell", "number"}),
    "date": frozenset({"date", "day", "birthday", "birthdate", "dob", "on"}),
    "moment": frozenset({"at", "time", "timestamp", "changed"}),
    "name": frozenset({"name", "surname", "contact", "client", "person"}),
}
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
PHONE = re.compile(r"[+(]?\d[\d() .\-]{6,}$")
#: What tells a second record or entry apart.
SECOND: Mapping[Kind, str] = {
    "email": "sam.reyes@inbox.example",
    "phone": "(212) 555-0142",
    "date": "2026-04-07",
    "moment": "2026-04-07T16:20:00Z",
}
SECOND_NAMES: Mapping[str, str] = {"first_name": "Sam", "last_name": "Reyes"}
MADE_UP: Mapping[Kind, Any] = {
    "text": "Some words",
    "name": "Ada Okafor",
    "email": "ada.okafor@inbox.example",
    "phone": "(212) 555-0123",
    "date": "2026-03-02",
    "moment": "2026-03-02T15:04:05Z",
    "number": 100,
    "id": "1001",
    "boolean": True,
}


#: What a text is that goes through one of these filters, as in a column of a file: the name says
#: less of it than what the recipe does with it.
READ_AS: Mapping[str, str] = {
    "number": "12.50",
    "money": "12.50",
    "float": "12.50",
    "int": "12",
    "date": "2026-03-02",
}


def as_read(filters: Collection[str]) -> str | None:
    """Return a likely text of a field that goes through these filters; None where none tells."""
    return next((text for filter, text in READ_AS.items() if filter in filters), None)


def kind_of(name: str, schema: Schema, value: Any) -> Kind:
    """Return what a field holds; the schema is believed first, the value next, the name last."""
    possible = kinds(schema)
    if choices(schema):
        return "choice"
    if isinstance(value, bool) or possible == {"boolean"}:
        return "boolean"
    if isinstance(value, list) or possible == {"array"}:
        return "list"
    if isinstance(value, Mapping) or possible == {"object"}:
        return "record"
    if isinstance(value, int | float) or (possible and possible <= {"number", "integer"}):
        return "id" if name == "id" or name.endswith("_id") else "number"
    by_format = _by_format(schema)
    if by_format is not None:
        return by_format
    words = set(name.lower().split("_"))
    if isinstance(value, str):
        if MOMENT.match(value):
            return "moment"
        if DAY.match(value):
            return "date"
        if "@" in value and " " not in value:
            return "email"
        if PHONE.match(value) and (words & WORDS["phone"] or value.startswith(("+", "("))):
            return "phone"
    if name in ("id", "key") or name.endswith("_id"):
        return "id"
    for kind, wanted in WORDS.items():
        if words & wanted and (value is None or kind in ("email", "name")):
            return kind
    return "text"


def _by_format(schema: Schema) -> Kind | None:
    formats: dict[str, Kind] = {
        "email": "email",
        "phone": "phone",
        "date": "date",
        "date-time": "moment",
    }
    for part in (schema, *schema.get("anyOf", ())):
        if part.get("format") in formats:
            return formats[part["format"]]
    return None


def singular(name: str) -> str:
    """Return what one entry of a list of this name is called."""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def made_up(name: str, schema: Schema) -> Any:
    """Return a likely value of a field of which no sample is known."""
    kind = kind_of(name, schema, None)
    if kind == "choice":
        return choices(schema)[0]
    if kind == "list":
        entry = made_up(singular(name), items_of(schema))
        return [entry]
    if kind == "record":
        return {field: made_up(field, part) for field, part in properties_of(schema)}
    value = MADE_UP[kind]
    if kind in ("number", "id"):
        return 1001 if kind == "id" and kinds(schema) <= {"integer", "number"} else value
    return value


def completed(sample: Mapping[str, Any] | None, schema: Schema) -> Record:
    """Return a sample with a likely value in every field of the schema that it leaves out."""
    record = deepcopy(dict(sample or {}))
    for name, part in properties_of(schema):
        if name not in record:
            record[name] = made_up(name, part)
    return record


def second(name: str, schema: Schema, value: Any) -> Any:
    """Return another value of the same kind, e.g. of a list's second entry.

    Of a record only what tells it apart is another: its id, names, addresses, numbers and dates.
    """
    match value:
        case Mapping():
            parts = dict(properties_of(schema))
            return {
                key: item if _is_label(key, value) else _told_apart(key, parts.get(key, {}), item)
                for key, item in value.items()
            }
        case list():
            return [second(singular(name), items_of(schema), item) for item in value]
        case str() if _told_apart(name, schema, value) == value:
            return f"{value} (second)"
    return _told_apart(name, schema, value)


def _told_apart(name: str, schema: Schema, value: Any) -> Any:
    kind = kind_of(name, schema, value)
    match value:
        case bool() | None:
            return value
        case Mapping() | list():
            return second(name, schema, value)
        case int() | float():
            return value + 1
    if kind in SECOND:
        return SECOND[kind]
    if kind == "id":
        return f"{value}2"
    return SECOND_NAMES.get(name, "Sam Reyes") if kind == "name" else value


def _is_label(name: str, record: Mapping[str, Any]) -> bool:
    """Return whether a name says of which sort a phone or address is: "Mobile" is nobody's own."""
    return name == "name" and any(field in record for field in ENTRY_FIELDS)


# -- reading and changing a field by its place -----------------------------------------------------

MISSING: Any = object()


def value_at(record: Any, parts: Place) -> Any:
    """Return a field's value, of a list's first entry where it lies in one; MISSING if not there."""
    for part in parts:
        if part == ENTRY:
            if not (isinstance(record, list) and record):
                return MISSING
            record = record[0]
        elif isinstance(record, Mapping) and part in record:
            record = record[part]
        else:
            return MISSING
    return record


def with_value(record: Any, parts: Place, value: Any) -> Any:
    """Return a copy of a record in which one field is another, or is gone (MISSING)."""
    if not parts:
        return value
    part, rest = parts[0], parts[1:]
    if part == ENTRY:
        if not isinstance(record, list):
            record = []
        if not record and value is MISSING:
            return record
        first = with_value(record[0] if record else {}, rest, value)
        return [*([] if first is MISSING else [first]), *record[1:]]
    copy = dict(record) if isinstance(record, Mapping) else {}
    inner = with_value(copy.get(part), rest, value)
    if inner is MISSING:
        copy.pop(part, None)
    else:
        copy[part] = inner
    return copy
