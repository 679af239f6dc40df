"""What recipe writers read about filters and tests, made of the functions' own docstrings.

``python -m engine.recipe.filters.reference docs/filters.md`` writes the tables of that page anew.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.recipe.filters import SECTIONS, TESTS

EXAMPLE = re.compile(r"^\s*>>> (.*)\n\s*(.*)$", re.MULTILINE)
TESTS_SECTION = "Tests"


@dataclass(frozen=True)
class Entry:
    """One filter or test.

    :param usage: how it is written, e.g. ``truncate(length)``.
    :param about: what it does; one sentence or several.
    :param examples: templates, each with its result.
    """

    section: str
    name: str
    usage: str
    about: str
    examples: tuple[tuple[str, str], ...]


def entries() -> Iterator[Entry]:
    """Yield all filters in the order of the reference, then all tests."""
    for section, filters in SECTIONS.items():
        for name, function in filters.items():
            yield _entry(section, name, function)
    for name, function in TESTS.items():
        yield _entry(TESTS_SECTION, name, function)


def usage_of(name: str, function: Callable[..., Any]) -> str:
    """Return how a filter is written; what may be left out has ``=…`` behind it."""
    parts = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            parts.append("…")
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        elif parameter.default is inspect.Parameter.empty:
            parts.append(parameter.name)
        else:
            parts.append(f"{parameter.name}=…")
    return f"{name}({', '.join(parts)})" if parts else name


def _entry(section: str, name: str, function: Callable[..., Any]) -> Entry:
    doc = inspect.getdoc(function) or ""
    about = " ".join(doc.partition(">>>")[0].split()).replace("``", "`")
    if section == TESTS_SECTION:
        about = about.removeprefix("Whether ")
    return Entry(section, name, usage_of(name, function), about, tuple(EXAMPLE.findall(doc)))


# -- the page --------------------------------------------------------------------------------------


def table(section: str) -> str:
    """Return the table of a section of docs/filters.md."""
    head = ("Test", "Holds when") if section == TESTS_SECTION else ("Filter", "What it does")
    rows = [f"| {' | '.join(head)} | Example | Result |", "|---|---|---|---|"]
    for entry in entries():
        if entry.section != section:
            continue
        first = (f"`{entry.usage}`", entry.about)
        for place, (example, result) in enumerate(entry.examples):
            usage, about = first if place == 0 else ("", "")
            cells = (usage, about, f"`{example}`", f"`{result}`")
            rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows) + "\n"


def rewritten(page: str) -> str:
    """Return the page with its tables as they should be, each below its section's heading."""
    for section in [*SECTIONS, TESTS_SECTION]:
        start = page.index(f"## {section}\n")
        begin = page.index("\n|", start) + 1
        end = page.find("\n\n", begin)
        page = page[:begin] + table(section) + (page[end + 1 :] if end >= 0 else "")
    return page


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
