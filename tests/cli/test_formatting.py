"""``fmt`` writes recipes in the usual form, and leaves alone what is no recipe."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from engine.recipe.gallery import shipped_recipes

Bridgework = Callable[..., Result]

MESSY = """\
trigger: {use: csv.row_read, with: {file: 'contacts.csv'}, as: row}
name: Contacts
steps:
- use: csv.append_rows   # at the end
  with: {file: 00042, columns: {name: "{{ row.first_name }}",country: NO}}
"""
TIDY = """\
name: Contacts
trigger: {use: csv.row_read, with: {file: "contacts.csv"}, as: row}
steps:
  - use: csv.append_rows   # at the end
    with: {file: 00042, columns: {name: "{{ row.first_name }}", country: NO}}
"""


@pytest.fixture
def file() -> Path:
    Path("recipes").mkdir()
    file = Path("recipes/contacts.yaml")
    file.write_text(MESSY)
    return file


def test_recipes_are_formatted_once(bridgework: Bridgework, file: Path) -> None:
    result = bridgework("fmt")
    assert (result.exit_code, result.stderr) == (0, "recipes/contacts.yaml formatted.\n")
    assert file.read_text() == TIDY
    again = bridgework("fmt", "contacts", "recipes")
    assert (again.exit_code, again.stderr) == (0, "1 recipe formatted already.\n")


def test_check_only_says_what_would_change(bridgework: Bridgework, file: Path) -> None:
    result = bridgework("fmt", "--check")
    assert (result.exit_code, result.stderr) == (1, "recipes/contacts.yaml would change.\n")
    assert file.read_text() == MESSY


def test_what_has_mistakes_is_left_alone(bridgework: Bridgework, file: Path) -> None:
    file.write_text(MESSY.replace("steps", "stepps"))
    result = bridgework("fmt")
    assert result.exit_code == 1
    assert "contacts.yaml has mistakes and is left alone; `bridgework check" in result.stderr
    assert file.read_text() == MESSY.replace("steps", "stepps")
    file.write_bytes(b"\xff")
    assert bridgework("fmt").exit_code == 1


def test_shipped_recipes_are_formatted_already(bridgework: Bridgework) -> None:
    assert bridgework("fmt", "--check", shipped_recipes()).exit_code == 0


def test_a_recipe_that_others_call_is_formatted_too(bridgework: Bridgework) -> None:
    Path("recipes").mkdir()
    called = Path("recipes/hello.yaml")
    called.write_text(
        "outputs: {text: '{{ words.text }}'}\nsteps:\n- set: {text: 'Hello {{ inputs.name }}'}\n"
        "  id: words\ninputs: {name: text}\nname: Hello\n"
    )
    assert bridgework("fmt").exit_code == 0
    assert called.read_text() == (
        'name: Hello\ninputs: {name: text}\nsteps:\n  - id: words\n    set: {text: "Hello {{ inputs.name }}"}'
        '\noutputs: {text: "{{ words.text }}"}\n'
    )
    assert bridgework("fmt", "--check").exit_code == 0
