"""Recipes with planted mistakes: all are found, at their places, and nothing else is."""

import re
from pathlib import Path

import pytest

import plugins.casestatus
import plugins.clio
import plugins.csv
import plugins.mailchimp
from engine.host import Host, build_host
from engine.recipe.checking.check import check_file

FOLDER = Path(__file__).parent / "wrong"
CONNECTIONS = {"clio", "casestatus", "mailchimp"}
EXPECTED: dict[str, list[str]] = {
    "expressions": [
        "7:23 template-syntax",
        "9:23 template-syntax",
        "11:10 template-syntax",
        "13:28 template-syntax",
        "15:25 unknown-name",
        "21:57 function-call",
        "22:24 not-a-template",
        "26:15 template-syntax",
        "28:17 template-syntax",
        "29:17 not-a-template",
        "30:26 function-call",
        "31:31 template-syntax",
        "32:43 template-syntax",
        "33:28 template-syntax",
        "34:26 curly-quotes",
        "35:57 template-syntax",
        "36:25 function-call",
    ],
    "types": [
        "7:22 never-equal",
        "9:28 never-equal",
        "11:26 never-equal",
        "13:9 always-true",
        "19:11 constant-key",
        "21:34 wrong-type",
        "22:21 not-text",
        "23:32 wrong-type",
        "24:39 wrong-type",
        "25:34 wrong-type",
        "26:28 wrong-type",
        "27:44 field-of-list",
        "30:47 wrong-type",
        "37:58 unknown-field",
        "37:77 unknown-field",
        "38:15 not-a-list",
        "40:25 duplicate-id",
        "42:51 too-early",
        "44:5 never-reached",
    ],
    "other_tools": [
        "1:1 unknown-key",
        "2:1 unknown-key",
        "3:3 unknown-key",
        "4:3 unknown-key",
        "6:3 unknown-key",
        "7:1 unknown-key",
        "8:5 unknown-key",
        "9:5 unknown-key",
        "10:1 unknown-key",
        "11:5 unknown-key",
        "12:5 unknown-key",
        "13:5 unknown-key",
        "14:5 unknown-key",
        "15:5 unknown-key",
        "19:5 unknown-key",
        "20:5 unknown-key",
        "21:5 unknown-key",
        "22:65 unknown-field",
        "23:5 unknown-key",
        "24:5 unknown-key",
        "25:5 unknown-key",
        "26:9 unknown-key",
        "27:9 unknown-key",
        "28:9 unknown-key",
        "29:5 unknown-key",
        "30:9 unknown-key",
        "31:9 unknown-key",
        "33:5 unknown-key",
        "35:1 unknown-key",
        "35:10 unknown-key",
        "36:1 unknown-key",
    ],
    "yaml_of_haste": [
        "4:14 no-space-after-colon",
        "5:5 no-colon",
        "6:32 crossed-brackets",
        "8:4 no-space-after-hyphen",
        "13:6 indentation",
        "14:8 no-colon",
        "16:16 backslash",
        "17:19 quote-in-quotes",
        "22:16 no-space-after-colon",
        "23:14 unquoted-braces",
        "24:13 list-on-line",
    ],
    "conditions": [
        "6:9 not-a-condition",
        "8:22 template-syntax",
        "10:26 never-equal",
        "12:10 template-syntax",
        "14:27 unknown-test",
        "16:26 filter-arguments",
        "20:10 misplaced-key",
        "21:30 template-syntax",
    ],
    "connectors": [
        "3:8 not-a-trigger",
        "8:10 unknown-connector",
        "9:19 too-early",
        "11:10 not-an-action",
        "12:9 duplicate-id",
        "13:10 not-an-action",
        "15:10 unknown-operation",
        "17:23 too-early",
        "20:17 unknown-connection",
        "22:10 bad-use",
    ],
    "fields": [
        "4:19 wrong-value",
        "4:34 unknown-field",
        "5:13 unknown-time-zone",
        "6:14 bad-duration",
        "10:10 missing-field",
        "11:10 wrong-type",
        "13:14 wrong-type",
        "14:18 wrong-value",
        "16:16 wrong-value",
        "17:9 unknown-field",
        "17:42 field-of-list",
        "22:15 wrong-value",
        "23:29 wrong-value",
        "24:39 not-text",
    ],
    "elsewhere": [
        "2:1 unknown-key",
        "6:3 misplaced-key",
        "7:3 unknown-key",
        "8:7 unknown-choice",
        "10:5 misplaced-key",
        "12:12 unknown-choice",
        "15:34 no-such-column",
        "15:67 no-such-column",
    ],
    "misspelt": [
        "8:13 unknown-name",
        "9:24 unknown-field",
        "13:12 unknown-field",
        "13:59 unknown-filter",
        "14:35 unquoted-braces",
        "17:17 unknown-field",
        "20:7 unknown-field",
        "21:60 unknown-table",
        "23:48 unknown-filter",
        "23:74 filter-arguments",
        "24:7 unknown-field",
    ],
    "syntax": [
        "11:14 template-syntax",
        "14:9 template-syntax",
        "19:14 template-syntax",
        "20:31 template-syntax",
        "25:27 function-call",
        "25:37 function-call",
        "27:71 filter-arguments",
        "28:43 filter-arguments",
        "28:56 unknown-filter",
    ],
    "yaml": [
        "1:11 colon-in-text",
        "5:1 tab",
        "12:13 unquoted-braces",
        "13:27 hash-in-text",
        "14:17 reserved-character",
        "15:18 quote-in-quotes",
        "16:22 unclosed-quote",
        "19:7 duplicate-key",
    ],
}


@pytest.fixture(scope="module")
def host() -> Host:
    connectors = [plugins.clio, plugins.casestatus, plugins.mailchimp, plugins.csv]
    return build_host(connectors, strict=True)


def test_every_wrong_recipe_is_expected() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_wrong_recipes(host: Host, name: str) -> None:
    found = check_file(FOLDER / f"{name}.yaml", host, CONNECTIONS)
    assert [f"{f.position.line}:{f.position.column} {f.code}" for f in found] == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_findings_read_as_plain_sentences(host: Host, name: str) -> None:
    for finding in check_file(FOLDER / f"{name}.yaml", host, CONNECTIONS):
        text = f"{finding.message} {finding.hint}"
        assert finding.message.endswith(".")
        assert not re.search(r"Error|Exception|Undefined|<class|None\b|Traceback", text)
        assert (
            finding.source
            == (FOLDER / f"{name}.yaml").read_text().splitlines()[finding.position.line - 1]
        )
