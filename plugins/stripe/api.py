"""How Stripe's API is spoken: forms with brackets, a pinned version, an idempotency key on every POST."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.sdk import Context, LastId, RemoteError, tolerating
from plugins.stripe.refusals import ReplayedRefusal

Json = dict[str, Any]

#: What this connector's fields are written for; without it an account's own default would decide.
#: It is what stripe-python sent when it was read (vendor's code, 6c6e3736).
VERSION = "2026-06-24.dahlia"
HEADERS = {"Stripe-Version": VERSION}

#: Lists are read by a hundred, the most there is (documented); the default would be ten.
PAGES = LastId(more="has_more", size=100)


def form(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Write nested values as Stripe's forms have them: ``metadata[k]=v``, ``items[0][price]=…``.

    None is left out; empty text stays, for it clears a field (as stripe-python writes them).

    >>> form({"items": [{"price": "price_1"}], "metadata": {"matter": 7}, "active": True})
    [('items[0][price]', 'price_1'), ('metadata[matter]', '7'), ('active', 'true')]
    """
    pairs: list[tuple[str, str]] = []
    for key, value in values.items():
        name = f"{prefix}[{key}]" if prefix else str(key)
        match value:
            case None:
                continue
            case Mapping():
                pairs += form(value, name)
            case list() | tuple():
                pairs += form({str(place): item for place, item in enumerate(value)}, name)
            case bool():
                pairs.append((name, "true" if value else "false"))
            case _:
                pairs.append((name, str(value)))
    return pairs


def get(ctx: Context, path: str, params: Mapping[str, Any] | None = None) -> Json:
    """Read one object."""
    return _object(ctx.http.get(path, params=params).json())


def find_one(ctx: Context, path: str) -> Json | None:
    """Read one object; None where there is none, or none any more."""
    with tolerating("not_found"):
        found = get(ctx, path)
        return None if found.get("deleted") else found
    return None


def post(ctx: Context, path: str, values: Mapping[str, Any], *, part: str = "") -> Json:
    """Send a form with this row's idempotency key.

    Stripe keeps the answer to a key for a day, refusals too once it has begun (documented). A row
    that is retried after its cause was mended would get the old refusal again: then, as nothing was
    done at that time, it is sent once more with a key of this run.

    :param part: which of a row's requests it is; a key belongs to one request only.
    """
    key = f"{ctx.idempotency_key}{':' if part else ''}{part}" if ctx.idempotency_key else ""
    try:
        return _post(ctx, path, values, key)
    except ReplayedRefusal:
        return _post(ctx, path, values, f"{key}:{ctx.now.timestamp():.0f}")


def listed(ctx: Context, path: str, params: Mapping[str, Any] | None = None) -> Iterator[Json]:
    """Read a list to its end, newest first."""
    return ctx.http.paginate(path, items="data", params=params)


def moment(seconds: Any) -> str | None:
    """Write a time of Stripe's, in seconds since 1970, as ISO 8601 in UTC."""
    if not isinstance(seconds, int | float):
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _post(ctx: Context, path: str, values: Mapping[str, Any], key: str) -> Json:
    headers = {"Idempotency-Key": key} if key else {}
    # One name may stand there once only, so a dict holds the whole form.
    answer = ctx.http.post(path, data=dict(form(values)), headers=headers)
    return _object(answer.json())


def _object(document: Any) -> Json:
    if not isinstance(document, dict) or not document.get("object"):
        raise RemoteError(
            "Stripe answered something that is none of its objects.",
            hint="Its API may have changed.",
        )
    return document
