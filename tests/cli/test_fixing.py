"""``check --fix`` corrects what is certain, in the files it was given and no others."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Bridgework = Callable[..., Result]

WRONG = """\
name: Contacts   # of the office
trigger: {use: csv.row_read, with: {file: contacts.csv, key: email}, as: row}
steps:
  - uses: csv.apend_rows
    with: {file: out.csv, columns: {name: "{{ row.first_name }"}}
"""
RIGHT = WRONG.replace("uses: csv.apend", "use: csv.append").replace('name }"', 'name }}"')


@pytest.fixture
def file() -> Path:
    Path("recipes").mkdir()
    file = Path("recipes/contacts.yaml")
    file.write_text(WRONG)
    return file


def test_fix_says_what_it_changed_line_by_line(bridgework: Bridgework, file: Path) -> None:
    result = bridgework("check", "--fix")
    assert result.exit_code == 0
    assert file.read_text() == RIGHT
    assert "recipes/contacts.yaml:4 corrected" in result.stdout
    assert "    -   - uses: csv.apend_rows" in result.stdout.replace("4 | ", "")
    assert "    +   - use: csv.append_rows" in result.stdout.replace("4 | ", "")
    assert result.stderr == "2 lines corrected.\n1 recipe checked: all good.\n"
    again = bridgework("check", "--fix")
    assert again.stdout == ""
    assert again.stderr == "Nothing corrected.\n1 recipe checked: all good.\n"


def test_what_is_not_certain_is_left_and_shown(bridgework: Bridgework, file: Path) -> None:
    file.write_text(WRONG.replace("row.first_name", "case.name"))
    result = bridgework("check", "--fix", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert [change["line"] for change in document["fixed"]] == [4, 5]
    assert document["fixed"][0]["after"] == "  - use: csv.append_rows"
    assert [found["code"] for found in document["findings"]] == ["unknown-name"]
    assert bridgework("check", "--fix").stderr.endswith("1 mistake left in 1 of 1 recipe.\n")


def test_without_fix_nothing_is_written(bridgework: Bridgework, file: Path) -> None:
    assert bridgework("check").exit_code == 1
    assert "fixed" not in json.loads(bridgework("check", "--json").stdout)
    assert file.read_text() == WRONG


def test_only_the_given_files_are_corrected(bridgework: Bridgework, file: Path) -> None:
    Path("elsewhere").mkdir()
    Path("elsewhere/contacts.yaml").write_text(WRONG)
    bridgework("check", "--fix", "elsewhere")
    assert Path("elsewhere/contacts.yaml").read_text() == RIGHT
    assert file.read_text() == WRONG
