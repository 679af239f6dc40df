"""A webhook's life at its vendor: subscribed, renewed, ended. Any of it may be cut short and done again.

The intent is stored before the vendor is asked. After a crash in between nobody knows whether it made
a subscription: it is looked up, or the address is given up, so that none is left behind for ever.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from engine.calls import guarded
from engine.connector import Connector
from engine.context import Context
from engine.errors import (
    BridgeworkError,
    ConnectorError,
    InputError,
    PluginCrash,
    RemoteError,
    RetryableError,
    SetupError,
)
from engine.host import Host
from engine.http.client import HttpClient
from engine.http.contexts import context_for
from engine.http.sessions import IMPATIENT, connection_for, open_session
from engine.parameters import named
from engine.public_address import PUBLIC_URL_VARIABLE, public_url
from engine.run.plan import Transports
from engine.run.webhooks.incoming import declaration
from engine.store import hooks
from engine.store.database import Store
from engine.store.hook_addresses import new_address
from engine.store.hooks import Hook
from engine.store.locks import exclusive
from engine.store.notices import add_notice
from engine.webhooks import Subscription, Webhook

#: Seconds that one waits for another who is at the same webhook.
PATIENCE = 60
#: A subscription is looked after this often, even where it lasts longer: vendors drop some.
LOOK_AFTER = timedelta(days=1)
#: After so many failures in a row people are told.
TELL_AFTER = 3
#: So often ending a subscription is tried; then its vendor learns it from ``410 Gone``.
ENDING_TRIES = 20


def address_of(hook: Hook) -> str:
    """Return the address to send to; without its beginning while the public address isn't known."""
    return f"{public_url() or ''}/hooks/{hook.token}"


def is_due(hook: Hook, now: datetime) -> bool:
    """Return whether a webhook that is wanted has something to be done at its vendor."""
    if hook.state != "enabled":
        return hook.retry_at is None or hook.retry_at <= now
    if not hook.subscription_id or hook.subscribed_at is None:
        return False
    if _has_moved(hook):
        return True
    due = hook.subscribed_at + LOOK_AFTER
    if hook.expires_at is not None:  # when a third of its life is left
        due = min(due, hook.expires_at - (hook.expires_at - hook.subscribed_at) / 3)
    return due <= now and (hook.retry_at is None or hook.retry_at <= now)


def _has_moved(hook: Hook) -> bool:
    """Return whether Bridgework is reached at another address than its vendor was told."""
    return public_url() not in (None, hook.reached_at)


def bring_up(
    store: Store,
    host: Host,
    hook: Hook,
    parameters: Mapping[str, Any],
    now: datetime,
    transports: Transports | None = None,
) -> Hook:
    """Subscribe a webhook that isn't, renew one that is, and note what comes of it.

    :param parameters: of the recipe's trigger as they are now.
    :raises SetupError: its connector has no such webhook any more.
    """
    connector, declared = declaration(host, hook.trigger)
    with exclusive(store, f"webhook-{hook.id}", PATIENCE):
        hook = _now(store, hook)
        if hook.state == "removed":
            return hook
        try:
            _bring_up(store, connector, declared, hook, plain_json(parameters), now, transports)
        except BridgeworkError as error:
            hooks.note_problem(store, _now(store, hook), str(error), now)
        found = _now(store, hook)
    _tell(store, found, now)
    return found


def take_down(
    store: Store, host: Host, hook: Hook, now: datetime, transports: Transports | None = None
) -> Hook:
    """Take nothing more at a webhook's address, and end its subscription."""
    with exclusive(store, f"webhook-{hook.id}", PATIENCE):
        hook = _now(store, hook)
        if hook.state != "removed":
            hooks.close_hook(store, hook)
            hook = _now(store, hook)
        if hook.subscription_id or hook.asked_at:
            try:
                connector, declared = declaration(host, hook.trigger)
                with _at_vendor(store, connector, hook, now, transports) as ctx:
                    _end(store, declared, hook, ctx)
            except SetupError:  # without connector or connection there is nobody to ask
                _give_up(store, hook, now)
            except ConnectorError as error:
                if hook.failures + 1 >= ENDING_TRIES:
                    _give_up(store, hook, now)
                else:
                    hooks.note_problem(store, hook, str(error), now)
        return _now(store, hook)


def plain_json(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as they come back from the database, so that they can be compared.

    Their order stays: it is that of a form's fields.
    """
    return dict(json.loads(json.dumps(dict(parameters), default=str)))


# -- at the vendor ---------------------------------------------------------------------------------


def _bring_up(
    store: Store,
    connector: Connector,
    declared: Webhook,
    hook: Hook,
    parameters: dict[str, Any],
    now: datetime,
    transports: Transports | None,
) -> None:
    if declared.subscribe_function is None:
        hooks.note_ready(store, hook, parameters)
        return
    if not public_url():
        hooks.note_waiting(
            store,
            hook,
            f"Nobody has said yet at what address {connector.title} reaches this Bridgework. "
            f"Set {PUBLIC_URL_VARIABLE}, e.g. to https://bridgework.firm.example, and start it again.",
        )
        return
    with _at_vendor(store, connector, hook, now, transports) as ctx:
        if hook.subscription_id and hook.asked_at is None:
            asks = named(declared.subscribe_function, parameters)
            same = asks == named(declared.subscribe_function, hook.parameters)
            same = same and not _has_moved(hook)
            if same and parameters != hook.parameters:
                hooks.note_parameters(store, hook, parameters)
            if same and _renew(store, declared, hook, ctx):
                return
            if not same:
                _end(store, declared, hook, ctx)
        hook = _known_again(store, declared, _now(store, hook), ctx)
        if hook.subscription_id:
            return
        _subscribe(store, declared, hook, parameters, ctx)


def _subscribe(
    store: Store, declared: Webhook, hook: Hook, parameters: dict[str, Any], ctx: Context
) -> None:
    subscribe = declared.subscribe_function
    assert subscribe is not None
    hooks.note_asking(store, hook, parameters, public_url() or "", ctx.now)
    try:
        with guarded(declared.connector, f"{declared.trigger} (subscribe)"):
            made = subscribe(ctx, address_of(hook), **named(subscribe, parameters))
            if not isinstance(made, Subscription):
                raise TypeError(f"it returned a {type(made).__name__} instead of a Subscription")
    except BridgeworkError as error:
        unclear = isinstance(error, RemoteError | PluginCrash)
        if not (unclear or (isinstance(error, RetryableError) and error.maybe_sent)):
            hooks.note_not_sent(store, hook)
        raise
    hooks.note_subscribed(store, hook, made, ctx.now)


def _renew(store: Store, declared: Webhook, hook: Hook, ctx: Context) -> bool:
    """Make a subscription last longer; return False where the vendor has dropped it."""
    renew = declared.renew_function
    try:
        with guarded(declared.connector, f"{declared.trigger} (renew)"):
            if renew is not None:
                made = renew(ctx, hook.subscription)
                hooks.note_subscribed(store, hook, made, ctx.now)
                return True
            found = _find(declared, ctx, hook)
    except InputError as error:
        if error.code != "not_found":
            raise
        found = None
    if found is None and (renew is not None or declared.find_function is not None):
        hooks.note_dropped(store, hook)
        return False
    if hook.expires_at is not None:  # nothing renews it: a new one takes over, the old one ends
        _end(store, declared, hook, ctx)
        return False
    hooks.note_subscribed(store, hook, found or hook.subscription, ctx.now)
    return True


def _known_again(store: Store, declared: Webhook, hook: Hook, ctx: Context) -> Hook:
    """Find out what became of a subscription that was asked for when the program died."""
    if hook.asked_at is None:
        return hook
    if declared.find_function is None:
        return new_address(store, hook, ctx.now)
    found = _find(declared, ctx, hook)
    if found is not None:
        hooks.note_subscribed(store, hook, found, ctx.now)
        # Its handshake may have been missed, too; renewing is what mends that.
        _renew(store, declared, _now(store, hook), ctx)
    return _now(store, hook)


def _end(store: Store, declared: Webhook, hook: Hook, ctx: Context) -> None:
    subscription: Subscription | None = hook.subscription
    if not hook.subscription_id:
        if declared.find_function is None:
            _give_up(store, hook, ctx.now)
            return
        subscription = _find(declared, ctx, hook)
    if subscription is not None and declared.unsubscribe_function is not None:
        try:
            with guarded(declared.connector, f"{declared.trigger} (unsubscribe)"):
                declared.unsubscribe_function(ctx, subscription)
        except InputError as error:
            if error.code != "not_found":
                raise
    hooks.note_ended(store, hook)


def _find(declared: Webhook, ctx: Context, hook: Hook) -> Subscription | None:
    if declared.find_function is None:
        return None
    with guarded(declared.connector, f"{declared.trigger} (find)"):
        return declared.find_function(ctx, address_of(hook))


def _give_up(store: Store, hook: Hook, now: datetime) -> None:
    """Leave a subscription to its vendor: it is told by the address, which is gone for good."""
    hooks.note_ended(store, new_address(store, hook, now))


@contextmanager
def _at_vendor(
    store: Store, connector: Connector, hook: Hook, now: datetime, transports: Transports | None
) -> Iterator[Context]:
    connection = connection_for(store, connector, hook.connection)
    transport = (transports or {}).get(hook.connection)
    with open_session(
        connector, connection, store=store, transport=transport, retry=IMPATIENT
    ) as session:
        yield context_for(connector, connection, HttpClient(session), now)


# -- what people hear of it ------------------------------------------------------------------------


def _tell(store: Store, hook: Hook, now: datetime) -> None:
    about, link = f"webhook:{hook.recipe}", f"/recipes/{hook.recipe}#webhook"
    with store.writing() as connection:
        if hook.state == "enabled":
            add_notice(
                connection,
                kind="webhook_well",
                about=about,
                subject=f"The webhook of '{hook.recipe}' works again",
                body="What happens at the source starts the recipe at once again.",
                link=link,
                at=now,
            )
        elif hook.failures >= TELL_AFTER:
            add_notice(
                connection,
                kind="webhook_broke",
                about=about,
                subject=f"The webhook of '{hook.recipe}' doesn't work",
                body=f"{hook.problem}\nUntil it does, nothing starts the recipe at once.",
                link=link,
                at=now,
            )


def _now(store: Store, hook: Hook) -> Hook:
    found = hooks.get_hook(store, hook.id)
    assert found is not None
    return found
