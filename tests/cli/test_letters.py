"""Terminals and pipes that don't know every letter: nothing ends for it, and files stay whole."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

RECIPE = """\
name: Zoë's people → the address book
trigger:
  use: csv.row_read
  with: {file: people.csv, key: name}
steps:
  - use: csv.append_rows
    with:
      file: book.csv
      columns: {name: "{{ record.name }}", email: "{{ record.email | email }}"}
"""


def bridgework(*arguments: str, encoding: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", *arguments],
        capture_output=True,
        env={"PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_letters_that_cant_be_shown_are_replaced_and_exports_keep_them(encoding: str) -> None:
    Path("recipes").mkdir()
    Path("recipes/people.yaml").write_text(RECIPE)
    Path("recipes/people.csv").write_text("name,email\nŻółć,nobody\n")
    told = bridgework("run", "people", encoding=encoding)
    assert told.returncode == 1, told.stderr
    lines = told.stdout.decode(encoding)
    assert "people > the address book" in lines
    assert "?" in lines
    document = json.loads(bridgework("runs", "--json", encoding=encoding).stdout)
    assert document[0]["title"] == "Zoë's people → the address book"
    exported = bridgework("report", "1", "--format", "csv", encoding=encoding).stdout
    assert next(csv.DictReader(io.StringIO(exported.decode("utf-8"))))["title"] == "Żółć"
