"""An office that runs recipes between two small connectors, the mill and the depot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any, ClassVar

import pytest

from engine.host import Host, build_host
from engine.http.client import RetryPolicy
from engine.recipe.library import Library
from engine.recipe.model import Recipe
from engine.run.runner import execute
from engine.run.start import request_retry, request_run
from engine.sdk import (
    Connector,
    Record,
    hookimpl,
)
from engine.store.connections import remove_connection, save_connection
from engine.store.database import Store
from engine.store.ledger import NEEDS_ATTENTION, Entry, entries
from engine.store.problems import open_entries
from engine.store.runs import Run, RunRequest, get_run
from tests.engine.run.depot import KEY, Depot, Line, depot_account, depot_connector
from tests.engine.run.mill import Mill, mill_connector, order
from tests.engine.run.night import Night


def quick() -> float:
    """A stopwatch by which nothing takes time."""
    return 0.0


@dataclass
class Office:
    """Writes recipes, runs them, and looks up what became of the records."""

    #: One idempotent call for each record.
    SINGLE: ClassVar[str] = """
- id: parcel
  use: depot.store_parcel
  with: {title: "{{ order.title }}", colour: "{{ order.colour }}"}
"""
    #: A batch of up to four records.
    BATCH: ClassVar[str] = """
- id: parcel
  use: depot.store_parcels
  with:
    shelf: "{{ order.shelf }}"
    ref: "{{ order.id }}"
    colour: "{{ order.colour }}"
"""
    #: One call for each record that must not be repeated.
    NOTE: ClassVar[str] = """
- id: note
  use: depot.send_note
  with: {text: "{{ order.note }}"}
"""

    store: Store
    host: Host
    library: Library
    mill: Mill
    depot: Depot
    line: Line
    clock: Any
    naps: list[float] = field(default_factory=list)
    secret: str = KEY

    @property
    def how(self) -> dict[str, Any]:
        """How runs reach the depot and pass the time."""
        patience = RetryPolicy(attempts=3, first_wait=0.5, sleep=self.naps.append)
        return {"transports": {"depot": self.line}, "retry": patience}

    def recipe(
        self,
        steps: str,
        *,
        trigger: str = "order_changed",
        trigger_keys: str = "",
        more: str = "",
        name: str = "parcels",
    ) -> Recipe:
        """Write a recipe from the mill to the depot and load it.

        :param steps: the YAML list under ``steps:``.
        :param trigger_keys: further lines of the trigger.
        :param more: further keys of the recipe.
        """
        text = f"name: Orders become parcels\ntrigger:\n  use: mill.{trigger}\n  as: order\n"
        for line in dedent(trigger_keys).strip().splitlines():
            text += f"  {line}\n"
        text += dedent(more).strip() + "\nsteps:\n"
        text += "".join(f"  {line}\n" for line in dedent(steps).strip().splitlines())
        (self.library.folder / f"{name}.yaml").write_text(text, "utf-8")
        return self.library.load(name)

    def run(self, recipe: Recipe, request: RunRequest | None = None, **how: Any) -> Run:
        """Run a recipe now."""
        return self.go(request_run(self.store, self.host, recipe, request=request), **how)

    def retry(self, run: Run, **which: Any) -> Run:
        return self.go(request_retry(self.store, self.host, self.library, run, **which))

    def go(self, run_id: int, **how: Any) -> Run:
        """Execute a run that was asked for; whatever happened, its counts are the ledger's.

        Calls count as quick, however busy this machine is, and so go one after another.
        """
        how = {"clock": self.clock, "stopwatch": quick, **self.how, **how}
        execute(self.store, self.host, run_id, **how)
        run = get_run(self.store, run_id)
        assert run is not None
        assert run.balances
        listed: dict[str, int] = {}
        for entry in self.entries(run):
            listed[entry.outcome] = listed.get(entry.outcome, 0) + 1
        assert listed == run.counts
        return run

    def connect_anew(self) -> None:
        """Remove the connection to the depot and make it again."""
        remove_connection(self.store, "depot")
        save_connection(self.store, depot_account())

    def outcomes(self, run: Run) -> dict[str, str]:
        """Return each record's outcome by its key."""
        return {entry.key: entry.outcome for entry in self.entries(run)}

    def entries(self, run: Run) -> list[Entry]:
        return entries(self.store, run.id)

    def entry(self, run: Run, key: str) -> Entry:
        """Return what the report says of the one record with this key."""
        [found] = entries(self.store, run.id, keys=[key])
        return found

    def open_problems(self, recipe: str = "parcels") -> dict[str, str]:
        found = open_entries(self.store, recipe)
        return {one.entry.key: one.entry.outcome for one in found}

    def needs_attention(self, run: Run) -> Mapping[str, str]:
        return {key: o for key, o in self.outcomes(run).items() if o in NEEDS_ATTENTION}


@pytest.fixture
def mill() -> Mill:
    return Mill()


@pytest.fixture
def depot() -> Depot:
    return Depot()


@pytest.fixture
def line(depot: Depot) -> Line:
    return Line(depot)


@pytest.fixture
def host(mill: Mill) -> Host:
    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Connector]:
            return [mill_connector(mill), depot_connector()]

    return build_host([Plugin()], strict=True)


@pytest.fixture
def office(
    store: Store, host: Host, tmp_path: Path, mill: Mill, depot: Depot, line: Line, clock: Any
) -> Office:
    folder = tmp_path / "recipes"
    folder.mkdir()
    save_connection(store, depot_account())
    return Office(store, host, Library(folder), mill, depot, line, clock)


@pytest.fixture
def night(office: Office, clock: Any) -> Night:
    return Night(office, clock)


@pytest.fixture
def make_order() -> Callable[..., Record]:
    return order


@pytest.fixture
def single(office: Office) -> Recipe:
    return office.recipe(office.SINGLE)


@pytest.fixture
def batch(office: Office) -> Recipe:
    return office.recipe(office.BATCH)


@pytest.fixture
def note(office: Office) -> Recipe:
    return office.recipe(office.NOTE)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four records make a chunk, so that short imports have several."""
    monkeypatch.setattr("engine.run.plan.CHUNK", 4)
    monkeypatch.setattr("engine.run.plan.CHUNK_OF_CALLS", 4)
