"""How a list is read page by page: frozen values, walked by ``ctx.http.paginate``."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Offset:
    """``?offset=0&count=500``; ends at a page shorter than ``size`` or an empty one."""

    param: str = "offset"
    size_param: str = "limit"
    size: int = 100
    #: Dotted path of the total; where the vendor tells it, short pages don't end the list.
    total: str | None = None


@dataclass(frozen=True, kw_only=True)
class PageNumber:
    """``?page=1&size=100``; ends at a page shorter than ``size``."""

    param: str = "page"
    size_param: str | None = "size"
    size: int = 100
    first: int = 1


@dataclass(frozen=True, kw_only=True)
class NextLink:
    """The answer holds the next page's whole URL at the dotted ``path``; absent at the end."""

    path: str
    size_param: str | None = None
    size: int = 200


@dataclass(frozen=True, kw_only=True)
class NextToken:
    """The answer holds a token at ``path``, sent back as ``param``; empty at the end."""

    path: str
    param: str
    size_param: str | None = None
    size: int = 100


@dataclass(frozen=True, kw_only=True)
class LastId:
    """``?starting_after=…``: the id of a page's last item leads to the next page.

    :param id: dotted path of an item's id.
    :param more: dotted path of what says whether another page follows; without it, a page shorter
        than ``size`` ends the list.
    """

    param: str = "starting_after"
    id: str = "id"
    more: str | None = None
    size_param: str | None = "limit"
    size: int = 100


Pagination = Offset | PageNumber | NextLink | NextToken | LastId
