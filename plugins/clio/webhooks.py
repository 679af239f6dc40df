"""Clio's webhooks: matters and contacts told of at once, instead of asked for.

A delivery names the record and little else is taken from it: the record is read afresh, because
telephones and further clients can't be had in a webhook's fields (one level may be nested).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from engine.sdk import (
    ClioSignature,
    Connector,
    Context,
    Delivery,
    Handshake,
    HookReply,
    HookRequest,
    InputError,
    Record,
    RemoteError,
    Subscription,
)
from plugins.clio import triggers
from plugins.clio.asking import Wanted, still_known
from plugins.clio.fields import ContactType, Status
from plugins.clio.records import CONTACT, MATTER

#: A webhook ends after 31 days at the latest (documented); a day less allows for a clock that is off.
LIFE = timedelta(days=30)

#: Deletions start no recipe, and a change of status is an update, too.
EVENTS = ("created", "updated")

#: What is asked for of a webhook itself.
WEBHOOK_FIELDS = "id,shared_secret,status,expires_at"

SECRET_HEADER = "X-Hook-Secret"  # noqa: S105 - a header's name


def declare(connector: Connector) -> None:
    """Give the triggers that Clio has webhooks for theirs; users have none (spec)."""
    matters = connector.webhook(triggers.matter_changed, signature=ClioSignature())
    contacts = connector.webhook(triggers.contact_changed, signature=ClioSignature())
    matters.deliveries(matter_deliveries)
    contacts.deliveries(contact_deliveries)
    matters.subscribe(subscription_to("matter", MATTER))
    contacts.subscribe(subscription_to("contact", CONTACT))
    matters.wanted(matter_wanted)
    contacts.wanted(contact_wanted)
    for hook in (matters, contacts):
        hook.handshake(handshake)
        hook.find(find)
        hook.renew(renew)
        hook.unsubscribe(unsubscribe)


# -- what a request says -----------------------------------------------------------------------


def matter_deliveries(request: HookRequest, status: Sequence[Status] = ()) -> Iterator[Delivery]:
    """Return the matter a request tells of, unless its status isn't asked for."""
    event, data = told(request)
    if event in EVENTS and (not status or str(data.get("status")).lower() in status):
        yield delivery(request, event, data)


def contact_deliveries(
    request: HookRequest, client_only: bool = False, type: ContactType | None = None
) -> Iterator[Delivery]:
    """Return the contact a request tells of, unless it isn't of the sort that is asked for."""
    event, data = told(request)
    wanted = (not client_only or data.get("is_client")) and type in (None, data.get("type"))
    if event in EVENTS and wanted:
        yield delivery(request, event, data)


def matter_wanted(record: Record, status: Sequence[Status] = ()) -> bool:
    """Say whether a matter, as it is by now, has a status that is asked for."""
    return not status or record["status"] in status


def contact_wanted(
    record: Record, client_only: bool = False, type: ContactType | None = None
) -> bool:
    """Say whether a contact, as it is by now, is of the sort that is asked for."""
    return (not client_only or record["is_client"]) and type in (None, record["type"])


def told(request: HookRequest) -> tuple[str, Mapping[str, Any]]:
    """Return a request's event and record: ``{"data": {…}, "meta": {"event", "webhook_id"}}``.

    :raises InputError: the body is something else.
    """
    body = request.json()
    data, meta = (body.get("data"), body.get("meta")) if isinstance(body, dict) else (None, None)
    if not isinstance(data, dict) or not isinstance(meta, dict) or not data.get("id"):
        raise InputError(
            "A webhook of Clio's names no record.",
            hint="Its API may have changed.",
            code="no_record",
        )
    return str(meta.get("event")), data


def delivery(request: HookRequest, event: str, data: Mapping[str, Any]) -> Delivery:
    """Tell one delivery from another: there is no id of its own, so the record's etag must do."""
    webhook = request.json()["meta"].get("webhook_id")
    state = data.get("etag") or data.get("updated_at")
    return Delivery(id=f"{webhook}:{event}:{data['id']}:{state}", key=str(data["id"]), event=event)


def handshake(request: HookRequest, secret: str) -> Handshake | None:
    """Echo the secret that Clio sends when a webhook is made, so that it is enabled."""
    given = request.headers.get(SECRET_HEADER.lower(), "")
    if not given or (secret and not compare_digest(given.encode(), secret.encode())):
        return None
    return Handshake(secret=given, reply=HookReply(headers={SECRET_HEADER: given}))


# -- its life at Clio --------------------------------------------------------------------------


def subscription_to(model: str, wanted: Wanted) -> Callable[[Context, str], Subscription]:
    """Return the function that subscribes to a model; a change of any field ``wanted`` is told."""

    def subscribe(ctx: Context, url: str) -> Subscription:
        data = {
            "url": url,
            "model": model,
            # The list is what is watched, too: what a recipe doesn't see needn't be told.
            "fields": f"etag,{still_known(ctx, wanted)}",
            "events": list(EVENTS),
            "expires_at": _expiry(ctx),
        }
        made = ctx.http.post(
            "webhooks.json", params={"fields": WEBHOOK_FIELDS}, json={"data": data}
        )
        return _subscription(made.json()["data"])

    return subscribe


def find(ctx: Context, url: str) -> Subscription | None:
    """Look up the webhook at an address; the newest if there are several."""
    webhooks = ctx.http.paginate(
        "webhooks.json",
        items="data",
        params={"order": "id(asc)", "fields": f"{WEBHOOK_FIELDS},url"},
    )
    found = [webhook for webhook in webhooks if webhook["url"] == url]
    return _subscription(found[-1]) if found else None


def renew(ctx: Context, subscription: Subscription) -> Subscription:
    """Make a webhook last another thirty days, and confirm it if its handshake was missed.

    :raises InputError: ``not_found``: it is gone, or Clio suspended it and it is removed.
    """
    path = f"webhooks/{subscription.id}"
    changed = ctx.http.patch(
        f"{path}.json",
        params={"fields": WEBHOOK_FIELDS},
        json={"data": {"expires_at": _expiry(ctx)}},
    )
    webhook = changed.json()["data"]
    if webhook["status"] == "suspended":  # nothing in the API wakes one up (spec)
        ctx.http.delete(f"{path}.json")
        raise InputError(
            "Clio suspended the webhook, so it was removed.",
            hint="It is made anew by itself.",
            code="not_found",
        )
    renewed = _subscription(webhook, subscription.secret)
    if webhook["status"] == "pending" and renewed.secret:
        ctx.http.put(f"{path}/activate", headers={SECRET_HEADER: renewed.secret})
    return renewed


def unsubscribe(ctx: Context, subscription: Subscription) -> None:
    """End a webhook."""
    ctx.http.delete(f"webhooks/{subscription.id}.json")


def _subscription(webhook: Mapping[str, Any], secret: str = "") -> Subscription:
    if not webhook.get("id") or not webhook.get("expires_at"):
        raise RemoteError("Clio answered without a webhook.", hint="Its API may have changed.")
    return Subscription(
        id=str(webhook["id"]),
        secret=webhook.get("shared_secret") or secret,
        expires_at=datetime.fromisoformat(webhook["expires_at"]),
    )


def _expiry(ctx: Context) -> str:
    return (ctx.now.astimezone(UTC) + LIFE).isoformat(timespec="seconds")
