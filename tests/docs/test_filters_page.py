"""docs/filters.md is true: its tables are the functions' own words, its examples give what it says."""

import json
import re
from pathlib import Path

import pytest

from engine.recipe.filters import FILTERS, TESTS, filters_for
from engine.recipe.filters.reference import rewritten
from engine.recipe.templates.environment import build_environment
from engine.recipe.templates.template import compile_template

PAGE = (Path(__file__).parents[2] / "docs" / "filters.md").read_text(encoding="utf-8")
#: A row of a table: how it is written, what it does, an example, its result.
ROW = re.compile(r"^\| (?:`([^`]+)`)? ?\| (.*) \| `(\{\{.*\}\})` \| `(.*)` \|$", re.MULTILINE)
ROWS = [tuple(cell.replace("\\|", "|") for cell in row) for row in ROW.findall(PAGE)]
ENVIRONMENT = build_environment(filters_for({"areas": {"Family": "Family Law"}}), TESTS)


def test_the_tables_are_made_of_the_functions_own_words() -> None:
    """`python -m engine.recipe.filters.reference docs/filters.md` writes them anew."""
    assert rewritten(PAGE) == PAGE


@pytest.mark.parametrize(("usage", "about", "example", "result"), ROWS)
def test_examples_give_what_the_page_says(
    usage: str, about: str, example: str, result: str
) -> None:
    value = compile_template(ENVIRONMENT, example, "example").value({})
    assert (value if isinstance(value, str) else json.dumps(value)) == result
    assert about or not usage


def test_every_filter_and_test_is_on_the_page() -> None:
    names = [usage.split("(")[0] for usage, *_ in ROWS if usage]
    assert sorted(names) == sorted([*FILTERS, *TESTS])


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("3rd of March 2024 at 8pm", "2024-03-03"),
        ("Mon, 04 Mar 2024 10:00:00 GMT", "2024-03-04"),
        ("13/04/2024", "2024-04-13"),
    ],
)
def test_the_page_names_dates_that_are_read(written: str, date: str) -> None:
    assert written in PAGE
    assert FILTERS["date"](written) == date
