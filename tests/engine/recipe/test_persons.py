"""A step can be done by a person: its grammar, its check, and what is told of it."""

from datetime import timedelta
from pathlib import Path

import pytest

from engine.host import Host
from engine.recipe.checking.check import check_text
from engine.recipe.editing.complete import completions
from engine.recipe.explain.outline import as_lines, explain
from engine.recipe.findings import Finding
from engine.recipe.live import questions_of
from engine.recipe.load import parse_recipe
from engine.recipe.steps import Step

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
    connection: person
    with: {title: "{{ case.title }}"}
"""
TOLD = """\
    person:
      note: "Open the {{ case.title }} by hand."
      of: [kim@firm.example, "{{ case.client.email }}"]
      within: 2 days
      otherwise: skip
"""
PATH = Path("r.yaml")


def step(text: str) -> Step:
    [found] = parse_recipe(HEAD + text, PATH).steps
    assert isinstance(found, Step)
    return found


def mistakes(text: str, host: Host) -> list[Finding]:
    return check_text(HEAD + text, PATH, host, ["office"])


def test_everything_that_is_said_to_the_person_is_read() -> None:
    found = step(TICKET + TOLD)
    assert found.by_person
    assert found.person is not None
    assert str(found.person.note) == "Open the {{ case.title }} by hand."
    assert [str(one) for one in found.person.people] == [
        "kim@firm.example",
        "{{ case.client.email }}",
    ]
    assert (found.person.within, found.person.otherwise) == (timedelta(days=2), "skip")


def test_a_text_alone_is_the_note() -> None:
    found = step(TICKET + "    person: Open it by hand.\n")
    assert found.person is not None
    assert str(found.person.note) == "Open it by hand."


def test_a_person_needs_no_account_and_what_is_said_may_stay_when_the_app_does_it(
    host: Host,
) -> None:
    assert mistakes(TICKET + TOLD, host) == []
    recipe = parse_recipe(HEAD + TICKET + TOLD, PATH)
    assert recipe.connections == {"office"}
    assert all(question.connection != "person" for question in questions_of(host, recipe))
    by_app = (TICKET + TOLD).replace("    connection: person\n", "")
    assert not step(by_app).by_person
    assert mistakes(by_app, host) == []


@pytest.mark.parametrize(
    ("lines", "code", "says"),
    [
        ("    person: {of: kim}\n", "not-an-address", "'kim' is not an e-mail address."),
        ("    person: {within: soon}\n", "bad-duration", "soon"),
        ("    person: {otherwise: skip}\n", "misplaced-key", "this task has no 'within'"),
        ("    person: {notes: a}\n", "unknown-key", "'notes'"),
        ('    person: "{{ case.titel }}"\n', "unknown-field", "titel"),
    ],
)
def test_what_is_wrong_about_it_is_said(host: Host, lines: str, code: str, says: str) -> None:
    [found] = mistakes(TICKET + lines, host)
    assert found.code == code
    assert says in found.message


def test_a_person_starts_no_recipe(host: Host) -> None:
    text = HEAD.replace("  as: case", "  as: case\n  connection: person") + TICKET
    [found] = check_text(text, PATH, host, ["office"])
    assert (found.code, found.position.line) == ("person-trigger", 5)


def test_a_person_is_offered_at_steps_beside_the_connections_there_are(host: Host) -> None:
    text = HEAD + TICKET.replace("connection: person", "connection: ")
    line = text[: text.index("connection: ")].count("\n") + 1
    found = completions(text, PATH, line, len("    connection: ") + 1, host, ["desk"])
    assert [one.label for one in found] == ["desk", "person"]
    trigger = HEAD.replace("  as: case", "  connection: \n  as: case") + TICKET
    found = completions(trigger, PATH, 4, len("  connection: ") + 1, host, ["desk"])
    assert [one.label for one in found] == ["desk"]


def test_it_is_told_that_a_person_does_it(host: Host) -> None:
    told = [line for _, line in as_lines(explain(parse_recipe(HEAD + TICKET + TOLD, PATH), host))]
    assert any(line.startswith("A person does it: ") and "Help Desk" in line for line in told)
    assert "It waits for 2 days at most." in told
    assert any(line.startswith("It is a task for ") and "kim@firm.example" in line for line in told)
