"""``report:`` says who is told of a recipe's runs, and of which."""

from pathlib import Path

import jsonschema
import pytest

import plugins.csv
from engine.host import build_host
from engine.recipe.load import read_recipe
from engine.recipe.model import Recipe, ReportRule
from engine.recipe.schema.schema import recipe_schema

RECIPE = """\
name: Cases become tickets
trigger:
  use: office.case_changed
steps:
  - use: desk.save_ticket
"""


def read(report: str) -> tuple[Recipe, list[str]]:
    recipe, findings = read_recipe(RECIPE + report + "\n", Path("cases.yaml"))
    assert recipe is not None
    return recipe, [
        f"{f.position.line}:{f.position.column} {f.code}: {f.message}" for f in findings
    ]


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("", ReportRule()),
        ("report: {send_to: [a@firm.example]}", ReportRule(("a@firm.example",))),
        ("report: {send_to: a@firm.example}", ReportRule(("a@firm.example",))),
        (
            "report:\n  send_to:\n    - a@firm.example\n    - b@firm.example\n    - a@firm.example\n"
            "  when: always",
            ReportRule(("a@firm.example", "b@firm.example"), "always"),
        ),
        (
            "report: {send_to: [a@firm.example], when: anything needs attention}",
            ReportRule(("a@firm.example",), "anything needs attention"),
        ),
        (
            "report: {send_to: [a@firm.example], when: failure}",
            ReportRule(("a@firm.example",), "failure"),
        ),
        (
            "report: {tell_if_rejected_over: 12.5%}",
            ReportRule(tell_if_rejected_over=0.125),
        ),
    ],
)
def test_what_is_written_is_read(written: str, rule: ReportRule) -> None:
    recipe, findings = read(written)
    assert findings == []
    assert recipe.report == rule


@pytest.mark.parametrize(
    ("written", "finding"),
    [
        (
            "report: {send_to: [intake]}",
            "6:20 bad-address: 'intake' is not an e-mail address.",
        ),
        (
            'report: {send_to: "a@firm.example, b@firm.example"}',
            "6:20 bad-address: 'a@firm.example, b@firm.example' is not an e-mail address.",
        ),
        ("report: {send_to: []}", "6:19 no-value: 'send_to' has no address in it."),
        (
            "report: {when: always}",
            "6:9 missing-key: The report says when it is sent, but not to whom.",
        ),
        (
            "report: {send_to: a@firm.example, when: sometimes}",
            "6:41 unknown-choice: 'when' can't be 'sometimes'.",
        ),
        (
            "report: {tell_if_rejected_over: a fifth}",
            "6:33 bad-share: 'a fifth' is not a share.",
        ),
        ("report: {tell_if_rejected_over: 120%}", "6:33 bad-share: '120%' is not a share."),
        (
            "report: {sent_to: a@firm.example}",
            "6:10 unknown-key: The report has no 'sent_to'.",
        ),
        (
            "report: a@firm.example",
            "6:9 wrong-kind: An address alone doesn't say what it is for.",
        ),
    ],
)
def test_what_is_wrong_is_found_with_its_place(written: str, finding: str) -> None:
    assert read(written)[1] == [finding]


def test_editors_know_the_report() -> None:
    schema = recipe_schema(build_host([plugins.csv], strict=True))
    good = {"send_to": ["a@firm.example"], "when": "failure", "tell_if_rejected_over": "30%"}
    part = jsonschema.Draft7Validator(schema["properties"]["report"])
    assert part.is_valid(good)
    assert not part.is_valid({**good, "when": "sometimes"})
    assert not part.is_valid({"sent_to": "a@firm.example"})
