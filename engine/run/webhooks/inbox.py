"""Runs from the inbox: what webhooks delivered travels the ordinary road, and is then done with."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from sqlalchemy import Connection

from engine.calls import guarded
from engine.errors import BridgeworkError, InputError, PluginCrash
from engine.parameters import named
from engine.run import read as reading
from engine.run import retrying
from engine.run.plan import CHUNK_OF_CALLS, Plan
from engine.run.start import AlreadyRunning, request_run
from engine.run.traveller import Traveller
from engine.run.upkeep.duties import Works
from engine.run.webhooks.replies import ending_of
from engine.store import runs
from engine.store.answered import keep_answers_within
from engine.store.connections import broken_among
from engine.store.database import Store
from engine.store.inbox import (
    Box,
    Waiting,
    full_boxes,
    newest_waiting,
    set_aside,
    settle_deliveries,
    take_waiting,
)
from engine.store.runs import RunRequest
from engine.store.schedules import next_times
from engine.store.switches import switches
from engine.waits import doubled
from engine.webhooks import HookReply, Webhook

log = logging.getLogger("bridgework.webhook")

#: After a run from the inbox failed as a whole, or held what was new, the next one waits this long, doubled each time.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
#: A scheduled run that is due so soon goes first.
CLOCK_FIRST = timedelta(seconds=15)
#: Failed runs in a row that are looked at for that.
LOOKED_AT = 8


def read_inboxes(works: Works, now: datetime | None = None, *, only: str = "") -> None:
    """Ask for a run of every recipe that has mail and isn't running.

    :param only: of this recipe alone.
    """
    now = now or datetime.now(UTC)
    boxes = [box for box in full_boxes(works.store) if only in ("", box.recipe)]
    if not boxes:
        return
    on = switches(works.store)
    for name in sorted({box.recipe for box in boxes if on.get(box.recipe)}):
        try:
            _read_inbox(works, name, [box for box in boxes if box.recipe == name], now)
        except AlreadyRunning:
            continue
        except BridgeworkError as error:  # what is wrong with a recipe is on its page
            log.debug("the inbox of %s can't be read: %s", name, error)


def chunks(store: Store, plan: Plan) -> Iterator[list[Traveller]]:
    """Yield what waits for the recipe, as far as it had come when this began.

    In a chunk each record stands once, in its latest state: ten events of one matter are one
    reading of it. A traveller knows the deliveries it stands for.

    :raises ConnectorError: the source can't be asked.
    """
    boxes = full_boxes(store)
    for source in plan.sources:
        mine = [
            box.hook_id
            for box in boxes
            if (box.recipe, box.connection, box.trigger)
            == (plan.recipe.name, source.trigger_connection, source.trigger.full_name)
        ]
        upto, after = newest_waiting(store, mine), 0
        few = source.trigger.fetch is not None
        size = min(plan.chunk, CHUNK_OF_CALLS) if few else plan.chunk
        while waiting := take_waiting(store, mine, after=after, upto=upto, limit=size):
            after = waiting[-1].id
            yield _chunk(store, source, waiting)


def settle_within(
    store: Store, connection: Connection, plan: Plan, run_id: int, travellers: Sequence[Traveller]
) -> None:
    """Mark the deliveries of settled travellers as done, in the transaction that settles them.

    Where the recipe answers and a record did not come so far, its caller is told why.
    """
    outcomes: dict[str, list[int]] = {}
    endings: dict[int, HookReply] = {}
    answers = plan.answers
    for traveller in travellers:
        if traveller.outcome is None or traveller.stranded:
            continue
        outcomes.setdefault(traveller.outcome, []).extend(traveller.deliveries)
        if answers and not traveller.answered and (reply := ending_of(traveller)):
            endings.update(dict.fromkeys(traveller.deliveries, reply))
    keep_answers_within(store, connection, endings, datetime.now(UTC))
    settle_deliveries(connection, run_id, outcomes)


# -- asking for runs -------------------------------------------------------------------------------


def _read_inbox(works: Works, name: str, boxes: Sequence[Box], now: datetime) -> None:
    if runs.active_run(works.store, name) is not None or _waits(works.store, name, now):
        return
    recipe = works.library.load(name)
    told = {(use.connection_name, use.use.value) for use in recipe.triggers}
    if not any((box.connection, box.trigger) in told for box in boxes):
        return  # for what the recipe read before it was changed
    if broken_among(works.store, recipe.connections):
        return  # it would fail, and what waits goes on waiting
    run_id = request_run(
        works.store, works.host, recipe, request=RunRequest(inbox=True), origin="webhook"
    )
    works.enqueue(run_id)


def _waits(store: Store, recipe: str, now: datetime) -> bool:
    """Return whether the last runs failed or were held and the next one isn't due yet, or the clock comes first.

    Else a steady stream of webhooks would leave no gap for the nightly run.
    """
    if any(at <= now + CLOCK_FIRST for at in next_times(store, recipe)):
        return True
    latest = runs.list_runs(store, recipe=recipe, limit=LOOKED_AT)
    ended = [
        run.finished_at for run in takewhile(lambda run: run.status in ("failed", "held"), latest)
    ]
    if not ended or ended[0] is None:
        return False
    return now < ended[0] + doubled(FIRST_WAIT, len(ended) - 1, LONGEST_WAIT)


# -- reading ---------------------------------------------------------------------------------------


def _chunk(store: Store, plan: Plan, waiting: Sequence[Waiting]) -> list[Traveller]:
    found: dict[str, Traveller] = {}
    keys: dict[str, list[int]] = {}
    for one in waiting:
        if one.record is None:
            assert one.key is not None
            keys.setdefault(one.key, []).append(one.id)
        else:
            _add(found, reading.depart(plan, one.record), [one.id])
    for key, ids in keys.items():
        try:
            record = reading.fetch(plan, key)
        except (InputError, PluginCrash) as error:  # about this one; the others go on
            set_aside(store, ids, str(error))
            continue
        traveller = retrying.gone(plan, key) if record is None else reading.depart(plan, record)
        _add(found, traveller, ids)
    for traveller in found.values():
        if plan.webhook is not None and traveller.outcome is None:
            _leave_unwanted(plan, plan.webhook, traveller)
    return list(found.values())


def _add(found: dict[str, Traveller], traveller: Traveller, ids: Sequence[int]) -> None:
    earlier = found.get(traveller.key)
    before = () if earlier is None else earlier.deliveries
    traveller.deliveries = (*before, *ids)
    found[traveller.key] = traveller


def _leave_unwanted(plan: Plan, declared: Webhook, traveller: Traveller) -> None:
    wanted = declared.wanted_function
    if wanted is None:
        return
    with guarded(declared.connector, f"{declared.trigger} (wanted)"):
        if wanted(traveller.source, **named(wanted, plan.trigger_parameters)):
            return
    traveller.end(
        "skipped",
        code="not_wanted",
        reason=f"This {plan.trigger.noun.one} is not among those that the trigger reads.",
        step="trigger",
    )
