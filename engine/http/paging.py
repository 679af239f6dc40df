"""Walking a list page by page, from the first to the one that has none after it."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx2
import orjson

from engine.documents import dig
from engine.errors import RemoteError
from engine.pagination import LastId, NextLink, NextToken, Offset, PageNumber, Pagination

Get = Callable[..., httpx2.Response]

#: A list is said to go on, but where can't be told.
NOWHERE = object()


def walk(
    get: Get,
    way: Pagination,
    url: str,
    *,
    items: str,
    params: Mapping[str, Any] | None,
    title: str,
) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of a list that have anything on them.

    :param items: the dotted path of the list in an answer; empty: the answer is the list.
    :param title: the app's, for sentences.
    :raises RemoteError: a page without that list, the same next page twice, or none though there
        should be one.
    """
    query = dict(params or {})
    if way.size_param:
        query.setdefault(way.size_param, way.size)
    size = int(query[way.size_param]) if way.size_param else way.size
    place = first_place(way)
    seen: set[Any] = set()
    while True:
        if place in seen:
            raise RemoteError(
                f"{title} sent the same next page twice.",
                hint="Its list would never end; try again later.",
            )
        seen.add(place)
        document = _json(_page(get, way, url, query, place), title)
        page = dig(document, items) if items else document
        if not isinstance(page, list):
            raise RemoteError(
                f"{title} answered without the list {items!r}.", hint="Its API may have changed."
            )
        if page:
            yield page
        following = next_place(way, place, document, page, size)
        if following is None:
            return
        if following is NOWHERE:
            raise RemoteError(
                f"{title} says that its list goes on, but not after which item.",
                hint="Its API may have changed.",
            )
        place = following


def first_place(way: Pagination) -> Any:
    """Return where the first page is."""
    match way:
        case Offset():
            return 0
        case PageNumber():
            return way.first
    return ""


def next_place(way: Pagination, place: Any, document: Any, page: list[Any], size: int) -> Any:
    """Return where the next page is, as the last one tells; None after the end.

    :param place: of the last page.
    :param document: the last page, as it was answered.
    :param page: its items.
    :param size: how many there are on a full page.
    """
    count = len(page)
    match way:
        case LastId():
            if not (dig(document, way.more) if way.more else count >= size):
                return None
            last = dig(page[-1], way.id) if page else None
            return NOWHERE if last in (None, "") else last
        case NextLink() | NextToken():
            return dig(document, way.path) or None
        case PageNumber():
            return place + 1 if count >= size else None
        case Offset():
            total = dig(document, way.total) if way.total else None
            if isinstance(total, int):
                return place + count if count and place + count < total else None
            return place + count if count >= size else None


def _page(
    get: Get, way: Pagination, url: str, query: Mapping[str, Any], place: Any
) -> httpx2.Response:
    match way:
        case NextLink():
            return get(place) if place else get(url, params=query)
        case NextToken() | LastId():
            return get(url, params=query if place == "" else {**query, way.param: place})
        case Offset() | PageNumber():
            return get(url, params={**query, way.param: place})


#: A number of so many digits may have more than the 64 bits that orjson keeps: it would be rounded.
_LONG = b"0" * 19
_EACH_DIGIT = bytes.maketrans(b"123456789", b"0" * 9)


def _json(response: httpx2.Response, title: str) -> Any:
    content = response.content
    read = json.loads if _LONG in content.translate(_EACH_DIGIT) else orjson.loads
    try:
        return read(content)
    except json.JSONDecodeError as error:  # orjson's is one, too
        raise RemoteError(
            f"{title} answered something that isn't JSON.",
            hint="Check the connection's address; a log-in or error page may have answered.",
        ) from error
