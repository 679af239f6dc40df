"""Which fields each place of a recipe reads, through loops, joins, calls and values worked out."""

from pathlib import Path
from textwrap import indent

import pytest

from engine.drift.readings import broken_by, readings
from engine.drift.replacing import corrected, replacement
from engine.drift.shape import merged, shape_of
from engine.recipe.load import parse_recipe
from engine.store.shapes import Source

ORDERS = Source("shop", "shop.order")
HEAD = "name: Orders\ntrigger:\n  use: shop.order\n  as: order\n"


def read(steps: str, head: str = HEAD) -> list[tuple[str, str, str, str]]:
    recipe = parse_recipe(f"{head}steps:\n{indent(steps, '  ')}", Path("orders.yaml"))
    return [
        (reading.step, reading.field, f"{source.operation}:{'.'.join(path)}", words)
        for reading in readings(recipe)
        for (source, path), words in reading.reads.items()
    ]


def test_fields_of_the_trigger_and_of_what_steps_give():
    found = read("""\
- id: who
  use: crm.find
  with: {email: "{{ order.buyer['email'] | lower }}"}
  if_none: skip
- id: send
  use: crm.send
  if: who.active
  key: order.id
  with: {name: "{{ who.name }} ({{ order.no }})", all: "{{ order.lines | map('sku') | join }}"}
""")

    assert set(found) == {
        ("who", "email", "shop.order:buyer.email", "order.buyer.email"),
        ("send", "if", "crm.find:active", "who.active"),
        ("send", "key", "shop.order:id", "order.id"),
        ("send", "name", "crm.find:name", "who.name"),
        ("send", "name", "shop.order:no", "order.no"),
        ("send", "all", "shop.order:lines.[].sku", "order.lines[].sku"),
        ("send", "all", "shop.order:lines.sku", "order.lines.sku"),
        ("send", "all", "shop.order:lines", "order.lines"),
    }


def test_a_field_that_the_recipe_asks_for_may_be_missing_and_so_is_not_read():
    asks = read("""\
- id: one
  use: crm.send
  with: {name: "{{ order.nick if order.nick is defined else order.name }}", no: "{{ order.nick }}"}
- id: two
  use: crm.send
  if: order.nick is defined and order.open
  with: {name: "{{ order.nick }}"}
- choose:
  - if: order.tax is not defined
    steps:
    - {id: three, use: crm.send, with: {name: "{{ order.tax | default('') }}"}}
""")

    assert [(step, field, words) for step, field, _, words in asks] == [
        ("one", "name", "order.name"),
        ("one", "no", "order.nick"),
        ("two", "if", "order.open"),
    ]


def test_words_that_may_mean_a_field_are_not_surely_read():
    recipe = parse_recipe(
        HEAD
        + "steps:\n- {id: s, use: crm.send, with: {a: \"{{ order.lines | where('sku', 'x') }}\"}}",
        Path("orders.yaml"),
    )
    [reading] = readings(recipe)
    assert len(reading.reads) > 1
    assert reading.surely == {(ORDERS, ("lines",))}


def test_entries_of_a_loop_are_those_of_its_list():
    found = read("""\
- id: each
  for_each: order.lines
  as: line
  steps:
    - id: send
      use: crm.send
      with: {sku: "{{ line.sku }}"}
""")

    assert ("send", "sku", "shop.order:lines.[].sku", "line.sku") in found


def test_values_worked_out_are_made_of_what_they_read():
    found = read("""\
- id: names
  set: {full: "{{ order.first ~ order.last }}", buyer: "{{ order.buyer }}"}
- id: send
  use: crm.send
  with: {name: "{{ names.full | title }}", email: "{{ names.buyer.email }}"}
""")

    assert {one[1:] for one in found if one[0] == "send"} == {
        ("name", "shop.order:first", "names.full"),
        ("name", "shop.order:last", "names.full"),
        ("email", "shop.order:buyer.email", "names.buyer.email"),
    }


def test_joined_lists_are_read_through_their_result():
    found = read("""\
- id: rows
  join: {left: order.lines, right: order.prices, on: sku}
  as: price
- id: each
  for_each: rows
  as: row
  steps:
    - id: send
      use: crm.send
      with: {a: "{{ row.name }}", b: "{{ row.price.amount }}"}
""")

    assert {one[2] for one in found if one[0] == "rows"} == {
        "shop.order:lines",
        "shop.order:prices",
        "shop.order:lines.[].sku",
        "shop.order:prices.[].sku",
    }
    assert [one[1:] for one in found if one[0] == "send"] == [
        ("a", "shop.order:lines.[].name", "row.name"),
        ("b", "shop.order:prices.[].amount", "row.price.amount"),
    ]


def test_what_a_recipe_writes_for_all_records_tells_their_source():
    head = HEAD.replace("  as: order", "  with: {shelf: A}\n  as: order")

    [found] = read("- id: s\n  use: crm.send\n  with: {a: '{{ order.x }}'}\n", head)
    recipe = parse_recipe(f"{head}steps:\n  - id: s\n    use: crm.send\n    with: {{a: '{{{{ order.x }}}}'}}\n", Path("x.yaml"))  # fmt: skip
    [((source, _), _)] = readings(recipe)[0].reads.items()

    assert found[2] == "shop.order:x"
    assert source == Source("shop", "shop.order", "shelf=A")


@pytest.mark.parametrize(
    ("gone", "hit"),
    [(("buyer",), True), (("buyer", "email"), True), (("buyer", "phone"), False)],
    ids=["above", "itself", "beside"],
)
def test_a_field_breaks_what_reads_it_or_what_was_within_it(gone, hit):
    text = f"{HEAD}steps:\n  - id: s\n    use: crm.send\n    with: {{a: '{{{{ order.buyer.email }}}}'}}\n"  # fmt: skip
    found = readings(parse_recipe(text, Path("x.yaml")))

    assert bool([*broken_by(found, [(ORDERS, gone)])]) is hit


def test_a_new_field_with_a_like_name_and_kind_may_take_the_place():
    before = shape_of([{"id": 1, "description": "x", "note": "y", "due": "2026-01-01"}] * 20)
    now = shape_of([{"id": 1, "note": "y", "matter_description": "x", "describe_count": 3}] * 5)
    new = {("matter_description",), ("describe_count",)}

    assert replacement(("description",), merged(before, now), new) == ("matter_description",)
    assert replacement(("due",), merged(before, now), new) is None


def test_the_corrected_line_changes_nothing_but_the_field():
    line = 'name: "{{ order.name }} of {{ order.name_2 }}"'

    assert corrected(line, "order.name", ("name",), ("title",)) == (
        'name: "{{ order.title }} of {{ order.name_2 }}"'
    )
    assert corrected(line, "order.lines[].name", ("lines", "[]", "name"), ("x",)) == ""


def test_a_place_that_reads_a_field_through_a_filter_is_named_once():
    text = f"{HEAD}steps:\n  - id: s\n    use: crm.send\n    with: {{a: \"{{{{ order.day | date('d MMM') }}}}\"}}\n"  # fmt: skip
    found = readings(parse_recipe(text, Path("x.yaml")))

    [(reading, _, words)] = broken_by(found, [(ORDERS, ("day",))])
    assert (reading.field, words) == ("a", "order.day")
