"""A column that a file lacks: never an empty cell. What reads it is paused or held, and said."""

import difflib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest

import plugins.csv
from engine.host import Host, build_host
from engine.run.preview import preview
from engine.sdk import Connector, hookimpl
from engine.store.connections import Connection, save_connection
from engine.store.notices import list_notices
from engine.store.shapes import changes_of
from plugins.csv.practice.sftp_server import SftpPractice
from tests.engine.run.conftest import Office
from tests.engine.run.depot import depot_connector
from tests.engine.run.mill import Mill, mill_connector
from tests.plugins.csv.desk import workbook

STEP = """
- id: parcel
  use: depot.store_parcels
  key: row.ref
  with:
    shelf: A
    ref: "{{ row.ref }}"
    colour: "{{ row.colour }}"
    weight: "{{ row.weight | default(1) }}"
"""
RECIPE = """\
name: Files become parcels
trigger:
  use: {use}
  with: {{{given}}}
  as: row
steps:
"""
ONE_FILE = {"use": "csv.row_read", "given": "file: in/parcels.csv, key: ref"}
FOLDER = {"use": "csv.row_of_new_file", "given": "folder: in, key: ref, unchanged_for: 0"}
WHOLE = "ref,colour,weight\n1,red,5\n2,blue,6\n"


@pytest.fixture
def host(mill: Mill) -> Host:
    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Connector]:
            return [mill_connector(mill), depot_connector()]

    return build_host([Plugin(), plugins.csv], strict=True)


@pytest.fixture
def put(office: Office) -> Callable[..., Path]:
    """Put a file into the recipes' folder `in`; later ones are newer."""
    folder = office.library.folder / "in"
    folder.mkdir()
    age = iter(range(1000, 0, -10))

    def put(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (time.time() - next(age),) * 2)
        return path

    return put


def recipe_of(office: Office, steps: str = STEP, *, use: str, given: str) -> Any:
    text = RECIPE.format(use=use, given=given)
    text += "".join(f"  {line}\n" for line in steps.strip().splitlines())
    (office.library.folder / "parcels.yaml").write_text(text, "utf-8")
    return office.library.load("parcels")


def weights(office: Office) -> dict[str, Any]:
    return {ref: parcel.get("weight") for ref, parcel in office.depot.parcels.items()}


def test_a_field_whose_column_is_missing_is_paused_and_the_next_file_heals_it(office, put):
    recipe = recipe_of(office, **ONE_FILE)
    put("parcels.csv", WHOLE)
    assert office.run(recipe).counts == {"created": 2}

    put("parcels.csv", "colour,ref\nred,1\nblue,2\nred,3\n")
    assert preview(office.store, office.host, recipe, transports={"depot": office.line}).changes
    run = office.run(recipe)

    assert run.counts == {"unchanged": 2, "created": 1}
    assert weights(office) == {"1": 5, "2": 6, "3": None}
    assert run.hint == (
        "The file 'in/parcels.csv' has no column 'weight', which the step 'parcel' reads for "
        "'weight': that field is paused, and the target keeps what it has. Add it at the source, or "
        "let the recipe read another. Where it may be missing, let the recipe ask: `row.weight is "
        "defined`."
    )
    [change] = [one for one in changes_of(office.store) if one.kind == "removed"]
    assert (change.path, change.reason) == (
        "weight",
        "The file 'in/parcels.csv' has no column 'weight'.",
    )
    assert [n.subject for n in list_notices(office.store)] == ["CSV file: 'weight' no longer comes"]

    put("parcels.csv", "weight,extra,ref,colour,\n7,x,1,red,\n,y,2,red,\n8,z,3,red,\n")
    run = office.run(recipe)
    assert run.counts == {"updated": 3}
    assert weights(office) == {"1": 7, "2": 1, "3": 8}
    assert "no column" not in run.hint
    assert [one for one in changes_of(office.store) if one.kind == "removed"] == []


def test_a_name_like_the_missing_one_is_looked_for_once_a_file(office, put, monkeypatch):
    looked = []

    def count(word: str, *rest: Any, **more: Any) -> Any:
        looked.append(word)
        return close_matches(word, *rest, **more)

    close_matches = difflib.get_close_matches
    monkeypatch.setattr("difflib.get_close_matches", count)
    recipe = recipe_of(office, **ONE_FILE)
    put("parcels.csv", "ref,colour,wide,tall\n" + "".join(f"{n},red,1,2\n" for n in range(40)))
    assert office.run(recipe).counts == {"created": 40}
    assert looked.count("weight") < 10  # a few by checks of the recipe


def test_a_name_of_several_words_is_not_told_in_a_way_that_no_recipe_can_be_written(office, put):
    steps = STEP.replace("row.weight", "row['net weight']")
    recipe = recipe_of(office, steps, **ONE_FILE)
    put("parcels.csv", "ref,colour\n1,red\n")
    hint = office.run(recipe).hint
    assert "has no column 'net weight'" in hint
    assert hint.endswith("let the recipe ask: `… is defined`.")


def test_rows_are_held_where_the_field_is_needed_and_the_column_may_have_another_name(office, put):
    recipe = recipe_of(office, **ONE_FILE)
    put("parcels.csv", "ref,parcel colour,weight\n1,red,5\n2,red,5\n")
    run = office.run(recipe)

    assert run.counts == {"rejected": 2}
    assert office.depot.parcels == {}
    entry = office.entry(run, "1")
    assert (entry.code, entry.step, entry.field) == ("no_such_field", "parcel", "colour")
    assert entry.reason == (
        "The file 'in/parcels.csv' has no column 'colour', which the step 'parcel' reads for "
        "'colour'."
    )
    assert entry.how_to_fix.startswith("Did you mean 'parcel_colour'? ")
    assert run.hint.count("'parcel_colour'") == 1

    put("parcels.csv", WHOLE)
    assert office.run(recipe).counts == {"created": 2}
    assert office.open_problems() == {}


def test_of_several_new_files_only_the_one_that_lacks_a_column_is_held_or_paused(office, put):
    recipe = recipe_of(office, **FOLDER)
    put("a.csv", "ref,colour\n1,red\n2,red\n")
    put("b.csv", "ref,weight\n3,5\n4,6\n")
    put("c.csv", "ref,colour,weight\n5,red,7\n6,red,\n")
    run = office.run(recipe)

    assert office.outcomes(run) == {
        "1": "created", "2": "created", "3": "rejected", "4": "rejected", "5": "created",
        "6": "created",
    }  # fmt: skip
    assert weights(office) == {"1": None, "2": None, "5": 7, "6": 1}
    assert "The file 'a.csv' has no column 'weight'" in run.hint
    assert "The file 'b.csv' has no column 'colour'" in run.hint
    assert "c.csv" not in run.hint
    assert changes_of(office.store) == []  # files of this run had both

    # What is held is not sent by the next run, which reads another file: its own has no colour.
    put("d.csv", "ref,colour,weight\n9,red,7\n")
    run = office.run(recipe)
    assert office.outcomes(run) == {"3": "rejected", "4": "rejected", "9": "created"}
    assert office.entry(run, "3").reason.startswith("The file 'b.csv' has no column 'colour'")

    put("b.csv", "ref,colour,weight\n3,blue,5\n4,blue,6\n")
    assert office.run(recipe).counts == {"created": 2}
    assert office.open_problems() == {}


def test_rows_of_one_chunk_that_lack_nothing_are_sent_in_one_batch(office, put):
    recipe = recipe_of(office, **FOLDER)
    for number in range(4):
        put(f"{number}.csv", f"ref,colour,weight,x{number}\n{number},red,1,\n")
    assert office.run(recipe).counts == {"created": 4}
    assert office.depot.batches == [["0", "1", "2", "3"]]


@pytest.mark.parametrize("condition", [False, True], ids=["in the text", "at the step"])
def test_a_recipe_can_say_that_a_column_may_be_missing(office, put, condition):
    weight = 'weight: "{{ row.weight if row.weight is defined else 3 }}"'
    steps = STEP.replace('weight: "{{ row.weight | default(1) }}"', weight)
    if condition:
        steps = STEP.replace("  key:", "  if: row.weight is defined\n  key:", 1)
    recipe = recipe_of(office, steps, **ONE_FILE)
    put("parcels.csv", "ref,colour\n1,red\n")
    run = office.run(recipe)
    assert run.counts == ({"skipped": 1} if condition else {"created": 1})
    assert weights(office) == ({} if condition else {"1": 3})
    assert run.hint == ""
    assert changes_of(office.store) == []


def test_rules_that_leave_records_out_do_not_decide_by_a_missing_column(office, put):
    recipe = recipe_of(office, **ONE_FILE)
    text = recipe.path.read_text("utf-8")
    rule = "skip:\n  - if: row.status == 'closed'\n    reason: It is closed.\nsteps:\n"
    recipe.path.write_text(text.replace("steps:\n", rule, 1), "utf-8")
    recipe = office.library.load("parcels")
    put("parcels.csv", WHOLE)
    run = office.run(recipe)
    assert run.counts == {"rejected": 2}
    assert office.entry(run, "1").reason == (
        "The file 'in/parcels.csv' has no column 'status', which the rules under `skip` read."
    )


def test_a_sheet_that_lacks_a_column_is_named(office, put):
    given = "file: in/book.xlsx, sheet: Parcels, key: ref"
    recipe = recipe_of(office, use="csv.row_read", given=given)
    other, sheet = [["ref", "colour", "weight"]], [["ref", "weight"], ["1", "5"]]
    put("book.xlsx", workbook(other, sheet, names=("Other", "Parcels")))
    run = office.run(recipe)
    assert run.counts == {"rejected": 1}
    reason = "The sheet 'Parcels' of 'in/book.xlsx' has no column 'colour'"
    assert office.entry(run, "1").reason.startswith(reason)


def test_a_table_that_came_with_a_record_is_held_as_well(office, put):
    steps = """
- id: table
  use: csv.rows_of_file
  with: {file: "{{ added.file }}"}
- for_each: table.rows
  as: row
  key: row.ref
  steps:
"""
    steps += "".join(f"    {line}\n" for line in STEP.strip().splitlines())
    recipe = recipe_of(office, steps, use="csv.file_added", given="folder: in, unchanged_for: 0")
    text = recipe.path.read_text("utf-8").replace("  as: row\nsteps", "  as: added\nsteps")
    recipe.path.write_text(text, "utf-8")
    recipe = office.library.load("parcels")
    put("a.csv", "ref,weight\n1,5\n")
    put("b.csv", WHOLE.replace("1,", "7,"))
    run = office.run(recipe)
    assert sorted(office.depot.parcels) == ["2", "7"]
    held = next(e for e in office.entries(run) if e.key.startswith("a.csv"))
    assert held.outcome == "rejected"
    assert str(held.reason).startswith("The file 'a.csv' has no column 'colour'")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpPractice]:
    (tmp_path / "remote" / "in").mkdir(parents=True)
    host_key = paramiko.ECDSAKey.generate()
    with SftpPractice(tmp_path / "remote", host_key).serving() as practice:
        yield practice


def test_a_file_of_a_server_that_lacks_a_column_is_told_of_in_the_run(office, server):
    settings = server.settings()
    password = settings.pop("password")
    save_connection(
        office.store,
        Connection(name="sftp", connector="csv", settings=settings, secrets={"password": password}),
    )
    recipe = recipe_of(office, **ONE_FILE)
    text = recipe.path.read_text("utf-8").replace("  as: row", "  as: row\n  connection: sftp")
    recipe.path.write_text(text, "utf-8")
    recipe = office.library.load("parcels")
    (server.folder / "in" / "parcels.csv").write_text("ref,colour\n1,red\n")
    run = office.run(recipe)
    assert run.counts == {"created": 1}
    assert weights(office) == {"1": None}
    assert "The file 'in/parcels.csv' has no column 'weight'" in run.hint
    (server.folder / "in" / "parcels.csv").write_text(WHOLE)
    assert office.run(recipe).counts == {"updated": 1, "created": 1}
    assert weights(office) == {"1": 5, "2": 6}
