"""Executes a run: a plain function over its id, which may be called again after any crash."""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from engine import memory
from engine.errors import BridgeworkError, DatabaseAway
from engine.host import Host
from engine.http.client import RetryPolicy
from engine.recipe.load import parse_recipe
from engine.recipe.model import Recipe
from engine.run.conditions import Conditions, utc_now
from engine.run.connections.live_fields import refresh_before_run
from engine.run.ending import finish
from engine.run.plan import Transports, open_plan
from engine.run.progress import Progress
from engine.run.road import Road
from engine.run.schedule.ticks import with_times
from engine.run.stopping import Paused, RunFailed
from engine.run.workers.attendance import Attendance, Shift
from engine.store import claims, runs
from engine.store.database import Store
from engine.store.live import with_live_fields
from engine.store.runs import Run
from engine.store.versions import get_version
from engine.store.workers import Buried, bury, is_gone

log = logging.getLogger("bridgework.run")

#: After so many workers in a row died at a run before it got on, it is given up.
DEATHS = 10


def execute(
    store: Store,
    host: Host,
    run_id: int,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    transports: Transports | None = None,
    retry: RetryPolicy | None = None,
    clock: Callable[[], datetime] = utc_now,
    stopwatch: Callable[[], float] = time.monotonic,
    pause: Callable[[], bool] = lambda: False,
    shift: Shift | None = None,
) -> Run:
    """Carry out a run in the caller's thread and return it as it ended.

    It may be called again for a run that was cut short: what is settled stays settled, what isn't
    is read again. Nothing a recipe, a record or a server does wrong raises; the run's status,
    message and hint say it. A run that another worker executes is returned as it stands.

    :param on_progress: called after every chunk.
    :param transports: by connection name, instead of the network; for tests.
    :param retry: how patient requests are; default: as engine.http says.
    :param clock: the time now, and ``stopwatch``: seconds, to tell how long calls take; for tests.
    :param pause: asked before every chunk; when it says so the run is put back as ``queued``.
    :param shift: under which this process works; default: one for this run alone.
    :raises LookupError: there is no such run.
    :raises DatabaseAway: the database went away; the run goes on from what is settled.
    """
    run = runs.get_run(store, run_id)
    if run is None:
        raise LookupError(f"there is no run {run_id}")
    if run.finished_at is not None:
        return run
    with ExitStack() as stack:
        shift = shift or stack.enter_context(Attendance(store)).shift
        if run.worker not in ("", shift.worker) and is_gone(store, run.worker):
            bury(store, run.worker)
        try:
            # Fenced: a run that a buried worker claimed would be nobody's for ever.
            if not claims.claim_run(shift.store, run_id, shift.worker, clock()):
                return _now(store, run_id)
        except Buried:
            return _now(store, run_id)
        run = replace(_now(store, run_id), started_at=run.started_at)
        how = Conditions(
            shift=shift,
            pause=pause,
            clock=clock,
            stopwatch=stopwatch,
            on_progress=on_progress,
            transports=transports,
            retry=retry,
        )
        return _carry_out(store, host, run, how)


def _carry_out(store: Store, host: Host, run: Run, how: Conditions) -> Run:
    started, fenced = run.started_at or how.clock(), how.shift.store
    end: dict[str, Any] = {}
    if run.deaths >= DEATHS:
        end = {
            "status": "failed",
            "message": f"The program that executed it died {run.deaths} times in a row.",
            "hint": "Its log may say why; what was settled stays.",
        }
        return finish(fenced, run.id, end, how.clock())
    try:
        if run.attempts:
            settled = run.source_noun.count(sum(run.records.values()))
            runs.log(fenced, run.id, f"Taken up again where it stood: {settled} were settled.")
        recipe, host = _recipe_of(store, run), with_live_fields(host, store)
        refresh_before_run(
            store, host, recipe, run_id=run.id, transports=how.transports, now=how.clock()
        )
        with open_plan(
            store,
            host,
            recipe,
            now=started,
            run_id=run.id,
            transports=how.transports,
            retry=how.retry,
            stopping=lambda: how.pause() or is_stopped(store, run.id),
        ) as plan:
            plan = with_times(store, plan, started, run.id)
            memory.started()
            Road(fenced, plan, run, started, how).travel()
    except Paused:
        claims.put_back(fenced, run.id, how.shift.worker)
        return _now(store, run.id)
    except DatabaseAway as error:
        log.warning("run %s was cut short: %s", run.id, error)
        claims.put_back(
            fenced, run.id, how.shift.worker, died=True
        )  # where it fails, the beat does it
        runs.log(store, run.id, f"It was cut short and goes on: {error.message}", "error")
        return _now(store, run.id)
    except Buried:
        log.warning("run %s went to another worker while this one slept", run.id)
        return _now(store, run.id)
    except RunFailed as failure:
        end = {"status": failure.status, "message": failure.message, "hint": failure.hint}
    except BridgeworkError as error:
        end = {"status": "failed", "message": error.message, "hint": error.hint}
    except Exception:
        log.exception("run %s failed", run.id)
        end = {
            "status": "failed",
            "message": "Something went wrong inside Bridgework.",
            "hint": "Start it again; nothing that was settled is lost. If it happens again, "
            "logs/bridgework.log in its home folder says why.",
        }
    try:
        return finish(fenced, run.id, end, how.clock())
    except Buried:
        return _now(store, run.id)


def lend_a_hand(store: Store, host: Host, run_id: int, how: Conditions) -> None:
    """Take along chunks of a run that another worker reads, until none is free.

    :param how: when its ``pause`` says so, this worker stops helping.
    """
    run = _now(store, run_id)
    if run.started_at is None or not run.active:
        return
    started = run.started_at
    try:
        with open_plan(
            store,
            with_live_fields(host, store),
            _recipe_of(store, run),
            now=started,
            run_id=run_id,
            transports=how.transports,
            retry=how.retry,
            # Pausing waits for the chunk: what a helper took and did not send would be lost to the run.
            stopping=partial(is_stopped, store, run_id),
        ) as plan:
            Road(how.shift.store, plan, replace(run, started_at=None), started, how).help()
    except Buried:
        log.warning("chunks of run %s went to other workers while this one slept", run_id)


def is_stopped(store: Store, run_id: int) -> bool:
    """Return whether the run is to stop where it is."""
    cancelled, halt = runs.wishes(store, run_id)
    return cancelled or halt is not None


def _now(store: Store, run_id: int) -> Run:
    run = runs.get_run(store, run_id)
    assert run is not None
    return run


def _recipe_of(store: Store, run: Run) -> Recipe:
    """Return the recipe as it was when the run was asked for."""
    version = get_version(store, run.version_id)
    return parse_recipe(version.text, version.path, version.beside)
