"""`today` and `now`: the run's day and time, the same for all its records, in the recipe's time zone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.host import Host
from engine.recipe.checking.check import check_text
from engine.recipe.findings import Finding
from engine.recipe.load import parse_recipe
from engine.run.plan import offline_plan

RECIPE = """\
name: A
trigger:
  use: office.case_changed
  as: case
  timezone: America/New_York
skip:
  - if: case.opened is later_than(today)
    reason: It opens after {{ today }}.
steps:
  - use: desk.save_ticket
    with:
      title: "{{ case.title }} at {{ now }}"
      due: "{{ today | add('2 business days') }}"
"""
#: In New York it is still Friday the 8th.
NOW = datetime(2024, 3, 9, 3, 30, tzinfo=UTC)


def findings(text: str, host: Host, *, hints: bool = False) -> list[Finding]:
    return check_text(text, Path("recipes/r.yaml"), host, hints=hints)


def test_a_run_s_day_and_time_are_those_of_its_beginning(host: Host) -> None:
    plan = offline_plan(host, parse_recipe(RECIPE, Path("r.yaml")), now=NOW)
    (step,) = plan.uses
    for title in ("first", "last"):
        built = step.rows.build({"case": {"title": title}})
        assert built == {"title": f"{title} at 2024-03-08T22:30:00-05:00", "due": "2024-03-12"}
    rule = plan.skip[0]
    for opened, later in (("2024-03-08", False), ("9 March 2024", True), (None, False)):
        assert rule.condition.holds({"case": {"opened": opened}}) is later
    assert rule.reason.text({}) == "It opens after 2024-03-08."


def test_check_says_what_differs_from_run_to_run(host: Host) -> None:
    assert findings(RECIPE, host) == []
    hints = findings(RECIPE, host, hints=True)
    assert [(one.code, one.position.line, one.level) for one in hints] == [
        ("changes-daily", 12, "hint"),
        ("changes-daily", 13, "hint"),
    ]
    assert "'due' reads the date of the run" in hints[1].message


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("as: case", "as: today", "bad-name"),
        ("- use: desk", "- id: now\n    use: desk", "bad-name"),
        ("{{ now }}", "{{ now.year }}", "unknown-field"),
        ("{{ now }}", "{{ tody }}", "unknown-name"),
        ("    with:", "    key: today\n    with:", "constant-key"),
    ],
)
def test_wrong_uses_of_these_names(host: Host, old: str, new: str, code: str) -> None:
    found = findings(RECIPE.replace(old, new, 1), host)
    assert code in [one.code for one in found]
