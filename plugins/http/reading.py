"""Walking a list page by page, in whichever way the API divides it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

import httpx2

from engine.sdk import Context, InputError, RemoteError, dig
from plugins.http.requests import Method, ask, content_of, headers_for, put_at

Paging = Literal["none", "next_link", "link_header", "page", "offset", "token", "last_key"]

#: What carries the place of a page where the recipe doesn't say.
USUAL_PARAMETER = {"page": "page", "offset": "offset", "token": "cursor", "last_key": "after"}
#: Pages after which a list counts as endless.
MOST_PAGES = 100_000


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Where a list is, and how it is divided into pages.

    :param list_at: dotted path of the list in an answer; empty: the answer is the list.
    :param next_at: dotted path of the next page's link or token.
    :param total_at: dotted path of how many entries there are in all.
    :param key_field: dotted path of an entry's key, for ``last_key``.
    """

    path: str
    method: Method = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    list_at: str = ""
    paging: Paging = "none"
    parameter: str = ""
    next_at: str = "next"
    total_at: str = ""
    size_parameter: str = ""
    size: int = 100
    first_page: int = 1
    key_field: str = "id"

    def with_value(self, name: str, value: Any) -> "Listing":
        """Return it with one more value: in the address, or in the body of a POST."""
        if self.method == "GET":
            return replace(self, query={**self.query, name: str(value)})
        body = dict(self.body or {})
        put_at(body, name, value)
        return replace(self, body=body)


def pages(ctx: Context, listing: Listing) -> Iterator[list[Any]]:
    """Yield the pages that have anything on them.

    :raises ConnectorError: one can't be read, has no such list, or comes again and again.
    """
    if listing.size_parameter:
        listing = listing.with_value(listing.size_parameter, listing.size)
    name = listing.parameter or USUAL_PARAMETER.get(listing.paging, "")
    place: Any = _first(listing)
    seen: set[Any] = set()
    before: list[Any] | None = None
    for number in range(MOST_PAGES):
        response = _page(ctx, listing, name, place, first=number == 0)
        if response is None:
            return
        document = content_of(response)
        page = entries(document, listing.list_at, response)
        if page and page == before:
            raise RemoteError(
                f"{response.url.host} sent the same page twice.",
                hint=f"It may not know the parameter '{name}': look up how its lists go on."
                if name
                else "Look up how its lists go on.",
            )
        if page:
            yield page
        before = page
        place = _next(listing, place, document, page, response)
        if place is None:
            return
        if place in seen:
            raise RemoteError(
                f"{response.url.host} named the same next page twice.",
                hint="Its list would never end; try again later.",
            )
        seen.add(place)
    raise RemoteError(f"The list has more than {MOST_PAGES:,} pages.", hint="Ask for larger ones.")


def entries(document: Any, list_at: str, response: httpx2.Response) -> list[Any]:
    """Return the list in an answer.

    :raises RemoteError: there is none at that place; the hint says where there are lists.
    """
    found = dig(document, list_at)
    if isinstance(found, list):
        return found
    if found is None and (document is None or _is_named(document, list_at)):
        return []  # many say so of a list that is empty
    lists = [path for path in lists_in(document) if path]
    where = f"at '{list_at}'" if list_at else "as its answer"
    listed = ", ".join(f"`list_at: {path}`" for path in lists[:5])
    raise RemoteError(
        f"{response.url.host} sent no list {where}.",
        hint=f"There are lists at other places: {listed}."
        if lists
        else "Look at an answer, and say under `list_at` where its list is.",
    )


def lists_in(document: Any, above: str = "", depth: int = 0) -> Iterator[str]:
    """Yield the dotted paths of the lists of records in an answer."""
    if isinstance(document, list):
        if above and (not document or isinstance(document[0], Mapping)):
            yield above
    elif isinstance(document, Mapping) and depth < 4:
        for name, part in document.items():
            yield from lists_in(part, f"{above}.{name}".lstrip("."), depth + 1)


def _is_named(document: Any, path: str) -> bool:
    """Return whether an answer has this place, though nothing is there."""
    above, _, last = path.rpartition(".")
    holder = dig(document, above) if above else document
    return bool(path) and isinstance(holder, Mapping) and last in holder


def _first(listing: Listing) -> Any:
    match listing.paging:
        case "page":
            return listing.first_page
        case "offset":
            return 0
    return None


def _page(
    ctx: Context, listing: Listing, name: str, place: Any, *, first: bool
) -> httpx2.Response | None:
    """Return a page's answer; None where there is no such page any more."""
    if place is not None and listing.paging in ("next_link", "link_header"):
        return ctx.http.get(str(place), headers=headers_for(ctx))
    wanted = listing if place is None else listing.with_value(name, place)
    try:
        return ask(
            ctx, wanted.method, wanted.path, query=wanted.query, body=wanted.body, harmless=True
        )
    except InputError as error:
        if error.code == "not_found" and listing.paging == "page" and not first:
            return None  # some say so of the page after the last
        raise


def _next(
    listing: Listing, place: Any, document: Any, page: list[Any], response: httpx2.Response
) -> Any:
    """Return where the next page is; None after the last.

    A page is never taken for the last because it is short: servers send fewer than they are asked
    for. An empty one, or the total, is the end.
    """
    total = dig(document, listing.total_at) if listing.total_at else None
    match listing.paging:
        case "next_link":
            return _own(dig(document, listing.next_at), response)
        case "link_header":
            return _own(response.links.get("next", {}).get("url"), response)
        case "token":
            found = dig(document, listing.next_at)
            return None if found in (None, "", False, 0) else found
        case "page" if page:
            seen = (place - listing.first_page + 1) * len(page)
            return None if _reached(seen, total) else place + 1
        case "offset" if page:
            return None if _reached(place + len(page), total) else place + len(page)
        case "last_key" if page:
            last = dig(page[-1], listing.key_field)
            if last in (None, ""):
                raise RemoteError(
                    f"The last entry of a page has no '{listing.key_field}' to go on after.",
                    hint="Correct `key_field`.",
                )
            return last
    return None


def _reached(seen: int, total: Any) -> bool:
    return isinstance(total, int | str) and str(total).isdecimal() and seen >= int(total)


def _own(link: Any, response: httpx2.Response) -> str | None:
    """Return the next page's whole address, which is on the same server.

    :raises RemoteError: it leads to another one.
    """
    if not link or not isinstance(link, str):
        return None
    here, there = str(response.url), urljoin(str(response.url), link.strip())
    if urlsplit(here).netloc != urlsplit(there).netloc:
        raise RemoteError(
            f"{response.url.host} says that its list goes on at another server, "
            f"'{urlsplit(there).hostname or ''}'.",
            hint="Only the connection's own address is asked.",
        )
    return there
