"""Recipes made from a blueprint run as any other, each with its own inputs and links."""

BLUEPRINT = """\
name: Parcels
inputs:
  word: text
  heaviest: {type: number, default: 100}
trigger:
  use: mill.order_changed
  as: order
skip:
  - {if: order.weight > inputs.heaviest, reason: "Over {{ inputs.heaviest }}."}
steps:
  - id: parcel
    use: depot.store_parcel
    with: {title: "{{ inputs.word }}: {{ order.title }}"}
"""


def write(office, text=BLUEPRINT):
    folder = office.library.folder / "blueprints"
    folder.mkdir(exist_ok=True)
    (folder / "parcels.yaml").write_text(text, "utf-8")


def recipe(office, name, inputs):
    (office.library.folder / f"{name}.yaml").write_text(
        f"blueprint: parcels\ninputs: {inputs}\n", "utf-8"
    )
    return office.library.load(name)


def test_a_recipe_runs_with_its_inputs(office, make_order):
    write(office)
    made = recipe(office, "mine", "{word: 'a {{ b }}', heaviest: 7}")
    office.mill.orders = [make_order("1"), make_order("2", weight=8)]
    run = office.run(made)
    assert office.outcomes(run) == {"1": "created", "2": "skipped"}
    assert office.entry(run, "2").reason == "Over 7."
    assert office.depot.parcels["1"]["title"] == "a {{ b }}: Order 1"


def test_a_changed_blueprint_counts_from_the_next_run(office, make_order, small_chunks):
    write(office)
    made = recipe(office, "mine", "{word: one}")
    office.mill.orders = [
        *map(make_order, "1234"),
        lambda: write(office, BLUEPRINT.replace("}}: ", "}}! ")),
        make_order("5"),
    ]
    office.run(made)
    assert office.depot.parcels["5"]["title"] == "one: Order 5"
    office.mill.orders = [make_order("5")]
    office.run(office.library.load("mine"))
    assert office.depot.parcels["5"]["title"] == "one! Order 5"
