"""Choices, values, endings and stand-ins: the steps that guide a record's way."""

CHOOSE = """
- id: way
  choose:
    - if: order.weight > 10
      steps:
        - id: heavy
          use: depot.store_parcel
          with: {title: "heavy {{ order.id }}"}
    - if: order.colour == 'blue'
      steps:
        - id: blue
          use: depot.store_parcel
          with: {title: "blue {{ order.id }}"}
  otherwise:
    - id: rest
      use: depot.store_parcel
      with: {title: "rest {{ order.id }}"}
- id: note
  use: depot.send_note
  with: {text: "{{ heavy.track or blue.track or rest.track }}"}
"""


def titles(office):
    return {ref: parcel["title"] for ref, parcel in office.depot.parcels.items()}


def test_a_record_takes_the_first_branch_that_holds(office, make_order):
    office.mill.orders = [
        make_order("1", weight=12, colour="blue"),
        make_order("2", colour="blue"),
        make_order("3"),
    ]
    office.run(office.recipe(CHOOSE))
    assert titles(office) == {"1": "heavy 1", "2": "blue 2", "3": "rest 3"}
    assert sorted(note["text"] for note in office.depot.notes) == ["T1", "T2", "T3"]


def test_a_group_of_steps_has_one_condition(office, make_order):
    recipe = office.recipe(
        """
- if: order.weight > 10
  steps:
    - use: depot.store_parcel
      with: {title: "{{ order.title }}"}
"""
    )
    office.mill.orders = [make_order("1", weight=12), make_order("2")]
    assert office.outcomes(office.run(recipe)) == {"1": "created", "2": "skipped"}


def test_a_condition_that_is_none_rejects_its_record_only(office, make_order):
    recipe = office.recipe(CHOOSE, trigger="order_open")
    office.mill.orders = [make_order("1", weight="much"), make_order("2")]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "rejected", "2": "created"}
    assert office.entry(run, "1").step == "way"


def test_values_are_worked_out_once_and_keep_their_types(office, make_order):
    recipe = office.recipe(
        """
- id: about
  set:
    name: "{{ order.customer.name | upper }}"
    weight: "{{ order.weight + 1 }}"
    deep.er: [a, "{{ order.colour }}"]
- use: depot.store_parcel
  with:
    title: "{{ about.name }} {{ about.deep.er | join('-') }}"
    weight: "{{ about.weight }}"
"""
    )
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    parcel = office.depot.parcels["1"]
    assert (parcel["title"], parcel["weight"]) == ("ADA a-red", 6)


ENDINGS = """
- {if: order.weight > 20, reject: "{{ order.title }} is too heavy."}
- {if: order.weight > 10, skip: Too heavy for today.}
"""


def test_a_way_may_end_on_the_way(office, make_order):
    recipe = office.recipe(ENDINGS + office.SINGLE)
    office.mill.orders = [
        make_order("1", weight=21),
        make_order("2", weight=11),
        make_order("3"),
    ]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "rejected", "2": "skipped", "3": "created"}
    assert office.entry(run, "1").reason == "Order 1 is too heavy."


def test_a_recipe_may_stop_its_run(office, make_order):
    recipe = office.recipe(
        "- {if: order.weight > 20, stop: 'Nobody lifts {{ order.title }}.'}\n" + office.SINGLE
    )
    office.mill.orders = [make_order("1"), make_order("2", weight=21)]
    run = office.run(recipe)
    assert (run.status, run.message) == ("failed", "Nobody lifts Order 2.")
    assert office.depot.parcels == {}
    office.mill.orders = [make_order("1")]
    assert office.outcomes(office.run(recipe)) == {"1": "created"}


STAND_IN = """
- id: parcel
  use: depot.store_parcel
  with: {title: "{{ order.title }}", colour: "{{ order.colour }}"}
  otherwise:
    id: note
    use: depot.send_note
    with: {text: "{{ order.title }}: {{ error.reason }}"}
"""


def test_other_steps_stand_in_for_one_that_failed(office, make_order):
    recipe = office.recipe(STAND_IN)
    office.mill.orders = [make_order("1"), make_order("2", colour="refused")]
    run = office.run(recipe)
    assert office.outcomes(run) == {"1": "created", "2": "created"}
    assert [n["text"] for n in office.depot.notes] == ["Order 2: The depot takes no such colour."]
    assert list(office.depot.parcels) == ["1"]
    assert office.open_problems() == {}


def test_what_may_have_arrived_is_not_stood_in_for(office, make_order):
    doubled = STAND_IN.replace("use: depot.store_parcel", "use: depot.send_note").replace(
        'with: {title: "{{ order.title }}", colour: "{{ order.colour }}"}',
        "with: {text: crash}",
    )
    recipe = office.recipe(doubled)
    office.mill.orders = [make_order("1")]
    assert office.outcomes(office.run(recipe)) == {"1": "unsure"}
    assert len(office.depot.notes) == 1
