"""Lists and searches of the practice server: filters, pages, and a little of the query language."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from plugins.stripe.practice.answers import Refused, nested, whole
from plugins.stripe.practice.store import Json

#: Filters of each list, besides the time of making and those of pages (spec).
FILTERS = {
    "customers": ("email",),
    "products": ("active",),
    "prices": ("active", "product", "currency"),
    "payment_intents": ("customer",),
    "charges": ("customer", "payment_intent"),
    "refunds": ("charge", "payment_intent"),
    "invoices": ("customer", "status", "collection_method"),
    "invoiceitems": ("customer", "invoice"),
    "subscriptions": ("customer", "status"),
    "payment_links": ("active",),
    "webhook_endpoints": (),
    "events": ("type", "types"),
}
PAGES = ("limit", "starting_after", "ending_before", "created", "expand")
RANGES = {
    "gt": lambda value, than: value > than,
    "gte": lambda value, than: value >= than,
    "lt": lambda value, than: value < than,
    "lte": lambda value, than: value <= than,
}

#: One test of a query; what stands between quotes may hold quotes behind a backslash.
CLAUSE = re.compile(
    r"""(?P<and>\s+AND\s+)?(?:metadata\[['"](?P<name>[^'"]+)['"]\]|(?P<field>\w+))\s*:\s*"""
    r"""(?P<quote>['"])(?P<value>(?:\\.|(?!(?P=quote)|\\).)*)(?P=quote)"""
)


def page_of(kind: str, rows: Iterable[Json], query: Iterable[tuple[str, str]], path: str) -> Json:
    """Return a page of a list, newest first: ten unless asked for more, a hundred at the most.

    :raises Refused: an unknown filter, or a place that isn't in the list.
    """
    asked = nested(query)
    for name in asked:
        if name not in (*FILTERS[kind], *PAGES):
            raise Refused(
                f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )
    found = [row for row in rows if _chosen(kind, row, asked)]
    limit = _limit(asked)
    ids = [row["id"] for row in found]
    start, end = 0, len(found)
    if after := asked.get("starting_after"):
        start = _place(ids, after, "starting_after") + 1
    if before := asked.get("ending_before"):
        end = _place(ids, before, "ending_before")
        start = max(0, end - limit)
    page = found[start : min(end, start + limit)]
    more = start > 0 if asked.get("ending_before") else start + limit < end
    return {"object": "list", "url": path, "has_more": more, "data": page}


def search_page(rows: Iterable[Json], asked: Mapping[str, str], path: str) -> Json:
    """Return what a search finds: ``field:'value'`` and ``metadata['name']:'value'``, with AND.

    :raises Refused: a query of another form.
    """
    query, place = asked.get("query", "").strip(), 0
    tests: list[tuple[str, str, str]] = []
    while place < len(query):
        parsed = CLAUSE.match(query, place)
        if parsed is None or (tests and not parsed["and"]):
            raise Refused("We were unable to parse your search query.", param="query")
        value = re.sub(r"\\(.)", r"\1", parsed["value"])
        tests.append((parsed["name"], parsed["field"], value))
        place = parsed.end()
    found = [
        row
        for row in rows
        if all(
            ((row.get("metadata") or {}).get(name) if name else row.get(field)) == value
            for name, field, value in tests
        )
    ]
    limit, start = _limit(asked), int(asked.get("page") or 0)
    more = start + limit < len(found)
    return {
        "object": "search_result",
        "url": path,
        "has_more": more,
        "next_page": str(start + limit) if more else None,
        "data": found[start : start + limit],
    }


def _chosen(kind: str, row: Json, asked: Mapping[str, Any]) -> bool:
    created = asked.get("created")
    made = row.get("created", 0)
    if isinstance(created, Mapping):
        for word, than in created.items():
            if word not in RANGES:
                raise Refused(f"Received unknown parameter: created[{word}]", param="created")
            if not RANGES[word](made, whole({word: than}, word)):
                return False
    elif created is not None and made != int(created):
        return False
    for name in FILTERS[kind]:
        wanted = asked.get(name)
        if wanted is None or (name == "status" and wanted == "all"):
            continue
        if name in ("type", "types"):
            if not _is_type(row["type"], [wanted] if name == "type" else wanted):
                return False
        elif name == "active":
            if row["active"] != (wanted == "true"):
                return False
        elif row.get(name) != wanted:
            return False
    # Subscriptions that ended are left out unless asked for (documented).
    ended = kind == "subscriptions" and row["status"] == "canceled"
    return not ended or asked.get("status") in ("all", "canceled")


def _is_type(type_: str, wanted: Any) -> bool:
    if not isinstance(wanted, list) or len(wanted) > 20:
        raise Refused("You can filter by at most 20 event types.", param="types")
    return any(type_ == one or (one.endswith("*") and type_.startswith(one[:-1])) for one in wanted)


def _limit(asked: Mapping[str, Any]) -> int:
    limit = whole(asked, "limit") if "limit" in asked else 10
    if not 1 <= limit <= 100:
        raise Refused(
            "This value must be between 1 and 100.", code="parameter_invalid_integer", param="limit"
        )
    return limit


def _place(ids: list[str], id: str, param: str) -> int:
    if id not in ids:
        raise Refused(f"No such object: '{id}'", code="resource_missing", param=param)
    return ids.index(id)
