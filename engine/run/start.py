"""Asking for a run: the recipe is checked, its version kept, and no second run beside a first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from engine.drift.upgrades import check_connectors
from engine.errors import RecipeError, SetupError
from engine.host import Host
from engine.nouns import Noun
from engine.operations import Action, Operation
from engine.recipe.checking.check import check_recipe
from engine.recipe.findings import NO_SUCH_CHOICE, NO_SUCH_COLUMN
from engine.recipe.library import Library
from engine.recipe.model import Recipe
from engine.run.modes import make_way, may_wait, reads, waiting_alike
from engine.run.plan import noun_of
from engine.store import claims, runs
from engine.store.connections import list_connections
from engine.store.database import Store, take_turns
from engine.store.ledger import NEEDS_ATTENTION, Outcome, entries
from engine.store.live import with_live_fields
from engine.store.problems import still_open
from engine.store.runs import Origin, Run, RunRequest
from engine.store.versions import get_version, save_version
from engine.store.workers import anybody_serves, bury, falls_silent, is_gone


class AlreadyRunning(SetupError):
    """A recipe has one run at a time.

    :param run: the one that is queued or running.
    """

    def __init__(self, title: str, run: Run) -> None:
        self.run = run
        super().__init__(
            f"'{title}' is running already (run {run.id}).",
            hint="Wait until it is done, or stop it first.",
        )


def request_run(
    store: Store,
    host: Host,
    recipe: Recipe,
    *,
    request: RunRequest | None = None,
    origin: Origin = "manual",
    origin_key: str | None = None,
    parent_id: int | None = None,
    worker: str = "",
) -> int:
    """Ask for a run of ``recipe`` as it is now; return the run's id.

    :param origin_key: what asks for it, e.g. a schedule's tick; asking twice gives one run.
    :param worker: who alone is to execute it; default: whoever takes it from the queue.
    :returns: the run's id; by the recipe's mode that of one that waits already and does the same.
    :raises RecipeError: with every finding, when the recipe is wrong.
    :raises AlreadyRunning: it is queued or running, and by the recipe's mode this one can't wait.
    """
    check_before_run(store, host, recipe)
    release_dead(store, recipe.name)
    with store.writing() as connection:  # looked and written in one: others may ask just now
        take_turns(connection, f"run of {recipe.name}")
        earlier = None if origin_key is None else runs.run_of_origin(connection, origin_key)
        if earlier is not None:
            return earlier
        asked = request or RunRequest()
        active = runs.find_all_active(connection, recipe.name)
        if active:
            same = waiting_alike(active, asked, origin)
            if same is not None and recipe.mode != "single":
                return same.id
            if not may_wait(recipe.mode, active, asked, origin):
                raise AlreadyRunning(recipe.title, active[0])
            if recipe.mode == "restart" and reads(asked, origin):
                make_way(connection, active)
        version = save_version(
            connection, recipe.name, recipe.path.absolute(), recipe.text, beside=recipe.beside
        )
        return runs.create_run(
            connection,
            recipe=recipe.name,
            title=recipe.title,
            version_id=version,
            request=asked,
            nouns=nouns_of(host, recipe),
            origin=origin,
            origin_key=origin_key,
            parent_id=parent_id,
            worker=worker,
        )


def released(store: Store, recipe: str) -> RunRequest:
    """Return what to ask for so that what the recipe's last run held goes through.

    It reads what that run read; where none was held, it is a run like any other.
    """
    last = runs.latest_run(store, recipe)
    held = last.request if last is not None and last.status == "held" else RunRequest()
    return replace(held, release=True)


def request_retry(
    store: Store,
    host: Host,
    library: Library,
    run: Run,
    *,
    outcomes: Sequence[Outcome] = (),
    keys: Sequence[str] = (),
    cause_id: int | None = None,
    arrived: bool = False,
    worker: str = "",
) -> int:
    """Ask for a run that tries records of ``run`` again, on the recipe as it is now.

    Records that came over in a later run are left alone.

    :param outcomes: only records with these outcomes; default: all that need attention.
    :param keys: only these records.
    :param cause_id: only records with the cause that this ledger row has.
    :param arrived: only unsure ones, which a person found at the target: they are noted as
        created or updated and not sent again.
    :param worker: as in :func:`request_run`.
    :raises SetupError: there is nothing to try again.
    """
    wanted: Sequence[Outcome] = ("unsure",) if arrived else tuple(outcomes) or NEEDS_ATTENTION
    found = entries(store, run.id, outcomes=wanted, keys=keys, cause_id=cause_id)
    found_keys = dict.fromkeys(entry.key for entry in found)
    unsettled = still_open(store, run.recipe, found_keys)
    retry = tuple(key for key in found_keys if key in unsettled)
    if not retry:
        raise SetupError(
            f"Run {run.id} has no records to try again.",
            hint="They are settled since."
            if found
            else f"Outcomes that can be retried: {', '.join(NEEDS_ATTENTION)}.",
        )
    return request_run(
        store,
        host,
        recipe_now(store, library, run),
        request=RunRequest(retry=retry, arrived=arrived),
        origin="retry",
        parent_id=run.id,
        worker=worker,
    )


def recipe_now(store: Store, library: Library, run: Run) -> Recipe:
    """Return the recipe of a run as it is now, be it in the recipes folder or elsewhere.

    :raises RecipeError: with every finding, when it can't be loaded any more.
    :raises SetupError: it is gone.
    """
    path = get_version(store, run.version_id).path
    return library.load(str(path) if path.is_file() else run.recipe)


def check_before_run(store: Store, host: Host, recipe: Recipe) -> None:
    """Refuse a recipe that can't run.

    :raises RecipeError: with every finding.
    :raises SetupError: a connector was changed in a way that breaks it.
    """
    connections = {connection.name for connection in list_connections(store)}
    # What today's file lacks is no mistake of the recipe: the run says so, and holds what needs it.
    # It also asks anew what an account didn't have when it was asked last.
    findings = [
        found
        for found in check_recipe(recipe, with_live_fields(host, store), connections)
        if found.code not in (NO_SUCH_COLUMN, NO_SUCH_CHOICE)
    ]
    check_connectors(store, host, recipe, fails=bool(findings))
    if findings:
        number = "1 mistake" if len(findings) == 1 else f"{len(findings)} mistakes"
        raise RecipeError(
            f"The recipe '{recipe.title}' has {number}.",
            hint=f"See them with `bridgework check {recipe.path}`.",
            findings=findings,
        )


def release_dead(store: Store, recipe: str) -> None:
    """Close a run whose process is gone, so that it doesn't hold up its recipe for ever.

    Where somebody serves, the run goes on there. One that a stopping program put back on the queue names no process: it goes on when that is back.
    """
    run = runs.active_run(store, recipe)
    if run is None or not run.worker or not is_gone(store, run.worker):
        return
    if anybody_serves(store):
        bury(store, run.worker)
        return
    _close(store, run)


def release_silent(store: Store, run: Run) -> bool:
    """Close a run whose worker is of an earlier boot or another machine, and says nothing.

    It takes as long as a silent worker is waited for. Where somebody serves, that is done there.

    :returns: whether it was closed.
    """
    if not run.worker or anybody_serves(store) or not falls_silent(store, run.worker):
        return False
    _close(store, run)
    bury(store, run.worker)
    return True


def _close(store: Store, run: Run) -> None:
    claims.give_up(
        store,
        run.id,
        run.worker,
        datetime.now(UTC),
        message="The program that executed it was ended before it was done.",
        hint="What was settled stays; the rest comes with the next run.",
    )


def nouns_of(host: Host, recipe: Recipe) -> dict[str, tuple[str, str]]:
    """Return what people call what the recipe reads, and what it makes of it."""
    source = noun_of(host, recipe)
    operations: list[Operation] = [host.operation(step.use.value) for step in recipe.uses]
    writing = [o for o in operations if isinstance(o, Action) and o.kind != "search"]
    target = writing[-1].noun if writing else Noun()
    return {
        "source": (source.one, source.many),
        "target": (target.one, target.many),
    }
