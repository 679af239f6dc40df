"""Picks some of the operations that could be made, by any of their names."""

import difflib
from collections.abc import Sequence
from dataclasses import replace

from engine.errors import SetupError
from engine.scaffold.design import Design, Listing, Lookup, Sending
from engine.scaffold.names import snake


def picked(design: Design, wanted: Sequence[str]) -> Design:
    """Return the design with the wanted operations only.

    :param wanted: names of operations, or what the API's description calls them: ``get_contacts``,
        ``getContacts``, ``GET /contacts``.
    :raises SetupError: one isn't there; the hint names the nearest.
    """
    by_name: dict[str, str] = {}
    for one in design.operations:
        for name in (one.name, snake(one.called), one.source.lower()):
            if name and name != "value":
                by_name.setdefault(name, one.name)
    chosen: set[str] = set()
    for name in wanted:
        found = by_name.get(name) or by_name.get(snake(name)) or by_name.get(name.lower())
        if found is None:
            raise SetupError(f"There is no operation {name!r} to pick.", hint=_hint(design, name))
        chosen.add(found)
    listings = tuple(one for one in design.listings if one.name in chosen)
    names = {one.name for one in listings}
    lookups = tuple(
        one if one.fetches in names else replace(one, fetches="")
        for one in design.lookups
        if one.name in chosen
    )
    gone = [one.name for one in design.operations if one.name not in chosen]
    return replace(
        design,
        listings=listings,
        lookups=lookups,
        sendings=tuple(one for one in design.sendings if one.name in chosen),
        remarks=tuple(
            remark
            for remark in design.remarks
            if not any(remark.startswith(f"{name}:") for name in gone)
        ),
        left_out=(),
    )


def _hint(design: Design, name: str) -> str:
    left = {what.lower(): why for what, why in design.left_out}
    if reason := left.get(name.lower()):
        return f"It can't be made: {reason}."
    names = [one.name for one in design.operations]
    near = difflib.get_close_matches(snake(name), names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(names[:40])}."


def becomes(one: Listing | Lookup | Sending) -> str:
    """Say what a request becomes, on one line."""
    match one:
        case Listing():
            how = [f"key {one.kind.key}"]
            how.append(f"new since {one.since}" if one.since else "read whole each time")
            how.append(f"pages by {_paging(one)}" if one.paging else "one page")
            return f"trigger {one.name} ({', '.join(how)})"
        case Lookup():
            also = f", and reads records of {one.fetches} afresh" if one.fetches else ""
            return f"search {one.name}{also}"
    count = len(one.inputs)
    return f"action {one.name} ({count} {'field' if count == 1 else 'fields'})"


def _paging(one: Listing) -> str:
    way = one.paging
    return str(getattr(way, "param", None) or getattr(way, "path", ""))
