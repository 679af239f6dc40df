"""Shaping: which records a step is for, and the fingerprint by which a row is known again."""

from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.run.shape import fingerprint

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
ROWS = st.dictionaries(st.text(max_size=5), JSON, max_size=5)
NO_SALT = blake2b(digest_size=16)


# -- skipping --------------------------------------------------------------------------------------


def test_the_first_rule_that_holds_says_why(office, make_order):
    rules = """
    skip:
      - if: order.weight > 10
        reason: "{{ order.title }} is too heavy."
      - if: order.shelf == 'Z'
        reason: Shelf Z is closed.
    """
    recipe = office.recipe(office.SINGLE, more=rules)
    office.mill.orders = [
        make_order("1"),
        make_order("2", weight=11, shelf="Z"),
        make_order("3", shelf="Z"),
    ]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "created", "2": "skipped", "3": "skipped"}
    assert office.entry(run, "2").reason == "Order 2 is too heavy."
    assert office.entry(run, "3").reason == "Shelf Z is closed."
    assert run.status == "succeeded"


def test_a_skipped_record_that_was_a_problem_is_none_any_more(office, make_order):
    office.mill.orders = [make_order("1", colour="refused")]
    office.run(office.recipe(office.SINGLE))
    rule = "skip:\n  - if: order.colour == 'refused'\n    reason: We don't send those.\n"
    run = office.run(office.recipe(office.SINGLE, more=rule))
    assert (run.counts, run.fixed) == ({"skipped": 1}, 0)
    assert office.open_problems() == {}


@pytest.mark.parametrize(
    ("condition", "fields", "outcome"),
    [
        ("order.note", {"note": True}, "skipped"),
        ("order.note", {"note": None}, "created"),
        ("order.note", {"note": "False"}, "rejected"),
        ("order.weight > 3", {"weight": "heavy"}, "rejected"),
    ],
)
def test_a_condition_is_true_or_false_or_the_record_is_rejected(
    office, make_order, condition, fields, outcome
):
    """Never Python's idea of truth: the text "False" is not a yes."""
    rule = f"skip:\n  - if: {condition}\n    reason: So.\n"
    recipe = office.recipe(office.SINGLE, trigger="order_open", more=rule)
    office.mill.orders = [make_order("1", **fields)]
    assert office.outcomes(office.run(recipe)) == {"1": outcome}


# -- conditions and keys of steps ------------------------------------------------------------------


def test_what_a_step_was_not_for_reads_as_nothing_later(office, make_order):
    steps = """
    - id: buyer
      use: depot.find_customer
      if: order.shelf == 'A'
      with: {email: "{{ order.customer.email }}"}
    - id: parcel
      use: depot.store_parcel
      with: {customer: "{{ buyer.id | default('nobody') }}"}
    """
    office.mill.orders = [make_order("1"), make_order("2", shelf="B")]
    office.run(office.recipe(steps))
    assert office.depot.parcels["1"]["customer"] == "C-1"
    assert office.depot.parcels["2"]["customer"] == "nobody"


def test_a_step_whose_key_is_empty_rejects_the_record(office, make_order):
    recipe = office.recipe(office.SINGLE.rstrip() + "\n  key: order.customer.phone\n")
    office.mill.orders = [make_order("1")]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "rejected"}
    assert office.entry(run, "1").reason == "The key of this step is empty."


def test_a_key_through_nothing_names_what_is_empty(office, make_order):
    recipe = office.recipe(office.SINGLE.rstrip() + "\n  key: order.customer.id | lower\n")
    office.mill.orders = [make_order("1", customer=None)]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "rejected"}


# -- fingerprints ----------------------------------------------------------------------------------


@given(ROWS)
def test_a_fingerprint_does_not_depend_on_the_order_of_fields(row) -> None:
    backwards = dict(reversed(list(row.items())))
    assert fingerprint(NO_SALT, row) == fingerprint(NO_SALT, backwards)


@given(ROWS, ROWS)
def test_different_rows_have_different_fingerprints(one, other) -> None:
    assert (fingerprint(NO_SALT, one) == fingerprint(NO_SALT, other)) == (one == other)


def test_a_fingerprint_belongs_to_an_action_and_an_account() -> None:
    assert fingerprint(blake2b(b"depot.store"), {"a": 1}) != fingerprint(
        blake2b(b"depot.send"), {"a": 1}
    )


def test_what_was_sent_to_another_account_is_sent_to_this_one(office, single, make_order):
    """A connection removed and made anew may lead elsewhere."""
    office.mill.orders = [make_order("1")]
    office.run(single)
    office.connect_anew()
    office.run(single)
    assert len(office.depot.sent("/parcels")) == 2
