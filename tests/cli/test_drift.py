"""``drift``: what changed, what it breaks, what to write instead, and what is normal from now on."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.drift.shape import from_json, shape_of, to_json
from engine.store.shapes import Change, Source, changes_of, keep_shapes, shapes_of

MATTERS = Source("clio", "clio.matter_changed", "status=open")
RECIPE = """name: Matters become cases
trigger:
  use: clio.matter_changed
  with: {status: open}
  as: matter
steps:
  - id: case
    use: casestatus.upsert_case
    with:
      name: "{{ matter.display_number }}"
      description: "{{ matter.description }}"
"""


@pytest.fixture(autouse=True)
def changed(store, home) -> None:
    """A field went, another came, and a third is of another kind."""
    Path("recipes").mkdir()
    Path("recipes/matters.yaml").write_text(RECIPE, "utf-8")
    now = datetime(2026, 11, 25, 20, 30, tzinfo=UTC)
    record = {"id": 1, "display_number": "1", "description": "Doe", "descriptions": "Doe"}
    shape = to_json(shape_of([record] * 20))
    of = {"source": MATTERS, "found_at": now, "run_id": 7}
    changes = [
        Change(path="descriptions", kind="added", after="text", **of),
        Change(path="description", kind="removed", before="text", **of),
        Change(path="budget", kind="type changed", before="text", after="a number", **of),
    ]
    keep_shapes(store, {MATTERS: shape}, lambda source, one, other: one, changes, now)


def test_what_breaks_comes_first_with_the_line_to_write_instead(bridgework):
    said = bridgework("drift")

    assert said.exit_code == 1
    first = said.stdout.split("\n\n")[0]
    assert "Clio, clio.matter_changed (connection clio)" in first
    assert "The field 'description' no longer comes; it was text." in first
    assert "by run 7." in first
    assert "step 'case', field 'description' is paused: the target keeps what it has." in first
    assert 'Write instead: description: "{{ matter.descriptions }}"' in first
    assert "Read 'descriptions' instead if it holds the same; else leave out what reads" in first
    assert "1 of 3 changes concerns recipes." in said.stderr


def test_as_json_for_programs(bridgework):
    told = json.loads(bridgework("drift", "--json").stdout)["changes"]

    assert [(one["field"], one["kind"], one["breaks"]) for one in told] == [
        ("description", "removed", True),
        ("budget", "type changed", False),
        ("descriptions", "added", False),
    ]
    assert told[0]["instead"] == "descriptions"
    assert told[0]["recipes"][0]["line"] == 11


@pytest.mark.parametrize(
    ("name", "count"),
    [("clio", 3), ("matters", 1), ("casestatus", 0)],
    ids=["connector", "recipe", "other"],
)
def test_only_what_concerns_a_recipe_or_connector(bridgework, name, count):
    assert len(json.loads(bridgework("drift", name, "--json").stdout)["changes"]) == count


def test_what_is_accepted_is_normal_and_no_longer_expected(bridgework, store):
    said = bridgework("drift", "--accept", "matters")

    assert said.exit_code == 0
    assert said.stderr.endswith("1 change is normal from now on.\n")
    assert {change.path for change in changes_of(store)} == {"descriptions", "budget"}
    assert ("description",) not in from_json(shapes_of(store, {MATTERS})[MATTERS].shape).fields
    assert bridgework("drift").exit_code == 0


def test_a_recipe_that_no_longer_reads_the_field_is_not_broken(bridgework):
    Path("recipes/matters.yaml").write_text(RECIPE.replace("matter.description", "matter.id"))

    said = bridgework("drift")

    assert said.exit_code == 0
    assert "No recipe reads what changed." in said.stderr
