"""A home for the shipped recipes, connected to practice servers on loopback."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli.commands import cli
from engine.cli.connecting import connect
from engine.cli.practice_process import PracticeProcess, practice_server
from engine.host import build_host
from engine.loopback import on_loopback
from engine.practice.server import PracticeServer
from engine.recipe.library import Library
from engine.store.database import open_store

FOLDER = Path(__file__).parents[2] / "recipes"
#: The recipes that run; those that others call are tried with them.
RUNNING = Library(FOLDER).names()
#: The apps that recipes are connected to.
CONNECTED = (
    "clio",
    "casestatus",
    "mailchimp",
    "slack",
    "stripe",
    "zapier",
    "http",
    "salesforce",
    "segment",
    "webhook",
    "email",
)
#: Of the file that two recipes read and write.
COLUMNS = "first_name,last_name,email,phone,newsletter"
WRITES = {"POST", "PUT", "PATCH", "DELETE"}


@dataclass
class Bench:
    """A home, connected to practice servers."""

    home: Path
    servers: "Servers"

    @property
    def mailing_list(self) -> Path:
        """The file of the bridge in both directions, where recipes write files and find them."""
        return self.home / "files" / "mailing-list.csv"

    def run(self, recipe: str, *options: str) -> dict[str, int]:
        """Run a recipe as the command line does; return its counts."""
        self.connect(texts_of(recipe))
        arguments = ["run", str(FOLDER / f"{recipe}.yaml"), "--json", "--home", str(self.home)]
        result = CliRunner().invoke(cli, [*arguments, *options])
        assert result.exit_code in (0, 1), result.output
        counts: dict[str, int] = json.loads(result.stdout)["counts"]
        if "waiting" not in counts or "rejected" in counts:  # who waits for a time needs nobody
            assert result.exit_code == (1 if "rejected" in counts else 0)
        return counts

    def records(self) -> list[dict[str, Any]]:
        """Return the report of the latest run, which must balance."""
        arguments = ["report", "latest", "--format", "json", "--home", str(self.home)]
        document = json.loads(CliRunner().invoke(cli, arguments).stdout)
        assert document["balances"]
        assert len(document["records"]) == document["read"] + sum(document["messages"].values())
        records: list[dict[str, Any]] = document["records"]
        return records

    def preview(self, recipe: str, *options: str) -> dict[str, dict[str, Any]]:
        """Preview a recipe as the command line does; return its records by key."""
        self.connect(texts_of(recipe))
        arguments = ["run", str(FOLDER / f"{recipe}.yaml"), "--json", "--preview"]
        result = CliRunner().invoke(cli, [*arguments, "--home", str(self.home), *options])
        assert result.exit_code in (0, 1), result.output
        return {record["key"]: record for record in json.loads(result.stdout)["records"]}

    def connect(self, text: str) -> None:
        """Connect the apps that a recipe names."""
        for name in CONNECTED:
            if re.search(rf"connection: {name}\b", text):
                _ = self.servers[name]

    def keys(self, outcome: str) -> set[str]:
        return {record["key"] for record in self.records() if record["outcome"] == outcome}

    def writes(self, name: str) -> list[dict[str, Any]]:
        """Return the requests that changed something at a practice server, and forget them all."""
        server = self.servers[name]
        found = [request for request in server.requests if request["method"] in WRITES]
        server.requests.clear()
        return [request for request in found if not request["path"].startswith("/oauth")]


class Servers(dict[str, PracticeServer]):
    """The practice servers by the name of their connection; each is started when it is asked for."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        super().__init__()
        self._home, self._stack = home, stack
        self._host = build_host(strict=True)

    def __missing__(self, name: str) -> PracticeServer:
        connector = self._host.connector(name)
        server = self[name] = practice_server(connector)
        self._stack.enter_context(server.listening())
        url = self._stack.enter_context(on_loopback(server))
        practice = PracticeProcess(name, url, 0, server.credentials())
        with closing(open_store(self._home)) as store:
            connect(store, connector, name, {}, practice=practice)
        server.requests.clear()
        return server


def texts_of(recipe: str) -> str:
    """Return a recipe's text with those of the recipes it calls."""
    text = (FOLDER / f"{recipe}.yaml").read_text("utf-8")
    return text + "".join(map(texts_of, re.findall(r"\bcall: ([a-z-]+)", text)))


@pytest.fixture
def bench(tmp_path: Path, new_home: Callable[[Path], Path]) -> Iterator[Bench]:
    home = new_home(tmp_path / "home")
    contacts = (FOLDER / "samples" / "contacts.csv").read_text("utf-8").splitlines()
    with ExitStack() as stack:
        bench = Bench(home, Servers(home, stack))
        bench.mailing_list.parent.mkdir(parents=True)
        bench.mailing_list.write_text("\n".join([COLUMNS, *contacts[1:], ""]), "utf-8")
        yield bench
