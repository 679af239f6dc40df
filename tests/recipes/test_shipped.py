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

from tests.recipes.conftest import FOLDER, Bench, texts_of

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
    assert accepted[0]["body"]["name"].endswith(" Something else entirely")
    bench.servers["clio"].edit("matters", key, {"description": ""})
    bench.run(MATTERS)
    (sent,) = [w for w in bench.writes("casestatus") if w["status"] < 400]
    assert sent["body"]["name"] == sent["body"]["name"].strip()  # the number alone


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
    bench.connect(texts_of(MATTERS))
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
