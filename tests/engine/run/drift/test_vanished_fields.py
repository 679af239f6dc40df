"""A field that no longer comes: what is sent without it, what stops, and how it goes on."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.run.preview import preview
from engine.store.notices import list_notices
from engine.store.runs import log_lines
from engine.store.shapes import changes_of
from tests.engine.run.conftest import Office

ROW = """
- id: parcel
  use: depot.store_parcels
  with:
    shelf: "{{ order.shelf }}"
    ref: "{{ order.id }}"
    colour: "{{ order.colour }}"
    weight: "{{ order.weight }}"
"""


@pytest.fixture
def orders(office: Office, make_order: Callable[..., Any]) -> Callable[..., None]:
    """Let the mill have 20 orders, without some fields and with others."""

    def let_there_be(*, without: tuple[str, ...] = (), **fields: Any) -> None:
        office.mill.orders = []
        for number in range(20):
            one = {**make_order(str(number)), **fields}
            office.mill.orders.append({k: v for k, v in one.items() if k not in without})

    let_there_be()
    return let_there_be


def listed(office: Office, steps: str, **more: Any) -> Any:
    return office.recipe(steps, trigger="order_listed", **more)


def reasons(office: Office, run: Any) -> set[tuple[str | None, str | None, str | None]]:
    return {(e.code, e.step, e.field) for e in office.entries(run)}


def test_a_field_that_can_be_left_out_is_paused_and_nothing_is_sent_for_it(office, orders):
    recipe = listed(office, ROW)
    assert office.run(recipe).counts == {"created": 20}

    orders(without=("weight",), heft=5)
    run = office.run(recipe)

    assert run.counts == {"unchanged": 20}  # nothing else changed, so nothing is sent
    assert run.hint == "Field 'weight' no longer comes from The Mill: step 'parcel', field 'weight' is paused."  # fmt: skip
    [change] = [c for c in changes_of(office.store) if c.kind == "removed"]
    assert (change.source.operation, change.path) == ("mill.order_listed", "weight")


def test_what_else_changed_is_sent_without_the_paused_field(office, orders):
    recipe = listed(office, ROW)
    office.run(recipe)
    office.depot.parcels["7"]["weight"] = "as somebody weighed it"

    orders(without=("weight",), colour="blue")
    run = office.run(recipe)

    assert run.counts == {"updated": 20}
    bodies = [r["body"] for r in office.depot.requests if r["method"] == "POST"]
    assert "weight" not in str(bodies[-1])
    assert office.run(recipe).counts == {"unchanged": 20}


def test_another_account_gets_all_records_without_the_paused_field(office, orders):
    recipe = listed(office, ROW)
    office.run(recipe)
    orders(without=("weight",))
    office.run(recipe)

    office.connect_anew()
    run = office.run(recipe)

    assert run.counts == {"updated": 20}
    assert "weight" not in str(office.depot.requests[-1]["body"])


def test_people_are_told_once_with_the_recipes_and_what_may_be_read_instead(office, orders):
    recipe = listed(office, ROW)
    office.run(recipe)

    orders(without=("weight",), weight_kg=5)
    for _ in range(3):
        office.run(recipe)

    [notice] = [n for n in list_notices(office.store) if n.kind == "fields_gone"]
    assert notice.subject == "The Mill: 'weight' no longer comes"
    assert "Instead of 'weight' there is 'weight_kg'." in notice.body
    assert "Recipes that read it: Orders become parcels." in notice.body
    assert notice.stands


def test_a_field_that_comes_again_goes_on_by_itself(office, orders):
    recipe = listed(office, ROW)
    office.run(recipe)
    orders(without=("weight",))
    office.run(recipe)

    orders(weight=6)
    run = office.run(recipe)

    assert run.counts == {"updated": 20}
    assert run.hint.startswith("The Mill gives 'weight' again.")
    assert not any("no longer" in line.message for _, line in log_lines(office.store, run.id))
    assert changes_of(office.store) == []
    assert not any(n.stands for n in list_notices(office.store) if n.kind == "fields_gone")


def test_records_are_held_where_the_action_needs_the_field(office, orders):
    recipe = listed(office, ROW)
    office.run(recipe)

    orders(without=("colour",))
    run = office.run(recipe)

    assert reasons(office, run) == {("field_vanished", "parcel", "colour")}
    entry = office.entry(run, "3")
    assert entry.outcome == "rejected"
    assert "Field 'colour' no longer comes from The Mill" in entry.reason
    assert "Let the recipe read another field than 'order.colour'" in entry.how_to_fix

    orders()
    healed = office.run(recipe)
    assert healed.counts == {"unchanged": 20}
    assert office.open_problems() == {}


def test_what_is_held_goes_over_once_the_recipe_reads_another_field(office, orders, clock):
    recipe = office.recipe(ROW, trigger="order_told")
    office.run(recipe)
    changed = clock().isoformat()
    orders(without=("colour",), shade="blue", changed_at=changed)
    assert office.run(recipe).counts == {"rejected": 20}

    office.mill.orders = []
    corrected = office.recipe(ROW.replace("order.colour", "order.shade"), trigger="order_told")
    run = office.run(corrected)

    assert run.counts == {"updated": 20}
    assert office.depot.parcels["3"]["colour"] == "blue"


def test_what_is_held_is_read_anew_once_the_field_is_back(office, orders, clock):
    recipe = office.recipe(ROW)  # its trigger can fetch a record by its key
    office.run(recipe)
    orders(without=("colour",), changed_at=clock().isoformat())
    assert office.run(recipe).counts == {"rejected": 20}

    orders()  # unchanged by their time: only the one that was touched since is read
    office.mill.orders[0]["changed_at"] = clock().isoformat()
    run = office.run(recipe)

    assert run.counts == {"unchanged": 20}
    assert len(office.mill.fetched) == 19


def test_a_kept_record_without_the_field_decides_nothing(office, orders, clock):
    recipe = office.recipe(ROW, trigger="order_told")  # whose records can't be read by their keys
    office.run(recipe)
    orders(without=("colour",), changed_at=clock().isoformat())
    office.run(recipe)

    orders()
    office.mill.orders[0]["changed_at"] = clock().isoformat()
    run = office.run(recipe)

    assert run.counts == {"unchanged": 1, "rejected": 19}
    assert "Run the recipe once with --full" in office.entry(run, "7").how_to_fix


@pytest.mark.parametrize(
    ("steps", "more", "where"),
    [
        (ROW + "  if: order.note == ''\n", "", ("parcel", "if")),
        (ROW + '  key: "order.note"\n', "", ("parcel", "key")),
        (ROW, "skip:\n  - if: order.note == 'x'\n    reason: no", ("skip", "skip")),
        (
            "- id: found\n  use: depot.find_customer\n  with: {email: '{{ order.note }}'}\n  if_none: skip\n",
            "",
            ("found", "email"),
        ),
    ],
    ids=["if", "key", "skip", "search"],
)
def test_nothing_is_decided_by_a_field_that_is_gone(office, orders, steps, more, where):
    recipe = listed(office, steps, more=more)
    orders(note="ada@mill.example")
    office.run(recipe)

    orders(without=("note",))
    run = office.run(recipe)

    assert reasons(office, run) == {("field_vanished", *where)}


def test_records_for_which_a_step_is_not_pass_by_it(office, orders):
    recipe = listed(office, ROW + "  if: order.shelf == 'B'\n" + ROW.replace("parcel\n", "other\n"))
    office.run(recipe)

    orders(without=("colour",), shelf="C")
    run = office.run(recipe)

    assert reasons(office, run) == {("field_vanished", "other", "colour")}


def test_values_worked_out_of_it_are_paused_too(office, orders):
    recipe = listed(
        office,
        "- id: words\n  set: {heavy: '{{ order.weight * 2 }}', other: '{{ order.colour }}'}\n"
        + ROW.replace("order.weight", "words.heavy").replace("order.colour", "words.other"),
    )
    office.run(recipe)

    orders(without=("weight",), colour="blue")
    run = office.run(recipe)

    assert run.counts == {"updated": 20}
    assert "step 'parcel', field 'weight' is paused" in run.hint
    assert "step 'words', field 'heavy' is paused" in run.hint


def test_an_entry_of_a_list_that_lacks_it_is_held(office, orders):
    recipe = listed(
        office,
        """
        - id: lines
          for_each: order.lines
          as: line
          steps:
            - id: parcel
              use: depot.store_parcels
              with: {shelf: A, ref: "{{ line.id }}", colour: "{{ line.colour }}"}
        """,
    )
    orders(lines=[{"id": "a", "colour": "red"}])
    assert office.run(recipe).counts == {"created": 20}

    orders(lines=[{"id": "a"}])
    run = office.run(recipe)

    assert reasons(office, run) == {("field_vanished", "parcel", "colour")}


def test_an_answer_that_lacks_a_field_is_noticed_before_a_later_step_reads_it(office, orders):
    recipe = listed(
        office,
        "- id: found\n  use: depot.find_customer\n  with: {email: '{{ order.customer.email }}'}\n  if_none: skip\n"
        + ROW.replace("order.colour", "found.tint").replace("'found.tint'", "found.tint"),
    )
    ada = office.depot.customers["ada@mill.example"]
    for number in range(20):
        office.mill.orders[number]["customer"] = {"email": f"{number}@mill.example"}
        office.depot.customers[f"{number}@mill.example"] = {**ada, "tint": "red"}
    assert office.run(recipe).counts == {"created": 20}

    for customer in office.depot.customers.values():
        customer.pop("tint", None)
    run = office.run(recipe)

    assert reasons(office, run) == {("field_vanished", "parcel", "colour")}
    assert "'tint' no longer comes from The Depot" in run.hint


def test_a_preview_shows_what_the_run_does(office, orders):
    recipe = listed(office, ROW)
    office.run(recipe)
    orders(without=("weight", "shelf"))

    look = preview(office.store, office.host, recipe, transports=office.how["transports"])

    assert look.counts == {"rejected": 20}
    assert {entry.code for entry in look.entries} == {"field_vanished"}
    assert any("'weight' no longer comes" in sentence for sentence in look.changes)
    assert changes_of(office.store) == []  # a preview notes nothing
    assert office.run(recipe).counts == {"rejected": 20}


def test_nothing_is_alarmed_by_fields_that_come_sometimes_nor_by_runs_of_nothing(office, orders):
    recipe = listed(office, ROW)
    office.mill.orders[4].pop("weight")
    office.run(recipe)

    orders(without=("weight",))
    assert not office.run(recipe).hint
    office.mill.orders = []
    assert not office.run(recipe).hint

    assert changes_of(office.store) == []
    assert list_notices(office.store) == []


def test_what_a_connector_says_is_gone_is_paused_in_its_first_run(office, orders):
    recipe = listed(office, ROW)
    office.mill.vanished = {"weight": "The Mill refuses the field name 'weight'."}
    orders(without=("weight",))

    run = office.run(recipe)

    assert run.counts == {"created": 20}
    assert "step 'parcel', field 'weight' is paused" in run.hint
    [change] = changes_of(office.store)
    assert change.reason == "The Mill refuses the field name 'weight'."
    [notice] = [n for n in list_notices(office.store) if n.kind == "fields_gone"]
    assert "The Mill refuses the field name" in notice.body


def test_other_parameters_may_give_other_fields(office, orders):
    office.run(listed(office, ROW, trigger_keys="with: {shelf: A}"))

    orders(without=("weight",))
    other = listed(office, ROW, trigger_keys="with: {shelf: B}", name="others")

    assert not office.run(other).hint
    assert changes_of(office.store) == []
