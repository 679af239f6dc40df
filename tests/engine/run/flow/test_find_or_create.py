"""A search that finds nothing may have other steps make it; later steps don't see a difference."""

import pytest

from engine.recipe.checking.check import check_file

FIND = """
- id: parcel
  use: depot.find_customer
  with: {email: "{{ order.customer.email }}"}
  if_none:
    use: depot.store_parcel
    with: {title: "{{ order.customer.email }}"}
- id: note
  use: depot.send_note
  with: {text: "{{ order.id }}: {{ parcel.id }} {{ parcel.email or '' }}"}
"""
CHAIN = """
- id: customer
  use: depot.find_customer
  with: {email: "{{ order.customer.email }}"}
  if_none:
    - id: other
      use: depot.find_customer
      with: {email: "{{ order.note }}"}
      if_none: {reject: Nobody knows this customer.}
- use: depot.send_note
  with: {text: "{{ customer.id }}"}
"""


def person(email):
    return {"id": email, "email": email}


def notes(office):
    return [note["text"] for note in office.depot.notes]


def test_what_is_found_is_not_made(office, make_order):
    office.mill.orders = [make_order("1")]
    office.run(office.recipe(FIND))
    assert notes(office) == ["1: C-1 ada@mill.example"]
    assert office.depot.parcels == {}


def test_what_is_not_found_is_made_once_for_all_who_look_for_it(office, make_order, small_chunks):
    office.mill.orders = [
        make_order(str(number), customer=person("new@mill.example")) for number in range(1, 7)
    ] + [make_order("7", customer=person("other@mill.example"))]
    run = office.run(office.recipe(FIND))
    assert set(office.outcomes(run).values()) == {"created"}
    assert sorted(office.depot.parcels) == ["1", "7"]
    made = office.depot.parcels["1"]
    assert made["title"] == "new@mill.example"
    ids = [text.split()[1] for text in notes(office)]
    assert len(set(ids[:6])) == 1
    assert ids[6] != ids[0]


def test_where_making_fails_the_next_record_tries(office, make_order):
    recipe = office.recipe(
        FIND.replace(
            'with: {title: "{{ order.customer.email }}"}',
            'with: {title: "{{ order.customer.email }}", colour: "{{ order.colour }}"}',
        )
    )
    office.mill.orders = [
        make_order("1", customer=person("new@mill.example"), colour="refused"),
        make_order("2", customer=person("new@mill.example")),
        make_order("3", customer=person("new@mill.example")),
    ]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "rejected", "2": "created", "3": "created"}
    assert sorted(office.depot.parcels) == ["2"]


def test_look_ups_may_be_chained(office, make_order):
    office.mill.orders = [
        make_order("1"),
        make_order("2", customer=person("x@mill.example"), note="ada@mill.example"),
        make_order("3", customer=person("x@mill.example"), note="y@mill.example"),
    ]
    run = office.run(office.recipe(CHAIN))
    assert office.outcomes(run) == {"1": "created", "2": "created", "3": "created"}
    assert notes(office) == ["C-1", "C-1", "C-1"]


def test_a_chain_that_finds_nothing_rejects(office, make_order):
    office.mill.orders = [make_order("1", customer=person("x@mill.example"), note="y@mill.example")]
    run = office.run(office.recipe(CHAIN))
    assert office.outcomes(run) == {"1": "rejected"}
    assert office.entry(run, "1").reason.startswith("Nobody knows this customer.")


def test_what_was_made_is_not_made_again_by_a_later_run(office, make_order):
    recipe = office.recipe(FIND)
    office.mill.orders = [make_order("1", customer=person("new@mill.example"))]
    office.run(recipe)
    sent = len(office.depot.sent("/parcels"))
    office.run(recipe)
    assert len(office.depot.sent("/parcels")) == sent


WRONG = [
    ("if_none:\n    use: depot.store_parcel", "if_none:\n    use: depot.store_parcle", "has no action 'store_parcle'"),
    ("{{ parcel.email or '' }}", "{{ store_parcel.id }}", "stands in for 'parcel': read that instead"),
    ("  use: depot.find_customer\n  with: {email:", "  use: depot.store_parcel\n  with: {title:", "'if_none' is for searches"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_found(office, old, new, message):
    assert old in FIND
    recipe = office.recipe(FIND)
    recipe.path.write_text(
        recipe.text.replace(old.replace("\n", "\n  "), new.replace("\n", "\n  "))
    )
    found = check_file(recipe.path, office.host)
    assert message in " ".join(one.message for one in found)


def test_what_may_have_been_made_is_not_made_for_the_next_who_looks_for_it(
    office, make_order, small_chunks
):
    making = """
- id: customer
  use: depot.find_customer
  with: {email: "{{ order.customer.email }}"}
  if_none:
    use: depot.send_note
    with: {text: "{{ order.customer.email }}"}
- use: depot.store_parcel
  with: {title: "{{ customer.id }}"}
"""
    office.mill.orders = [
        make_order(str(number), customer=person("new@mill.example")) for number in range(1, 6)
    ]
    office.line.loses = lambda request: request.method == "POST"
    run = office.run(office.recipe(making))
    assert office.outcomes(run) == {
        "1": "unsure", "2": "failed", "3": "failed", "4": "failed", "5": "unsure",
    }  # fmt: skip
    searched = [one for one in office.depot.sent() if one.startswith("GET /customers")]
    assert len(searched) == 2  # the next chunk looks again, whether it is there by now
