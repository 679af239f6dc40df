"""What an API's description gives away of its lists: where they are, their pages, keys and cursors.

Vendors name these things in a few dozen ways; what isn't recognised is not guessed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from engine.fields import Schema
from engine.pagination import LastId, NextLink, NextToken, Offset, PageNumber, Pagination
from engine.scaffold.names import snake
from engine.scaffold.schemas import inner

#: Where the list stands in an answer, best first; one level further down under these, too.
ITEMS = ("data", "items", "results", "records", "value", "values", "entries", "list", "content")
OUTER = ("data", "result", "response", "_embedded", "embedded", "payload", "body")
#: Where the next page's address or token stands, best first.
NEXT_LINKS = (
    *("next", "next_url", "next_page_url", "next_link", "nextLink"),
    *("links.next", "_links.next", "_links.next.href", "links.next.href", "paging.next"),
    *(
        "pagination.next",
        "pagination.next_url",
        "meta.next",
        "meta.paging.next",
        "paging.next.link",
    ),
)
NEXT_TOKENS = (
    *("next_cursor", "nextCursor", "next_page_token", "nextPageToken", "next_token", "nextToken"),
    *("continuation_token", "continuationToken", "cursor", "next"),
    *(
        "meta.next_cursor",
        "meta.nextCursor",
        "meta.cursor",
        "paging.next.after",
        "paging.cursors.after",
    ),
    *(
        "pagination.next_cursor",
        "pagination.nextCursor",
        "pagination.cursor",
        "page_info.end_cursor",
    ),
    *("response_metadata.next_cursor", "pageInfo.endCursor", "meta.next_page_token", "next_page"),
)
TOTALS = ("total", "total_count", "totalCount", "total_items", "totalItems", "count", "meta.total",
          "meta.total_count", "pagination.total", "paging.total")  # fmt: skip

SIZES = ("limit", "per_page", "perpage", "page_size", "pagesize", "size", "count", "max_results",
         "maxresults", "top", "first", "take", "results_per_page", "page_limit")  # fmt: skip
OFFSETS = ("offset", "skip", "start", "start_index", "from", "first_result")
PAGES = ("page", "page_number", "pagenumber", "page_num", "page_no", "p", "current_page")
TOKENS = ("cursor", "page_token", "pagetoken", "next_token", "nexttoken", "next_cursor", "after",
          "continuation_token", "continuationtoken", "token", "start_cursor", "next_page_token")  # fmt: skip
#: The last record's id, sent back.
LAST_KEYS = ("starting_after", "since_id", "last_id", "after_id")
#: Backwards: nothing in ``engine.pagination`` walks such pages.
OTHER_KEYS = ("max_id", "ending_before")
MORE = ("has_more", "hasMore", "meta.has_more", "pagination.has_more", "paging.has_more")

CHANGED = (
    *("updated_at", "modified_at", "changed_at", "last_modified", "last_changed", "last_updated"),
    *("updated", "modified", "last_modified_at", "last_updated_at", "update_time", "updated_time"),
    *(
        "date_modified",
        "date_updated",
        "modified_date",
        "updated_date",
        "modified_on",
        "updated_on",
    ),
    *("last_modified_date", "last_update", "last_modified_time", "changed", "system_modstamp"),
)
CREATED = ("created_at", "created", "create_time", "date_created", "created_date", "created_on",
           "inserted_at", "added_at", "creation_date", "timestamp")  # fmt: skip
SINCE_ENDS = ("since", "after", "from", "min", "gte", "gt", "start", "since_date", "start_date")
SINCE_WORDS = frozenset(
    {"since", "updated_after", "modified_after", "changed_after", "if_modified_since"}
)

KEYS = ("id", "uuid", "guid", "key", "uid", "gid", "sid", "_id", "identifier", "number", "code",
        "slug", "reference", "email", "name")  # fmt: skip
LABELS = ("name", "title", "display_name", "full_name", "label", "subject", "email", "number",
          "email_address", "first_name", "text", "summary", "description")  # fmt: skip


def items_of(schema: Schema, noun: str) -> tuple[str, Schema] | None:
    """Return where an answer's list of records is, and what one of them is; None without one.

    :param noun: the last part of the request's path, e.g. ``contacts``.
    """
    schema = inner(schema)
    if schema.get("type") == "array":
        item = inner(schema.get("items", {}))
        return ("", item) if item.get("type") == "object" else None
    properties = schema.get("properties", {})
    if inner(properties.get("id", {})).get("type") in ("string", "integer"):
        return None  # it is a record, perhaps with a list of its own
    names = [noun, *ITEMS, *properties]
    for name in dict.fromkeys(name for name in names if name in properties):
        part = inner(properties[name])
        if part.get("type") == "array" and inner(part.get("items", {})).get("type") == "object":
            others = [n for n, p in properties.items() if _is_list(p) and n != name]
            if name in (noun, *ITEMS) or not others:
                return name, inner(part["items"])
    for name in OUTER:
        below = inner(properties.get(name, {}))
        if below.get("type") == "object" and (found := items_of(below, noun)):
            return f"{name}.{found[0]}", found[1]
    return None


def _is_list(schema: Schema) -> bool:
    part = inner(schema)
    return part.get("type") == "array" and inner(part.get("items", {})).get("type") == "object"


def paging_of(
    query: Mapping[str, Schema], answer: Schema, key: str
) -> tuple[Pagination | None, frozenset[str], str]:
    """Return how pages are walked, the query parameters that belong to it, and a remark.

    :param query: the schemas of the query's parameters, by name.
    :param answer: the schema of a page.
    :param key: the field that tells its records apart.
    """
    by_form = _by_form(query)
    size_name = _first(by_form, SIZES)
    size, size_param = _size(query[size_name]) if size_name else (None, None), size_name
    sizes = {size_name} if size_name else set()
    token_name = _first(by_form, TOKENS)
    if token_name:
        path = next((p for p in NEXT_TOKENS if _leads(answer, p, ("string", "integer"))), None)
        if path:
            found = NextToken(
                path=path,
                param=token_name,
                size_param=size_param if size[0] else None,
                size=size[0] or 100,
            )
            return found, frozenset({token_name, *sizes}), ""
    for path in NEXT_LINKS:
        if _leads(answer, path, ("string",)) and not _is_token(answer, path):
            own = {n for n in (_first(by_form, (*PAGES, *OFFSETS, *TOKENS)),) if n}
            link = NextLink(
                path=path, size_param=size_param if size[0] else None, size=size[0] or 200
            )
            return link, frozenset({*own, *sizes}), ""
    offset_name = _first(by_form, OFFSETS)
    if offset_name and _is_number(offset_name, query[offset_name]):
        total = next((p for p in TOTALS if _leads(answer, p, ("integer",))), None)
        way = Offset(
            param=offset_name,
            size_param=(size_param or "") if size[0] else "",  # else until a page is empty
            size=size[0] or 1,
            total=total,
        )
        return way, frozenset({offset_name, *sizes}), ""
    if page_name := _first(by_form, PAGES):
        part = query[page_name]
        first = part.get("minimum", (part.get("examples") or [1])[0])
        pages = PageNumber(
            param=page_name,
            size_param=size_param if size[0] else None,
            size=size[0] or 1,
            first=0 if first == 0 else 1,
        )
        return pages, frozenset({page_name, *sizes}), ""
    if last_name := _first(by_form, LAST_KEYS):
        more = next((path for path in MORE if _leads(answer, path, ("boolean",))), None)
        last_id = LastId(
            param=last_name,
            id=key,
            more=more,
            size_param=size_param if size[0] else None,
            size=size[0] or 1,
        )
        return last_id, frozenset({last_name, *sizes}), ""
    last = _first(by_form, OTHER_KEYS) or token_name
    if last:
        return None, frozenset(), f"its pages are asked for with {last!r}, which isn't known how"
    if size_name:
        return (
            None,
            frozenset(),
            f"it takes {size_name!r}, but nothing says how to get the next page",
        )
    return None, frozenset(), ""


def largest_page(query: Mapping[str, Schema]) -> tuple[str, int] | None:
    """Return the parameter that says how many records a page has, and the most it may be."""
    name = _first(_by_form(query), SIZES)
    size = _size(query[name])[0] if name else None
    return (name, size) if name and size and size > 1 else None


def _by_form(query: Mapping[str, Schema]) -> dict[str, str]:
    """Return the names of parameters by how they are written here: ``page[size]`` as page_size."""
    return {snake(name.strip("$").replace("[", "_")).rstrip("_"): name for name in query}


def _is_number(name: str, schema: Schema) -> bool:
    """Say whether it is where a page begins; "from" and "start" may as well be times."""
    return name not in ("from", "start") or inner(schema).get("type") in ("integer", "number")


def _size(schema: Schema) -> tuple[int | None]:
    """Return the largest page, or the usual one; None where neither is said.

    A page that is shorter than what was asked for ends a list, so nothing may be guessed here.
    """
    usual = (schema.get("examples") or [None])[0]
    found = schema.get("maximum", usual)
    whole = isinstance(found, int) and not isinstance(found, bool) and found > 0
    return (min(found, 1000) if whole else None,)


def _first(by_form: Mapping[str, str], wanted: Sequence[str]) -> str | None:
    return next((by_form[name] for name in wanted if name in by_form), None)


def _leads(schema: Schema, path: str, kinds: Sequence[str]) -> bool:
    for name in [path] if path in schema.get("properties", {}) else path.split("."):
        schema = inner(inner(schema).get("properties", {}).get(name, {}))
    return schema.get("type") in kinds


def _is_token(answer: Schema, path: str) -> bool:
    """Say whether a text called ``next`` is described as a token and not as an address."""
    schema = answer
    for name in path.split("."):
        schema = inner(inner(schema).get("properties", {}).get(name, {}))
    about = f"{schema.get('description', '')} {schema.get('title', '')}".lower()
    uri = schema.get("format") in ("uri", "url") or "url" in about or "http" in str(schema)
    return not uri and ("token" in about or "cursor" in about)


def cursor_of(
    item: Schema, query: Mapping[str, Schema]
) -> tuple[str, str, Literal["date-time", "date", "seconds"], bool] | None:
    """Return the field that says when a record changed, and the query parameter that asks by it.

    The third tells how the parameter wants the time, the fourth whether it is only when the record
    was made. None: the list can't be asked for what changed, and so is read whole each time.
    """
    fields = {
        snake(name): name for name, part in item.get("properties", {}).items() if _is_moment(part)
    }
    for wanted, created in ((CHANGED, False), (CREATED, True)):
        field = _first(fields, wanted)
        stem = field and snake(field).removesuffix("_at").removesuffix("_date").removesuffix("_on")
        for name, part in query.items():
            form = snake(name.replace("[", "_")).rstrip("_")
            general = form in SINCE_WORDS and not created
            ends = form.startswith("since_") or any(form.endswith(f"_{end}") for end in SINCE_ENDS)
            if field and stem and (general or (ends and stem.split("_")[-1] in form)):
                kind = inner(part)
                if kind.get("type") == "integer":
                    return field, name, "seconds", created
                return field, name, "date" if kind.get("format") == "date" else "date-time", created
    return None


def _is_moment(schema: Schema) -> bool:
    part = inner(schema)
    return part.get("type") == "string" and part.get("format") in (None, "date-time", "date")


def key_of(item: Schema, noun: str, hint: str = "") -> str:
    """Return the field that tells records apart; empty where none does.

    :param hint: what the path of a single record calls it, e.g. ``petId``.
    """
    properties = {
        name: part
        for name, part in item.get("properties", {}).items()
        if inner(part).get("type") in ("string", "integer")
    }
    by_form = {snake(name).rstrip("_"): name for name in properties}
    own = (
        f"{snake(noun)}_id",
        f"{snake(noun)}_key",
        f"{snake(noun)}_uuid",
        f"{snake(noun)}_number",
    )
    hinted = snake(hint).rstrip("_") if hint else ""
    wanted = (*(name for name in ("id",)), hinted, *own, *KEYS)
    return _first(by_form, [name for name in wanted if name]) or ""


def label_of(item: Schema, key: str) -> str:
    properties: dict[str, Any] = item.get("properties", {})
    texts = {
        snake(n).rstrip("_"): n for n, p in properties.items() if inner(p).get("type") == "string"
    }
    found = _first(texts, LABELS)
    return found if found and found != key else ""
