"""What an answer is made of: a status, headers that can be sent, and a body that is text or JSON."""

from pathlib import Path
from typing import Any

import pytest

from engine.errors import TemplateError
from engine.host import build_host
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.load import parse_recipe
from engine.recipe.templates.environment import build_environment
from engine.run.flow.answer import PlannedAnswer
from engine.run.plan_steps import Planner
from engine.sdk import HookReply

RECIPE = """\
name: Answers
trigger: {use: shop.ordered, as: order, schedule: instant}
steps:
  - answer: ANSWER
"""
ORDER = {
    "title": "Hello",
    "lines": [{"sku": "A"}],
    "split": "a\r\nSet-Cookie: b=c",
    "emoji": "😀",
    "large": "ä" * 600_000,
}


def reply(answer: str) -> HookReply:
    """Return what a recipe answers for an order."""
    recipe = parse_recipe(RECIPE.replace("ANSWER", answer), Path("answers.yaml"))
    environment = build_environment(filters_for({}), TESTS)

    def nothing_to_open(*_: Any) -> Any:
        raise AssertionError("an answer uses no connection")

    planner = Planner(environment, build_host([]), recipe, "order", nothing_to_open)
    (planned,) = planner.plan(recipe.steps)
    assert isinstance(planned, PlannedAnswer)
    return planned.reply({"order": ORDER})


@pytest.mark.parametrize(
    ("answer", "status", "body", "kind"),
    [
        ("{body: 'Thanks, {{ order.title }}'}", 200, "Thanks, Hello", "text/plain; charset=utf-8"),
        ("{body: 420}", 200, "420", "text/plain; charset=utf-8"),
        ("{body: '{{ order.lines }}'}", 200, '[{"sku":"A"}]', "application/json"),
        ("{body: [1, '2', '{{ order.nothing }}']}", 200, '[1,"2",null]', "application/json"),
        ("{body: [{a: true}, {a: -1.5}]}", 200, '[{"a":true},{"a":-1.5}]', "application/json"),
        ("{body: {a.b: null}}", 200, '{"a":{"b":null}}', "application/json"),
        ("{status: 204, body: x}", 204, "", "text/plain; charset=utf-8"),
        ("{status: '{{ 404 if order.lines else 200 }}'}", 404, "", "text/plain; charset=utf-8"),
        ("{body: <p>, headers: {content-type: text/html}}", 200, "<p>", "text/html"),
    ],
)
def test_bodies_are_texts_or_json(answer: str, status: int, body: str, kind: str) -> None:
    found = reply(answer)
    assert (found.status, found.body) == (status, body)
    assert [*found.headers.values()] == [kind]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("{status: '{{ order.title }}'}", "bad_status"),
        ("{status: '{{ 100 }}'}", "bad_status"),
        ("{headers: {X-Title: '{{ order.split }}'}}", "bad_header"),
        ("{headers: {X-Title: '{{ order.emoji }}'}}", "bad_header"),
        ("{body: '{{ order.large }}'}", "too_large"),
    ],
)
def test_what_cannot_be_sent_is_refused(answer: str, code: str) -> None:
    with pytest.raises(TemplateError) as refused:
        reply(answer)
    assert refused.value.code == code
