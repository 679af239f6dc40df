"""Notes on what works and may not be meant."""

from pathlib import Path

from engine.host import build_host
from engine.recipe.checking.check import check_text
from plugins import clio
from plugins import csv as files

ONE_BY_ONE = """\
name: Matters
trigger: {use: clio.matter_changed, as: matter, schedule: manual}
steps:
  - use: csv.append_rows
    with: {file: a.csv, columns: {number: "{{ matter.display_number }}"}}
"""
COLLECTED = """\
name: Matters
trigger: {use: clio.matter_changed, as: matter, schedule: manual}
steps:
  - id: digest
    collect: "{{ matter.display_number }}"
    steps:
      - use: csv.append_rows
        with: {file: a.csv, columns: {numbers: "{{ digest | join(', ') }}"}}
"""


def codes(text: str) -> list[str]:
    host = build_host([clio, files], strict=True)
    return [one.code for one in check_text(text, Path("r.yaml"), host, ["clio"], hints=True)]


def test_a_row_for_each_change_is_noted_and_one_for_all_that_was_collected_is_not() -> None:
    assert codes(ONE_BY_ONE) == ["added-again"]
    assert codes(COLLECTED) == []
