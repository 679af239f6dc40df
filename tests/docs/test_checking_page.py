"""docs/checking.md says what the table of mistakes says, and what ``check --json`` prints."""

import json
import re
from pathlib import Path

import pytest

import plugins.casestatus
import plugins.clio
import plugins.mailchimp
from engine.host import build_host
from tests.recipes.mistake_table import BASE, FOLDER, findings, read_mistakes

PAGE = (Path(__file__).parents[2] / "docs" / "checking.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(?P<written>.+?)` \| (?P<message>.+?) \| (?:`(?P<better>.+)` )?\|$", re.M)
ROWS = [
    {name: (text or "").replace("\\|", "|") for name, text in row.groupdict().items()}
    for row in ROW.finditer(PAGE[PAGE.index("## What it finds") : PAGE.index("## What is mended")])
]
MISTAKES = [m for file in sorted(FOLDER.glob("*.txt")) for m in read_mistakes(file)]


def test_the_page_has_examples() -> None:
    assert len(ROWS) >= 25


@pytest.mark.parametrize("row", ROWS, ids=[row["written"] for row in ROWS])
def test_examples_are_in_the_table(row: dict[str, str]) -> None:
    assert any(
        row["written"] in mistake.recipe
        and f"    {row['message']}\n" in f"{mistake.said}\n"
        and (row["better"] in mistake.said if row["better"] else "Write: " not in mistake.said)
        for mistake in MISTAKES
    )


def test_the_document_for_programs_is_as_the_page_shows_it() -> None:
    shown = json.loads(PAGE[PAGE.index("```json") + 7 : PAGE.rindex("```")])
    host = build_host([plugins.clio, plugins.casestatus, plugins.mailchimp], strict=True)
    (found,) = findings(BASE.replace("key: matter.id", "key: matter.idd"), host)
    assert {**found.as_json(), "file": "recipes/cases.yaml", "recipe": "cases"} == shown[
        "findings"
    ][0]
    assert found.as_text().split("\n", 1)[1] in PAGE
