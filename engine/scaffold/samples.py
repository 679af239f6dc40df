"""Sample values for a schema: the same every time, plausible, and no two records alike."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.fields import Record, Schema
from engine.scaffold.names import words

FIRST = ("Ada", "Grace", "Alan", "Mary", "Edsger", "Barbara", "Donald", "Radia", "Tim", "Frances")
LAST = ("Byron", "Hopper", "Turing", "Shelley", "Dijkstra", "Liskov", "Knuth", "Perlman")
COMPANIES = ("Analytical Ltd", "Harbor & Sons", "Bletchley Park", "North Quay LLC", "Umlaut GmbH")
CITIES = ("London", "New York", "Wien", "São Paulo", "Oslo")
WORDS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth")

#: The moment of the first sample record; each next one is a day later.
BEGIN = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)

#: Values for texts by words that stand in their names; the first that fits.
BY_NAME: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("first_name", "firstname", "given"), FIRST),
    (("last_name", "lastname", "surname", "family"), LAST),
    (("company", "organization", "organisation", "employer", "firm"), COMPANIES),
    (("city", "town"), CITIES),
    (("country",), ("GB", "US", "AT", "BR", "NO")),
    (("currency",), ("USD", "EUR", "GBP")),
    (("color", "colour"), ("red", "blue", "green")),
    (("language", "locale"), ("en", "de", "pt")),
    (("timezone", "time_zone"), ("Europe/London", "America/New_York")),
)


def value_of(schema: Schema, name: str, number: int) -> Any:
    """Return a value that fits ``schema``.

    :param name: of the field, which says more than its type.
    :param number: of the record, from 0; other numbers give other values where that can be.
    """
    if "const" in schema:
        return schema["const"]
    if number == 0 and schema.get("examples"):
        return schema["examples"][0]
    if schema.get("enum"):
        return schema["enum"][number % len(schema["enum"])]
    if "anyOf" in schema:
        options = [one for one in schema["anyOf"] if one.get("type") != "null"]
        return value_of(options[0], name, number) if options else None
    match schema.get("type"):
        case "object":
            return record_of(schema, number)
        case "array":
            least, most = schema.get("minItems", 0), schema.get("maxItems", 2)
            count = max(least, min(most, 1 if number % 2 else 2))
            return [value_of(schema.get("items", {}), name, number + n) for n in range(count)]
        case "boolean":
            return number % 2 == 0
        case "integer":
            return int(_number(schema, number, whole=True))
        case "number":
            return _number(schema, number, whole=False)
        case "null":
            return None
        case "string":
            return _text(schema, "_".join(words(name)), number)
    return "anything"


def record_of(schema: Schema, number: int) -> Record:
    """Return a record with all of its fields."""
    return {
        name: value_of(part, name, number) for name, part in schema.get("properties", {}).items()
    }


def _number(schema: Schema, number: int, *, whole: bool) -> float:
    step = schema.get("multipleOf") or (1 if whole else 0.5)
    least = schema.get("minimum")
    if schema.get("exclusiveMinimum") is not None:
        least = schema["exclusiveMinimum"] + step
    most = schema.get("maximum")
    if schema.get("exclusiveMaximum") is not None:
        most = schema["exclusiveMaximum"] - step
    found = (least if least is not None else step) + number * step
    return min(found, most) if most is not None else found


def _text(schema: Schema, name: str, number: int) -> str:
    found = _formatted(schema.get("format", ""), number) or _named(name, number)
    least, most = int(schema.get("minLength") or 0), schema.get("maxLength")
    if len(found) < least:
        found = found.ljust(least, "x")
    if most is not None and len(found) > most:
        tail = str(number)
        found = (found[: max(most - len(tail), 0)] + tail)[-most:] if most else ""
    return found


def _formatted(format: str, number: int) -> str:
    moment = BEGIN + timedelta(days=number)
    person = f"{FIRST[number % len(FIRST)]}.{LAST[number % len(LAST)]}".lower()
    match format:
        case "date-time":
            return moment.isoformat().replace("+00:00", "Z")
        case "date":
            return moment.date().isoformat()
        case "time":
            return f"{moment:%H:%M:%S}Z"
        case "email" | "idn-email":
            return f"{person}{'' if number < len(FIRST) else number}@mail.example"
        case "uuid":
            return str(uuid.uuid5(uuid.NAMESPACE_URL, f"bridgework sample {number}"))
        case "uri" | "url" | "iri" | "uri-reference":
            return f"https://www.example.com/{number + 1}"
        case "hostname":
            return f"host{number + 1}.example.com"
        case "ipv4":
            return f"192.0.2.{number % 250 + 1}"
        case "ipv6":
            return f"2001:db8::{number % 250 + 1}"
        case "byte":
            return "c2FtcGxl"
        case "duration":
            return f"P{number + 1}D"
    return ""


def _named(name: str, number: int) -> str:
    for parts, values in BY_NAME:
        if any(part in name for part in parts):
            return values[number % len(values)]
    if "mail" in name:
        return _formatted("email", number)
    if name.endswith("_at") or "date" in name.split("_"):
        return _formatted("date-time", number)
    if "phone" in name or "mobile" in name:
        return f"+1212555{100 + number:04d}"
    if name == "id" or name.endswith(("_id", "uuid", "key", "slug", "code", "number")):
        return f"{name.removesuffix('_id') or 'id'}-{number + 1}"
    if "url" in name or "link" in name or name == "href":
        return _formatted("uri", number)
    if name in ("name", "full_name", "fullname", "display_name", "displayname"):
        return f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
    said = name.replace("_", " ").strip() or "text"
    return f"{WORDS[number % len(WORDS)]} {said}" + (f" {number + 1}" if number >= 8 else "")
