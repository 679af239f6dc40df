"""What is offered of the files beside a recipe: recipes to call, blueprints, and their inputs."""

from pathlib import Path

import pytest

from engine.host import Host
from engine.recipe.editing.complete import completions

PART = """\
name: Find somebody
inputs:
  email: email
  kind: {type: choice, choices: [staff, client], required: no}
outputs: {id: "{{ person.id }}"}
steps:
  - id: person
    use: desk.find_person
    with: {email: "{{ inputs.email }}"}
"""
BLUEPRINT = """\
name: Notes
inputs:
  folder: text
trigger: {use: office.note_written, with: {folder: "{{ inputs.folder }}"}, as: note}
steps:
  - use: desk.save_ticket
    with: {title: "{{ note.text }}"}
"""
CALLER = """\
name: A
trigger: {use: office.case_changed, as: case}
steps:
  - id: them
    call: part
    with: {email: a}
  - use: desk.save_ticket
    with: {title: "{{ them.id }}"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "blueprints").mkdir()
    (tmp_path / "part.yaml").write_text(PART)
    (tmp_path / "blueprints" / "notes.yaml").write_text(BLUEPRINT)
    return tmp_path


def labels(host: Host, file: Path, written: str) -> list[str]:
    before, _, after = written.partition("¦")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return [found.label for found in completions(before + after, file, line, column, host)]


@pytest.mark.parametrize(
    ("old", "new", "offered"),
    [
        ("call: part", "call: ¦", ["part"]),
        ("{email: a}", "{¦", ["email", "kind"]),
        ("{email: a}", "{email: a, k¦", ["kind"]),
        ("{email: a}", "{email: a, kind: ¦", ["staff", "client"]),
        ("{{ them.id }}", "{{ them.¦ }}", ["id"]),
    ],
)
def test_a_call_is_completed(
    host: Host, folder: Path, old: str, new: str, offered: list[str]
) -> None:
    assert labels(host, folder / "a.yaml", CALLER.replace(old, new)) == offered


def test_a_recipe_that_is_called_is_completed_inside(host: Host, folder: Path) -> None:
    file = folder / "part.yaml"
    assert labels(host, file, PART.replace("inputs.email", "inputs.¦")) == ["email", "kind"]
    assert labels(host, file, PART.replace("person.id", "person.¦")) == ["id", "name"]


def test_a_recipe_made_from_a_blueprint_is_completed(host: Host, folder: Path) -> None:
    file = folder / "a.yaml"
    assert labels(host, file, "name: A\nblueprint: ¦\n") == ["notes"]
    assert labels(host, file, "name: A\nblueprint: notes\ninputs:\n  ¦\n") == ["folder"]
    assert labels(host, file, "name: A\nblueprint: nothing\ninputs:\n  ¦\n") == []
