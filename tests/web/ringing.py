"""A real Bridgework between a bell and a depot: rings become parcels, by webhook and by import."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from werkzeug.wrappers import Request, Response

import engine
from engine.host import Host, build_host
from engine.loopback import on_loopback
from engine.recipe.library import Library
from engine.recipe.model import Recipe
from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from tests.engine.run.bell import KEY as BELL_KEY
from tests.engine.run.bell import Bell
from tests.engine.run.depot import KEY as DEPOT_KEY
from tests.engine.run.depot import Depot

PLUGIN = """
from engine.sdk import hookimpl
from tests.engine.run.bell import bell_connector
from tests.engine.run.depot import depot_connector

@hookimpl
def register_connectors():
    return [bell_connector(), depot_connector()]
"""
RECIPE = """
name: Rings become parcels
trigger:
  use: bell.rung
  as: ring
  schedule: instant and every day at 20:30
steps:
  - id: parcel
    use: depot.store_parcel
    with: {title: "{{ ring.door }}"}
"""


class SlowDepot(Depot):
    """Takes a moment for each parcel, so that an import lasts longer than a burst."""

    def answer(self, request: Request) -> Response:
        time.sleep(0.012)
        return super().answer(request)


@dataclass
class Ringing:
    """The bell, the depot, and the home of the Bridgework between them.

    :param port: where ``bridgework serve`` is to be.
    """

    store: Store
    host: Host
    recipes: Path
    port: int
    bell: Bell
    depot: Depot

    @property
    def recipe(self) -> Recipe:
        return Library(self.recipes).load("rings")

    def start(self) -> subprocess.Popen[str]:
        """Start ``bridgework serve``; it answers when this returns."""
        root = str(Path(engine.__file__).parents[1])
        home, errors = self.store.home, self.store.home / "stderr.txt"
        command = [sys.executable, "-m", "engine.cli", "serve", "--port", str(self.port)]
        command += ["--home", str(home), "--recipes", str(self.recipes)]
        with errors.open("a") as stderr:
            process = subprocess.Popen(
                command,
                env={**os.environ, "PYTHONPATH": root},
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert process.stdout is not None
        said = process.stdout.readline()
        if not re.search(r"http://\S+", said):
            end(process)
            raise AssertionError(said + errors.read_text())
        return process


@contextmanager
def ringing(store: Store, folder: Path, rings: int) -> Iterator[Ringing]:
    """Set everything up but Bridgework's own process; ``BRIDGEWORK_PUBLIC_URL`` must lead to it."""
    home, recipes = store.home, folder / "ringing"
    (home / "plugins").mkdir()
    (home / "plugins" / "bell_and_depot.py").write_text(PLUGIN)
    recipes.mkdir()
    (recipes / "rings.yaml").write_text(RECIPE)
    host = build_host([], folder=home / "plugins", strict=True)
    bell, depot = Bell(send), SlowDepot()
    for n in range(rings):
        bell.ring(str(n), door="at night")
    with on_loopback(bell) as bell_url, on_loopback(depot) as depot_url:
        for name, url, key in (("bell", bell_url, BELL_KEY), ("depot", depot_url, DEPOT_KEY)):
            settings, secrets = {"base_url": url}, {"api_key": key}
            save_connection(
                store, Connection(name=name, connector=name, settings=settings, secrets=secrets)
            )
        port = int(os.environ["BRIDGEWORK_PUBLIC_URL"].rpartition(":")[2])
        yield Ringing(store, host, recipes, port, bell, depot)


def send(url: str, headers: dict[str, str], body: bytes) -> int:
    return httpx2.post(url, headers=headers, content=body).status_code


def end(process: subprocess.Popen[str]) -> None:
    """Stop ``bridgework serve`` as a service's stop does."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
    assert process.stdout is not None
    process.stdout.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def until(holds: Callable[[], bool], what: str, seconds: float = 150) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} seconds: {what}"
        time.sleep(0.1)
