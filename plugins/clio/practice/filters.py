"""Filters of lists at the practice server, by kind of record (Clio's published OpenAPI v4)."""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from plugins.clio.practice.entries import checked_value
from plugins.clio.practice.model import ApiError
from plugins.clio.practice.sample_records import Row
from plugins.clio.practice.store import STATUSES, Store

Args = MultiDict[str, str]
Filter = Callable[[Store, Row, str], bool]

#: Custom fields of these types can be compared by more than equality (spec).
ORDERED_TYPES = ("currency", "date", "time", "numeric")
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}

#: Parameters that a list can't do without (spec).
NEEDED: Mapping[str, tuple[str, ...]] = {"notes": ("type",)}


def _equals(name: str) -> Filter:
    def passes(_store: Store, row: Row, text: str) -> bool:
        return bool(row[name] == integer(name, text))

    return passes


def _is(name: str) -> Filter:
    def passes(_store: Store, row: Row, text: str) -> bool:
        if text not in ("true", "false"):
            raise bad(name, text)
        return text == "false" or bool(row[name])

    return passes


def _same(name: str) -> Filter:
    def passes(_store: Store, row: Row, text: str) -> bool:
        if text not in ("true", "false"):
            raise bad(name, text)
        return bool(row[name] is (text == "true"))

    return passes


def _status(_store: Store, row: Row, text: str) -> bool:
    """Clio filters in lower case, though it answers with a capital."""
    wanted = [STATUSES.get(word) for word in text.split(",")]
    if None in wanted:
        raise bad("status", text)
    return row["status"] in wanted


def _type(_store: Store, row: Row, text: str) -> bool:
    if text not in ("Company", "Person"):
        raise bad("type", text)
    return bool(row["type"] == text)


def _matter_query(store: Store, row: Row, text: str) -> bool:
    client = store.get("contacts", row["client"]) or {}
    return _contains(text, row["display_number"], row["description"], client.get("name"))


def _contact_query(_store: Store, row: Row, text: str) -> bool:
    addresses = [entry["address"] for entry in row["email_addresses"]]
    numbers = [entry["number"] for entry in row["phone_numbers"]]
    return _contains(text, row["name"], row["title"], *addresses, *numbers)


def _searched(*names: str) -> Filter:
    def passes(_store: Store, row: Row, text: str) -> bool:
        return _contains(text, *(row[name] for name in names))

    return passes


def _one_of(name: str, **known: str) -> Filter:
    """Clio's word for a value may differ from the value, as ``matter`` and ``Matter`` do."""

    def passes(_store: Store, row: Row, text: str) -> bool:
        if text not in known:
            raise bad(name, text)
        return bool(row[name] == known[text])

    return passes


def _text(name: str) -> Filter:
    return lambda _store, row, text: bool(row[name] == text)


def _property(name: str) -> Filter:
    def passes(_store: Store, row: Row, text: str) -> bool:
        return any(entry[name] == text for entry in row["external_properties"])

    return passes


def by_custom_fields(store: Store, row: Row, wanted: Mapping[int, str]) -> bool:
    """Say whether a record has these values; the spec's operators stand before a value.

    :raises ApiError: 400; no such field, or an operator that its type doesn't have.
    """
    for id, text in wanted.items():
        definition = store.get("custom_fields", id)
        if definition is None:
            raise bad("custom_field_values", id)
        sign, value = re.fullmatch(r"(<=|>=|=|<|>)?(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]  # matches anything
        if definition["field_type"] not in ORDERED_TYPES:
            if sign not in (None, "="):
                raise bad("custom_field_values", text)
            sign = "="
        held = [v["value"] for v in row["custom_field_values"] if v["custom_field"] == id]
        compared = checked_value(definition, value)
        if not held or not OPERATORS[sign or "="](held[0], compared):
            return False
    return True


def _contains(text: str, *values: str | None) -> bool:
    return any(text.casefold() in value.casefold() for value in values if value)


def _since(name: str) -> Filter:
    """Documented as "after" the given time; taken at its word, so the same second is left out."""

    def passes(_store: Store, row: Row, text: str) -> bool:
        return bool(moment(name, row[name]) > moment(f"{name.partition('_')[0]}_since", text))

    return passes


FILTERS: Mapping[str, Mapping[str, Filter]] = {
    "matters": {
        "status": _status,
        "client_id": _equals("client"),
        "practice_area_id": _equals("practice_area"),
        "responsible_attorney_id": _equals("responsible_attorney"),
        "query": _matter_query,
    },
    "contacts": {"client_only": _is("is_client"), "type": _type, "query": _contact_query},
    "users": {"enabled": _same("enabled"), "name": _text("name")},
    "relationships": {"matter_id": _equals("matter"), "contact_id": _equals("contact")},
    "matter_stages": {"practice_area_id": _equals("practice_area_id")},
    "practice_areas": {"name": _text("name"), "code": _text("code")},
    "notes": {
        "type": _one_of("type", Matter="Matter", Contact="Contact"),
        "matter_id": _equals("matter"),
        "contact_id": _equals("contact"),
        "query": _searched("subject", "detail"),
    },
    "communications": {
        "type": _one_of(
            "type",
            EmailCommunication="EmailCommunication",
            PhoneCommunication="PhoneCommunication",
        ),
        "matter_id": _equals("matter"),
        "user_id": _equals("user"),
        "query": _searched("subject", "body"),
        "external_property_name": _property("name"),
        "external_property_value": _property("value"),
    },
    "custom_fields": {
        "parent_type": _one_of("parent_type", matter="Matter", contact="Contact"),
        "field_type": _text("field_type"),
        "deleted": _same("deleted"),
        "query": _searched("name"),
    },
    "webhooks": {},
}
ANY_KIND: Mapping[str, Filter] = {
    "updated_since": _since("updated_at"),
    "created_since": _since("created_at"),
}


# -- values ----------------------------------------------------------------------------------------


def number(args: Args, name: str, default: int) -> int:
    return integer(name, args[name]) if name in args else default


def integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise bad(name, text) from None


def moment(name: str, text: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise bad(name, text) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def bad(name: str, text: Any) -> ApiError:
    return ApiError(400, "ArgumentError", f"'{text}' can't be used as {name}.")
