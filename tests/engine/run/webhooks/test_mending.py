"""Recipes without a clock mend themselves: what failed is tried again soon, what was rejected later."""

from typing import Any

from engine.run.webhooks.mending import mend
from engine.store.connections import mark_checked
from engine.store.runs import get_run, latest_runs


def look(porter: Any) -> list[int]:
    before = len(porter.asked)
    mend(porter.works, porter.office.clock())
    return porter.asked[before:]


def carry_out(porter: Any, run_id: int) -> Any:
    office = porter.office
    office.go(run_id, transports={**office.how["transports"], **porter.transports})
    return get_run(office.store, run_id)


def failed_and_rejected(porter: Any, bell: Any, line: Any) -> None:
    recipe = porter.recipe(trigger="rung")
    recipe.path.write_text(
        recipe.text.replace(
            'title: "{{ order.door }} {{ order.at }}"', 'colour: "{{ order.door }}"'
        )
    )
    porter.switch_on(porter.office.library.load(recipe.name))
    bell.ring("1", door="refused")
    bell.ring("2", door="red")
    porter.deliver("1", "2")
    line.reaches = lambda number: line.count == 1  # the second can't be sent
    porter.go()
    assert sorted(porter.office.open_problems().values()) == ["failed", "rejected"]
    line.reaches = lambda number: True


def test_what_failed_is_tried_again_after_a_quarter_of_an_hour_and_what_was_rejected_after_six(
    porter: Any, bell: Any, line: Any, clock: Any
) -> None:
    failed_and_rejected(porter, bell, line)
    first = latest_runs(porter.office.store)["parcels"]
    clock.pass_by(minutes=14)
    assert look(porter) == []
    clock.pass_by(minutes=2)
    (run_id,) = look(porter)
    assert look(porter) == []  # it is under way
    run = carry_out(porter, run_id)
    assert (run.origin, run.read, run.counts) == ("mending", 1, {"created": 1})
    clock.pass_by(hours=5)
    assert look(porter) == []
    clock.pass_by(hours=1)
    bell.ring("1", door="blue")  # someone corrected it
    (run_id,) = look(porter)
    assert carry_out(porter, run_id).counts == {"created": 1}
    assert porter.office.open_problems() == {}
    assert latest_runs(porter.office.store)["parcels"].id == first.id


def test_nothing_is_tried_while_a_connection_is_broken(
    porter: Any, bell: Any, line: Any, clock: Any
) -> None:
    failed_and_rejected(porter, bell, line)
    clock.pass_by(hours=7)
    mark_checked(porter.office.store, "depot", problem="The key is no longer accepted.")
    assert look(porter) == []
    porter.deliver("3")
    assert porter.look() == []
    mark_checked(porter.office.store, "depot")
    assert len(look(porter)) == 1


def test_a_recipe_with_a_clock_is_left_to_its_clock(
    porter: Any, bell: Any, line: Any, clock: Any
) -> None:
    failed_and_rejected(porter, bell, line)
    path = porter.office.library.path("parcels")
    path.write_text(path.read_text().replace("instant", "instant and every day at 20:30"))
    clock.pass_by(hours=7)
    assert look(porter) == []
