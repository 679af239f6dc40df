"""Starting runs when their schedules are due: a duty, done by one process at a time.

Each recipe that is switched on has a row with its next tick. A look starts what is due and moves the
row on to the first tick that is still to come: so however many passed while everything was stopped,
one run makes up for them. A look may end anywhere and be repeated: a tick's run goes by the tick.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.errors import BridgeworkError, SetupError
from engine.recipe.model import Recipe
from engine.recipe.schedule.timetable import Timetable, timetable_of, timetable_planned
from engine.run.schedule.backing_off import after_last_run
from engine.run.start import AlreadyRunning, request_run
from engine.run.telling.alerts import note_not_started
from engine.run.upkeep.duties import Works
from engine.store import runs, schedules
from engine.store.runs import RunRequest
from engine.store.schedules import Planned
from engine.store.switches import switches

log = logging.getLogger("bridgework.schedule")

#: A tick looked after later than this was missed: Bridgework was not running.
GRACE = timedelta(minutes=2)
#: How long a tick waits, again and again, for a run that a person started.
WAIT = timedelta(seconds=10)
#: Of missed ticks, no more are counted.
MOST_COUNTED = 1000


def start_due(works: Works, now: datetime | None = None) -> None:
    """Start every run that is due, and plan the next ones."""
    now = now or datetime.now(UTC)
    on = [name for name, enabled in switches(works.store).items() if enabled]
    plans = schedules.planned(works.store)
    schedules.forget(works.store, [name for name in plans if _recipe_of(name) not in on])
    for name in on:
        try:
            _look_after_all(works, name, plans, now)
        except Exception:
            log.exception("the schedule of %s can't be followed", name)


def origin_key(recipe: str, tick_at: datetime) -> str:
    """Return what a tick's run goes by: asked for twice, it is one run."""
    return f"{recipe}@{tick_at.astimezone(UTC).isoformat()}"


def _recipe_of(plan: str) -> str:
    """Return the recipe of a plan: each of its triggers after the first has one of its own."""
    return plan.partition("/")[0]


def _look_after_all(works: Works, name: str, plans: Mapping[str, Planned], now: datetime) -> None:
    """Look after the times of all of a recipe's triggers."""
    mine = {plan: planned for plan, planned in plans.items() if _recipe_of(plan) == name}
    try:
        recipe = works.library.load(name)
        tables = [(recipe.at(use), timetable_of(recipe.at(use))) for use in recipe.triggers]
    except SetupError:  # its file is gone
        schedules.forget(works.store, list(mine))
        return
    except (BridgeworkError, ValueError):  # its mistakes are on its page
        for plan in mine.values():
            _tick(Look(works, plan, timetable_planned(plan), None, now))
        return
    timed = {table.recipe: (one, table) for one, table in tables if table is not None}
    schedules.forget(works.store, [plan for plan in mine if plan not in timed])
    for plan_name, (one, table) in timed.items():
        _look_after(works, one, table, mine.get(plan_name), now)


def _look_after(
    works: Works, recipe: Recipe, timetable: Timetable, plan: Planned | None, now: datetime
) -> None:
    if plan is None or timetable_planned(plan) != timetable:
        _plan(works, timetable, now)
    else:
        current = after_last_run(works.store, recipe, plan, timetable, now)
        if current is not None:
            _tick(Look(works, current, timetable, recipe, now))


def _plan(works: Works, timetable: Timetable, now: datetime) -> None:
    tick = next(iter(timetable.ticks(now)), None)
    schedules.plan(
        works.store,
        timetable.recipe,
        words=timetable.words,
        timezone=timetable.timezone,
        jitter=timetable.jitter,
        tick_at=tick.at if tick else None,
        next_at=tick.due if tick else None,
    )


@dataclass(frozen=True)
class Look:
    """What one look at a recipe goes by.

    :param recipe: None where it has mistakes.
    """

    works: Works
    plan: Planned
    timetable: Timetable
    recipe: Recipe | None
    now: datetime


def _tick(look: Look) -> None:
    """Start the run of the tick that is due, or note why not; then move on to the next tick."""
    plan = look.plan
    if plan.tick_at is None or plan.next_at is None or plan.next_at > look.now:
        return
    missed = look.now - plan.next_at > GRACE
    run_id = _asked_for(look, plan.tick_at)
    if run_id is not None:
        _move_on(look, _late(look, plan.tick_at) if missed else "", run_id)
    elif look.recipe is None:
        _leave_out(look, plan.tick_at, ": the recipe has mistakes.")
        name = _recipe_of(plan.recipe)
        why = f"The recipe has mistakes; `bridgework check {name}` and its page tell them."
        note_not_started(look.works.store, name, name, why, look.now)
    elif missed and look.recipe.trigger.missed == "skip":
        _leave_out(look, plan.tick_at, ": Bridgework was not running then.")
    else:
        _start(look, look.recipe, plan.tick_at, missed)


def _start(look: Look, recipe: Recipe, tick_at: datetime, missed: bool) -> None:
    works = look.works
    try:
        run_id = request_run(
            works.store,
            works.host,
            recipe,
            origin="schedule",
            request=_asked(recipe),
            origin_key=origin_key(look.plan.recipe, tick_at),
        )
    except AlreadyRunning as error:
        if error.run.origin == "schedule" and error.run.request == _asked(recipe):
            _leave_out(look, tick_at, ": the one before was still going.")
        elif recipe.trigger.missed == "skip":
            _leave_out(look, tick_at, ": another one was still going.")
        else:
            # A retry of three records doesn't stand in for a night's run.
            note = f"{_run_of(look, tick_at)} waits until run {error.run.id} is done."
            schedules.move_on(
                works.store, look.plan, next_at=look.now + WAIT, note=note, noted_at=look.now
            )
    except BridgeworkError as error:
        log.warning("%s was not started: %s", recipe.name, error)
        _leave_out(look, tick_at, f". {error}")
        note_not_started(works.store, recipe.name, recipe.title, str(error), look.now)
    else:
        works.enqueue(run_id)
        _move_on(look, _late(look, tick_at) if missed else "", run_id)


def _asked(recipe: Recipe) -> RunRequest:
    """Return what the run of a tick is to do: read the trigger whose time it is."""
    return RunRequest(triggers=(recipe.trigger.id.value,) if recipe.further else ())


def _asked_for(look: Look, tick_at: datetime) -> int | None:
    """Return the tick's run, if a look that was cut short asked for it, and see to it again."""
    with look.works.store.reading() as connection:
        run_id = runs.run_of_origin(connection, origin_key(look.plan.recipe, tick_at))
    if run_id is not None:
        run = runs.get_run(look.works.store, run_id)
        if run is not None and run.active:
            look.works.enqueue(run_id)
    return run_id


def _leave_out(look: Look, tick_at: datetime, because: str) -> None:
    _move_on(look, f"{_run_of(look, tick_at)} was left out{because}", None)


def _move_on(look: Look, note: str, run_id: int | None) -> None:
    """Go on to the first tick that is still to come.

    :param run_id: the run that was started; None leaves the one before, which may still be going.
    """
    assert look.plan.tick_at is not None
    following = next(iter(look.timetable.ticks(max(look.now, look.plan.tick_at))), None)
    values = {} if run_id is None else {"run_id": run_id}
    schedules.move_on(
        look.works.store,
        look.plan,
        tick_at=following.at if following else None,
        next_at=following.due if following else None,
        last_tick_at=look.plan.tick_at,
        note=note,
        noted_at=look.now if note else None,
        **values,
    )


def _late(look: Look, tick_at: datetime) -> str:
    passed = [t for t in look.timetable.ticks(tick_at, MOST_COUNTED) if t.at <= look.now]
    others = f", in place of {len(passed) + 1} that were missed" if passed else ""
    return f"{_run_of(look, tick_at)} began late{others}: Bridgework was not running then."


def _run_of(look: Look, tick_at: datetime) -> str:
    zone = ZoneInfo(look.plan.timezone)
    at, today = tick_at.astimezone(zone), look.now.astimezone(zone).date()
    day = "" if at.date() == today else f" on {at.day} {at:%B}"
    return f"The run of {at:%H:%M}{day}"
