"""A recipe from a blueprint is an ordinary recipe with the inputs' values in it."""

from pathlib import Path

import pytest

from engine.errors import BridgeworkError
from engine.host import Host
from engine.recipe.blueprints import blueprint_cards, load_blueprint, text_from
from engine.recipe.checking.check import check_file
from engine.recipe.library import Library
from engine.recipe.load import load_recipe, parse_recipe, read_recipe
from engine.recipe.model import Recipe
from engine.recipe.reading.fill import literal
from engine.recipe.steps import Step
from engine.recipe.templates.template import compile_template
from tests.engine.recipe.test_template import ENVIRONMENT

BLUEPRINT = """\
name: Cases become tickets
description: From a blueprint.
inputs:
  office: {type: connection, of: office}
  status: {choices: [open, closed], default: open}
  people: {type: list, required: no}
  urgent: {type: yes/no, default: no}
  prefix: {type: text, required: no}
  time: {type: time, default: "20:30"}
trigger:
  use: office.case_changed
  connection: "{{ inputs.office }}"
  with: {status: ["{{ inputs.status }}"]}
  as: case
  schedule: every weekday at {{ inputs.time }}
skip:
  - if: inputs.urgent and not case.urgent
    reason: Not {{ inputs.status }} enough.
steps:
  - id: ticket
    use: desk.save_ticket
    with:
      title: "{{ inputs.prefix }}{{ case.title }}"
      contact: {phone: "1", surname: "{{ case.title | truncate(9) }}"}
      tags: "{{ inputs.people }}"
      private: "{{ inputs.urgent }}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "blueprints").mkdir()
    (tmp_path / "blueprints" / "tickets.yaml").write_text(BLUEPRINT, "utf-8")
    return tmp_path


def write(folder: Path, inputs: str, more: str = "") -> Path:
    path = folder / "mine.yaml"
    path.write_text(f"blueprint: tickets\n{more}inputs: {inputs}\n", "utf-8")
    return path


def fields(recipe: Recipe) -> dict[str, object]:
    step = recipe.steps[0]
    assert isinstance(step, Step)
    return {
        ".".join(path): [str(one) for one in value] if isinstance(value, tuple) else str(value)
        for path, value in step.fields.values.items()
    }


def test_what_is_given_stands_where_the_inputs_were_read(folder: Path, host: Host) -> None:
    path = write(
        folder,
        "{office: main, people: [A, B], urgent: yes, time: 7:15, prefix: 'No. '}",
        "name: M\n",
    )
    recipe = load_recipe(path)
    assert (recipe.name, recipe.title, recipe.description) == ("mine", "M", "From a blueprint.")
    assert recipe.trigger.connection_name == "main"
    assert recipe.trigger.schedule.value == "every weekday at 7:15"
    assert recipe.skip[0].condition.value == "true and not case.urgent"
    assert recipe.skip[0].reason.value == "Not {{ 'open' }} enough."
    assert fields(recipe) == {
        "title": "{{ 'No. ' }}{{ case.title }}",
        "contact.phone": "1",
        "contact.surname": "{{ case.title | truncate(9) }}",
        "tags": ["{{ 'A' }}", "{{ 'B' }}"],
        "private": "{{ true }}",
    }
    assert check_file(path, host) == []


def test_an_input_that_is_not_given_leaves_its_field_out(folder: Path) -> None:
    recipe = load_recipe(write(folder, "{office: main}"))
    assert "tags" not in fields(recipe)
    assert fields(recipe)["title"] == "{{ none }}{{ case.title }}"


@pytest.mark.parametrize(
    "value", ["{{ case.id }}", "a 'b' \"c\" \\", "}}{{", "{% raw %}", "1\n2", "é😀"]
)
def test_nobodys_text_becomes_a_template(value: str) -> None:
    template = compile_template(ENVIRONMENT, "{{ " + literal(value) + " }}", "title")
    assert template.value({"case": {"id": 7}}) == value


WRONG = {
    "missing": ("{}", 1, "The blueprint 'tickets' needs the input 'office'."),
    "unknown": ("{office: a, sattus: open}", 2, "The blueprint 'tickets' has no input 'sattus'."),
    "no choice": ("{office: a, status: ajar}", 2, "'status' can't be 'ajar'."),
    "no time": ("{office: a, time: noon}", 2, "'time' can't be 'noon'."),
    "neither": (
        "{office: a, urgent: perhaps}",
        2,
        "'urgent': 'perhaps' is neither true nor false.",
    ),
    "a list": ("[a]", 2, "'inputs' takes `name: value` lines."),
}


@pytest.mark.parametrize(("inputs", "line", "message"), WRONG.values(), ids=WRONG)
def test_inputs_that_do_not_fit_are_found_where_they_stand(
    folder: Path, inputs: str, line: int, message: str
) -> None:
    path = write(folder, inputs)
    found = read_recipe(path.read_text("utf-8"), path)[1]
    assert (found[0].position.line, found[0].message) == (line, message)


def test_mistakes_of_a_blueprint_are_told_with_its_line(folder: Path, host: Host) -> None:
    path = write(folder, "{office: main}")
    file = folder / "blueprints" / "tickets.yaml"
    assert check_file(file, host) == []
    file.write_text(BLUEPRINT.replace("{{ case.title }}", "{{ case.titel }}"), "utf-8")
    [found] = check_file(path, host)
    assert (found.position.line, found.code) == (1, "unknown-field")
    assert found.message == "In line 23 of the blueprint: 'case' has no field 'titel'."
    [there] = check_file(file, host)
    assert there.position.line == 23
    file.write_text(BLUEPRINT.replace("inputs.prefix", "inputs.perfix"), "utf-8")
    assert [one.code for one in check_file(file, host)] == ["unknown-field"]
    file.write_text(BLUEPRINT.replace("office.case_changed", "office"), "utf-8")
    [found] = read_recipe(path.read_text("utf-8"), path)[1]
    assert found.message.startswith("In line 11 of the blueprint: ")


def test_a_blueprint_that_is_not_there_is_named(folder: Path) -> None:
    path = folder / "mine.yaml"
    path.write_text("blueprint: nothing\n", "utf-8")
    [found] = read_recipe(path.read_text("utf-8"), path)[1]
    assert found.message == "There is no blueprint 'nothing'."


def test_a_blueprint_does_not_run_itself(folder: Path) -> None:
    with pytest.raises(BridgeworkError, match="is a blueprint: it needs its inputs"):
        load_recipe(folder / "blueprints" / "tickets.yaml")
    (folder / "stray.yaml").write_text(BLUEPRINT, "utf-8")
    path = folder / "stray.yaml"
    assert [one.code for one in read_recipe(BLUEPRINT, path)[1]] == ["misplaced-blueprint"]


def test_a_changed_blueprint_changes_its_recipes_and_versions_keep_it(folder: Path) -> None:
    path = write(folder, "{office: main}")
    first = load_recipe(path)
    assert first.beside == {"blueprints/tickets.yaml": BLUEPRINT}
    file = folder / "blueprints" / "tickets.yaml"
    file.write_text(BLUEPRINT.replace("weekday", "day"), "utf-8")
    assert load_recipe(path).trigger.schedule.value == "every day at 20:30"
    kept = parse_recipe(first.text, first.path, first.beside)
    assert kept.trigger.schedule.value == "every weekday at 20:30"


def test_a_blueprint_may_have_tables_beside_it(folder: Path) -> None:
    file = folder / "blueprints" / "tickets.yaml"
    file.write_text(BLUEPRINT + "translate: {kinds: kinds.csv}\n", "utf-8")
    (folder / "blueprints" / "kinds.csv").write_text("a,b\n1,2\n", "utf-8")
    recipe = load_recipe(write(folder, "{office: main}"))
    assert recipe.tables["kinds"] == {"1": "2"}
    assert sorted(recipe.beside) == ["blueprints/kinds.csv", "blueprints/tickets.yaml"]


def test_blueprints_are_listed_and_recipes_written_from_them(folder: Path) -> None:
    library = Library(folder)
    [card] = blueprint_cards(library)
    assert (card.name, card.title, card.problem) == ("tickets", "Cases become tickets", "")
    assert load_blueprint(library, "tickets").inputs is not None
    values = {"office": "main", "prefix": "No: 1", "people": ["A: b", "c"], "time": ""}
    text = text_from("tickets", values, title="Mine")
    assert text == (
        'blueprint: tickets\nname: Mine\ninputs:\n  office: main\n  prefix: "No: 1"\n'
        '  people: ["A: b", "c"]\n'
    )
    (folder / "mine.yaml").write_text(text, "utf-8")
    assert library.names() == ["mine"]
    assert fields(library.load("mine"))["tags"] == ["{{ 'A: b' }}", "{{ 'c' }}"]
    with pytest.raises(BridgeworkError, match="There is no blueprint 'ticket'"):
        load_blueprint(library, "ticket")
