"""The one place that calls what a connector's operations do, and the conventions of its functions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.errors import RemoteError
from engine.fields import Record
from engine.guard import guarded as guarded
from engine.nouns import Noun
from engine.operations import Action, Trigger
from engine.parameters import named
from engine.results import Accepted, BadRecord, PartRead, Rejected, RowResult
from engine.webhooks import Delivery, Handshake, HookReply, HookRequest, Signature, Webhook

_RECORD = (dict, BadRecord)


def call_batch(
    action: Action, ctx: Context, parameters: Mapping[str, Any], rows: Sequence[Record]
) -> list[RowResult]:
    """Call a batch action's function; one result per row, in order.

    :raises ConnectorError: the call as a whole failed.
    """
    with guarded(action.connector, action.name):
        results: Sequence[RowResult] = action.function(ctx, rows=list(rows), **parameters)
        if len(results) != len(rows):
            raise RemoteError(
                f"{action.full_name} was given {Noun.of('row').count(len(rows))} and reported "
                f"on {len(results)}.",
                hint="This is a defect in the connector: it has to return one Accepted or Rejected "
                "for each row, in their order.",
            )
    return list(results)


def call_single(action: Action, ctx: Context, parameters: Mapping[str, Any]) -> RowResult | None:
    """Call an action's or search's function; None is a search that found nothing.

    :raises ConnectorError: the call failed.
    """
    with guarded(action.connector, action.name):
        result = action.function(ctx, **parameters)
        if result is None and action.kind == "search":
            return None
        if isinstance(result, Accepted | Rejected):
            return result
        return Accepted(dict(result or {}))


def call_find(
    action: Action, ctx: Context, values: Mapping[str, Any], since: datetime
) -> Accepted | None:
    """Ask an action's ``find`` whether a row has arrived.

    :param values: the row's fields and, of a batch action, its parameters.
    :param since: when it was sent, if it was.
    :raises ConnectorError: it can't be told.
    """
    assert action.find is not None
    known = {**values, "since": since} if "since" not in values else values
    arguments = {name: known[name] for name in action.find_takes if name in known}
    with guarded(action.connector, action.name):
        found = action.find(ctx, **arguments)
        return found if found is None or isinstance(found, Accepted) else Accepted(dict(found))


def read_trigger(
    trigger: Trigger,
    ctx: Context,
    parameters: Mapping[str, Any],
    since: Any,
    on_part: Callable[[PartRead], None] = lambda part: None,
) -> Iterator[Record | BadRecord]:
    """Read a trigger's records.

    :param since: the cursor to read from, a datetime; None reads everything.
    :param on_part: told when all of a part was read.
    :raises ConnectorError: the read failed, at the start or on the way.
    """
    arguments = dict(parameters)
    if trigger.takes_since:
        arguments["since"] = since
    with guarded(trigger.connector, trigger.name):
        for record in trigger.function(ctx, **arguments):
            if type(record) is dict or isinstance(record, _RECORD):
                yield record
            elif isinstance(record, PartRead):
                on_part(record)
            else:
                raise TypeError(f"it yielded a {type(record).__name__} instead of a record")


def call_handshake(
    hook: Webhook, request: HookRequest, secret: str
) -> HookReply | Handshake | None:
    """Ask a connector whether a request is its vendor's question, and for the answer.

    :raises ConnectorError: the request makes no sense, or the connector failed.
    """
    if hook.handshake_function is None:
        return None
    with guarded(hook.connector, f"{hook.trigger} (webhook's handshake)"):
        return hook.handshake_function(request, secret)


def call_signature(hook: Webhook, parameters: Mapping[str, Any]) -> Signature | None:
    """Return how a webhook's requests are checked; None where its address is the secret.

    :raises ConnectorError: the connector failed.
    """
    asked = hook.signature_function
    if asked is None:
        return hook.signature
    with guarded(hook.connector, f"{hook.trigger} (webhook's signature)"):
        return asked(**named(asked, parameters))


def call_concerns(hook: Webhook, request: HookRequest, account: str) -> bool:
    """Say whether a request is about the account of a connection.

    :param account: its id; empty where it isn't known.
    :raises ConnectorError: the request makes no sense, or the connector failed.
    """
    if hook.concerns_function is None or not account:
        return True
    with guarded(hook.connector, f"{hook.trigger} (webhook's account)"):
        return bool(hook.concerns_function(request, account))


def call_deliveries(
    hook: Webhook, request: HookRequest, parameters: Mapping[str, Any]
) -> list[Delivery]:
    """Return what a request delivers.

    :raises ConnectorError: the request makes no sense, or the connector failed.
    """
    assert hook.deliveries_function is not None
    with guarded(hook.connector, f"{hook.trigger} (webhook)"):
        given = named(hook.deliveries_function, parameters)
        delivered = list(hook.deliveries_function(request, **given))
        for one in delivered:
            if not isinstance(one, Delivery):
                raise TypeError(f"it yielded a {type(one).__name__} instead of a Delivery")
            if one.key is None and not isinstance(one.record, dict):
                raise TypeError("it yielded a Delivery with neither a key nor a record")
        return delivered
