"""``run``, ``retry``, ``runs`` and ``report`` on a recipe from file to file."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from engine.cli.reports import OUTCOME_NAMES
from engine.store import runs
from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from engine.store.ledger import OUTCOMES

Bridgework = Callable[..., Result]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

RECIPE = """\
name: People into the address book
trigger:
  use: csv.row_read
  with:
    file: people.csv
    key: id
  as: person
skip:
  - if: person.email == 'no'
    reason: Wants no mail.
steps:
  - id: row
    use: csv.upsert_rows
    with:
      file: book.csv
      key_column: email
      columns:
        email: "{{ person.email | email }}"
        name: "{{ person.name }}"
"""
PEOPLE = """\
id,name,email
1,Ada,ada@mail.example
2,Søren,soren@mail.example
3,=cmd(),grace@mail.example
4,Nobody,no
5,Bob,bob at mail
"""


@pytest.fixture
def book(home: Path) -> Path:
    """A recipe in the default folder, and its file beside it; returns the file it writes."""
    Path("recipes").mkdir()
    Path("recipes/book.yaml").write_text(RECIPE)
    Path("recipes/people.csv").write_text(PEOPLE)
    return home / "files" / "book.csv"


def run_json(result: Result) -> dict[str, object]:
    document: dict[str, object] = json.loads(result.stdout)
    return document


# -- run -------------------------------------------------------------------------------------------


def test_run_prints_one_line_of_json_and_says_by_its_code_that_something_needs_attention(
    bridgework: Bridgework, book: Path
) -> None:
    result = bridgework("run", "book", "--json")
    assert result.exit_code == 1
    assert result.stdout.count("\n") == 1
    document = run_json(result)
    assert list(document) == ["run", "recipe", "status", "counts", "seconds"]
    assert document["recipe"] == "book"
    assert document["status"] == "partial"
    assert document["counts"] == {"created": 3, "skipped": 1, "rejected": 1}
    assert isinstance(document["seconds"], float)
    names = [row["name"] for row in csv.DictReader(io.StringIO(book.read_text()))]
    assert names == ["Ada", "Søren", "'=cmd()"]


def test_second_run_changes_nothing_and_a_clean_one_exits_0(
    bridgework: Bridgework, book: Path
) -> None:
    bridgework("run", "book")
    people = "\n".join(PEOPLE.splitlines()[:4])
    Path("recipes/people.csv").write_text(people.replace("Ada", "Ada L."))
    result = bridgework("run", "book", "--json")
    assert run_json(result)["counts"] == {"updated": 1, "unchanged": 2, "skipped": 1}
    assert result.exit_code == 0
    assert run_json(result)["status"] == "succeeded"


def test_run_tells_a_person_what_happened(bridgework: Bridgework, book: Path) -> None:
    result = bridgework("run", "recipes/book.yaml")
    assert "3 rows became rows" not in result.stdout
    assert "3 rows were passed on. 1 row was not passed on." in result.stdout
    assert "5 read = 3 created + 1 skipped + 1 rejected" in result.stdout
    assert "1 row: 'bob at mail' is not an e-mail address." in result.stdout
    assert "Each record: `bridgework report 1`" in result.stderr


def test_suggested_command_names_the_home_that_was_chosen(
    bridgework: Bridgework, book: Path, tmp_path: Path
) -> None:
    result = bridgework("run", "book", "--home", tmp_path / "other home")
    assert f"`bridgework report 1 --home '{tmp_path}/other home'`" in result.stderr


def test_limit(bridgework: Bridgework, book: Path) -> None:
    result = bridgework("run", "book", "--json", "--limit", 2)
    assert run_json(result)["counts"] == {"created": 2}
    assert bridgework("run", "book", "--limit", 0).exit_code == 2


def test_what_is_new_is_held_until_it_is_released(bridgework: Bridgework, book: Path) -> None:
    bridgework("run", "book")
    recipe, people = Path("recipes/book.yaml"), Path("recipes/people.csv")
    recipe.write_text(recipe.read_text() + "limits: {hold_if_more_than: 1 new}\n")
    more = "".join(f"{n},New,new{n}@mail.example\n" for n in (6, 7))
    people.write_text(people.read_text() + more)
    held = bridgework("run", "book", "--json")
    assert held.exit_code == 1
    assert json.loads(held.stdout)["status"] == "held"
    assert "new6@" not in book.read_text()
    done = json.loads(bridgework("run", "book", "--release", "--json").stdout)
    assert done["counts"]["created"] == 2
    assert "new6@" in book.read_text()


def test_preview_sends_and_stores_nothing(bridgework: Bridgework, book: Path) -> None:
    result = bridgework("run", "book", "--preview")
    assert result.exit_code == 1
    assert "nothing was sent" in result.stdout
    assert "3 would be created" in result.stdout
    assert "'bob at mail' is not an e-mail address." in result.stdout
    assert "email: ada@mail.example" in result.stdout
    assert not book.exists()
    assert bridgework("runs", "--json").stdout == "[]\n"

    document = run_json(bridgework("run", "book", "--preview", "--json"))
    assert document["run"] is None
    assert document["status"] == "preview"
    assert (document["changes"], document["held"]) == ([], "")
    assert document["counts"] == {"created": 3, "skipped": 1, "rejected": 1}
    told = [(r["outcome"], [row["outcome"] for row in r["rows"]]) for r in document["records"]]
    assert told.count(("created", ["created"])) == 3
    assert len(told) == 5


def test_preview_and_run_agree(bridgework: Bridgework, book: Path) -> None:
    before = run_json(bridgework("run", "book", "--preview", "--json"))["counts"]
    assert run_json(bridgework("run", "book", "--json"))["counts"] == before
    before = run_json(bridgework("run", "book", "--preview", "--json"))["counts"]
    assert run_json(bridgework("run", "book", "--json"))["counts"] == before


def test_wrong_recipe_is_not_run_and_every_mistake_is_shown(
    bridgework: Bridgework, book: Path
) -> None:
    Path("recipes/book.yaml").write_text(
        RECIPE.replace("person.name", "persn.name").replace("key_column", "key_colum")
    )
    result = bridgework("run", "book", "--json")
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "key_colum" in result.stderr
    assert "persn" in result.stderr
    assert not book.exists()


def test_broken_yaml(bridgework: Bridgework, book: Path) -> None:
    Path("recipes/book.yaml").write_text("name: {{ x }}\n")
    result = bridgework("run", "book")
    assert result.exit_code == 3
    assert "recipes/book.yaml:1:7" in result.stderr


def test_unknown_recipe_names_the_nearest(bridgework: Bridgework, book: Path) -> None:
    result = bridgework("run", "bok")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == ["There is no recipe 'bok'.", "Did you mean 'book'?"]


def test_missing_source_file_fails_with_a_sentence(bridgework: Bridgework, book: Path) -> None:
    Path("recipes/people.csv").unlink()
    result = bridgework("run", "book", "--json")
    assert result.exit_code == 3
    assert run_json(result)["status"] == "failed"
    assert "There is no file 'people.csv'." in result.stderr
    assert "There is no file 'people.csv'." in bridgework("report", "latest").stdout


# -- report ----------------------------------------------------------------------------------------


def test_report_in_every_form(bridgework: Bridgework, book: Path) -> None:
    bridgework("run", "book")
    table = bridgework("report", "latest")
    assert table.exit_code == 0
    assert "Records that need attention (1)" in table.stdout
    assert "bob at mail" in table.stdout
    listed = table.stdout.partition("Records that need")[2]
    assert "Søren" not in listed
    assert "Key" not in listed  # it is the row's title, too: once is enough

    document = json.loads(bridgework("report", "1", "--format", "json").stdout)
    assert [record["outcome"] for record in document["records"]] == [
        "created", "created", "created", "skipped", "rejected",
    ]  # fmt: skip
    assert document["records"][4]["step"] == "row"
    assert document["records"][4]["field"] == "columns.email"

    rows = list(csv.DictReader(io.StringIO(bridgework("report", "1", "--format", "csv").stdout)))
    assert [row["key"] for row in rows] == ["1", "2", "3", "4", "5"]

    page = bridgework("report", "book", "--format", "html").stdout
    assert page.startswith("<!doctype html>")
    assert "5 read = 3 created + 1 skipped + 1 rejected" in page


def test_report_lists_what_is_asked_for(bridgework: Bridgework, book: Path) -> None:
    bridgework("run", "book")
    skipped = bridgework("report", "1", "--outcome", "skipped").stdout
    assert "Records (1)" in skipped
    everything = bridgework("report", "1", "--all").stdout
    assert "Records (5)" in everything
    assert bridgework("report", "1", "--outcome", "lost").exit_code == 2


@pytest.mark.parametrize("name", ["7", "latest", "nothing", "-1"])
def test_report_of_a_run_that_isnt(bridgework: Bridgework, name: str) -> None:
    result = bridgework("report", "--", name)
    assert result.exit_code == 3
    assert "`bridgework runs` lists what has run." in result.stderr


def test_outcome_names_are_the_ledgers() -> None:
    assert OUTCOME_NAMES == OUTCOMES


# -- retry -----------------------------------------------------------------------------------------


def test_retry_of_what_was_fixed(bridgework: Bridgework, book: Path) -> None:
    bridgework("run", "book")
    Path("recipes/people.csv").write_text(PEOPLE.replace("bob at mail", "bob@mail.example"))
    result = bridgework("retry", "latest", "--outcome", "rejected", "--json")
    assert result.exit_code == 0, result.stderr
    assert run_json(result)["counts"] == {"created": 1}
    document = json.loads(bridgework("report", "latest", "--format", "json").stdout)
    assert document["retry_of"] == 1
    assert document["fixed"] == 1
    assert [record["key"] for record in document["records"]] == ["5"]


def test_retry_of_one_key_and_of_nothing(bridgework: Bridgework, book: Path) -> None:
    bridgework("run", "book")
    still_wrong = bridgework("retry", "1", "--key", "5", "--json")
    assert still_wrong.exit_code == 1
    assert run_json(still_wrong)["counts"] == {"rejected": 1}
    nothing = bridgework("retry", "1", "--key", "1")
    assert nothing.exit_code == 3
    assert "Run 1 has no records to try again." in nothing.stderr


# -- runs ------------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first(bridgework: Bridgework, book: Path) -> None:
    assert "Nothing has run yet" in bridgework("runs").stderr
    bridgework("run", "book")
    bridgework("run", "book")
    listed = json.loads(bridgework("runs", "--json").stdout)
    assert [run["run"] for run in listed] == [2, 1]
    assert listed[1]["headline"] == "3 rows were passed on. 1 row was not passed on."
    assert [
        run["run"] for run in json.loads(bridgework("runs", "--json", "--limit", 1).stdout)
    ] == [2]
    assert json.loads(bridgework("runs", "--json", "--recipe", "other").stdout) == []
    lines = bridgework("runs").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["Run", "2", "1"]


# -- processes -------------------------------------------------------------------------------------


def test_json_is_alone_on_stdout_and_exit_codes_reach_the_shell(
    command: Command, book: Path
) -> None:
    done = command("run", "book", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "partial"
    assert done.stderr == ""
    assert command("run", "nothing").returncode == 3
    assert command("run").returncode == 2
    assert command("run", "book", "--limit", "1").returncode == 0


def test_reader_that_stops_reading(command: Command, book: Path) -> None:
    people = "".join(f"{n},Name {n},n{n}@mail.example\n" for n in range(10, 3000))
    Path("recipes/people.csv").write_text("id,name,email\n" + people)
    assert command("run", "book").returncode == 0
    pipe = f"{sys.executable} -m engine.cli report latest --format csv | head -1"
    result = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True)
    assert result.stdout.startswith("key,title,outcome")
    assert result.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_run_after_its_chunk_with_a_whole_report(
    book: Path, store: Store, number: signal.Signals
) -> None:
    people = "".join(f"{n},Name {n},n{n}@mail.example\n" for n in range(60_000))
    Path("recipes/people.csv").write_text("id,name,email\n" + people)
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli", "run", "book", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    while not (listed := runs.list_runs(store)) or not listed[0].read:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopping after what is under way" in stderr
    assert "Traceback" not in stderr
    document = json.loads(stdout)
    assert document["status"] == "cancelled"
    run = runs.get_run(store, document["run"])
    assert run is not None
    assert 0 < run.read == sum(run.counts.values()) < 60_000


# -- connections -----------------------------------------------------------------------------------

PORTAL = """\
name: People who are staff
trigger:
  use: csv.row_read
  with: {file: people.csv, key: id}
  as: person
steps:
  - id: staff
    use: casestatus.find_staff
    connection: portal
    with:
      email: "{{ person.email }}"
    if_none: {skip: Is no member of staff.}
  - use: csv.append_rows
    with:
      file: book.csv
      columns: {name: "{{ staff.name }}"}
"""


def test_unknown_connection_is_named_with_the_command_that_adds_it(
    bridgework: Bridgework, book: Path
) -> None:
    Path("recipes/portal.yaml").write_text(PORTAL)
    result = bridgework("run", "portal", "--json")
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "There is no connection 'portal'." in result.stderr
    assert "bridgework connections add portal --connector casestatus" in result.stderr


def test_dead_server_fails_the_run_with_a_sentence(
    bridgework: Bridgework, book: Path, store: Store
) -> None:
    Path("recipes/portal.yaml").write_text(PORTAL)
    save_connection(
        store,
        Connection(
            name="portal",
            connector="casestatus",
            settings={"base_url": "http://127.0.0.1:9"},
            secrets={"api_key": "a-key-of-no-use"},
        ),
    )
    result = bridgework("run", "portal", "--json")
    assert result.exit_code == 3
    assert run_json(result)["status"] == "failed"
    assert "Case Status can't be reached at 127.0.0.1:9." in result.stderr
    report = bridgework("report", "latest")
    assert report.exit_code == 0
    assert "Case Status can't be reached at 127.0.0.1:9." in report.stdout
    assert "Traceback" not in result.stderr + report.stdout
