"""``limits:`` says when a run does not go on by itself."""

from pathlib import Path

import jsonschema
import pytest

import plugins.csv
from engine.host import build_host
from engine.recipe.load import read_recipe
from engine.recipe.schema.schema import recipe_schema
from tests.engine.recipe.check.recipes import BASE, findings

RECIPE = """\
name: Cases become tickets
trigger:
  use: office.case_changed
steps:
  - use: desk.save_ticket
"""


@pytest.mark.parametrize(
    ("written", "new", "rejected"),
    [
        ("", None, None),
        ("limits: {hold_if_more_than: 200 new}", 200, None),
        ("limits: {hold_if_more_than: 0 new, stop_if_rejected_over: 12.5%}", 0, 0.125),
    ],
)
def test_what_is_written_is_read_and_fits_the_schema(written, new, rejected):
    recipe, found = read_recipe(f"{RECIPE}{written}\n", Path("cases.yaml"))
    assert (recipe.limits.new, recipe.limits.rejected, found) == (new, rejected, [])
    if written:
        text = written.removeprefix("limits: {").removesuffix("}")
        value = dict(part.split(": ") for part in text.split(", "))
        schema = recipe_schema(build_host([plugins.csv], strict=True))
        jsonschema.validate(value, schema["properties"]["limits"])


@pytest.mark.parametrize(
    ("written", "code", "corrected"),
    [
        ("{hold_if_more_than: 200}", "bad-limit", "limits: {hold_if_more_than: 200 new}"),
        ("{hold_if_more_than: '1,500 records'}", "bad-limit", "{hold_if_more_than: '1500 new'}"),
        ("{hold_if_more_than: 20%}", "bad-limit", ""),
        ("{hold_if_more_than: many}", "bad-limit", ""),
        ("{stop_if_rejected_over: 20}", "bad-share", ""),
        ("{stop_if_rejected_over: 120%}", "bad-share", ""),
        ("{hold_if_more: 20 new}", "unknown-key", "limits: {hold_if_more_than: 20 new}"),
        ("200 new", "wrong-kind", ""),
    ],
)
def test_what_can_not_be_read_is_said_with_its_correction(written, code, corrected):
    _, [found] = read_recipe(f"{RECIPE}limits: {written}\n", Path("cases.yaml"))
    assert found.code == code
    assert corrected in found.corrected
    assert bool(corrected) == bool(found.corrected)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("case.id", None),
        ("case.client.id", None),
        ("person.id", "Give one a `key` that reads `case` alone, or none."),
    ],
)
def test_some_step_must_tell_what_is_new(host, key, hint):
    text = BASE.replace("key: case.id", f"key: {key}").replace("TITLE", "x")
    found = findings(f"{text}limits: {{hold_if_more_than: 5 new}}\n", host)
    assert [one.hint for one in found if one.code == "nothing-new"] == ([hint] if hint else [])


def test_a_recipe_that_writes_nothing_has_nothing_to_hold(host):
    text = BASE[: BASE.index("  - id: ticket")] + "limits: {hold_if_more_than: 5 new}\n"
    assert "nothing-new" in {found.code for found in findings(text, host)}
