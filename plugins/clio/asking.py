"""Asking Clio for records field by field, and going on when it has a field no more.

Clio answers only what ``fields`` names, and refuses the whole question for one name that it doesn't
know (documented). So a field that Clio takes out of its API would stop every recipe. Here the
question is asked again without it, and Bridgework is told that the field has vanished.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.sdk import Context, RemoteError, tolerating

T = TypeVar("T")
Json = dict[str, Any]

#: Code of the error that :func:`plugins.clio.refusals.explain` makes of an answer of 400.
NOT_UNDERSTOOD = "not_understood"
#: Without these there is no record at all.
NEEDED = ("id", "updated_at")
#: Where what has been refused is kept for the rest of a run.
REFUSED = "clio: refused fields"


@dataclass(frozen=True)
class Wanted:
    """The fields that are asked for of one kind of record.

    :param fields: Clio's names, dotted for those of associations, and where records have them, with
        commas between several places; an empty place for what only the connector needs.
    """

    kind: str
    fields: Mapping[str, str]

    @property
    def text(self) -> str:
        return as_text(list(self.fields))


def as_text(names: Sequence[str]) -> str:
    """Write ``["id", "client.id", "client.name"]`` as Clio wants it: ``id,client{id,name}``."""
    groups: dict[str, list[str]] = {}
    for name in names:
        outer, _, inner = name.partition(".")
        groups.setdefault(outer, []).extend([inner] if inner else [])
    return ",".join(f"{outer}{{{','.join(i)}}}" if i else outer for outer, i in groups.items())


def pages(
    ctx: Context, url: str, wanted: Wanted, params: Mapping[str, Any]
) -> Iterator[list[Json]]:
    """Yield the pages of a list.

    :raises RemoteError: as ``ctx.http.pages`` does.
    """

    def first(fields: str) -> tuple[list[Json] | None, Iterator[list[Json]]]:
        found = ctx.http.pages(url, items="data", params={**params, "fields": fields})
        return next(found, None), found

    page, more = _without_refused(ctx, url, wanted, {**params, "limit": 1}, first)
    if page is not None:
        yield page
    yield from more


def rows(ctx: Context, url: str, wanted: Wanted, params: Mapping[str, Any]) -> Iterator[Json]:
    """Yield the records of a list."""
    for page in pages(ctx, url, wanted, params):
        yield from page


def one(ctx: Context, url: str, wanted: Wanted) -> Json | None:
    """Return a single record; None where there is none."""

    def get(fields: str) -> Json:
        found: Json = ctx.http.get(url, params={"fields": fields}).json()["data"]
        return found

    with tolerating("not_found"):
        return _without_refused(ctx, url, wanted, {}, get)
    return None


def still_known(ctx: Context, wanted: Wanted) -> str:
    """Return the fields that are asked for, without those that were refused in this run."""
    refused = _refused(ctx)
    return as_text([name for name in wanted.fields if f"{wanted.kind}.{name}" not in refused])


def _without_refused(
    ctx: Context, url: str, wanted: Wanted, probe: Mapping[str, Any], ask: Callable[[str], T]
) -> T:
    while True:  # each refusal may name one field of several
        _tell_of_refused(ctx, wanted)
        try:
            return ask(still_known(ctx, wanted))
        except RemoteError as error:
            if error.code != NOT_UNDERSTOOD:
                raise
            gone = _unknown_fields(ctx, url, wanted, probe, error.message)
            if not gone or set(gone) & set(NEEDED):
                raise
            _refused(ctx).update(f"{wanted.kind}.{name}" for name in gone)


def _tell_of_refused(ctx: Context, wanted: Wanted) -> None:
    """Say which fields are left out: to each operation that asks, whichever of them found it out."""
    refused = _refused(ctx)
    for name, places in wanted.fields.items() if refused else ():
        if f"{wanted.kind}.{name}" in refused:
            for place in filter(None, places.split(",")):
                reason = f"Clio no longer knows the field '{name}' of a {wanted.kind}."
                ctx.vanished(place, reason)


def _unknown_fields(
    ctx: Context, url: str, wanted: Wanted, probe: Mapping[str, Any], message: str
) -> list[str]:
    """Find out which fields Clio refuses: those that its sentence names, if it does, else any.

    What Clio says is not documented, so whether it means a field is asked, half of them at a time.
    """
    known = [n for n in wanted.fields if f"{wanted.kind}.{n}" not in _refused(ctx)]
    words = set(re.findall(r"\w+", message))
    named = [name for name in known if name.rpartition(".")[2] in words]

    def refused_among(names: list[str]) -> list[str]:
        if not names or _is_taken(ctx, url, probe, names):
            return []
        if len(names) == 1:
            return names
        half = len(names) // 2
        return refused_among(names[:half]) + refused_among(names[half:])

    return refused_among(named) or refused_among([name for name in known if name not in named])


def _is_taken(ctx: Context, url: str, probe: Mapping[str, Any], names: list[str]) -> bool:
    with tolerating(NOT_UNDERSTOOD):
        ctx.http.get(url, params={**probe, "fields": as_text(names)})
        return True
    return False


def _refused(ctx: Context) -> set[str]:
    return ctx.kept.once(REFUSED, set[str])
