"""A home of its own for every test, the command in this process, and the command as users run it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli.commands import cli
from engine.cli.practice_process import stop_practice
from engine.host import build_host
from engine.http.connect import new_connection
from engine.loopback import on_loopback
from engine.practice.server import PracticeServer
from engine.store.connections import save_connection
from engine.store.database import Store, open_store

Invoke = Callable[..., Result]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home that commands use, and a working directory with nothing in it."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("BRIDGEWORK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BRIDGEWORK_DATABASE_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def store(home: Path, new_home: Callable[[Path], Path]) -> Iterator[Store]:
    """The home's database, opened beside the command's own."""
    store = open_store(new_home(home))
    yield store
    store.close()


@pytest.fixture
def bridgework() -> Invoke:
    """Run the command in this process; nobody sits at the terminal."""

    def invoke(*arguments: object, input: str | None = None) -> Result:
        return CliRunner().invoke(
            cli, [str(argument) for argument in arguments], prog_name="bridgework", input=input
        )

    return invoke


@pytest.fixture
def command(home: Path) -> Iterator[Command]:
    """Run the command as a process of its own; practice servers it leaves behind are ended."""

    def run(
        *arguments: object, timeout: float = 60, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "engine.cli", *(str(argument) for argument in arguments)],
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )

    yield run
    for file in (home / "practice").glob("*.json"):
        stop_practice(home, file.stem)


@pytest.fixture
def jottings(bridgework: Invoke, home: Path, store: Store) -> Iterator[PracticeServer]:
    """A written connector, connected to the practice server that is returned."""
    assert bridgework("connectors", "new", "jottings").exit_code == 0
    connector = build_host([], folder=home / "plugins", strict=True).connector("jottings")
    assert connector.practice_function is not None
    server = connector.practice_function(1)
    with on_loopback(server) as url:
        settings = {**server.credentials(), "base_url": url}
        save_connection(store, new_connection(connector, "jottings", settings, practice=True))
        yield server
