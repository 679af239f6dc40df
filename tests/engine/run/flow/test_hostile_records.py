"""What comes from outside ends its own record at most, never the run that carries all others."""

import json

import pytest

from engine.run.traveller import LONGEST, Traveller

PARCEL = """
- id: parcel
  use: depot.store_parcel
  with: {title: "{{ order.title }}", colour: "{{ order.colour }}"}
"""
LOOP = """
- id: parcels
  for_each: order.lines
  as: line
  %s
  steps:
    - id: parcel
      use: depot.store_parcel
      with: {title: "{{ line.name }}", colour: red}
"""
COLLECT = (
    """
- id: all
  collect: %s
  steps:
    - id: note
      use: depot.store_parcel
      with: {title: "{{ all | length }}", colour: red}
"""
    + PARCEL
)
HUGE = 10**4250  # more digits than Python writes down
DEEP = json.loads("[" * 900 + "]" * 900)
WAIT = '- id: pause\n  wait: {until: "{{ order.x }}"}\n' + PARCEL

#: Steps, what the hostile record holds, and how it ends.
CASES = {
    "an id of thousands of digits": (LOOP % "", {"lines": [{"id": HUGE, "name": "A"}]}, "rejected"),
    "a list as a key": (LOOP % "key: line.name", {"lines": [{"name": [1]}]}, "rejected"),
    "a number of thousands of digits": (
        PARCEL.replace("order.title", "order.x"),
        {"x": HUGE},
        "rejected",
    ),
    "a reason that is a list": ('- skip: "{{ order.x }}"\n  if: order.x\n', {"x": [1]}, "rejected"),
    "a reason of half a character": (
        "- reject: \"{{ order.x }}\"\n  if: order.x == '\ufffd' or order.id == '1'\n" + PARCEL,
        {"x": "\ud800\0"},
        "rejected",
    ),
    "nothing within what is collected": (COLLECT % "'{{ [order.nope] }}'", {}, "created"),
    "too deep to be collected": (COLLECT % "'{{ order.x }}'", {"x": DEEP}, "rejected"),
    "a moment before the year 1": (WAIT, {"x": "0001-01-01T00:00:00+14:00"}, "rejected"),
    "a moment after 9999": (WAIT, {"x": "9999-12-31T23:59:59-12:00"}, "rejected"),
    "a joining number of thousands of digits": (
        "- id: pairs\n  join: {left: order.lines, right: order.lines, on: id}\n" + PARCEL,
        {"lines": [{"id": HUGE}]},
        "rejected",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_record_ends_alone(office, make_order, name) -> None:
    steps, fields, outcome = CASES[name]
    office.mill.orders = [make_order("1", **fields), make_order("2", lines=[], x="2020-01-01")]
    run = office.run(office.recipe(steps, trigger="order_open"))
    assert run.status in ("succeeded", "partial")
    found = office.outcomes(run)
    assert found["1"] == outcome
    assert found["2"] != "failed"


def test_entries_whose_keys_look_alike_are_not_taken_for_each_other(office, make_order) -> None:
    recipe = office.recipe(LOOP % "", trigger="order_open")
    office.mill.orders = [
        make_order("1", lines=[{"id": "2:3", "name": "A"}]),
        make_order("1:2", lines=[{"id": "3", "name": "B"}]),
    ]
    office.run(recipe)
    assert sorted(p["title"] for p in office.depot.parcels.values()) == ["A", "B"]


@pytest.mark.parametrize("key", ["1", "x" * LONGEST], ids=["a short key", "a long key"])
def test_a_part_has_a_key_of_its_own_however_long_it_is(key) -> None:
    whole = Traveller(key, "", {}, None, {}, [])
    other = Traveller(key[:-1] + "9", "", {}, None, {}, [])
    long = "i" * LONGEST
    suffixes = [":1", ":2", f":{long}", f":{long[:-1]}j"]
    parts = [one.part(suffix, {}).key for one in (whole, other) for suffix in suffixes]
    assert len(set(parts)) == len(parts)
    assert all(len(part) <= LONGEST for part in parts)
