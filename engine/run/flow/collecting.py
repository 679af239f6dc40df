"""Messages made of many records: they travel through their steps when all records are settled.

A message is a record of its own in the report. What it is made of is kept from the transaction that
settles its records to the one that settles the message, whatever stops in between. Before it is sent
its values are bound to it, so that what goes out again after a crash is the same message, which the
other system is asked about, or knows again.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from engine.run import lookups
from engine.run.flow.collect import PlannedCollect
from engine.run.flow.collector import Collector
from engine.run.plan import Plan
from engine.run.plan_steps import collects_of
from engine.run.traveller import HELD, Traveller
from engine.store import collected
from engine.store.database import Store

log = logging.getLogger("bridgework.run")

#: Messages that go through their steps together.
TOGETHER = 20


def outgoing(
    store: Store, plan: Plan, collector: Collector, asked: Collection[str]
) -> Iterator[tuple[PlannedCollect, list[Traveller]]]:
    """Yield messages that are to travel now, each chunk with the step that made it.

    What was collected for a step that the recipe no longer has is forgotten.

    :param asked: messages that somebody asked for, or whose time has come.
    """
    steps = collects_of(plan.steps)
    gone = collected.forget_steps(store, plan.recipe.name, [step.id for step in steps])
    if gone:
        log.warning("%s: %s collected values are dropped with their step", plan.recipe.name, gone)
    for step in steps:
        for chunk in _messages(store, plan, collector, step, asked):
            yield step, chunk


def _messages(
    store: Store, plan: Plan, collector: Collector, step: PlannedCollect, asked: Collection[str]
) -> Iterator[list[Traveller]]:
    """Yield what a step has collected, as messages ready to travel.

    Those that went wrong before are tried again, but not what only a person, or time, sends on,
    and none that this run has told of before it was cut short.
    """
    recipe = plan.recipe.name
    collected.bind(store, recipe, step.id, step.size)
    keys = collected.message_keys(store, recipe, step.id)
    before = lookups.open_rows(store, recipe, keys) if keys else {}

    def goes(key: str) -> bool:
        if (row := before.get(key)) is None:
            return True
        left = row.outcome in ("unsure", "waiting") or row.code == HELD
        return row.run_id != collector.run_id and (key in asked or not left)

    going = [key for key in keys if goes(key)]
    for start in range(0, len(going), TOGETHER):
        found = (collected.get_message(store, recipe, key) for key in going[start:][:TOGETHER])
        chunk = [message_of(plan, step, one.key, one.values) for one in found if one is not None]
        collector.under_way |= {traveller.key for traveller in chunk}
        yield chunk


def previewed(plan: Plan, collector: Collector, step: PlannedCollect) -> list[Traveller]:
    """Return the messages that would go out next."""
    values = collector.noted(step.id)
    return [
        message_of(
            plan, step, f"{step.id}:new {start // step.size + 1}", values[start:][: step.size]
        )
        for start in range(0, len(values), step.size)
    ]


def message_of(plan: Plan, step: PlannedCollect, key: str, values: Sequence[Any]) -> Traveller:
    title = f"Message of {plan.trigger.noun.count(len(values))}"
    message = Traveller(key, title, {}, None, {step.name: list(values)}, [])
    message.message = True
    return message
