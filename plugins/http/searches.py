"""What a step looks up: one record, or nothing."""

from typing import Annotated, Any

from engine.sdk import Context, Field, TypedDict, dig, tolerating
from plugins.http.fields import Body, Headers, IdAt, InPath, ListMethod, Path, Query
from plugins.http.requests import ask, content_of, text_of


class Found(TypedDict):
    """What was found, with its id."""

    id: str | None
    found: Any


def look_up(
    ctx: Context,
    path: Path,
    method: ListMethod = "GET",
    in_path: InPath = None,
    query: Query = None,
    body: Body = None,
    headers: Headers = None,
    found_at: Annotated[
        str,
        Field(
            "Where it is",
            "In the answer, e.g. `data` or `customers`; of a list it is the first. Left out, it is "
            "the answer.",
        ),
    ] = "",
    id_at: IdAt = "id",
) -> Found | None:
    """Find one thing; an answer of 404, and an empty one, say that there is none."""
    asked = {"in_path": in_path, "query": query, "body": body, "headers": headers}
    found = None
    with tolerating("not_found"):
        found = dig(content_of(ask(ctx, method, path, **asked, harmless=True)), found_at)
    if isinstance(found, list):
        found = found[0] if found else None
    if found in (None, "", {}):
        return None
    return {"id": text_of(dig(found, id_at)) or None, "found": found}
