"""Walking a list page by page: where the first page is, and where the one after this."""

from typing import Any

from engine.pagination import NextLink, NextToken, Offset, PageNumber, Pagination, dig


def first_place(way: Pagination) -> Any:
    """Return where the first page is."""
    match way:
        case Offset():
            return 0
        case PageNumber():
            return way.first
    return ""


def next_place(way: Pagination, place: Any, document: Any, count: int, size: int) -> Any:
    """Return where the next page is, as the last one tells; None after the end.

    :param place: of the last page.
    :param document: the last page.
    :param count: of its items.
    :param size: how many there are on a full page.
    """
    match way:
        case NextLink() | NextToken():
            return dig(document, way.path) or None
        case PageNumber():
            return place + 1 if count >= size else None
        case Offset():
            total = dig(document, way.total) if way.total else None
            if isinstance(total, int):
                return place + count if count and place + count < total else None
            return place + count if count >= size else None
