"""How what is new or changed is found: by lists where the time of making will do, else by events.

Stripe's lists can be asked for what was *made* since a time, never for what *changed* (spec). That is
told by events, which it keeps for 30 days (documented). So changes are read from the events since the
last time and, where that is longer ago or never was, from the whole list: a recipe that was paused
for two months misses nothing but what was deleted meanwhile.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from engine.sdk import Context, Record, dig
from plugins.stripe.api import VERSION, Json, find_one, listed, moment
from plugins.stripe.kinds import Kind

#: How far back the events are trusted to reach: a day less than the 30 that are documented.
EVENTS_REACH = timedelta(days=29)


def made_since(ctx: Context, kind: Kind, since: datetime | None) -> Iterator[Any]:
    """Yield what was made since a time, newest first; its ``changed_at`` is when it was made."""
    params: Record = {**kind.params, **_since(since)}
    for raw in listed(ctx, kind.path, params):
        yield from _kept(kind, raw, raw.get("created"))


def changed_since(ctx: Context, kind: Kind, since: datetime | None) -> Iterator[Any]:
    """Yield what an event of the kind tells of, each once; ``changed_at`` is its last event's time."""
    if since is None or since < ctx.now - EVENTS_REACH:
        yield from _all(ctx, kind)
        return
    seen: set[str] = set()
    for event in _events(ctx, kind, since):
        about = dig(event, "data.object") or {}
        if about.get("id") in seen:
            continue
        seen.add(about["id"])
        raw: Json | None = about
        # An event is kept in the version that the account had then: only our own can be read.
        if kind.passing or event.get("api_version") != VERSION:
            raw = find_one(ctx, f"{kind.path}/{about['id']}")
        if raw is not None:
            yield from _kept(kind, raw, event["created"])


def fetcher(kind: Kind) -> Callable[[Context, str], Record | None]:
    """Return what reads one object of a kind afresh; None when it is gone."""

    def fetch(ctx: Context, key: str) -> Record | None:
        raw = find_one(ctx, f"{kind.path}/{key}")
        return None if raw is None else _record(kind, raw, int(ctx.now.timestamp()))

    return fetch


def _all(ctx: Context, kind: Kind) -> Iterator[Any]:
    """Read the whole list; when each one changed is known where that is no month ago."""
    times: dict[str, int] = {}
    for event in _events(ctx, kind, ctx.now - EVENTS_REACH):
        times.setdefault(dig(event, "data.object.id"), event["created"])
    for raw in listed(ctx, kind.path, kind.params):
        yield from _kept(kind, raw, times.get(raw["id"], raw.get("created")))


def _events(ctx: Context, kind: Kind, since: datetime) -> Iterator[Json]:
    return listed(ctx, "events", {"types[]": list(kind.events), **_since(since)})


def _since(since: datetime | None) -> Record:
    # Of whole seconds, and that very second too: the key tells what was read before.
    return {} if since is None else {"created[gte]": int(since.timestamp())}


def _kept(kind: Kind, raw: Json, changed: Any) -> Iterator[Record]:
    record = _record(kind, raw, changed)
    if kind.keep(record):
        yield record


def _record(kind: Kind, raw: Json, changed: Any) -> Record:
    return {**kind.record(raw), "changed_at": str(moment(changed))}
