"""What is told of a recipe as a whole, of its triggers, and of steps that go wrong."""

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from engine.host import Host, build_host
from engine.recipe.explain.outline import as_lines, explain
from engine.recipe.explain.picture import draw
from engine.recipe.load import parse_recipe, read_recipe
from plugins import casestatus, clio, csv, mailchimp

TEXT = """\
name: Clients
triggers:
  - id: people
    use: clio.contact_changed
    as: contact
    schedule: every day at 20:30
    jitter: 10 minutes
    missed: skip
  - id: matters
    use: clio.matter_changed
    as: matter
limits: {hold_if_more_than: 200 new, stop_if_rejected_over: 20%}
mode: queued
report: {send_to: office@firm.example, when: always}
steps:
  - id: client
    use: casestatus.upsert_client
    with: {last_name: "{{ contact.name }}"}
    blank: {email: clear, otherwise: reject}
    on_error: {rejected: stop, not_found: report, no_answer: skip, otherwise: retry 2 times then hold}
"""


@pytest.fixture(scope="module")
def host() -> Host:
    return build_host([clio, casestatus, mailchimp, csv], strict=True)


@pytest.fixture(scope="module")
def lines(host: Host) -> list[str]:
    outline = explain(parse_recipe(TEXT, Path("clients.yaml")), host)
    return [line for _, line in as_lines(outline)]


def test_each_trigger_is_told_by_its_id_with_what_is_special_of_its_times(lines: list[str]) -> None:
    assert lines[0].startswith("“people”: every day at 20:30, take each contact from Clio")
    assert "It begins up to 10 minutes later." in lines
    assert "A time that passes while Bridgework is stopped is left out." in lines
    assert any(line.startswith("“matters”: when somebody starts it") for line in lines)


@pytest.mark.parametrize(
    "sentence",
    [
        "If more than 200 records of a run are new, they wait until a person lets them through.",
        "A run stops where more than 20% of its records are rejected.",
        "A run that is asked for while another is active waits until that one is done.",
        "The report goes to office@firm.example after every run.",
    ],
)
def test_what_holds_for_the_recipe_stands_at_the_end(lines: list[str], sentence: str) -> None:
    assert sentence in lines[lines.index("For the recipe as a whole:") :]


def test_a_recipe_without_such_rules_has_no_such_part(host: Host) -> None:
    plain = TEXT[: TEXT.index("limits:")] + TEXT[TEXT.index("steps:") :]
    outline = explain(parse_recipe(plain, Path("clients.yaml")), host)
    assert all(part.kind != "rules" for part in outline.parts)


@pytest.mark.parametrize(
    "sentence",
    [
        "Any other empty field rejects the record.",
        "If email is empty, it is emptied there, too.",
        "Where a record is rejected, the whole run stops.",
        "Where the app has no such thing, the record is only reported.",
        "If the app doesn't answer, the record is left out.",
        "A request that fails is tried 2 times more; then the record is held until a person "
        "retries it.",
    ],
)
def test_a_step_tells_what_empty_fields_and_failures_do(lines: list[str], sentence: str) -> None:
    assert sentence in lines


def test_the_other_direction_is_told(host: Host) -> None:
    text = TEXT.replace("mode: queued", "two_way: back")
    recipe, _ = read_recipe(text, Path("clients.yaml"))
    assert recipe is not None
    said = [line for _, line in as_lines(explain(recipe, host))]
    assert any(line.startswith("The recipe “back” bridges in the other direction") for line in said)


def test_a_recipe_made_from_a_blueprint_tells_what_it_gave(host: Host, tmp_path: Path) -> None:
    folder = tmp_path / "blueprints"
    folder.mkdir()
    text = (
        "name: Rows\ninputs:\n  which: {type: choice, choices: [a, b], description: One of two}\n"
        "  note: {type: text, required: no}\n"
        "trigger: {use: clio.contact_changed, as: contact}\n"
        "steps:\n  - {id: end, skip: '{{ inputs.which }}'}\n"
    )
    (folder / "rows.yaml").write_text(text)
    made = parse_recipe("blueprint: rows\ninputs: {which: b}\n", tmp_path / "mine.yaml")
    told = [line for _, line in as_lines(explain(made, host))]
    assert told[-1] == "It is made from the blueprint “rows” with which: b."


def test_triggers_stand_beside_each_other_in_the_picture(host: Host) -> None:
    picture = fromstring(draw(explain(parse_recipe(TEXT, Path("clients.yaml")), host)))
    boxes = [rect.attrib for rect in picture.findall("{*}rect")]
    first, second, step = boxes  # and none for the rules
    assert float(first["y"]) == float(second["y"]) < float(step["y"])
    assert float(first["x"]) + float(first["width"]) < float(second["x"])
    assert float(picture.attrib["width"]) > 2 * float(first["width"])
