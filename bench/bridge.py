"""The jobs done by Bridgework: recipes in files, a real home, ledger and validation on."""

import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import plugins.csv
from bench import connector
from bench.place import Done, Place
from engine.host import Host, build_host
from engine.recipe.library import Library
from engine.run.plan import open_plan
from engine.run.read import read
from engine.run.runner import Progress, execute
from engine.run.shape import shape
from engine.run.start import request_run
from engine.store.connections import save_connection
from engine.store.database import Store, open_store

RECIPES = Path(__file__).with_name("recipes")
PLUGINS: tuple[ModuleType, ...] = (plugins.csv, connector)


def prepare(place: Place) -> Done:
    """Make a home with its connections, as someone did on the day they set Bridgework up."""
    from engine.http.connect import new_connection  # here, because no run needs it

    store = open_store(place.home)
    for name, address in (("source", place.source), ("sink", place.sink)):
        settings = {"api_key": "secret-of-the-bench", "base_url": address}
        save_connection(store, new_connection(connector.connector, name, settings))
    store.close()
    return Done(0, 0)


def run(recipe: str, place: Place) -> Done:
    """Run a recipe as ``bridgework run`` does."""
    store, host = _open(place)
    settled: list[tuple[float, int]] = []

    def on_progress(progress: Progress) -> None:
        settled.append((time.perf_counter(), progress.read))

    loaded = Library(RECIPES).load(recipe)
    ended = execute(store, host, request_run(store, host, loaded), on_progress=on_progress)
    if ended.message:
        raise SystemExit(f"{ended.message} {ended.hint}")
    return Done(
        ended.read,
        ended.counts.get("created", 0) + ended.counts.get("unchanged", 0),
        chunks=tuple(
            (time_after - time_before) / (read_after - read_before)
            for (time_before, read_before), (time_after, read_after) in pairwise(settled)
        ),
    )


def read_and_shape(recipe: str, place: Place) -> Done:
    """Read and map the rows: the first two stages alone, validation on; nothing is sent or stored."""
    store, host = _open(place)
    counted = mapped = 0
    first = None
    with open_plan(store, host, Library(RECIPES).load(recipe), now=datetime.now(UTC)) as plan:
        for chunk in read(plan, None):
            rows = shape(plan.steps[0], chunk)
            first = first or rows[0].values
            counted += len(chunk)
            mapped += len(rows)
    return Done(counted, mapped, first)


def _open(place: Place) -> tuple[Store, Host]:
    return open_store(place.home), build_host(PLUGINS, strict=True)
