"""The table of mistakes: each is found at its place, with a message that says what to do."""

import re

import pytest

import plugins.casestatus
import plugins.clio
import plugins.csv
import plugins.mailchimp
from engine.host import Host, build_host
from tests.recipes.mistake_table import BASE, FOLDER, Mistake, findings, read_mistakes, said

MISTAKES = [
    pytest.param(mistake, id=f"{file.stem}: {mistake.title}")
    for file in sorted(FOLDER.glob("*.txt"))
    for mistake in read_mistakes(file)
]
#: Words that mean something to programmers only.
JARGON = re.compile(
    r"Error|Exception|Undefined|Traceback|\bNone\b|\bnull\b|boolean|string|integer|array|object|"
    r"dict|iterable|parse|token|scalar|schema|invalid|syntax|regex|<class|\.py\b",
)


@pytest.fixture(scope="module")
def host() -> Host:
    connectors = [plugins.clio, plugins.casestatus, plugins.mailchimp, plugins.csv]
    return build_host(connectors, strict=True)


def test_the_recipe_that_is_spoilt_has_no_findings(host: Host) -> None:
    assert findings(BASE, host) == []


def test_there_are_many_mistakes() -> None:
    assert len(MISTAKES) >= 250


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_check_says_what_the_table_says(host: Host, mistake: Mistake) -> None:
    found = findings(mistake.recipe, host)
    assert said(found) == mistake.said
    for finding in found:
        assert finding.message.endswith(".")
        # What stands in quotes is the recipe writer's own.
        words = re.sub(r"'[^']*'|`[^`]*`", "", f"{finding.message} {finding.hint}")
        assert JARGON.search(words) is None, words


@pytest.mark.parametrize("mistake", [m for m in MISTAKES if "Write: " in m.values[0].said])
def test_the_corrected_line_is_right(host: Host, mistake: Mistake) -> None:
    """Written in the place of its line, what was said of it is not said again."""
    lines = mistake.recipe.split("\n")
    for finding in findings(mistake.recipe, host):
        number = finding.position.line - 1
        assert finding.source == lines[number]
        if finding.corrected:
            mended = "\n".join([*lines[:number], finding.corrected, *lines[number + 1 :]])
            left = [(f.position, f.code, f.message) for f in findings(mended, host)]
            assert (finding.position, finding.code, finding.message) not in left
