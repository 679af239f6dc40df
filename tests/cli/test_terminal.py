"""What only happens on a terminal: progress, colours, questions. A real one, made by the system."""

import io
import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from engine.cli.output import print_folded
from engine.cli.practice_process import practice_server
from engine.host import build_host
from engine.loopback import on_loopback
from engine.practice.server import PracticeServer
from engine.store.connections import get_connection
from engine.store.database import Store

RECIPE = """\
name: People into the address book
trigger:
  use: csv.row_read
  with: {file: people.csv}
  as: person
steps:
  - use: csv.append_rows
    with:
      file: book.csv
      columns: {name: "{{ person.name }}"}
"""


class Terminal:
    """A terminal that remembers what was shown on it."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        self.shown = ""
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                text = os.read(self.ours, 4096).decode(errors="replace")
            except OSError:  # the other side is closed
                return
            with self._changed:
                self.shown += text
                self._changed.notify_all()

    def wait_for(self, text: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.shown, 20), self.shown

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def close(self) -> None:
        os.close(self.theirs)
        self._reader.join(5)
        os.close(self.ours)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


@contextmanager
def bridgework(
    terminal: Terminal, *arguments: str, stdout: int | None = None, **environment: str
) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli", *arguments],
        stdin=terminal.theirs,
        stdout=terminal.theirs if stdout is None else stdout,
        stderr=terminal.theirs,
        text=True,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def recipe() -> None:
    Path("recipes").mkdir()
    Path("recipes/book.yaml").write_text(RECIPE)
    people = "".join(f"Person {number}\n" for number in range(3000))
    Path("recipes/people.csv").write_text("name\n" + people)


@pytest.mark.usefixtures("recipe")
def test_progress_is_shown_beside_json_that_stays_alone_on_stdout(terminal: Terminal) -> None:
    with bridgework(terminal, "run", "book", "--json", stdout=subprocess.PIPE) as process:
        stdout, _ = process.communicate(timeout=60)
        assert process.returncode == 0
    assert json.loads(stdout)["counts"] == {"created": 3000}
    terminal.wait_for(" read: ")


@pytest.mark.usefixtures("recipe")
@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_on_a_terminal_unless_unwanted(
    terminal: Terminal, environment: dict[str, str], coloured: bool
) -> None:
    with bridgework(terminal, "run", "book", **environment) as process:
        assert process.wait(timeout=60) == 0
    terminal.wait_for("Each record:")
    assert ("\x1b[32m" in terminal.shown) is coloured  # green: created


def test_long_lines_are_folded_between_words_for_people_and_whole_for_pipes() -> None:
    sentence = "41 matters: The responsible attorney is not a user in Case Status yet."
    for terminal, lines in (
        (
            True,
            [
                "  41 matters: The responsible",
                "    attorney is not a user in Case",
                "    Status yet.",
            ],
        ),
        (False, ["  " + sentence]),
    ):
        shown = io.StringIO()
        target = Console(file=shown, force_terminal=terminal, color_system=None, width=36)
        print_folded(target, sentence, hang=2)
        assert shown.getvalue().splitlines() == lines


@pytest.fixture
def portal() -> Iterator[tuple[PracticeServer, str]]:
    server = practice_server(build_host(strict=True).connector("casestatus"))
    with on_loopback(server) as url:
        yield server, url


def test_missing_secret_is_asked_for_and_not_shown(
    terminal: Terminal, portal: tuple[PracticeServer, str], store: Store
) -> None:
    server, url = portal
    key = server.credentials()["api_key"]
    arguments = ("connections", "add", "portal", "--connector", "casestatus", "--base-url", url)
    with bridgework(terminal, *arguments) as process:
        terminal.wait_for("API key:")
        assert "Issued by Case Status for your firm." in terminal.shown
        terminal.type(f"{key}\n")
        assert process.wait(timeout=30) == 0
    terminal.wait_for("'portal' is connected to Case Status: Harbor Law.")
    assert key not in terminal.shown
    assert get_connection(store, "portal").secrets == {"api_key": key}


def test_ctrl_c_at_a_question(terminal: Terminal, store: Store) -> None:
    with bridgework(
        terminal, "connections", "add", "portal", "--connector", "casestatus"
    ) as process:
        terminal.wait_for("API key:")
        process.send_signal(2)
        assert process.wait(timeout=30) == 130
    terminal.wait_for("Stopped.")
    assert "Traceback" not in terminal.shown
