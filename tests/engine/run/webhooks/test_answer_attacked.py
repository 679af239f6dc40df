"""What a caller posts ends its own delivery at most: neither the run nor those that come after it."""

from typing import Any

import pytest

from engine.sdk import Delivery
from engine.store.runs import list_runs

ANSWER = """
- answer: {status: "{{ order.status }}", headers: {X-Odd: "{{ order.odd }}"}, body: "{{ order.text }}"}
"""
CASES = {
    "half a character": {"text": "\ud800"},
    "a number of thousands of digits": {"text": 10**4250},
    "a list in a header": {"odd": [1]},
    "a header within a header": {"odd": "a\r\nSet-Cookie: b=c"},
    "a status with zeros": {"status": "000000200999"},
}


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_answered_with_is_rejected_and_the_next_is_answered(
    porter: Any, name: str
) -> None:
    office = porter.office
    recipe = office.recipe(ANSWER, trigger="posted", trigger_keys="schedule: instant")
    text = recipe.path.read_text("utf-8").replace("mill.", "bell.")
    recipe.path.write_text(text, "utf-8")
    porter.switch_on(office.library.load(recipe.name))
    fine = {"id": 8, "title": "Fine", "text": "a", "odd": "b", "status": "200"}
    porter.deliver(Delivery("d1", record={**fine, "id": 7, **CASES[name]}))
    porter.deliver(Delivery("d2", record=fine))
    porter.go()
    assert {run.status for run in list_runs(office.store)} <= {"succeeded", "partial"}
    outcomes = {}
    for run in list_runs(office.store):
        outcomes |= office.outcomes(run)
    assert outcomes["7"] == "rejected"
    assert outcomes.get("8") != "failed"
