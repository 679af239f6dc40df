"""A recipe's file becomes values whose texts keep their shape and their place."""

from datetime import timedelta
from pathlib import Path

import pytest

from engine.errors import RecipeError, SetupError
from engine.recipe.load import load_recipe, parse_recipe, read_recipe
from engine.recipe.model import Recipe
from engine.recipe.texts import Position, Text

FULL = """\
name: Cases become tickets
description: Every evening.
trigger:
  use: office.case_changed
  connection: office-main
  with: {status: [open, closed]}
  as: case
  schedule: every day at 20:30
  timezone: America/New_York
  first_run: last 2 years             # then only what changed
  overlap: 5 minutes
skip:
  - if: not case.client
    reason: "{{ case.title }} has no client."
steps:
  - id: person
    use: desk.find_person
    with: {email: "{{ case.client.email | lower }}"}
    if_none: {reject: Nobody has this address.}
  - use: desk.save_ticket
    connection: desk
    key: case.id
    if: case.urgent
    with:
      title: 'It''s {{ case.title }}'
      contact.phone: 00042
      contact: {surname: NO}
      tags: [a, 21:15, on]
      note: |
        First
        {{ case.id }}
    blank: clear
translate:
  kinds: {Yes: no, 1: "2"}
"""


def recipe(text: str = FULL) -> Recipe:
    return parse_recipe(text, Path("recipes/cases.yaml"))


def test_everything_is_read() -> None:
    loaded = recipe()
    assert (loaded.name, loaded.title) == ("cases", "Cases become tickets")
    assert loaded.text == FULL
    trigger = loaded.trigger
    assert str(trigger.use) == "office.case_changed"
    assert str(trigger.connection) == "office-main"
    assert str(trigger.record) == "case"
    assert str(trigger.schedule) == "every day at 20:30"
    assert trigger.first_run == timedelta(days=732)
    assert trigger.overlap == timedelta(minutes=5)
    assert [str(text) for text in trigger.fields.values[("status",)]] == ["open", "closed"]
    assert str(loaded.skip[0].reason) == "{{ case.title }} has no client."
    person, ticket = loaded.steps
    assert person.if_none is not None
    assert (person.if_none.then, str(person.if_none.reason)) == (
        "reject",
        "Nobody has this address.",
    )
    assert (str(ticket.key), str(ticket.condition), ticket.blank) == (
        "case.id",
        "case.urgent",
        "clear",
    )
    assert loaded.tables == {"kinds": {"Yes": "no", "1": "2"}}


def test_what_is_not_written_has_its_default() -> None:
    loaded = recipe("name: A\ntrigger: {use: a.b}\nsteps: [{use: c.d}]\n")
    trigger = loaded.trigger
    assert (str(trigger.record), str(trigger.schedule), str(trigger.timezone)) == (
        "record",
        "manual",
        "UTC",
    )
    assert (trigger.first_run, trigger.overlap) == (None, timedelta(minutes=10))
    assert (trigger.missed, trigger.jitter) == ("run once late", timedelta())
    assert trigger.connection is None
    step = loaded.steps[0]
    assert (step.connection, step.key, step.condition, step.if_none) == (None, None, None, None)
    assert step.blank == "leave alone"


def test_what_a_trigger_says_of_times_is_read() -> None:
    keys = "missed: skip, jitter: 5 minutes, schedule: every hour at :15"
    trigger = recipe(f"name: A\ntrigger: {{use: a.b, {keys}}}\nsteps: [{{use: c.d}}]\n").trigger
    assert (trigger.missed, trigger.jitter) == ("skip", timedelta(minutes=5))
    assert str(trigger.schedule) == "every hour at :15"


def test_a_step_without_id_goes_by_its_operation() -> None:
    step = recipe().steps[1]
    assert step.id.value == "save_ticket"
    assert step.id.position == Position(20, 15)


def test_texts_keep_their_shape() -> None:
    fields = recipe().steps[1].fields.values
    assert str(fields[("contact", "phone")]) == "00042"
    assert str(fields[("contact", "surname")]) == "NO"
    assert [str(text) for text in fields[("tags",)]] == ["a", "21:15", "on"]
    assert str(fields[("title",)]) == "It's {{ case.title }}"


def test_nested_and_dotted_names_are_the_same() -> None:
    nested = recipe("name: A\ntrigger: {use: a.b}\nsteps: [{use: c.d, with: {x: {y: 1}, z: 2}}]")
    dotted = recipe("name: A\ntrigger: {use: a.b}\nsteps: [{use: c.d, with: {x.y: 1, z: 2}}]")
    assert list(nested.steps[0].fields.values) == [("x", "y"), ("z",)]
    assert list(dotted.steps[0].fields.values) == [("x", "y"), ("z",)]


def test_a_quoted_name_keeps_its_dots() -> None:
    loaded = recipe('name: A\ntrigger: {use: a.b}\nsteps: [{use: c.d, with: {"Tel. no.": x}}]')
    assert list(loaded.steps[0].fields.values) == [("Tel. no.",)]


def test_fields_know_the_place_of_their_names() -> None:
    positions = recipe().steps[1].fields.positions
    assert positions[("title",)] == Position(25, 7)
    assert positions[("contact",)] == Position(27, 7)
    assert positions[("contact", "surname")] == Position(27, 17)


def place_of(text: Text, word: str) -> Position:
    return text.at(text.value.index(word))


def test_places_inside_texts() -> None:
    loaded = recipe()
    fields = loaded.steps[1].fields.values
    reason, note, title = loaded.skip[0].reason, fields[("note",)], fields[("title",)]
    assert isinstance(note, Text)
    assert isinstance(title, Text)
    assert place_of(reason, "title") == Position(14, 22)
    assert place_of(loaded.skip[0].condition, "client") == Position(13, 18)
    assert place_of(note, "case.id") == Position(31, 12)
    # With an escape in it, only the start is known.
    assert place_of(title, "case") == Position(25, 15)


def test_folded_and_continued_texts_are_placed_at_their_start() -> None:
    loaded = recipe(
        "name: A\ntrigger: {use: a.b}\nsteps:\n  - use: c.d\n    with:\n"
        "      x: >\n        one\n        two\n      y: three\n        four\n"
    )
    fields = loaded.steps[0].fields.values
    assert [str(value) for value in fields.values()] == ["one two\n", "three four"]
    x, y = fields.values()
    assert isinstance(x, Text)
    assert isinstance(y, Text)
    assert (place_of(x, "two"), place_of(y, "four")) == (Position(7, 9), Position(9, 10))


def test_cron_may_be_written_as_a_map() -> None:
    loaded = recipe(
        "name: A\ntrigger: {use: a.b, schedule: {cron: 0 20 * * 1-5}}\nsteps: [{use: c.d}]"
    )
    assert str(loaded.trigger.schedule) == "cron: 0 20 * * 1-5"


@pytest.mark.parametrize(
    ("written", "then"),
    [("continue", "continue"), ("skip", "skip"), ("reject", "reject"), ("{skip: So.}", "skip")],
)
def test_if_none(written: str, then: str) -> None:
    loaded = recipe(f"name: A\ntrigger: {{use: a.b}}\nsteps: [{{use: c.d, if_none: {written}}}]")
    assert loaded.steps[0].if_none is not None
    assert loaded.steps[0].if_none.then == then


def test_windows_line_ends_and_a_byte_order_mark() -> None:
    text = "\ufeff" + FULL.replace("\n", "\r\n")
    loaded = recipe(text)
    assert loaded.text == text
    assert loaded.steps == recipe().steps


def test_comments_with_a_space_are_comments() -> None:
    assert str(recipe(FULL.replace("office-main", "main # now")).trigger.connection) == "main"


# -- files -----------------------------------------------------------------------------------------


def test_a_file_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(FULL, encoding="utf-8")
    assert load_recipe(path).steps == recipe().steps


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"There is no recipe file '.*none\.yaml'"):
        load_recipe(tmp_path / "none.yaml")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="is a folder"):
        load_recipe(tmp_path)


def test_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: A\ndescription: Søren".encode("latin-1"))
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    (finding,) = caught.value.findings
    assert (finding.code, finding.position) == ("not-utf-8", Position(2, 15))
    assert "UTF-8" in finding.hint


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert caught.value.findings[0].code == "too-large"


def test_the_error_counts_the_mistakes() -> None:
    with pytest.raises(RecipeError, match="has 2 mistakes") as caught:
        parse_recipe("name: A\n", Path("a.yaml"))
    assert [finding.code for finding in caught.value.findings] == ["missing-key", "missing-key"]
    with pytest.raises(RecipeError, match="has a mistake"):
        parse_recipe("", Path("a.yaml"))


def test_what_could_be_read_is_there_despite_mistakes() -> None:
    loaded, findings = read_recipe(FULL.replace("as: case", "as: {{ case }}"), Path("a.yaml"))
    assert loaded is not None
    assert [finding.code for finding in findings] == ["unquoted-braces"]
    assert len(loaded.steps) == 2


def test_a_large_recipe_takes_time_in_proportion() -> None:
    lines = [f'      f{number}: "{{{{ record.f{number} }}}}"' for number in range(4_000)]
    head = "name: A\ntrigger: {use: a.b}\nsteps:\n  - use: c.d\n    with:\n"
    loaded = recipe(head + "\n".join(lines))
    assert len(loaded.steps[0].fields.values) == 4_000
