"""What failed runs do to a schedule: it backs off, and a recipe that always fails is paused.

Nothing is lost by either: a later run reads all that changed since the last good one.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.recipe.model import Recipe
from engine.recipe.schedule.timetable import Timetable
from engine.report.coming import when_words
from engine.store import runs, schedules
from engine.store.connections import broken_among
from engine.store.database import Store
from engine.store.notices import add_notice
from engine.store.runs import Run
from engine.store.schedules import Planned
from engine.store.switches import pause_recipe
from engine.waits import doubled

#: From this many failures in a row a recipe is tried less often.
BACKS_OFF_AFTER = 2
#: However often it failed, it is tried again within this time, if its schedule says so.
LONGEST = timedelta(days=1)

#: A recipe is paused when it failed this often in a row for this long,
PAUSED_AFTER, PAUSED_AFTER_TIME = 10, timedelta(days=3)
#: or this often, however fast.
PAUSED_AT_ONCE_AFTER = 20

GOOD = ("succeeded", "partial")
#: How far back a good run by hand is looked for; retries and webhooks may have come since.
RUNS_LOOKED_AT = 20


def after_last_run(
    store: Store, recipe: Recipe, plan: Planned, table: Timetable, now: datetime
) -> Planned | None:
    """Look at how the last scheduled run ended, once, and return the plan as it is then.

    :returns: None where the recipe was paused.
    """
    if plan.run_id is not None:
        run = runs.get_run(store, plan.run_id)
        if run is not None and run.active:
            return plan
        if run is not None and run.status == "failed":
            return _failed(store, recipe, plan, table, run, now)
        well = run is not None and run.status in GOOD
        return _change(store, plan, run_id=None, **(_well(plan, table, now) if well else {}))
    if plan.failures and _ran_well_by_hand(store, recipe):
        return _change(store, plan, **_well(plan, table, now))
    if plan.waits_for and not broken_among(store, plan.waits_for):
        return _change(store, plan, waits_for=[], **_at_once(plan, table, now))
    return plan


def _failed(
    store: Store, recipe: Recipe, plan: Planned, table: Timetable, run: Run, now: datetime
) -> Planned | None:
    failures = plan.failures + 1
    since = plan.failing_since or run.started_at or run.created_at
    broken = broken_among(store, recipe.connections)
    values: dict[str, Any] = {
        "run_id": None,
        "failures": failures,
        "failing_since": since,
        "waits_for": list(broken),
    }
    # One that waits for a person to connect again goes on by itself when that is done.
    held_up = broken_among(store, recipe.connections, for_people=True)
    if not held_up and _always_fails(failures, since, now):
        _pause(store, recipe, run, failures, since)
        return None
    if failures >= BACKS_OFF_AFTER:
        values |= _postponed(plan, table, run.finished_at or now, failures, now, broken)
    return _change(store, plan, **values)


def _postponed(
    plan: Planned,
    table: Timetable,
    ended: datetime,
    failures: int,
    now: datetime,
    broken: tuple[str, ...],
) -> dict[str, Any]:
    """Return what changes where the next tick is too soon; nothing where it is not."""
    both = table.ticks(now, 2)
    if len(both) < 2:
        return {}
    between = both[1].at - both[0].at
    until = ended + doubled(between, failures - 1, LONGEST)
    tick = next(iter(table.ticks(until - timedelta(seconds=1))), None)
    if tick is None or plan.tick_at is None or tick.at <= plan.tick_at:
        return {}
    when = when_words(tick.due, ZoneInfo(table.timezone))
    mended = (
        f", or when {' and '.join(repr(name) for name in broken)} works again" if broken else ""
    )
    return {
        "tick_at": tick.at,
        "next_at": tick.due,
        "backed_off_until": until,
        "note": f"It failed {failures} times in a row. It is tried again {when}{mended}; "
        "the times before are left out.",
        "noted_at": now,
    }


def _well(plan: Planned, table: Timetable, now: datetime) -> dict[str, Any]:
    return {
        "failures": 0,
        "failing_since": None,
        "waits_for": [],
        **_at_once(plan, table, now),
    }


def _at_once(plan: Planned, table: Timetable, now: datetime) -> dict[str, Any]:
    """Return what changes where the recipe is tried as often again as its schedule says."""
    if plan.backed_off_until is None:
        return {}
    tick = next(iter(table.ticks(now)), None)
    return {
        "tick_at": tick.at if tick else None,
        "next_at": tick.due if tick else None,
        "backed_off_until": None,
        "note": "",
        "noted_at": None,
    }


def _always_fails(failures: int, since: datetime, now: datetime) -> bool:
    long = failures >= PAUSED_AFTER and now - since >= PAUSED_AFTER_TIME
    return long or failures >= PAUSED_AT_ONCE_AFTER


def _pause(store: Store, recipe: Recipe, run: Run, failures: int, since: datetime) -> None:
    zone = ZoneInfo(recipe.trigger.timezone.value)
    because = (
        f"It failed {failures} times in a row, first {when_words(since, zone)}. "
        f"The last time: {run.message}"
    )
    with store.writing() as connection:
        pause_recipe(connection, recipe.name, f"{because} {run.hint}".strip())
        add_notice(
            connection,
            kind="recipe_paused",
            about=f"recipe:{recipe.name}",
            subject=f"“{recipe.title}” is paused",
            body=f"{because} {run.hint}\nBridgework has switched the recipe off. Nothing is lost: "
            "mend the cause, then switch it on again, and its next run brings over what changed "
            "meanwhile.",
            link=f"/recipes/{recipe.name}",
        )


def _ran_well_by_hand(store: Store, recipe: Recipe) -> bool:
    """Return whether the newest run that read the source was a good one."""
    listed = runs.list_runs(store, recipe=recipe.name, limit=RUNS_LOOKED_AT)
    newest = next((run for run in listed if run.origin in ("manual", "schedule")), None)
    return newest is not None and newest.status in GOOD


def _change(store: Store, plan: Planned, **values: Any) -> Planned | None:
    """Change the plan and return it as it then is; None leaves the rest to the next look."""
    if not values:
        return plan
    schedules.move_on(store, plan, **values)
    return schedules.planned_for(store, plan.recipe)
