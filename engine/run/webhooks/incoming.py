"""A request to a webhook's address: answered at once, stored first; a run reads it later."""

import base64
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from engine.calls import call_concerns, call_deliveries, call_handshake, call_signature
from engine.connector import Connector
from engine.errors import BridgeworkError, ConnectorError, InputError, RemoteError, SetupError
from engine.host import Host
from engine.store import hooks
from engine.store.connections import get_connection
from engine.store.database import Store
from engine.store.deliveries import add_deliveries, add_unreadable
from engine.store.hook_addresses import is_retired
from engine.store.hooks import Hook
from engine.webhooks import Delivery, Handshake, HookReply, HookRequest, Webhook

log = logging.getLogger("bridgework.webhook")

TAKEN = HookReply()
UNKNOWN = HookReply(404, "There is nothing at this address.\n")
GONE = HookReply(410, "This webhook was switched off.\n")
#: Without detail: whoever forges requests learns nothing.
REFUSED = HookReply(401, "This request was refused.\n")
#: The connector can't be loaded just now; vendors try again later.
NOT_NOW = HookReply(503, "This webhook can't be taken just now.\n")


def receive(
    store: Store,
    host: Host,
    token: str,
    request: HookRequest,
    answer: Callable[[Hook, Sequence[Delivery]], HookReply | None] = lambda hook, delivered: None,
) -> HookReply:
    """Deal with one request, and return its answer.

    A genuine delivery is on the disk when this returns a 2xx; the same one again changes nothing.

    :param answer: asked what to answer once it is on the disk, where the recipe may say so.
    """
    hook = hooks.find_hook(store, token)
    if hook is None:
        return GONE if is_retired(store, token) else UNKNOWN
    try:
        connector, declared = declaration(host, hook.trigger)
    except BridgeworkError as error:
        if hook.state == "removed":
            return GONE
        log.warning("a webhook of %s was turned away: %s", hook.recipe, error)
        return NOT_NOW
    others = _others(store, host, hook) if declared.shared else []
    if hook.state == "removed" and not others:
        return GONE
    now = datetime.now(UTC)
    secret = hook.secret or _copied_secret(store, hook, declared)
    try:
        signature = call_signature(declared, hook.parameters)
        asked = call_handshake(declared, request, secret)
    except ConnectorError as error:
        return _refuse(store, hook, f"Its question makes no sense. {error.message}", now)
    if isinstance(asked, Handshake):
        if not hooks.take_secret(store, hook, asked.secret):
            return _refuse(store, hook, "It wanted to replace the secret by another.", now)
        return asked.reply
    if asked is not None:
        return asked
    if request.method != "POST":
        return TAKEN  # vendors look whether there is something before they subscribe
    if signature is not None:
        because = signature.refusal(request, secret, now)
        if because is not None:
            return _refuse(store, hook, because, now)
    for other, its_own in others:
        told = _read(store, other, connector, its_own, request, now, anybody=False)
        if not isinstance(told, HookReply):
            add_deliveries(store, other.id, told, now)
    if hook.state == "removed":
        return TAKEN
    delivered = _read(store, hook, connector, declared, request, now, anybody=signature is None)
    if isinstance(delivered, HookReply):
        return delivered
    add_deliveries(store, hook.id, delivered, now)
    return answer(hook, delivered) or TAKEN


def read_request(
    connector: Connector, declared: Webhook, request: HookRequest, parameters: Mapping[str, Any]
) -> list[Delivery]:
    """Return what a genuine request delivers.

    :raises ConnectorError: it can't be read.
    """
    delivered = call_deliveries(declared, request, parameters)
    trigger = connector.triggers[declared.trigger]
    if trigger.fetch is None and any(one.record is None for one in delivered):
        raise RemoteError(
            f"{connector.title} sent only a key, and {trigger.full_name} can't read single "
            f"{trigger.noun.many}.",
            hint="This is a defect in the connector: its trigger needs a `fetch`.",
        )
    return delivered


def declaration(host: Host, trigger: str) -> tuple[Connector, Webhook]:
    """Return the connector and the webhook of a trigger given as ``connector.trigger``.

    :raises SetupError: there is no such webhook (any more).
    """
    name, _, trigger_name = trigger.partition(".")
    connector = host.connector(name)
    declared = connector.webhooks.get(trigger_name)
    if declared is None or trigger_name not in connector.triggers:
        raise SetupError(
            f"{connector.title} sends no webhook for {trigger!r}.",
            hint="Give the recipe another schedule, e.g. `every 15 minutes`.",
        )
    return connector, declared


def kept(request: HookRequest) -> dict[str, Any]:
    """Return a request as it is stored until its connector can read it."""
    return {
        "method": request.method,
        "headers": dict(request.headers),
        "query": dict(request.query),
        "body": base64.b64encode(request.body).decode(),
    }


def as_kept(stored: Mapping[str, Any]) -> HookRequest:
    """Return the request that :func:`kept` put away."""
    body = base64.b64decode(stored["body"])
    return HookRequest(stored["method"], stored["headers"], stored["query"], body)


def _read(
    store: Store,
    hook: Hook,
    connector: Connector,
    declared: Webhook,
    request: HookRequest,
    now: datetime,
    *,
    anybody: bool,
) -> list[Delivery] | HookReply:
    """Return what a request delivers; what can't be read is put away, and answered."""
    try:
        if declared.concerns_function is not None and not call_concerns(
            declared, request, _account(store, hook)
        ):
            return []
        return read_request(connector, declared, request, hook.parameters)
    except ConnectorError as error:
        if isinstance(error, InputError) and anybody:
            return HookReply(400, f"{error.message}\n")
        add_unreadable(store, hook.id, kept(request), str(error), now)
        return TAKEN


def _others(store: Store, host: Host, hook: Hook) -> list[tuple[Hook, Webhook]]:
    """Return the connection's other webhooks that are told what comes to this one's address."""
    found = []
    for other in hooks.beside(store, hook):
        try:
            _, declared = declaration(host, other.trigger)
        except BridgeworkError as error:
            log.warning("a webhook of %s was told nothing: %s", other.recipe, error)
            continue
        if declared.shared:
            found.append((other, declared))
    return found


def _account(store: Store, hook: Hook) -> str:
    """Return the id of the account that a webhook's connection is to; empty where it isn't known."""
    try:
        return get_connection(store, hook.connection).account_id
    except SetupError:
        return ""


def _copied_secret(store: Store, hook: Hook, declared: Webhook) -> str:
    """Return the secret that a person copied from the vendor's pages into the connection."""
    if not declared.secret_setting:
        return ""
    try:
        connection = get_connection(store, hook.connection)
    except SetupError:
        return ""
    return str(connection.secrets.get(declared.secret_setting) or "")


def _refuse(store: Store, hook: Hook, because: str, now: datetime) -> HookReply:
    hooks.note_refused(store, hook, because, now)
    return REFUSED
