"""Several triggers of one recipe: each with its own times, keys and cursor, all with the same steps."""

from pathlib import Path

import jsonschema
import pytest
from sqlalchemy import select

from engine.errors import RecipeError
from engine.recipe.checking.check import check_recipe
from engine.recipe.load import read_recipe
from engine.recipe.schema.schema import recipe_schema
from engine.run.preview import preview
from engine.run.start import request_run
from engine.store.runs import RunRequest, get_run
from engine.store.switches import set_switch
from engine.store.tables import cursors, recipe_schedules

ONE = "trigger: {use: mill.order_changed, as: order}"
TWO = """
triggers:
  - id: changed
    use: mill.order_changed
    as: order
    FIRST
  - id: told
    use: mill.order_told
    as: news
    SECOND
"""
STEPS = """
steps:
  - id: parcel
    use: depot.store_parcel
    with: {title: "{{ order.title if trigger.id == 'changed' else news.title }} by {{ trigger.id }}"}
"""
PLAIN = STEPS.replace(" by {{ trigger.id }}", "").replace(
    "order.title if trigger.id == 'changed' else news.title", "order.title"
)


@pytest.fixture
def write(office):
    def write(triggers: str = TWO, steps: str = STEPS, first: str = "", second: str = "", more=""):
        text = f"name: Orders become parcels\n{triggers}{more}{steps}"
        text = text.replace("FIRST", first).replace("SECOND", second)
        (office.library.folder / "parcels.yaml").write_text(text)
        return office.library.load("parcels")

    return write


def titles(office):
    return {key: parcel["title"] for key, parcel in office.depot.parcels.items()}


def test_a_run_by_hand_reads_all_triggers_and_their_records_stay_apart(office, write, make_order):
    office.mill.orders = [make_order("1"), make_order("2")]
    run = office.run(write())
    assert run.counts == {"created": 4}
    assert titles(office) == {
        "1": "Order 1 by changed",
        "2": "Order 2 by changed",
        "told|1": "Order 1 by told",
        "told|2": "Order 2 by told",
    }
    assert office.entry(run, "told|1").title == "Order 1"
    with office.store.reading() as connection:
        assert len(connection.execute(select(cursors)).all()) == 2
    assert office.run(office.library.load("parcels")).counts == {"unchanged": 4}


def test_a_second_trigger_leaves_the_first_ones_links_as_they_are(office, write, make_order):
    office.mill.orders = [make_order("1")]
    office.run(write(ONE + "\n", PLAIN))
    both = write(steps=PLAIN.replace("order.title", "(order or news).title"))
    assert office.run(both).counts == {"unchanged": 1, "created": 1}


def test_a_run_may_be_asked_for_one_trigger_alone(office, write, make_order):
    office.mill.orders = [make_order("1")]
    run = office.run(write(), RunRequest(triggers=("told",)))
    assert office.outcomes(run) == {"told|1": "created"}


def test_retry_and_healing_use_the_trigger_a_record_came_from(office, write, make_order):
    steps = STEPS.replace("with: {", 'with: {colour: "{{ (order or news).colour }}", ')
    recipe = write(steps=steps)
    office.mill.orders = [make_order("1", colour="refused")]
    first = office.run(recipe)
    assert first.counts == {"rejected": 2}
    office.mill.orders = [make_order("1", colour="red")]
    one = office.retry(first, keys=("1",))
    assert office.outcomes(one) == {"1": "created"}
    assert office.mill.fetched == ["1@None"]  # the first trigger can be asked for one record
    again = office.retry(first, keys=("told|1",))  # the other can't: as it was kept
    assert office.outcomes(again) == {"told|1": "rejected"}
    office.mill.orders = [make_order("9")]
    healed = office.run(recipe, RunRequest(triggers=("changed",)))
    assert "told|1" not in office.outcomes(healed)  # it waits for a run that reads its trigger
    office.mill.orders = []
    assert office.outcomes(office.run(recipe, RunRequest(triggers=("told",)))) == {
        "told|1": "rejected"
    }


def test_records_of_other_triggers_are_empty(office, write, make_order):
    steps = STEPS.replace(
        "{{ order.title if trigger.id == 'changed' else news.title }}",
        "{{ 'no order' if order is blank else order.title }}",
    )
    office.mill.orders = [make_order("1")]
    office.run(write(steps=steps))
    assert titles(office) == {"1": "Order 1 by changed", "told|1": "no order by told"}


def test_new_records_of_all_triggers_count_together(office, write, make_order):
    office.mill.orders = [make_order("1")]
    recipe = write(more="limits: {hold_if_more_than: 3 new}\n")
    office.run(recipe)
    office.mill.orders = [make_order(n) for n in "123"]
    run = office.run(recipe, RunRequest(full=True))
    assert (run.status, run.counts) == ("held", {"unchanged": 2})
    assert run.message.startswith("4 new orders came")


def test_a_preview_reads_all_triggers(office, write, make_order):
    office.mill.orders = [make_order("1")]
    found = preview(office.store, office.host, write(), **office.how)
    assert [entry.key for entry in found.entries] == ["1", "told|1"]


def test_one_trigger_may_have_an_id_that_steps_read(office, write, make_order):
    office.mill.orders = [make_order("1")]
    steps = STEPS.replace("order.title if trigger.id == 'changed' else news.title", "order.title")
    office.run(write("trigger: {id: orders, use: mill.order_changed, as: order}\n", steps))
    assert titles(office) == {"1": "Order 1 by orders"}


# -- by the clock ----------------------------------------------------------------------------------


def test_each_trigger_runs_at_its_own_times(office, write, night, clock):
    write(first="schedule: every day at 21:00", second="schedule: every 30 minutes")
    set_switch(office.store, "parcels", True)
    night.look()
    with office.store.reading() as connection:
        names = sorted(connection.execute(select(recipe_schedules.c.recipe)).scalars())
    assert names == ["parcels", "parcels/told"]
    clock.pass_by(minutes=30)  # 21:00 for both
    night.look()
    [first] = night.asked[-1:]
    run = get_run(office.store, first)
    assert run.request.triggers == ("changed",)
    office.go(first)
    clock.pass_by(seconds=15)
    night.look()
    run = get_run(office.store, night.asked[-1])
    assert run.request.triggers == ("told",)  # it waited, and was not left out
    office.go(run.id)
    write(first="schedule: every day at 21:00")
    night.look()
    with office.store.reading() as connection:
        assert connection.execute(select(recipe_schedules.c.recipe)).scalars().all() == ["parcels"]


# -- what is written -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (("id: told", "id: changed"), "duplicate-id", "Two triggers are called 'changed'"),
        (("trigger.id == 'changed'", "trigger.id == 'chang'"), "never-equal", "never 'chang'"),
        (("trigger.id ==", "trigger.name =="), "unknown-field", "'trigger' has no field 'name'"),
        (("id: parcel", "id: news"), "duplicate-id", "so is the trigger's record"),
        (("news.title", "news.titel"), "unknown-field", "'news' has no field 'titel'"),
        (("use: mill.order_told", "use: mill.order_tol"), "unknown-operation", ""),
    ],
)
def test_mistakes_are_found(office, write, change, code, message):
    text = f"name: A\n{TWO}{STEPS}".replace("FIRST", "").replace("SECOND", "").replace(*change)
    recipe, found = read_recipe(text, Path("recipes/a.yaml"))
    found = [*found, *check_recipe(recipe, office.host)]
    assert code in {one.code for one in found}
    assert any(message in one.message for one in found)


def test_trigger_and_triggers_do_not_go_together():
    two = TWO.replace("    FIRST\n", "").replace("    SECOND\n", "")
    _, [found] = read_recipe(f"name: A\n{ONE}{two}{STEPS}", Path("a.yaml"))
    assert (found.code, found.message) == (
        "misplaced-key",
        "A recipe has either 'trigger' or 'triggers'.",
    )


def test_editors_take_it(office, write):
    import yaml

    recipe = write(first="schedule: every 5 minutes")
    schema = recipe_schema(office.host)
    document = yaml.load(recipe.text, yaml.BaseLoader)
    jsonschema.validate(document, schema)
    del document["triggers"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_a_recipe_with_a_wrong_second_trigger_does_not_run(office, write):
    recipe = write(second="with: {shelf: A}")
    with pytest.raises(RecipeError):
        request_run(office.store, office.host, recipe)


# -- records that wait, and messages ---------------------------------------------------------------


def test_a_run_takes_on_what_waited_as_a_record_of_its_own_trigger(
    office, write, make_order, clock
):
    recipe = write(steps=STEPS.replace("steps:", "steps:\n  - wait: 2 days"))
    office.mill.orders = [make_order("1")]
    assert office.run(recipe).counts == {"waiting": 2}
    office.mill.orders = []  # nothing changed: only the waits bring them
    clock.pass_by(days=2)
    assert office.outcomes(office.run(recipe)) == {"1": "created", "told|1": "created"}
    assert titles(office) == {"1": "Order 1 by changed", "told|1": "Order 1 by told"}
    assert office.open_problems() == {}


COLLECT = """
steps:
  - id: digest
    collect: "{{ trigger.id }}"
    steps:
      - use: depot.send_note
        with: {text: "{{ digest | join(' ') }}"}
"""


def test_a_preview_shows_the_one_message_that_records_of_all_triggers_make(
    office, write, make_order
):
    recipe = write(steps=COLLECT)
    office.mill.orders = [make_order("1")]
    found = preview(office.store, office.host, recipe, limit=2, **office.how)
    assert [entry.key for entry in found.entries] == ["1", "told|1", "digest:new 1"]
    assert found.entries[-1].rows[0].values == {"text": "changed told"}
    assert not found.more  # of either trigger one record came, and two were asked for
    office.run(recipe)
    assert [note["text"] for note in office.depot.notes] == ["changed told"]


def test_records_of_a_trigger_that_is_gone_do_not_become_those_of_another(
    office, write, make_order, clock
):
    steps = STEPS.replace("steps:", "steps:\n  - {wait: 2 days, if: news.id == '2'}")
    steps = steps.replace("with: {", 'with: {colour: "{{ (order or news).colour }}", ')
    recipe = write(steps=steps)
    office.mill.orders = [make_order("1", colour="refused"), make_order("2")]
    assert office.outcomes(office.run(recipe, RunRequest(triggers=("told",)))) == {
        "told|1": "rejected", "told|2": "waiting",
    }  # fmt: skip
    only = write(ONE + "\n", PLAIN)
    office.mill.orders = []
    clock.pass_by(days=2)
    run = office.run(only)
    assert office.outcomes(run) == {"told|1": "skipped", "told|2": "skipped"}
    assert (
        office.entry(run, "told|2").reason == "The trigger it came from is no longer in the recipe."
    )
    assert (titles(office), office.open_problems()) == ({}, {})
