"""``join``: two lists of a record are put together by a field."""

import time

import pytest

from engine.recipe.checking.check import check_file
from engine.run.flow.join import PlannedJoin
from engine.run.traveller import Traveller

pytestmark = pytest.mark.sqlite  # lists are joined before anything is stored

JOIN = """
- id: all
  join: {left: order.lines, right: order.stock, on: {left: sku, right: item.code}, keep: KEEP}
  as: stock
- use: depot.send_note
  with: {text: "{{ all | map('name') | join(',') }} {{ all | map('stock') | map('left') | join(',') }} {{ all | length }}"}
"""
LINES = [
    {"sku": "A1", "name": "axe"},
    {"sku": " b2", "name": "bow"},
    {"sku": None, "name": "cap"},
    {"sku": "a1", "name": "adze"},
]
STOCK = [
    {"item": {"code": "B2"}, "left": 4},
    {"item": {"code": "a1"}, "left": 7},
    {"item": {}, "left": 1},
    {"item": {"code": "z9"}, "left": 9},
    {"item": {"code": 5}, "left": 2},
]


def run(office, make_order, steps, **fields):
    recipe = office.recipe(steps, trigger="order_open")
    office.mill.orders = [make_order("1", **{"lines": LINES, "stock": STOCK, **fields})]
    return office.run(recipe)


KEPT = [
    ("both", "axe,bow,adze 7,4,7 3"),
    ("left", "axe,bow,cap,adze 7,4,7 4"),
    ("all", "axe,bow,cap,adze 7,4,7,1,9,2 7"),
]


@pytest.mark.parametrize(("keep", "text"), KEPT, ids=[keep for keep, _ in KEPT])
def test_entries_that_belong_together_are_merged(office, make_order, keep, text):
    run(office, make_order, JOIN.replace("KEEP", keep))
    assert [note["text"] for note in office.depot.notes] == [text]


def test_an_empty_list_joins_to_nothing(office, make_order):
    run(office, make_order, JOIN.replace("KEEP", "both"), stock=None)
    assert [note["text"].strip() for note in office.depot.notes] == ["0"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"stock": "many"}, "'order.stock' is not a list of records but 'many'."),
        ({"lines": [1]}, "'order.lines' is not a list of records but [1]."),
        ({"lines": [{"sku": [1]}]}, "'sku' of an entry is not one value but [1]."),
    ],
    ids=["text", "numbers", "a list"],
)
def test_what_can_not_be_joined_rejects_its_record(office, make_order, fields, reason):
    made = run(office, make_order, JOIN.replace("KEEP", "both"), **fields)
    assert office.outcomes(made) == {"1": "rejected"}
    assert office.entry(made, "1").reason == reason


def test_lists_whose_entries_all_belong_together_have_a_limit(office, make_order):
    same = [{"sku": "x", "item": {"code": "x"}, "left": 1, "name": "n"}] * 400
    made = run(office, make_order, JOIN.replace("KEEP", "both"), lines=same, stock=same)
    assert office.entry(made, "1").code == "too_many_pairs"


class Given:
    """What stands for a compiled list: its entries."""

    source = "a list"

    def __init__(self, entries):
        self.entries = entries

    def value(self, scope):
        return self.entries


def test_long_lists_are_joined_in_a_moment():
    length = 40_000  # looking through one for each entry of the other would take minutes
    entries = Given([{"k": f"K{number}"} for number in range(length)])
    join = PlannedJoin(
        id="j", condition=None, left=entries, right=entries,
        left_on=("k",), right_on=("k",), keep="all", partner="right",
    )  # fmt: skip
    traveller = Traveller("1", "1", {}, None, {}, [])
    begun = time.process_time()
    join.guide(None, [traveller])
    assert len(traveller.scope["j"]) == length
    assert time.process_time() - begun < 10


CHECKED = """\
name: P
trigger: {use: mill.order_changed, as: order}
steps:
  - id: lists
    set:
      people: [{name: a, email: b}]
      phones: [{mail: b, number: c}]
  - id: both
    join: {left: lists.people, right: lists.phones, on: {left: email, right: mail}}
    as: phone
  - use: depot.send_note
    with: {text: "{{ both | map('name') | join(',') }} {{ (both | first).phone.number }}"}
"""
WRONG = [
    ("right: mail}", "right: mial}", "The entries of 'lists.phones' have no field 'mial'."),
    ("phone.number", "phone.nubmer", "has no field 'nubmer'"),
    ("left: lists.people", "left: order.title", "'order.title' is text, and a join needs a list."),
    ("as: phone", "as: name", "The entries of the left list have a field 'name' already."),
    ("on: {", "no: {", "'on'"),
    ("mail}}", "mail}, keep: some}", "'keep' can't be 'some'."),
    ("- id: both\n    join", "- join", "needs 'id'"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_with_a_join_is_found(office, old, new, message):
    path = office.library.folder / "p.yaml"
    path.write_text(CHECKED, "utf-8")
    assert [found.message for found in check_file(path, office.host)] == []
    assert old in CHECKED
    path.write_text(CHECKED.replace(old, new), "utf-8")
    assert message in " ".join(f"{one.message} {one.hint}" for one in check_file(path, office.host))
