"""A restored home doesn't make up for times whose runs may have come and gone since the backup."""

from datetime import timedelta

from engine.backup.settling import settle
from engine.store.switches import set_switch


def test_a_time_that_passed_meanwhile_is_not_made_up_for(night):
    night.recipe("every day at 20:45")
    night.look()
    settle(night.office.store, night.office.clock(), resume=False)
    night.watch(every=timedelta(hours=1), until=timedelta(days=2))
    assert night.ticks() == []
    set_switch(night.office.store, "parcels", True)
    night.look()
    night.watch(every=timedelta(hours=1), until=timedelta(days=1))
    assert night.ticks() == ["2026-11-26T20:45"]


def test_where_nothing_ran_since_it_is_made_up_for_once(night):
    night.recipe("every day at 20:45")
    night.look()
    settle(night.office.store, night.office.clock(), resume=True)
    night.look(days=2)
    night.end()
    night.look(seconds=1)
    assert night.ticks() == ["2026-11-24T20:45"]
