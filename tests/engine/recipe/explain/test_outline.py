"""A recipe told in sentences, and drawn."""

import re
from pathlib import Path
from typing import get_args
from xml.etree.ElementTree import fromstring

import pytest

from engine.host import Host, build_host
from engine.recipe.explain.outline import TOLD, as_lines, explain
from engine.recipe.explain.picture import draw
from engine.recipe.library import Library
from engine.recipe.load import parse_recipe
from engine.recipe.steps import AnyStep
from plugins import casestatus, clio, csv, mailchimp

FOLDER = Path(__file__).parents[4] / "recipes"
NESTED = """\
name: Nested
trigger: {use: clio.matter_changed, as: matter, schedule: manual}
steps:
  - for_each: matter.clients
    as: client
    if_item_fails: continue
    steps:
      - use: casestatus.upsert_client
        if: client.last_name is not blank
        with: {last_name: "{{ client.last_name }}"}
        otherwise: {skip: "{{ error.reason }}"}
  - choose:
      - if: matter.status == 'open'
        steps: [{id: about, set: {name: "{{ matter.display_number }}"}}]
    otherwise: [{stop: Nothing goes.}]
"""


@pytest.fixture(scope="module")
def host() -> Host:
    return build_host([clio, casestatus, mailchimp, csv], strict=True)


def test_every_kind_of_step_can_be_told() -> None:
    assert set(TOLD) == set(get_args(AnyStep))


def told(text: str, host: Host) -> str:
    outline = explain(parse_recipe(text, Path("nested.yaml")), host)
    return "\n".join("  " * depth + line for depth, line in as_lines(outline))


def test_a_nested_recipe_is_told_from_top_to_bottom(host: Host) -> None:
    assert (
        told(NESTED, host)
        == """\
When somebody starts it, take each matter from Clio: Matter added or changed.
For each client in the matter's clients:
  If one fails, the matter goes on without it.
  If the client's last name is not empty: create or update a client in Case Status.
    last_name: the client's last name
    If that fails:
      Leave the matter out: error's reason
Choose:
  If the matter's status is “open”:
    Work out “about”:
      name: the matter's display number
  Otherwise:
    Stop the whole run: “Nothing goes.”"""
    )


@pytest.mark.parametrize("name", Library(FOLDER).names())
def test_shipped_recipes_are_told_and_drawn(host: Host, name: str) -> None:
    outline = explain(Library(FOLDER).load(name), host)
    lines = [line for _, line in as_lines(outline)]
    assert len(lines) > 3
    assert not any("{{" in line or "a value" in line for line in lines)
    picture = fromstring(draw(outline))
    assert outline.title in (picture.findtext("{*}title") or "")
    drawn = [part for part in outline.parts if part.kind != "rules"]
    assert len(picture.findall("{*}rect")) >= len(drawn)


def test_boxes_of_a_picture_stand_inside_it_and_apart(host: Host) -> None:
    picture = fromstring(draw(explain(parse_recipe(NESTED, Path("n.yaml")), host)))
    width, height = (float(picture.attrib[name]) for name in ("width", "height"))
    boxes = [
        tuple(float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        for rect in picture.findall("{*}rect")
        if "fill" in rect.attrib
    ]
    for x, y, wide, high in boxes:
        assert x >= 0
        assert y >= 0
        assert x + wide <= width
        assert y + high <= height
    for n, (x, y, wide, high) in enumerate(boxes):
        for other in boxes[n + 1 :]:
            apart = (
                other[0] >= x + wide
                or x >= other[0] + other[2]
                or other[1] >= y + high
                or y >= other[1] + other[3]
            )
            assert apart


def test_markup_in_a_recipe_is_text_in_its_picture(host: Host) -> None:
    text = NESTED.replace("Nothing goes.", "<script>alert(1)</script> & co")
    drawn = draw(explain(parse_recipe(text, Path("n.yaml")), host))
    assert not re.search("<script", drawn)
