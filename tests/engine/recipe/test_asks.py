"""A step can ask a person: its grammar, and what later steps may read of the answer."""

from datetime import timedelta
from pathlib import Path

import pytest

from engine.host import Host
from engine.recipe.checking.check import check_recipe
from engine.recipe.findings import Finding
from engine.recipe.load import parse_recipe, read_recipe
from engine.recipe.steps import AskStep

HEAD = """\
name: Cases become tickets
trigger:
  use: office.case_changed
  as: case
steps:
"""
TICKET = """\
  - id: ticket
    use: desk.save_ticket
    with: {title: "{{ case.title }}"}
"""
FULL = """\
  - id: approval
    ask: "May {{ case.title }} go to the client?"
    details:
      Client: "{{ case.client.name }}"
      "Opened on": "{{ case.opened }}"
    choices: [yes, no, 00042]
    of: [lawyer@firm.example, "{{ case.client.email }}"]
    within: 3 days
    otherwise: skip
    on_no: reject
    if: case.urgent
"""


def question(lines: str) -> AskStep:
    """Return the one question of a recipe with these steps before its ticket."""
    [found] = [s for s in parse_recipe(HEAD + lines + TICKET, Path("r.yaml")).steps if _asks(s)]
    return found


def _asks(step: object) -> bool:
    return isinstance(step, AskStep)


def mistakes(lines: str, host: Host) -> list[Finding]:
    recipe, found = read_recipe(HEAD + lines, Path("r.yaml"))
    return found or check_recipe(recipe, host)


def test_everything_is_read() -> None:
    asked = question(FULL)
    assert str(asked.id) == "approval"
    assert str(asked.text) == "May {{ case.title }} go to the client?"
    assert {label: str(text) for label, text in asked.details.items()} == {
        "Client": "{{ case.client.name }}",
        "Opened on": "{{ case.opened }}",
    }
    assert (asked.kind, asked.choices) == ("choice", ("yes", "no", "00042"))
    assert [str(person) for person in asked.people] == [
        "lawyer@firm.example",
        "{{ case.client.email }}",
    ]
    assert asked.within == timedelta(days=3)
    assert (asked.otherwise, asked.on_no) == ("skip", "reject")
    assert str(asked.condition) == "case.urgent"


def test_what_is_not_written_has_a_default() -> None:
    asked = question("  - ask: Is it ready?\n")
    assert str(asked.id) == "ask"
    assert (asked.kind, asked.choices, asked.on_no) == ("choice", ("yes", "no"), "skip")
    assert (asked.within, asked.people, asked.details) == (None, (), {})
    assert question("  - ask: How much?\n    answer: number\n").choices == ()
    assert len(question("  - ask: A?\n    of: lawyer@firm.example\n").people) == 1


def test_a_good_question_has_no_findings(host: Host) -> None:
    assert mistakes(FULL + TICKET, host) == []


@pytest.mark.parametrize(
    ("lines", "place", "code", "says"),
    [
        ("  - ask: A?\n    use: desk.save_ticket\n", (6, 5), "use-and-ask", "not both"),
        ("  - ask: A?\n    chioces: [a, b]\n", (7, 5), "unknown-key", "Did you mean 'choices'?"),
        ("  - ask: A?\n    blank: clear\n", (7, 5), "misplaced-key", "belongs to a step"),
        ("  - ask:\n", (6, 8), "no-value", "has no value"),
        ("  - ask: A?\n    choices: []\n", (7, 14), "no-value", "no choice"),
        ("  - ask: A?\n    choices: [a, a]\n", (7, 18), "bad-choice", "stands here twice"),
        ("  - ask: A?\n    choices: ['{{ x }}']\n", (7, 16), "bad-choice", "be a template"),
        ("  - ask: A?\n    answer: money\n", (7, 13), "unknown-choice", "text, number, date"),
        ("  - ask: A?\n    choices: [a]\n    answer: text\n", (7, 14), "choices-and-answer", "Keep"),
        ("  - ask: A?\n    of: lawyer\n", (7, 9), "not-an-address", "log in with"),
        ("  - ask: A?\n    within: soon\n", (7, 13), "bad-duration", "1 day"),
        ("  - ask: A?\n    within: none\n", (7, 13), "bad-duration", "no time"),
        ("  - ask: A?\n    otherwise: skip\n", (7, 16), "misplaced-key", "within: 3 days"),
        ("  - ask: A?\n    within: 1 day\n    otherwise: maybe\n", (8, 16), "unknown-choice", "yes"),
        ("  - ask: A?\n    choices: [a, b]\n    on_no: skip\n", (8, 12), "misplaced-key", "'no'"),
        ("  - ask: A?\n    details: Client\n", (7, 14), "wrong-kind", "label: value"),
        ("  - ask: '{{ cas.title }}?'\n", (6, 14), "unknown-name", "Did you mean 'case'?"),
        ("  - ask: A?\n    details: {C: '{{ case.clint }}'}\n", (7, 27), "unknown-field", "client"),
        ("  - ask: A?\n    if: case.title\n", (7, 9), "not-a-condition", "true or false"),
        ("  - ask: A?\n    of: '{{ case.urgent }}'\n", (7, 10), "not-an-address", "field"),
    ],
)  # fmt: skip
def test_mistakes_are_found_with_their_place(
    host: Host, lines: str, place: tuple[int, int], code: str, says: str
) -> None:
    found = mistakes(lines + TICKET, host)
    assert [one.code for one in found] == [code], "\n".join(one.as_text() for one in found)
    position = found[0].position
    assert (position.line, position.column) == place
    assert says in found[0].as_text()


def read_later(asked: str, condition: str, host: Host) -> list[str]:
    return [one.code for one in mistakes(asked + TICKET + f"    if: {condition}\n", host)]


def test_later_steps_read_the_answer_as_what_it_can_be(host: Host) -> None:
    yes_or_no = "  - id: ok\n    ask: Ready?\n"
    assert read_later(yes_or_no, "ok.answer == 'yes'", host) == []
    assert read_later(yes_or_no, "ok.answer == 'maybe'", host) == ["never-equal"]
    assert read_later(yes_or_no, "ok.anwser == 'yes'", host) == ["unknown-field"]
    assert read_later(yes_or_no, "ok.by == 'dana@harborlaw.example'", host) == []
    amount = yes_or_no + "    answer: number\n"
    assert read_later(amount, "ok.answer > 5", host) == []
    assert read_later(amount, "ok.answer", host) == ["not-a-condition"]


def test_an_answer_that_ends_the_records_way_is_never_met(host: Host) -> None:
    asked = "  - id: ok\n    ask: Ready?\n"
    assert read_later(asked, "ok.answer == 'no'", host) == ["never-equal"]
    assert read_later(asked + "    on_no: continue\n", "ok.answer == 'no'", host) == []


def test_an_answer_is_not_there_before_it_is_asked_for(host: Host) -> None:
    early = '  - use: desk.save_ticket\n    with: {title: "{{ ok.answer }}"}\n'
    found = mistakes(early + "  - id: ok\n    ask: Ready?\n" + TICKET, host)
    assert [one.code for one in found] == ["too-early"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("  - ask: Ready?\n", []),  # no ends the record's way
        ("  - ask: Ready?\n    on_no: continue\n", ["unread-step"]),
        ("  - ask: How much?\n    answer: number\n", ["unread-step"]),
        ("  - ask: Has the paper come?\n    choices: [it has]\n", []),
    ],
)
def test_an_answer_that_changes_nothing_is_a_mistake(
    host: Host, asked: str, found: list[str]
) -> None:
    assert [one.code for one in mistakes(asked + TICKET, host)] == found


def test_a_question_at_the_end_is_a_mistake(host: Host) -> None:
    [found] = mistakes(TICKET + "  - ask: Was that good?\n", host)
    assert found.code == "unread-step"
    assert "Nothing comes after" in found.message
