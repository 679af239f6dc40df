"""``call``: another recipe's steps are done for each record, with inputs and outputs."""

from pathlib import Path

import pytest

from engine.errors import RecipeError
from engine.recipe.checking.check import check_file
from engine.run.start import request_run

STORE = """\
name: Store a parcel
inputs:
  title: text
  weight: {type: whole number, default: 7}
  shelf: {choices: [A, B], required: no}
steps:
  - id: parcel
    use: depot.store_parcel
    with: {title: "{{ inputs.title | upper }}", weight: "{{ inputs.weight }}"}
outputs:
  number: "{{ parcel.id }}"
  line: "{{ inputs.title }}: {{ parcel.track }}"
"""

CALLS = """
- id: first
  call: store
  with: {title: "{{ order.title }} a", weight: "{{ order.weight }}"}
- id: second
  call: store
  with: {title: "{{ order.title }} b"}
- id: note
  use: depot.send_note
  with: {text: "{{ first.line }}, {{ second.line }}"}
"""


def called(office, text=STORE, name="store"):
    (office.library.folder / f"{name}.yaml").write_text(text, "utf-8")


def messages(office, recipe):
    with pytest.raises(RecipeError) as caught:
        request_run(office.store, office.host, recipe)
    return [found.message for found in caught.value.findings]


def test_the_steps_of_a_called_recipe_are_done_with_its_inputs(office, make_order):
    called(office)
    office.mill.orders = [make_order("1"), make_order("2", weight=3)]
    run = office.run(office.recipe(CALLS))
    assert office.outcomes(run) == {"1": "created", "2": "created"}
    notes = [note["text"] for note in office.depot.notes]
    assert notes == ["Order 1 a: T1, Order 1 b: T1", "Order 2 a: T2, Order 2 b: T2"]
    assert office.depot.parcels["1"] == {**office.depot.parcels["1"], "weight": 7}


def test_two_calls_of_one_recipe_have_links_of_their_own(office, make_order):
    called(office)
    steps = CALLS.split("- id: note")[0]
    office.mill.orders = [make_order("1")]
    office.run(office.recipe(steps))
    assert office.line.count == 2
    again = office.run(office.recipe(steps))
    assert (office.outcomes(again), office.line.count) == ({"1": "unchanged"}, 2)
    office.run(office.recipe(CALLS))  # what the called recipe gives is known from its links
    assert office.line.count == 3
    assert [note["text"] for note in office.depot.notes] == ["Order 1 a: T1, Order 1 b: T1"]


def test_what_an_input_can_not_be_rejects_the_record(office, make_order):
    called(office)
    office.mill.orders = [make_order("1", weight="heavy"), make_order("2")]
    run = office.run(office.recipe(CALLS, trigger="order_open"))
    assert office.outcomes(run) == {"1": "rejected", "2": "created"}
    entry = office.entry(run, "1")
    assert (entry.step, entry.field, entry.reason) == (
        "first",
        "weight",
        "'heavy' is not a whole number.",
    )


def test_what_is_rejected_within_a_call_says_in_which(office, make_order):
    called(
        office, STORE.replace("steps:", "steps:\n  - {if: inputs.weight > 9, reject: Too heavy.}")
    )
    office.mill.orders = [make_order("1", weight=10)]
    run = office.run(office.recipe(CALLS))
    assert office.outcomes(run) == {"1": "rejected"}
    assert (office.entry(run, "1").step, office.entry(run, "1").reason) == (
        "first.reject 1",
        "Too heavy.",
    )


def test_calls_may_stand_in_loops_and_in_calls(office, make_order):
    called(office)
    called(
        office,
        "name: Outer\ninputs: {titles: list}\nsteps:\n"
        "  - for_each: inputs.titles\n    as: title\n    id: all\n"
        '    call: store\n    with: {title: "{{ title }}"}\n'
        "outputs: {lines: \"{{ all | map('store.line') | join('; ') }}\"}\n",
        name="outer",
    )
    recipe = office.recipe(
        '- call: outer\n  with: {titles: ["{{ order.id }}x", y]}\n'
        '- use: depot.send_note\n  with: {text: "{{ outer.lines }}"}'
    )
    office.mill.orders = [make_order("1")]
    office.run(recipe)
    assert [note["text"] for note in office.depot.notes] == ["1x: T1:1; y: T1:2"]


def test_a_run_keeps_the_text_of_what_it_calls(office, make_order, small_chunks):
    called(office)
    recipe = office.recipe(CALLS)
    assert recipe.beside == {"store.yaml": STORE}
    office.mill.orders = [
        *map(make_order, "1234"),
        lambda: called(office, STORE.replace("upper", "lower")),
        make_order("5"),
    ]
    office.run(recipe)
    assert office.depot.parcels["5"]["title"].startswith("ORDER 5")


WRONG = {
    "nothing there": ("{}", "There is no recipe 'store' in this folder."),
    "an input that is missing": (STORE, "'store' needs 'title' under `with:`."),
    "an input it hasn't": (
        STORE.replace("  title: text\n", "  title: {type: text, default: x}\n"),
        "'store' has no field 'colour'.",
    ),
    "a mistake of its own": (
        STORE.replace("inputs.title | upper", "inputs.titel"),
        "The recipe 'store' has a mistake in line 9: 'inputs' has no field 'titel'.",
    ),
    "a type it hasn't": (
        STORE.replace("title: text", "title: txet"),
        "The recipe 'store' has a mistake in line 3: An input can't be a 'txet'.",
    ),
    "a default it can't be": (
        STORE.replace("default: 7", "default: many"),
        "The recipe 'store' has a mistake in line 4: 'default': 'many' is not a whole number.",
    ),
    "itself": (
        STORE.replace("steps:\n", "steps:\n  - {call: store, id: more}\n"),
        "These recipes call each other in a circle: store → store.",
    ),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_call_is_said_at_the_call(office, text, message):
    if text != "{}":
        called(office, text)
    path = office.library.folder / "parcels.yaml"
    path.write_text(
        "name: P\ntrigger: {use: mill.order_changed, as: order}\nsteps:\n"
        "  - call: store\n    with: {"
        + ("colour: red" if "default: x" in text else "weight: 3")
        + "}\n",
        "utf-8",
    )
    found = check_file(path, office.host)
    assert len(found) >= 1
    assert message in " ".join(one.message for one in found)
    assert found[0].position.line in (4, 5)


def test_what_a_call_gives_is_known(office):
    called(office)
    recipe = office.recipe(CALLS.replace("second.line", "second.lien"))
    assert messages(office, recipe) == ["'second' has no field 'lien'."]


def test_a_recipe_to_be_called_is_checked_and_does_not_run(office):
    called(office)
    office.recipe(CALLS)
    path: Path = office.library.folder / "store.yaml"
    assert check_file(path, office.host) == []
    assert (office.library.names(), office.library.called()) == (["parcels"], ["store"])
    with pytest.raises(RecipeError) as caught:
        office.library.load("store")
    assert "can't run by itself" in caught.value.findings[0].message
    path.write_text(
        STORE.replace("parcel.track", "parcel.trakc").replace("{{ inputs.title }}:", "")
    )
    assert [found.code for found in check_file(path, office.host)] == ["unknown-field"]
