"""What a step does: one request for each record."""

from typing import Annotated, Any, Literal

from engine.sdk import Accepted, Context, Field, InputError, Record, Rejected, TypedDict, dig
from plugins.http.fields import (
    Body,
    ErrorAt,
    Form,
    Headers,
    IdAt,
    InPath,
    OkAt,
    OkValue,
    Path,
    Query,
    SendMethod,
)
from plugins.http.refusals import field_in, message_in, sentence
from plugins.http.requests import ask, content_of, text_of

#: Header of the key by which an API knows a repeat (the IETF's draft, and Stripe's).
KEY_HEADER = "Idempotency-Key"

Repeat = Annotated[
    Literal["harmless", "with_key", "ask"] | None,
    Field(
        "When an answer is lost",
        "`harmless`: send it again, twice does no harm · `with_key`: send it again with the same "
        "key, which the API compares · `ask`: a person looks whether it arrived. Left out: "
        "`harmless` for GET, PUT and DELETE, else `ask`.",
    ),
]
KeyHeader = Annotated[
    str, Field("Header of the key", "Where it wants the key that it knows a repeat by.")
]


class Answer(TypedDict):
    """What came back: the id of what was made, the status, and the whole answer."""

    id: str | None
    status: int
    answer: Any


def repeat_of(
    method: str = "POST", repeat: str | None = None
) -> Literal["harmless", "keyed", "again"]:
    """Say what a repeat does, by what the recipe gives."""
    if repeat == "with_key":
        return "keyed"
    usual = method in ("GET", "PUT", "DELETE")  # RFC 9110, 9.2.2
    return "harmless" if repeat == "harmless" or (repeat is None and usual) else "again"


def send(
    ctx: Context,
    path: Path,
    method: SendMethod = "POST",
    in_path: InPath = None,
    query: Query = None,
    body: Body = None,
    form: Form = None,
    headers: Headers = None,
    id_at: IdAt = "id",
    ok_at: OkAt = None,
    ok_value: OkValue = None,
    error_at: ErrorAt = None,
    repeat: Repeat = None,
    key_header: KeyHeader = KEY_HEADER,
) -> Answer:
    """Send one request, with a body of JSON or a form.

    Later steps read its answer, e.g. `step.answer.customer.id`.
    """
    response = ask(
        ctx,
        method,
        path,
        in_path=in_path,
        query=query,
        body=body,
        form=form,
        headers=with_key(headers, repeat, key_header, ctx.idempotency_key),
        harmless=repeat_of(method, repeat) == "harmless",
    )
    answer = content_of(response)
    insist(answer, ok_at=ok_at, ok_value=ok_value, error_at=error_at)
    result: Answer = told(answer, response.status_code, id_at)
    return result


def with_key(
    headers: dict[str, str] | None, repeat: str | None, name: str, key: str
) -> dict[str, str]:
    """Return a request's headers, with the key that a repeat is known by where one is wanted."""
    return {**(headers or {}), **({name: key} if repeat == "with_key" and key else {})}


def told(answer: Any, status: int, id_at: str) -> Any:
    """Return an answer as later steps read it; 201 says that something was made."""
    id = text_of(dig(answer, id_at)) or None
    record: Record = {"id": id, "status": status, "answer": answer}
    return Accepted(record, id=id, created=True if status == 201 else None)


def insist(answer: Any, *, ok_at: str | None, ok_value: str | None, error_at: str | None) -> None:
    """Refuse an answer that says of itself that it is no success.

    :raises InputError: it says so.
    """
    if refused := refusal_in(answer, ok_at, ok_value, error_at):
        raise InputError(refused.reason, hint=refused.hint, field=refused.field)


def refusal_in(
    answer: Any, ok_at: str | None, ok_value: str | None, error_at: str | None
) -> Rejected | None:
    """Return what an answer refuses though its status is good; None where it is a success."""
    problem = dig(answer, error_at) if error_at else None
    if problem not in (None, "", False, [], {}, 0):
        said = sentence(problem) if isinstance(problem, str) else message_in(problem)
        return refused_because(f"It was refused: {said or sentence(str(problem))}", answer)
    found = dig(answer, ok_at) if ok_at else True
    good = found not in (None, "", False, 0)
    if ok_at and ok_value:
        good = found is not None and str(found).strip().lower() == ok_value.lower()
    if good:
        return None
    said = message_in(answer)
    shown = "nothing" if found is None else f"'{str(found)[:80]}'"
    return refused_because(
        f"It was refused: {said}" if said else f"Its answer has {shown} at '{ok_at}'.", answer
    )


def refused_because(reason: str, answer: Any) -> Rejected:
    return Rejected(
        reason,
        field=field_in(answer) or None,
        hint="Correct the record where it comes from, or the fields in the recipe.",
    )
