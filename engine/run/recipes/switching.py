"""Switching recipes on and off, with the webhooks that hang on it; done anew if it was cut short."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.errors import BridgeworkError, SetupError
from engine.fields import Record
from engine.host import Host
from engine.recipe.model import Recipe
from engine.recipe.schedule.schedule import is_instant
from engine.run.plan import Transports
from engine.run.trigger_parameters import trigger_parameters
from engine.run.upkeep.duties import Works
from engine.run.webhooks.subscribing import bring_up, is_due, plain_json, take_down
from engine.store.database import Store
from engine.store.hook_addresses import forget_retired
from engine.store.hooks import Hook, list_hooks, want_hook
from engine.store.inbox import ignore_waiting
from engine.store.switches import paused_recipes, set_switch, switches

log = logging.getLogger("bridgework.webhook")

#: Addresses that were given up are remembered for so long.
RETIRED_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Wanted:
    """The webhook that a recipe wants.

    :param trigger: ``connector.trigger``.
    """

    recipe: str
    connection: str
    trigger: str
    parameters: Record

    def fits(self, hook: Hook) -> bool:
        return (self.recipe, self.connection, self.trigger) == (
            hook.recipe,
            hook.connection,
            hook.trigger,
        )


def switch_on(
    store: Store,
    host: Host,
    recipe: Recipe,
    *,
    now: datetime | None = None,
    transports: Transports | None = None,
) -> str:
    """Switch a recipe on, and subscribe its webhook if it wants one.

    :returns: what is still wrong with the webhook; empty when all is well. It is tried again by
        itself; the recipe is on either way.
    :raises SetupError: the trigger's parameters can't be used.
    """
    now = now or datetime.now(UTC)
    wanted = wanted_webhooks(host, recipe)
    # The webhook first: if this ends in between, nobody misses one, and a duty closes it.
    found = [(_want(store, one, now), one) for one in wanted]
    set_switch(store, recipe.name, True)
    problems = [
        bring_up(store, host, hook, one.parameters, now, transports).problem for hook, one in found
    ]
    return " ".join(filter(None, problems))


def switch_off(
    store: Store,
    host: Host,
    name: str,
    *,
    now: datetime | None = None,
    transports: Transports | None = None,
) -> str:
    """Switch a recipe off, and end its webhooks.

    :returns: why its vendor could not be told yet; empty when it was. That is tried again by
        itself; nothing is taken in any more either way.
    """
    now = now or datetime.now(UTC)
    set_switch(store, name, False)
    open_ones = [hook for hook in list_hooks(store, recipe=name) if hook.state != "removed"]
    problems = [take_down(store, host, hook, now, transports).problem for hook in open_ones]
    return " ".join(filter(None, problems))


def wanted_webhooks(host: Host, recipe: Recipe) -> list[Wanted]:
    """Return the webhooks that a recipe wants: of its triggers whose schedule says ``instant``.

    :raises SetupError: a trigger's parameters can't be used.
    """
    return [
        Wanted(
            recipe.name,
            use.connection_name,
            use.use.value,
            plain_json(trigger_parameters(host, recipe.at(use))),
        )
        for use in recipe.triggers
        if is_instant(use.schedule.value)
    ]


def look_after_webhooks(
    works: Works, now: datetime | None = None, transports: Transports | None = None
) -> None:
    """Bring every webhook to where its recipe wants it: subscribed, renewed in time, or ended."""
    now = now or datetime.now(UTC)
    forget_retired(works.store, now - RETIRED_FOR)
    wanted, unreadable = _all_wanted(works)
    for hook in list_hooks(works.store):
        if hook.recipe in unreadable:  # a mistake just made shall not cost its subscription
            continue
        try:
            _look_after(works, hook, wanted.get(hook.recipe, []), now, transports)
        except BridgeworkError as error:
            log.warning("the webhook of %s can't be looked after: %s", hook.recipe, error)
        except Exception:
            log.exception("the webhook of %s can't be looked after", hook.recipe)
    served = {(h.recipe, h.connection) for h in list_hooks(works.store) if h.state != "removed"}
    for one in (one for several in wanted.values() for one in several):
        if (one.recipe, one.connection) not in served:
            hook = _want(works.store, one, now)
            bring_up(works.store, works.host, hook, one.parameters, now, transports)


def _look_after(
    works: Works,
    hook: Hook,
    wanted: Sequence[Wanted],
    now: datetime,
    transports: Transports | None,
) -> None:
    fitting = next((one for one in wanted if one.fits(hook)), None)
    if fitting is not None:
        changed = hook.parameters != fitting.parameters
        if hook.state != "removed" and (is_due(hook, now) or changed):
            bring_up(works.store, works.host, hook, fitting.parameters, now, transports)
        return
    held = hook.subscription_id or hook.asked_at
    if hook.state != "removed" or (held and (hook.retry_at is None or hook.retry_at <= now)):
        take_down(works.store, works.host, hook, now, transports)
        if wanted:  # the recipe reads something else now
            ignore_waiting(works.store, hook.id)


def _want(store: Store, wanted: Wanted, now: datetime) -> Hook:
    return want_hook(
        store,
        recipe=wanted.recipe,
        connection=wanted.connection,
        trigger=wanted.trigger,
        parameters=wanted.parameters,
        now=now,
    )


def _all_wanted(works: Works) -> tuple[dict[str, list[Wanted]], set[str]]:
    """Return the webhooks wanted, by recipe, and the recipes that can't be read just now.

    A recipe that Bridgework paused keeps its webhook: what comes waits until it goes on.
    """
    on = {name for name, enabled in switches(works.store).items() if enabled}
    wanted: dict[str, list[Wanted]] = {}
    unreadable: set[str] = set()
    for name in sorted(on | set(paused_recipes(works.store))):
        try:
            works.library.path(name)
        except SetupError:  # its file is gone
            continue
        try:
            found = wanted_webhooks(works.host, works.library.load(name))
        except BridgeworkError:
            unreadable.add(name)
            continue
        if found:
            wanted[name] = found
    return wanted, unreadable
