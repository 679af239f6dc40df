"""Every shipped recipe from end to end: ``bridgework run`` against practice servers on loopback.

Twice: the second run makes nothing new and sends nothing for unchanged records, as the practice
servers' own request logs show.
"""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import cli
from engine.cli.connecting import connect
from engine.cli.practice_process import PracticeProcess, practice_server
from engine.host import build_host
from engine.loopback import on_loopback
from engine.practice import PracticeServer
from engine.store.database import open_store

FOLDER = Path(__file__).parents[2] / "recipes"
WRITES = {"POST", "PUT", "PATCH", "DELETE"}


@dataclass
class Bench:
    """A home, connected to practice servers."""

    home: Path
    servers: dict[str, PracticeServer] = field(default_factory=dict)

    def run(self, recipe: str, *options: str) -> dict[str, int]:
        """Run a recipe as the command line does; return its counts."""
        arguments = ["run", str(FOLDER / f"{recipe}.yaml"), "--json", "--home", str(self.home)]
        result = CliRunner().invoke(cli, [*arguments, *options])
        assert result.exit_code in (0, 1), result.output
        counts: dict[str, int] = json.loads(result.stdout)["counts"]
        assert result.exit_code == (1 if "rejected" in counts else 0)
        return counts

    def records(self) -> list[dict[str, Any]]:
        """Return the report of the latest run, which must balance."""
        arguments = ["report", "latest", "--format", "json", "--home", str(self.home)]
        document = json.loads(CliRunner().invoke(cli, arguments).stdout)
        assert document["balances"]
        assert len(document["records"]) == document["read"]
        records: list[dict[str, Any]] = document["records"]
        return records

    def keys(self, outcome: str) -> set[str]:
        return {record["key"] for record in self.records() if record["outcome"] == outcome}

    def writes(self, name: str) -> list[dict[str, Any]]:
        """Return the requests that changed something at a practice server, and forget them all."""
        server = self.servers[name]
        found = [request for request in server.requests if request["method"] in WRITES]
        server.requests.clear()
        return [request for request in found if not request["path"].startswith("/oauth")]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "home")
    host = build_host(strict=True)
    store = open_store(bench.home)
    with ExitStack() as stack:
        stack.callback(store.close)
        for name in ("clio", "casestatus", "mailchimp"):
            connector = host.connector(name)
            server = bench.servers[name] = practice_server(connector)
            url = stack.enter_context(on_loopback(server))
            practice = PracticeProcess(name, url, 0, server.credentials())
            connect(store, connector, name, {}, practice=practice)
            server.requests.clear()
        yield bench


# -- Clio to Case Status ---------------------------------------------------------------------------

MATTERS = "clio-matters-to-case-status"


def test_matters_become_cases_once(bench: Bench) -> None:
    first = bench.run(MATTERS)
    assert set(first) == {"created", "skipped", "rejected"}
    assert first["created"] > 150
    assert first["skipped"] == 5  # without a client
    cases = bench.servers["casestatus"].records()["cases"]
    by_matter = {case["integration_id"]: case for case in cases if case["integration_id"]}
    assert set(by_matter) >= bench.keys("created")
    assert len(cases) == len({case["id"] for case in cases})
    sent = [w["body"]["integration_id"] for w in bench.writes("casestatus") if w["status"] == 201]
    assert sorted(sent) == sorted(bench.keys("created"))

    second = bench.run(MATTERS)
    assert "created" not in second
    assert "updated" not in second
    unchanged = bench.keys("unchanged")
    assert unchanged  # the overlap reads the latest changes again
    assert not unchanged & {w["body"]["integration_id"] for w in bench.writes("casestatus")}

    third = bench.run(MATTERS, "--full")
    assert third["unchanged"] == first["created"]
    assert "created" not in third
    assert not bench.keys("unchanged") & {
        w["body"]["integration_id"] for w in bench.writes("casestatus")
    }
    assert bench.servers["casestatus"].records()["cases"] == cases


def test_changed_matter_is_the_only_one_sent(bench: Bench) -> None:
    bench.run(MATTERS)
    key = min(bench.keys("created"))
    bench.writes("casestatus")
    bench.servers["clio"].edit("matters", key, {"description": "Something else entirely"})
    assert bench.run(MATTERS)["updated"] == 1
    assert bench.keys("updated") == {key}
    accepted = [w for w in bench.writes("casestatus") if w["status"] < 400]
    assert [(w["status"], w["body"]["integration_id"]) for w in accepted] == [(200, key)]


def test_rejected_matters_heal_when_their_cause_is_gone(bench: Bench) -> None:
    bench.run(MATTERS)
    waiting = {r["key"] for r in bench.records() if "j.doe@" in (r["reason"] or "").lower()}
    assert len(waiting) == 11
    bench.servers["casestatus"].edit(
        "staff", "new", {"name": "J. Doe", "email": "j.doe@harborlaw.example"}
    )
    assert bench.run(MATTERS)["created"] == 11
    assert bench.keys("created") == waiting


def test_main_job_as_the_readme_says_it(bench: Bench) -> None:
    """The command of the README, as a process of its own in the checkout."""
    command = [sys.executable, "-m", "engine.cli", "run", f"recipes/{MATTERS}.yaml", "--json"]
    results = [
        subprocess.run(
            command,
            cwd=FOLDER.parent,
            env={**os.environ, "BRIDGEWORK_HOME": str(bench.home)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        for _ in range(2)
    ]
    assert [result.returncode for result in results] == [1, 1]
    assert [result.stderr for result in results] == ["", ""]
    first, second = (json.loads(result.stdout)["counts"] for result in results)
    assert first["created"] > 150
    assert second.get("created", 0) == 0


# -- to Mailchimp ----------------------------------------------------------------------------------


def test_clients_become_members_once(bench: Bench) -> None:
    first = bench.run("clio-clients-to-mailchimp")
    assert first["created"] > 150
    assert first["skipped"] == 8  # without an e-mail address
    writes = bench.writes("mailchimp")
    batches = [write for write in writes if "members" in write["body"]]
    assert len(batches) < 5  # full batches, though the recipe speaks of one contact
    tagged = [m for m in bench.servers["mailchimp"].records()["members"] if m["tags"]]
    assert len(tagged) >= first["created"]

    for options in ((), ("--full",)):
        again = bench.run("clio-clients-to-mailchimp", *options)
        assert "created" not in again
        assert "updated" not in again
        assert bench.writes("mailchimp") == []
    assert again["unchanged"] == first["created"]


def test_contacts_of_a_file_become_members_once(bench: Bench) -> None:
    first = bench.run("csv-contacts-to-mailchimp")
    assert sum(first.values()) == 40
    assert first["created"]
    assert first["rejected"] == 5
    (batch,) = bench.writes("mailchimp")
    sent = {member["email_address"].lower() for member in batch["body"]["members"]}
    assert len(sent) >= first["created"]

    second = bench.run("csv-contacts-to-mailchimp")
    assert second["unchanged"] == first["created"] + first.get("updated", 0)
    assert second["rejected"] == 5
    assert bench.writes("mailchimp") == []


# -- from Mailchimp --------------------------------------------------------------------------------


def test_unsubscribed_members_become_rows_once(bench: Bench) -> None:
    members = bench.servers["mailchimp"].records()["members"]
    left = {
        member["email_address"].lower()
        for member in members
        if member["status"] == "unsubscribed" and member["list_id"] == "a1b2c3d4e5"
    }
    first = bench.run("mailchimp-unsubscribes-to-csv")
    assert first == {"created": len(left)}
    file = bench.home / "files" / "unsubscribes.csv"
    written = file.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert {row["email"] for row in rows} == left
    assert len(rows) == len(left)

    for options in ((), ("--full",)):
        again = bench.run("mailchimp-unsubscribes-to-csv", *options)
        assert set(again) == {"unchanged"}
        assert file.read_text(encoding="utf-8-sig") == written
    assert bench.writes("mailchimp") == []
