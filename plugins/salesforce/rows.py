"""Sends many records in one request, and finds each one's own answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import httpx2

from engine.sdk import Accepted, Context, Record, Rejected, RemoteError, RowResult
from plugins.salesforce.api import heard
from plugins.salesforce.refusals import LEFT_OUT, passing, refused_record

#: Records in one request (documented).
BATCH_SIZE = 200

#: How often a record is sent again that somebody else was just changing.
LOCK_TRIES = 2


def in_waves(keys: Iterable[str]) -> list[list[int]]:
    """Return the places of rows, so that no request has one key twice: Salesforce refuses those.

    The same key, capitals aside, comes in later waves, in the rows' order: the last one stays.
    """
    waves: list[list[int]] = []
    met: dict[str, int] = {}
    for place, key in enumerate(keys):
        wave = met.get(key.casefold(), 0)
        met[key.casefold()] = wave + 1
        if wave == len(waves):
            waves.append([])
        waves[wave].append(place)
    return waves


def send(
    ctx: Context,
    records: Sequence[Record],
    keys: Iterable[str],
    request: Callable[[Mapping[str, Any]], httpx2.Response],
) -> list[RowResult]:
    """Send records, and return what became of each, in their order.

    :param keys: what must not stand in a request twice; all different where nothing does.
    :param request: sends a body, ``{"allOrNone": false, "records": […]}``.
    """
    results: list[RowResult] = [LEFT_OUT] * len(records)
    for wave in in_waves(keys):
        left, tries = wave, 0
        while left:
            answers = _answers(ctx, [records[place] for place in left], request)
            again = []
            for place, answer in zip(left, answers, strict=True):
                results[place] = _result(answer)
                if not answer.get("success") and passing(answer.get("errors") or ()):
                    again.append(place)
            left, tries = (again, tries + 1) if tries < LOCK_TRIES else ([], tries)
    return results


def _answers(
    ctx: Context, records: list[Record], request: Callable[[Mapping[str, Any]], httpx2.Response]
) -> list[Mapping[str, Any]]:
    """Send one request: well formed, it is answered with 200 whatever became of its records."""
    reply = heard(ctx, request({"allOrNone": False, "records": records})).json()
    if not isinstance(reply, list) or len(reply) != len(records):
        raise RemoteError(
            "Salesforce answered without saying what became of each record.",
            hint="Its API may have changed.",
        )
    return [one if isinstance(one, Mapping) else {} for one in reply]


def _result(answer: Mapping[str, Any]) -> Accepted | Rejected:
    if not answer.get("success"):
        return refused_record(answer.get("errors") or ())
    saved = {name: answer[name] for name in ("id", "success", "created") if name in answer}
    return Accepted(saved, created=answer.get("created"))
