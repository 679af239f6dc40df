"""What a step does for many records in one request."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from engine.sdk import Accepted, Context, Field, Rejected, RemoteError, RowResult, TypedDict, dig
from plugins.http.actions import insist, refusal_in
from plugins.http.fields import ErrorAt, Headers, IdAt, OkAt, OkValue, Path, Query, SendMethod
from plugins.http.requests import ask, content_of, put_at, text_of

#: Rows in one call; `at_once` divides them.
SIZE = 500

Repeat = Annotated[
    Literal["harmless", "ask"],
    Field(
        "When an answer is lost",
        "`harmless`: send them again, twice does no harm · `ask`: a person looks which arrived.",
    ),
]


class Entry(TypedDict):
    """One entry of the list that is sent."""

    entry: Annotated[
        dict[str, Any],
        Field(
            "Entry",
            "Field by field, e.g. `entry.email`. Text stays text: a number is written `{{ 5 }}`.",
        ),
    ]


def send_batch(
    ctx: Context,
    path: Path,
    rows: list[Entry],
    method: SendMethod = "POST",
    query: Query = None,
    headers: Headers = None,
    send_at: Annotated[
        str, Field("Where the list goes", "In the body, e.g. `contacts`; left out, it is the body.")
    ] = "",
    at_once: Annotated[int, Field("Entries in one request", "As many as the API takes.")] = 100,
    results_at: Annotated[
        str | None,
        Field(
            "Where the results are",
            "A list in the answer with one result for each entry, in their order or with their key. "
            "Left out, all were taken when the request was.",
        ),
    ] = None,
    match_by: Annotated[
        str | None,
        Field(
            "Results are told apart by",
            "A field that entry and result both have, e.g. `email`; left out, by their order.",
        ),
    ] = None,
    id_at: IdAt = "id",
    ok_at: OkAt = None,
    ok_value: OkValue = None,
    error_at: ErrorAt = None,
    repeat: Repeat = "ask",
) -> list[RowResult]:
    """Send a list of entries in one request; each gets its own result."""
    results: list[RowResult] = []
    size = max(1, at_once)
    for begin in range(0, len(rows), size):
        entries = [row["entry"] for row in rows[begin : begin + size]]
        response = ask(
            ctx,
            method,
            path,
            query=query,
            body=_body(send_at, entries),
            headers=headers,
            harmless=repeat == "harmless",
        )
        answer = content_of(response)
        if results_at is None:
            insist(answer, ok_at=ok_at, ok_value=ok_value, error_at=error_at)
            results += [Accepted({"id": None, "answer": answer}) for _ in entries]
            continue
        for one in _results(answer, results_at, entries, match_by, response.url.host):
            results.append(_verdict(one, id_at, ok_at, ok_value, error_at))
    return results


def repeat_of(repeat: str = "ask") -> Literal["harmless", "again"]:
    """Say what a repeat does, by what the recipe gives."""
    return "harmless" if repeat == "harmless" else "again"


def _body(send_at: str, entries: list[dict[str, Any]]) -> Any:
    if not send_at:
        return entries
    body: dict[str, Any] = {}
    put_at(body, send_at, entries)
    return body


def _results(
    answer: Any, results_at: str, entries: list[dict[str, Any]], match_by: str | None, host: str
) -> list[Any]:
    """Return one result for each entry; None where there is none.

    :raises RemoteError: there are no results, or not as many as entries.
    """
    found = dig(answer, results_at)
    if not isinstance(found, list):
        raise RemoteError(
            f"{host} sent no list of results at '{results_at}'.",
            hint="Look at an answer, and correct `results_at`.",
        )
    if match_by is None:
        if len(found) != len(entries):
            raise RemoteError(
                f"{host} was sent {len(entries)} entries and answered {len(found)} results.",
                hint="Say under `match_by` by which field they are told apart.",
            )
        return found
    known = {text_of(dig(one, match_by)).lower(): one for one in found}
    return [known.get(text_of(dig(entry, match_by)).lower()) for entry in entries]


def _verdict(
    result: Any, id_at: str, ok_at: str | None, ok_value: str | None, error_at: str | None
) -> RowResult:
    if result is None:
        return Rejected(
            "The answer says nothing of this entry.",
            code="no_answer",
            hint="Look whether it is there, then retry it.",
        )
    if refused := refusal_in(result, ok_at, ok_value, error_at):
        return refused
    id = text_of(dig(result, id_at)) or None
    status = result.get("status") if isinstance(result, Mapping) else None
    created: Literal[True] | None = True if status == 201 else None
    return Accepted({"id": id, "answer": result}, id=id, created=created)
