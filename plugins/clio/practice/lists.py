"""Lists at the practice server: filters, order, and Clio's two ways of paging.

Documented at docs.developers.clio.com/api-docs/paging: by cursor, with ``order=id(asc)`` and no
``offset``, without limit; by offset, in any order, up to 10,000 records.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from plugins.clio.practice.model import ApiError
from plugins.clio.practice.sample_records import Row
from plugins.clio.practice.store import STATUSES, Store

MAX_LIMIT = 200
MAX_OFFSET = 10_000
CURSOR_ORDER = "id(asc)"

Args = MultiDict[str, str]
Filter = Callable[[Store, Row, str], bool]


def select(store: Store, kind: str, args: Args) -> tuple[list[Row], int, dict[str, str] | None]:
    """Return one page, how many records there are on all pages, and the next page's parameters.

    :raises ApiError: 400 for an unknown parameter or a value that can't be; 422 beyond 10,000.
    """
    _refuse_unknown(kind, args)
    rows = [row for row in store.rows(kind) if _passes(store, kind, row, args)]
    limit = _number(args, "limit", MAX_LIMIT)
    if not 1 <= limit <= MAX_LIMIT:
        raise _bad("limit", args["limit"])
    by_cursor = "offset" not in args and args.get("order", _implied_order(kind)) == CURSOR_ORDER
    if by_cursor:
        return _cursor_page(rows, args.get("page_token"), limit)
    if "page_token" in args:
        raise ApiError(400, "ArgumentError", f"A page_token needs order={CURSOR_ORDER}.")
    return _offset_page(_ordered(store, kind, rows, args.get("order", "")), args, limit)


# -- paging ----------------------------------------------------------------------------------------


def _cursor_page(
    rows: list[Row], token: str | None, limit: int
) -> tuple[list[Row], int, dict[str, str] | None]:
    """Go on after the last id seen, so that edits between two pages neither lose nor double."""
    after = _id_in(token) if token is not None else 0
    rest = sorted((row for row in rows if row["id"] > after), key=lambda row: row["id"])
    page = rest[:limit]
    more = {"page_token": _token_for(page[-1]["id"])} if len(rest) > limit else None
    return page, len(rows), more


def _offset_page(
    rows: list[Row], args: Args, limit: int
) -> tuple[list[Row], int, dict[str, str] | None]:
    offset = _number(args, "offset", 0)
    if not 0 <= offset <= MAX_OFFSET:
        raise ApiError(
            422,
            "ArgumentError",
            f"The offset {offset} is beyond the maximum of {MAX_OFFSET} records.",
        )
    end = offset + limit
    more = {"offset": str(end)} if end < len(rows) else None
    return rows[offset:end], len(rows), more


def _token_for(id: int) -> str:
    return base64.urlsafe_b64encode(f"after:{id}".encode()).decode()


def _id_in(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("after:"))
    except (binascii.Error, ValueError):
        raise _bad("page_token", token) from None


# -- order -----------------------------------------------------------------------------------------

#: Fields a list may be ordered by (spec); relationships and stages take no ``order`` at all.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "matters": ("id", "display_number", "open_date", "close_date", "created_at", "updated_at"),
    "contacts": ("id", "name"),
    "users": ("id", "name", "email", "first_name", "last_name", "enabled"),
    "practice_areas": ("id", "name", "category", "code"),
    "webhooks": ("id",),
}


def _implied_order(kind: str) -> str:
    return "" if kind in ORDERS else CURSOR_ORDER


def _ordered(store: Store, kind: str, rows: list[Row], order: str) -> list[Row]:
    match = re.fullmatch(r"(\w+)\((asc|desc)\)", order or CURSOR_ORDER)
    if match is None or match[1] not in ORDERS[kind]:
        raise _bad("order", order)
    name = match[1]
    known = [row for row in rows if store.value(kind, row, name) is not None]
    blank = [row for row in rows if store.value(kind, row, name) is None]
    ordered = sorted(known, key=lambda row: (store.value(kind, row, name), row["id"]))
    return (ordered[::-1] if match[2] == "desc" else ordered) + blank


# -- filters ---------------------------------------------------------------------------------------


def _equals(name: str) -> Filter:
    def passes(_store: Store, row: Row, text: str) -> bool:
        return bool(row[name] == _integer(name, text))

    return passes


def _is(name: str) -> Filter:
    def passes(_store: Store, row: Row, text: str) -> bool:
        if text not in ("true", "false"):
            raise _bad(name, text)
        return text == "false" or bool(row[name])

    return passes


def _enabled(_store: Store, row: Row, text: str) -> bool:
    if text not in ("true", "false"):
        raise _bad("enabled", text)
    return bool(row["enabled"] is (text == "true"))


def _status(_store: Store, row: Row, text: str) -> bool:
    """Clio filters in lower case, though it answers with a capital."""
    wanted = [STATUSES.get(word) for word in text.split(",")]
    if None in wanted:
        raise _bad("status", text)
    return row["status"] in wanted


def _type(_store: Store, row: Row, text: str) -> bool:
    if text not in ("Company", "Person"):
        raise _bad("type", text)
    return bool(row["type"] == text)


def _matter_query(store: Store, row: Row, text: str) -> bool:
    client = store.get("contacts", row["client"]) or {}
    return _contains(text, row["display_number"], row["description"], client.get("name"))


def _contact_query(_store: Store, row: Row, text: str) -> bool:
    addresses = [entry["address"] for entry in row["email_addresses"]]
    numbers = [entry["number"] for entry in row["phone_numbers"]]
    return _contains(text, row["name"], row["title"], *addresses, *numbers)


def _contains(text: str, *values: str | None) -> bool:
    return any(text.casefold() in value.casefold() for value in values if value)


def _since(name: str) -> Filter:
    """Documented as "after" the given time; taken at its word, so the same second is left out."""

    def passes(_store: Store, row: Row, text: str) -> bool:
        return bool(_moment(name, row[name]) > _moment(f"{name.partition('_')[0]}_since", text))

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
    "users": {"enabled": _enabled},
    "relationships": {"matter_id": _equals("matter"), "contact_id": _equals("contact")},
    "matter_stages": {"practice_area_id": _equals("practice_area_id")},
    "practice_areas": {},
    "webhooks": {},
}
ANY_KIND: Mapping[str, Filter] = {
    "updated_since": _since("updated_at"),
    "created_since": _since("created_at"),
}


def _passes(store: Store, kind: str, row: Row, args: Args) -> bool:
    if "ids[]" in args and row["id"] not in [_integer("ids[]", i) for i in args.getlist("ids[]")]:
        return False
    filters = {**ANY_KIND, **FILTERS[kind]}
    return all(passes(store, row, args[name]) for name, passes in filters.items() if name in args)


def _refuse_unknown(kind: str, args: Args) -> None:
    known = {"fields", "limit", "offset", "page_token", "ids[]", *ANY_KIND, *FILTERS[kind]}
    if kind in ORDERS:
        known.add("order")
    for name in args:
        if name not in known:
            raise ApiError(400, "InvalidParameter", f"'{name}' is not a parameter of this list.")


# -- values ----------------------------------------------------------------------------------------


def _number(args: Args, name: str, default: int) -> int:
    return _integer(name, args[name]) if name in args else default


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _bad(name, text) from None


def _moment(name: str, text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise _bad(name, text) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bad(name: str, text: Any) -> ApiError:
    return ApiError(400, "ArgumentError", f"'{text}' can't be used as {name}.")
