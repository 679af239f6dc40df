"""A preview says what a run would do; nothing is sent and nothing is stored."""

import pytest

from engine.errors import AuthError, RecipeError, RemoteError
from engine.run.preview import preview
from engine.store.runs import list_runs
from engine.store.sent_rows import sweep_rows


def look(office, recipe, **options):
    return preview(office.store, office.host, recipe, **office.how, **options)


def outcomes(shown) -> dict[str, str]:
    return {entry.key: entry.outcome for entry in shown.entries}


def test_it_tells_new_changed_unchanged_skipped_and_rejected_records(office, make_order):
    skip = "skip:\n  - if: order.shelf == 'Z'\n    reason: Closed.\n"
    steps = office.SINGLE.replace('"{{ order.colour }}"}', '"{{ order.colour }}", weight: "{{ order.weight }}"}')  # fmt: skip
    recipe = office.recipe(steps, more=skip)
    office.mill.orders = [make_order("same"), make_order("news")]
    office.run(recipe)
    office.depot.requests.clear()
    office.mill.orders = [
        make_order("new"),
        make_order("same"),
        make_order("news", colour="blue"),
        make_order("closed", shelf="Z"),
        make_order("wrong", weight="heavy"),
        make_order(None),
    ]
    shown = look(office, recipe)
    assert shown.counts == {"created": 1, "unchanged": 1, "updated": 1, "skipped": 1, "rejected": 2}
    assert outcomes(shown)["news"] == "updated"
    wrong = next(e for e in shown.entries if e.key == "wrong")
    assert (wrong.reason, wrong.field) == ("'heavy' is not a whole number.", "weight")
    assert office.depot.requests == []


def test_it_shows_the_row_of_every_step(office, single, make_order):
    office.mill.orders = [make_order("1")]
    [entry] = look(office, single).entries
    [row] = entry.rows
    assert (row.step, row.key, row.outcome, row.changes) == ("parcel", "1", "created", None)
    assert row.values == {"title": "Order 1", "colour": "red"}


def test_it_is_what_the_run_then_does(office, batch, make_order):
    office.mill.orders = [make_order(str(n)) for n in range(7)]
    shown = look(office, batch)
    run = office.run(batch)
    assert shown.counts == run.counts
    assert outcomes(shown) == office.outcomes(run)


def test_it_leaves_no_trace(office, single, make_order):
    office.mill.orders = [make_order("1"), make_order(None)]
    for _ in range(2):
        assert look(office, single).counts == {"created": 1, "rejected": 1}
    assert list_runs(office.store) == []
    assert office.open_problems() == {}
    assert office.mill.asked_since == [None, None]


def test_searches_are_asked_since_they_change_nothing(office, make_order):
    steps = "- id: buyer\n  use: depot.find_customer\n  if_none: reject\n"
    steps += '  with: {email: "{{ order.customer.email }}"}\n' + office.SINGLE.lstrip()
    office.mill.orders = [make_order("1"), make_order("2", customer={"email": "bo@mill.example"})]
    shown = look(office, office.recipe(steps))
    assert outcomes(shown) == {"1": "created", "2": "rejected"}
    assert {line.split()[0] for line in office.depot.sent()} == {"GET"}


def test_a_later_step_can_read_what_an_earlier_one_would_give(office, make_order):
    steps = office.SINGLE + office.NOTE.replace(
        "{{ order.note }}", "{{ parcel.id }} {{ parcel.track }}"
    )
    office.mill.orders = [make_order("1")]
    shown = look(office, office.recipe(steps))
    assert shown.counts == {"created": 1}
    assert shown.entries[0].rows[-1].values["text"].startswith("(new parcel)")


def test_it_tells_each_field_that_would_change(office, make_order):
    steps = """
- use: depot.store_parcel
  with: {title: "{{ order.title }}", colour: "{{ order.colour }}", address.city: "{{ order.city }}"}
"""
    recipe = office.recipe(steps, trigger="order_open")
    office.mill.orders = [make_order(str(n), city="Albany") for n in range(5)]
    office.run(recipe)
    for n in (3, 4):
        office.mill.orders[n] = make_order(str(n), city="Boston", colour="blue")
    office.run(recipe)
    office.mill.orders[3] = make_order("3", colour="blue")  # it has no city any more
    office.mill.orders[4] = make_order("4", city="Chicago", colour="red")
    shown = {entry.key: entry for entry in look(office, recipe).entries}
    assert [shown[key].outcome for key in "0134"] == ["unchanged"] * 2 + ["updated"] * 2
    assert shown["0"].rows[0].changes is None
    told = [(c.field, c.before, c.after) for key in "34" for c in shown[key].rows[0].changes]
    assert told == [
        ("address.city", "Boston", None),
        ("colour", "blue", "red"),
        ("address.city", "Boston", "Chicago"),
    ]


def test_what_needed_attention_before_is_tried_again_as_by_a_run(office, make_order):
    orders = [make_order(str(n), changed_at=f"2026-01-0{n + 1}T00:00:00+00:00") for n in range(6)]
    office.mill.orders = orders
    strict = office.recipe(office.SINGLE + "- reject: Not yet.\n")
    office.run(strict)
    mended = office.recipe(office.SINGLE + "- {reject: Not yet., if: order.colour == 'blue'}\n")
    orders[0] = make_order("0", colour="blue", changed_at="2026-02-02T00:00:00+00:00")
    shown = look(office, mended)
    run = office.run(mended)
    assert outcomes(shown) == office.outcomes(run)
    assert shown.counts["rejected"] == 1
    assert sum(shown.counts.values()) == 6


def test_rows_sent_long_ago_make_room(office, single, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    office.run(single)
    office.mill.orders = [make_order("1", title="New"), make_order("2", title="New")]
    office.run(single)
    assert (sweep_rows(office.store), sweep_rows(office.store)) == (1, 0)
    office.mill.orders = [make_order("1", title="Newest")]
    [change] = look(office, single).entries[0].rows[0].changes
    assert (change.before, change.after) == ("New", "Newest")


def test_a_limit_reads_no_more_than_it_says(office, single, make_order):
    office.mill.orders = [make_order(str(n)) for n in range(9)]
    assert look(office, single, limit=3).counts == {"created": 3}


def test_what_stops_it_is_said_plainly(office, single, make_order):
    with pytest.raises(RecipeError):
        look(office, office.recipe(office.SINGLE.replace("order.title", "order.titel")))
    office.mill.orders = [RemoteError("The mill has burnt down.")]
    with pytest.raises(RemoteError, match="burnt down"):
        look(office, single)
    steps = (
        "- id: buyer\n  use: depot.find_customer\n  with: {email: a@b.example}\n  if_none: reject\n"
    )
    recipe = office.recipe(steps + office.SINGLE.lstrip())
    office.mill.orders, office.depot.key = [make_order("1")], "another"
    with pytest.raises(AuthError):
        look(office, recipe)
