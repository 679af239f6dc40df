"""Lists at the practice server: filters, order, and Clio's two ways of paging.

Documented at docs.developers.clio.com/api-docs/paging: by cursor, with ``order=id(asc)`` and no
``offset``, without limit; by offset, in any order, up to 10,000 records.
"""

import base64
import binascii
import re
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from plugins.clio.practice.filters import (
    ANY_KIND,
    FILTERS,
    NEEDED,
    bad,
    by_custom_fields,
    integer,
    number,
)
from plugins.clio.practice.model import ApiError
from plugins.clio.practice.sample_records import Row
from plugins.clio.practice.store import Store

MAX_LIMIT = 200
MAX_OFFSET = 10_000
CURSOR_ORDER = "id(asc)"

Args = MultiDict[str, str]

#: Filters of matters and contacts by a custom field's value, as in ``custom_field_values[12]``.
CUSTOM = re.compile(r"custom_field_values\[(\d+)\]")
WITH_CUSTOM_FIELDS = ("matters", "contacts")


def select(store: Store, kind: str, args: Args) -> tuple[list[Row], int, dict[str, str] | None]:
    """Return one page, how many records there are on all pages, and the next page's parameters.

    :raises ApiError: 400 for an unknown parameter or a value that can't be; 422 beyond 10,000.
    """
    _refuse_unknown(kind, args)
    rows = [row for row in store.rows(kind) if _passes(store, kind, row, args)]
    limit = number(args, "limit", MAX_LIMIT)
    if not 1 <= limit <= MAX_LIMIT:
        raise bad("limit", args["limit"])
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
    offset = number(args, "offset", 0)
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
        raise bad("page_token", token) from None


# -- order -----------------------------------------------------------------------------------------

#: Fields a list may be ordered by (spec); relationships and stages take no ``order`` at all.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "matters": ("id", "display_number", "open_date", "close_date", "created_at", "updated_at"),
    "contacts": ("id", "name"),
    "users": ("id", "name", "email", "first_name", "last_name", "enabled"),
    "practice_areas": ("id", "name", "category", "code"),
    "notes": ("id", "date", "updated_at"),
    "communications": ("id", "date", "received_at"),
    "custom_fields": ("id", "name", "display_order"),
    "webhooks": ("id",),
}


def _implied_order(kind: str) -> str:
    return "" if kind in ORDERS else CURSOR_ORDER


def _ordered(store: Store, kind: str, rows: list[Row], order: str) -> list[Row]:
    match = re.fullmatch(r"(\w+)\((asc|desc)\)", order or CURSOR_ORDER)
    if match is None or match[1] not in ORDERS[kind]:
        raise bad("order", order)
    name = match[1]
    known = [row for row in rows if store.value(kind, row, name) is not None]
    blank = [row for row in rows if store.value(kind, row, name) is None]
    ordered = sorted(known, key=lambda row: (store.value(kind, row, name), row["id"]))
    return (ordered[::-1] if match[2] == "desc" else ordered) + blank


# -- filters ---------------------------------------------------------------------------------------


def _passes(store: Store, kind: str, row: Row, args: Args) -> bool:
    if "ids[]" in args and row["id"] not in [integer("ids[]", i) for i in args.getlist("ids[]")]:
        return False
    filters = {**ANY_KIND, **FILTERS[kind]}
    if not all(passes(store, row, args[n]) for n, passes in filters.items() if n in args):
        return False
    custom = {int(match[1]): args[n] for n in args if (match := CUSTOM.fullmatch(n))}
    return by_custom_fields(store, row, custom)


def custom_field_ids(args: Args) -> set[int] | None:
    """Return which custom fields' values are asked for; None: of all."""
    found = args.getlist("custom_field_ids[]")
    return {integer("custom_field_ids[]", id) for id in found} if found else None


def _refuse_unknown(kind: str, args: Args) -> None:
    known = {"fields", "limit", "offset", "page_token", "ids[]", *ANY_KIND, *FILTERS[kind]}
    if kind in ORDERS:
        known.add("order")
    if kind in WITH_CUSTOM_FIELDS:
        known |= {"custom_field_ids[]", *filter(CUSTOM.fullmatch, args)}
    for name in NEEDED.get(kind, ()):
        if name not in args:
            raise ApiError(400, "InvalidParameter", f"This list needs '{name}'.")
    for name in args:
        if name not in known:
            raise ApiError(400, "InvalidParameter", f"'{name}' is not a parameter of this list.")
