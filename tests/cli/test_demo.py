"""The demo, as a person runs it: a process of its own, in a folder with nothing in it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from engine.cli.demo_files import CONTACTS_FILE, CONTACTS_ROWS, contact_rows

Command = Callable[..., "subprocess.CompletedProcess[str]"]

BALANCE = re.compile(r"([\d,]+) read = (.+)")


def number(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Play the demo once; return its kept home and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "BRIDGEWORK_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/real"}
    started = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-m", "engine.cli", "demo", "--home", "kept"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    assert time.monotonic() - started < 60
    return folder / "kept", result.stdout


def test_every_report_balances_and_every_outcome_is_shown(told: tuple[Path, str]) -> None:
    balances = BALANCE.findall(told[1])
    assert len(balances) == 3
    shown = {}
    for read, outcomes in balances:
        parts = dict(reversed(part.split()) for part in outcomes.split(" + "))
        assert number(read) == sum(number(count) for count in parts.values())
        shown |= parts
    assert set(shown) == {"created", "updated", "unchanged", "skipped", "rejected"}


def test_token_was_renewed_once_and_no_one_was_asked_again(told: tuple[Path, str]) -> None:
    assert (
        "Clio's access token ran out in the middle of it and was renewed once. "
        "The consent page was answered once in all: no one was asked again."
    ) in told[1]


def test_three_matters_are_updated_and_nothing_is_sent_for_the_others(
    told: tuple[Path, str],
) -> None:
    second = told[1].partition("3. Three matters change")[2].partition("4. A file")[0]
    assert "3 cases were updated." in second
    assert " + 3 updated" not in second
    assert re.search(
        r"Case Status got 4 requests that write: 3 for the matters that changed, "
        r"1 for what it refused before, none for the \d+ that had not changed\.",
        second,
    ), second


def test_causes_come_with_their_fix_and_records_with_their_reason(told: tuple[Path, str]) -> None:
    first = told[1].partition("2. The first import")[2].partition("3. Three matters")[0]
    why = first.partition("\nWhy\n")[2].partition("\nLeft out\n")[0]
    left_out = first.partition("\nLeft out\n")[2].partition("\nRecords that need attention")[0]
    assert "no client" not in why
    assert "5 matters: This matter has no client in Clio." in left_out
    assert re.search(r"11 matters: The responsible attorney .*j\.doe@harborlaw\.example", why)
    assert "Add the line `Awaiting Medicaid: …` to the table 'stages' in the recipe." in why
    listed = first.partition("\nRecords that need attention")[2]
    assert re.search(r"Matter +Key +Outcome +Reason", listed)
    assert "00002-Ortiz" in listed


def test_kept_home_answers_the_commands_it_suggests(
    told: tuple[Path, str], command: Command
) -> None:
    home, text = told
    suggested = re.findall(r"bridgework (report \d .*--home kept)", text.partition("kept;")[2])
    assert len(suggested) == 2
    for line in suggested:
        result = command(*line.replace("kept", str(home)).split())
        assert result.returncode == 0, result.stderr
        assert result.stdout
    listed = json.loads(command("runs", "--json", "--home", home).stdout)
    assert [run["balances"] for run in listed] == [True, True, True]
    (origin,) = {connection["practice"] for connection in json.loads(
        command("connections", "list", "--json", "--home", home).stdout
    )}  # fmt: skip
    assert origin is True


def test_demo_starts_its_own_home_afresh_and_leaves_others_alone(
    told: tuple[Path, str], command: Command, tmp_path: Path
) -> None:
    again = command("demo", "--home", told[0])
    assert again.returncode == 0, again.stderr
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    refused = command("demo", "--home", tmp_path / "mine")
    assert refused.returncode == 3
    assert "is not empty" in refused.stderr
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_without_home_nothing_is_left_behind(command: Command, home: Path, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    result = command("demo", TMPDIR=str(tmp_path / "temporary"))
    assert result.returncode == 0, result.stderr
    assert "… and 16 more.\n" in result.stdout  # no command would find them
    assert list((tmp_path / "temporary").iterdir()) == []
    assert list(Path.cwd().iterdir()) == []
    assert not home.exists()


def test_recipes_that_are_not_there(command: Command) -> None:
    result = command("demo", "--recipes", "nowhere")
    assert result.returncode == 2
    Path("empty").mkdir()
    result = command("demo", "--recipes", "empty")
    assert result.returncode == 3
    assert "There is no recipe 'clio-matters-to-case-status'." in result.stderr


@contextmanager
def serving(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "engine.cli", "demo", "--serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_serve_keeps_pages_and_practice_servers_up_until_stopped() -> None:
    with serving() as process:
        assert process.stdout is not None
        printed = ""
        while "Bridgework is at" not in printed:
            line = process.stdout.readline()
            assert line, printed
            printed += line
        (pages,) = re.findall(r"Bridgework is at (http://\S+)", printed)
        servers = re.findall(r"^    \w[\w ]*: (http://\S+)$", printed, re.MULTILINE)
        assert httpx2.get(pages, follow_redirects=True).status_code == 200
        assert len(servers) == 3
        for url in servers:
            assert httpx2.get(f"{url}/_practice/records").status_code == 200
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
        assert process.wait(timeout=30) == 0


def test_contacts_are_the_same_every_time_and_some_are_bad() -> None:
    rows = list(contact_rows())
    assert rows == list(contact_rows())
    assert len(rows) == CONTACTS_ROWS
    assert {len(row) for row in rows} == {5, 6}
    addresses = [row[2] for row in rows]
    assert "" in addresses
    assert len(set(addresses)) < len(addresses)
    assert any("@" not in address for address in addresses if address)


def test_a_defect_in_a_throw_away_home_leaves_its_log(command: Command, tmp_path: Path) -> None:
    (tmp_path / "odd" / CONTACTS_FILE).mkdir(parents=True)
    (tmp_path / "odd" / CONTACTS_FILE / "recipe.yaml").touch()  # so that no file can stand there
    (tmp_path / "temporary").mkdir()
    result = command("demo", "--recipes", tmp_path / "odd", TMPDIR=str(tmp_path / "temporary"))
    assert result.returncode == 3
    (left,) = (tmp_path / "temporary").iterdir()
    said = f"Something went wrong inside Bridgework; details are in '{left}'.\n"
    assert result.stderr == said
    assert "IsADirectoryError" in left.read_text()
    assert left.stat().st_mode & 0o077 == 0
