"""Writes SOQL: values are quoted so that none can become a part of the question."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.sdk import InputError
from plugins.salesforce.api import name_of, path_of

#: Reserved characters of text in quotes (documented).
ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)

NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})


def text(value: str) -> str:
    """Return text in quotes."""
    return "'" + value.translate(ESCAPES) + "'"


def moment(value: datetime) -> str:
    """Return a moment, to the second before it; SOQL has no quotes around these."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def literal(value: Any, field: Mapping[str, Any]) -> str:
    """Return a value as a condition on a field takes it.

    :param field: what the object's description says of it.
    :raises InputError: it is no value of the field's type.
    """
    kind, said = str(field.get("type")), str(value).strip()
    try:
        if kind in NUMBERS:
            return format(float(said), "f").rstrip("0").rstrip(".")
        if kind == "boolean":
            return {"true": "true", "yes": "true", "false": "false", "no": "false"}[said.lower()]
        if kind == "date":
            return datetime.fromisoformat(said).date().isoformat()
        if kind == "datetime":
            when = datetime.fromisoformat(said)
            return moment(when if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, KeyError, OverflowError) as error:
        raise InputError(
            f"'{said}' is no {kind}, which the field '{field.get('name')}' of Salesforce holds.",
            field="value",
            code="wrong_type",
        ) from error
    return text(str(value))


def select(
    object: str,
    fields: Iterable[str],
    *conditions: str,
    order: str = "",
    limit: int | None = None,
) -> str:
    """Return a question for an object's records.

    :param conditions: all of them must hold; empty ones are left out.
    :raises SetupError: a name isn't one.
    """
    names = list(dict.fromkeys(path_of(name) for name in fields))
    parts = [f"SELECT {', '.join(names)} FROM {name_of('an object', object)}"]  # noqa: S608 - names alone
    if given := [condition for condition in conditions if condition]:
        parts.append("WHERE " + " AND ".join(given))
    if order:
        parts.append(f"ORDER BY {order}")
    if limit is not None:
        parts.append(f"LIMIT {limit}")
    return " ".join(parts)
