"""Mailchimp's webhooks: people who join, leave, change or bounce are told of at once.

A delivery is a form; its member is read afresh by the address, because the form lacks tags, times
and most else that a record has.
"""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from engine.sdk import (
    Connector,
    Context,
    Delivery,
    HookReply,
    HookRequest,
    InputError,
    MailchimpSignature,
    Record,
    RemoteError,
    SetupError,
    Subscription,
)
from plugins.mailchimp import triggers
from plugins.mailchimp.actions import subscriber_hash
from plugins.mailchimp.audiences import Audience, audience_id, audiences

#: What Mailchimp tells of, and the statuses a member may have after it.
EVENTS = {
    "subscribe": ("subscribed",),
    "unsubscribe": ("unsubscribed",),
    "cleaned": ("cleaned",),
    "profile": ("subscribed",),
    "upemail": ("subscribed",),
}

#: A webhook of Mailchimp's never ends, but one that fails may be dropped (documented): it is looked
#: for once in a while, and missed when it is gone.
LOOKED_AFTER = timedelta(days=7)

LONGEST_LIST = 1000

#: The status that `member_unsubscribed` is about.
LEFT: triggers.Status = "unsubscribed"


def declare(connector: Connector) -> None:
    """Give the triggers their webhooks."""
    for trigger in (triggers.member_changed, triggers.member_unsubscribed):
        hook = connector.webhook(trigger, signature=MailchimpSignature())
        left = trigger is triggers.member_unsubscribed
        hook.deliveries(deliveries_of_those_who_left if left else deliveries)
        hook.wanted(has_left if left else wanted)
        hook.handshake(handshake)
        hook.find(find)
        hook.subscribe(subscribe_to_those_who_left if left else subscribe)
        hook.renew(renew)
        hook.unsubscribe(unsubscribe)


# -- what a request says -----------------------------------------------------------------------


def deliveries(request: HookRequest, status: triggers.Status | None = None) -> Iterator[Delivery]:
    """Return the member a request tells of, unless its event can't lead to ``status``.

    :raises InputError: it is no webhook of Mailchimp's.
    """
    form = request.form()
    event, data = form.get("type"), form.get("data")
    if not isinstance(event, str) or not isinstance(data, dict):
        raise InputError(
            "A webhook of Mailchimp's has no type or no data.",
            hint="Its API may have changed.",
            code="no_record",
        )
    if event not in EVENTS or (status is not None and status not in EVENTS[event]):
        return
    email = data.get("new_email") if event == "upemail" else data.get("email")
    if not isinstance(email, str) or not email:
        raise InputError(
            f"Mailchimp's webhook '{event}' names no address.",
            hint="Its API may have changed.",
            code="no_record",
        )
    # Without an id of its own: the whole body, for two changes may come in one second.
    digest = hashlib.sha256(request.body).hexdigest()[:32]
    yield Delivery(
        id=f"{event}:{form.get('fired_at', '')}:{digest}", key=subscriber_hash(email), event=event
    )


def wanted(record: Record, status: triggers.Status | None = None) -> bool:
    """Say whether a member, as it is by now, has the status that is asked for."""
    return status in (None, record["status"])


def deliveries_of_those_who_left(request: HookRequest) -> Iterator[Delivery]:
    """Return the member who left that a request tells of."""
    return deliveries(request, LEFT)


def has_left(record: Record) -> bool:
    """Say whether a member is still away."""
    return wanted(record, LEFT)


def handshake(request: HookRequest, secret: str) -> HookReply | None:
    """Answer Mailchimp's look at the address before it takes it: a GET that wants 200."""
    return HookReply() if request.method == "GET" else None


# -- its life at Mailchimp ---------------------------------------------------------------------


def subscribe(
    ctx: Context, url: str, audience: Audience, status: triggers.Status | None = None
) -> Subscription:
    """Ask an audience to tell of its members.

    Changes made through the API are left out (``sources.api``), so that a recipe which writes to the
    audience it listens to does not hear itself.

    :raises SetupError: Mailchimp tells nothing of members with this status.
    """
    events = [event for event, leads_to in EVENTS.items() if status is None or status in leads_to]
    if not events:
        raise SetupError(
            f"Mailchimp's webhooks say nothing of members who are '{status}'.",
            hint="Let the recipe run on a schedule, such as `every 15 minutes`.",
        )
    hooks = f"/lists/{audience_id(ctx, audience)}/webhooks"
    secret = secrets.token_urlsafe(24)
    made = ctx.http.post(
        hooks,
        json={
            "url": f"{url}{'&' if urlsplit(url).query else '?'}{urlencode({'secret': secret})}",
            "events": {
                **dict.fromkeys((*EVENTS, "campaign"), False),
                **dict.fromkeys(events, True),
            },
            "sources": {"user": True, "admin": True, "api": False},
        },
    ).json()
    if not made.get("id"):
        raise RemoteError("Mailchimp answered without a webhook.", hint="Its API may have changed.")
    signing = made.get("signing_secret")  # of accounts whose webhooks are signed, if any are
    return Subscription(
        id=f"{hooks}/{made['id']}",
        secret=f"{secret} {signing}" if signing else secret,
        expires_at=ctx.now + LOOKED_AFTER,
    )


def subscribe_to_those_who_left(ctx: Context, url: str, audience: Audience) -> Subscription:
    """Ask an audience to tell of those who leave."""
    return subscribe(ctx, url, audience, LEFT)


def find(ctx: Context, url: str) -> Subscription | None:
    """Look up the webhook at an address, in every audience; a signing secret is not told twice."""
    for audience in audiences(ctx):
        hooks = f"/lists/{audience.value}/webhooks"
        for webhook in _webhooks(ctx, hooks):
            place = urlsplit(str(webhook.get("url")))
            secret = dict(parse_qsl(place.query)).get("secret")
            if secret and place._replace(query="") == urlsplit(url)._replace(query=""):
                return Subscription(f"{hooks}/{webhook['id']}", secret, ctx.now + LOOKED_AFTER)
    return None


def renew(ctx: Context, subscription: Subscription) -> Subscription:
    """Look whether the webhook is still there.

    :raises InputError: ``not_found``: Mailchimp dropped it.
    """
    ctx.http.get(subscription.id)
    return Subscription(subscription.id, subscription.secret, ctx.now + LOOKED_AFTER)


def unsubscribe(ctx: Context, subscription: Subscription) -> None:
    """End a webhook."""
    ctx.http.delete(subscription.id)


def _webhooks(ctx: Context, path: str) -> list[Record]:
    found = ctx.http.get(path, params={"count": LONGEST_LIST}).json().get("webhooks")
    if not isinstance(found, list):
        raise RemoteError(
            "Mailchimp answered without the list 'webhooks'.", hint="Its API may have changed."
        )
    return found
