"""A whole installation in processes of its own, whose practice servers live in the test's process."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.cli.connecting import connect
from engine.cli.practice_process import PracticeProcess
from engine.host import Host, build_host
from engine.loopback import on_loopback
from engine.practice.server import PracticeServer
from engine.recipe.library import Library
from engine.run.start import request_run
from engine.store.database import URL_VARIABLE, Store, open_store
from engine.store.ledger import entries
from engine.store.runs import Run, RunRequest, get_run

ROOT = Path(engine.__file__).parents[1]
MATTERS = "clio-matters-to-case-status"


@dataclass
class Distant:
    """A practice server as if it stood far away: each answer takes so many seconds."""

    server: PracticeServer
    seconds: float = 0

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        time.sleep(self.seconds)
        return self.server(environ, start_response)


@dataclass
class Installation:
    """A home with its database, and the processes that work there.

    :param environment: of the processes, besides this one's.
    :param there_before: the cases that Case Status has to begin with.
    """

    store: Store
    host: Host
    library: Library
    environment: dict[str, str] = field(default_factory=dict)
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    servers: dict[str, PracticeServer] = field(default_factory=dict)
    lines: dict[str, Distant] = field(default_factory=dict)
    there_before: set[int] = field(default_factory=set)

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start ``bridgework serve`` or ``worker``; its words go to a file in the home."""
        arguments = [sys.executable, "-m", "engine.cli", *command]
        arguments += ["--home", str(self.store.home), "--recipes", str(self.library.folder)]
        with (self.store.home / f"{command[0]}.txt").open("ab") as said:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**os.environ, "PYTHONPATH": str(ROOT), **self.environment},
            )
        self.processes.append(process)
        return process

    def kill(self, process: "subprocess.Popen[bytes]", number: int = signal.SIGKILL) -> None:
        process.send_signal(number)
        process.wait(timeout=30)
        self.processes.remove(process)

    def ask(self, recipe: str, limit: int | None = None) -> int:
        loaded = self.library.load(recipe)
        return request_run(self.store, self.host, loaded, request=RunRequest(limit=limit))

    def run(self, run_id: int) -> Run:
        run = get_run(self.store, run_id)
        assert run is not None
        return run

    def wait_for(self, run_id: int, until: Callable[[Run], bool], seconds: float) -> Run:
        deadline = time.monotonic() + seconds
        while not until(run := self.run(run_id)):
            assert time.monotonic() < deadline, (run, self.said())
            time.sleep(0.05)
        return run

    def said(self) -> str:
        """Return the end of what the processes printed and logged."""
        files = [*self.store.home.glob("*.txt"), *self.store.home.glob("**/*.log")]
        return "\n".join(file.read_text("utf-8", "replace")[-3000:] for file in files)

    def stop(self) -> None:
        for process in list(self.processes):
            process.send_signal(signal.SIGCONT)
            self.kill(process)


def every_record_has_one_outcome(installation: Installation, run: Run) -> None:
    """Check that the ledger balances, record by record."""
    listed = entries(installation.store, run.id)
    assert run.read == sum(run.counts.values())
    assert Counter(entry.outcome for entry in listed) == {
        outcome: count for outcome, count in run.counts.items() if outcome != "unchanged"
    }
    assert max(Counter(entry.key for entry in listed).values()) == 1


#: Of the firm's 5,000 matters, those that are not closed.
MATTERS_TO_COME = 4972


def came_over_once(installation, run) -> None:
    """Check the target: each matter that came over is one case there, and nothing else is new."""
    cases = Counter(
        case["integration_id"]
        for id, case in installation.servers["casestatus"].cases.items()
        if case.get("integration_id") and id not in installation.there_before
    )
    assert max(cases.values()) == 1
    # Where a process died between the answer and its line in the ledger, it was sent again: the
    # target then says that it knew the case.
    assert len(cases) == run.counts["created"] + run.counts.get("updated", 0)


def somewhere(installation, run_id: int, dice: random.Random, share: float) -> None:
    """Wait for a random moment: as the program starts, or a little further in the import.

    :param share: of the kills done, which the import keeps pace with.
    """
    read = installation.run(run_id).read
    if read > share * MATTERS_TO_COME:
        time.sleep(dice.uniform(0.1, 2))
        return
    further = read + dice.randrange(1, 120)
    installation.wait_for(run_id, lambda run: run.read >= further or not run.active, 60)
    time.sleep(dice.uniform(0, 0.2))


@pytest.fixture
def installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    """Parametrised by ``sqlite`` or ``postgres``; with clio and casestatus connected."""
    environment = {}
    if request.param == "postgres":
        environment[URL_VARIABLE] = request.getfixturevalue("postgres_url")
        monkeypatch.setenv(URL_VARIABLE, environment[URL_VARIABLE])
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    shutil.copy(ROOT / "recipes" / f"{MATTERS}.yaml", recipes)
    store, host = open_store(tmp_path / "home"), build_host(strict=True)
    here = Installation(store, host, Library(recipes), environment)
    with ExitStack() as stack:
        stack.callback(store.close)
        stack.callback(here.stop)
        for name, options in (
            ("clio", {"matters": 5000, "requests_per_minute": 1_000_000}),
            ("casestatus", {}),
        ):
            connector = host.connector(name)
            assert connector.practice_function is not None
            server = connector.practice_function(1, **options)
            here.servers[name] = server
            here.lines[name] = Distant(server)
            url = stack.enter_context(on_loopback(here.lines[name], threads=32))
            known = PracticeProcess(name, url, 0, server.credentials())
            connect(store, connector, name, {}, practice=known)
        here.there_before = set(here.servers["casestatus"].cases)
        yield here


@pytest.fixture
def dice() -> random.Random:
    return random.Random(20261125)
