"""Recipes that other systems start through the API, with the fields that each asks for.

It is the road of a webhook without its address: what is filled in is read by the same connector,
stored as a delivery, and answered as the recipe says. So the same start, by its id, counts once.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.calls import guarded
from engine.connector import Connector
from engine.errors import BridgeworkError, InputError, SetupError
from engine.fields import Schema
from engine.host import Host
from engine.parameters import named
from engine.run.webhooks.incoming import declaration, read_request
from engine.store import hooks
from engine.store.database import Store
from engine.store.deliveries import add_deliveries
from engine.store.hooks import Hook
from engine.store.switches import switches
from engine.webhooks import Delivery, HookReply, HookRequest, Webhook

#: Where the number of a start stands in the request that stands for it.
NUMBER = "idempotency-key"


@dataclass(frozen=True)
class Startable:
    """A recipe that can be started now.

    :param form: the JSON Schema of what is filled in.
    """

    hook: Hook
    connector: Connector
    declared: Webhook
    form: Schema


@dataclass(frozen=True)
class Started:
    """What became of a start so far.

    :param is_new: False where it was asked for before, with the same id.
    :param reply: what the recipe answers; None where it has no answers.
    """

    id: str
    is_new: bool
    reply: HookReply | None


def startable(store: Store, host: Host) -> dict[str, Startable]:
    """Return the recipes that can be started, by name: they are on, and their trigger has a form."""
    on = switches(store)
    found: dict[str, Startable] = {}
    for hook in hooks.list_hooks(store):
        if hook.state != "enabled" or not on.get(hook.recipe):
            continue
        try:
            connector, declared = declaration(host, hook.trigger)
            if declared.form_function is None:
                continue
            with guarded(connector.name, f"{declared.trigger} (form)"):
                given = named(declared.form_function, hook.parameters)
                form = declared.form_function(**given)
        except BridgeworkError:  # what is wrong with it is on the recipe's page
            continue
        found[hook.recipe] = Startable(hook, connector, declared, form)
    return found


def the_startable(store: Store, host: Host, recipe: str) -> Startable:
    """Return the recipe.

    :raises SetupError: it can't be started.
    """
    found = startable(store, host).get(recipe)
    if found is None:
        raise SetupError(
            f"The recipe '{recipe}' can't be started from outside.",
            hint="Switch it on; its trigger must be `zapier.received`, or another with fields.",
        )
    return found


def start(
    store: Store,
    recipe: Startable,
    values: Mapping[str, Any],
    now: datetime,
    *,
    id: str = "",
    answer: Callable[[Hook, Sequence[Delivery]], HookReply | None] = lambda hook, delivered: None,
) -> Started:
    """Start a recipe; it is on the disk when this returns.

    :param id: the same for the same start, however often it is asked for; empty: this one is new.
    :param answer: asked what the recipe answers.
    :raises ConnectorError: the values aren't what the form asks for.
    """
    number = id or uuid.uuid4().hex
    headers = {"content-type": "application/json", NUMBER: number}
    try:
        body = orjson.dumps(dict(values))
    except TypeError:  # half characters, numbers of forty digits, lists in lists without end
        raise InputError(
            "The fields hold something that can't be stored.",
            hint="Send texts, numbers of up to 18 digits, and lists that aren't nested deeply.",
        ) from None
    request = HookRequest("POST", headers, body=body)
    delivered = read_request(recipe.connector, recipe.declared, request, recipe.hook.parameters)
    is_new = add_deliveries(store, recipe.hook.id, delivered, now) > 0
    number = delivered[0].id if delivered else number
    return Started(number, is_new, answer(recipe.hook, delivered))
