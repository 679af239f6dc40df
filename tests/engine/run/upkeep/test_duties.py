"""Duties: each is done when it is due, by one process only, and one that fails harms no other."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from engine.host import build_host
from engine.recipe.library import Library
from engine.run.upkeep.duties import Duties, Duty, Works, take_due
from engine.store.database import open_store
from tests.statements import statements_of


@pytest.fixture
def works(store, tmp_path: Path) -> Works:
    return Works(store, build_host([], strict=True), Library(tmp_path), enqueue=lambda run_id: None)


def duty(name: str, act=lambda works: None, **every: float) -> Duty:
    return Duty(name, timedelta(**(every or {"minutes": 1})), act)


def names(duties: list[Duty]) -> list[str]:
    return [one.name for one in duties]


def test_a_duty_is_due_at_once_and_then_every_so_often(store, clock):
    both = [duty("sweep", hours=1), duty("look", seconds=1)]
    assert names(take_due(store, both, clock())) == ["sweep", "look"]
    assert take_due(store, both, clock()) == []
    clock.pass_by(seconds=2)
    assert names(take_due(store, both, clock())) == ["look"]
    clock.pass_by(days=3)  # however long nobody looked, it is done once
    assert names(take_due(store, both, clock())) == ["sweep", "look"]
    assert take_due(store, both, clock()) == []


def test_duties_that_are_due_together_are_taken_together(store, clock):
    many = [duty(f"look {n}", seconds=1) for n in range(6)]
    for _ in range(2):  # also when they are new
        with statements_of(store) as sent:
            assert len(take_due(store, many, clock())) == 6
        assert [text.split()[0] for text in sent].count("UPDATE") == 1
        clock.pass_by(seconds=1)
    clock.pass_by(seconds=-0.5)
    with statements_of(store) as sent:
        assert take_due(store, many, clock()) == []
    assert not [text for text in sent if text.startswith(("INSERT", "UPDATE"))]


def test_a_clock_that_was_hours_ahead_for_a_moment_stops_no_duty(store, clock):
    both = [duty("sweep", hours=1), duty("look", seconds=1)]
    clock.pass_by(hours=5)
    take_due(store, both, clock())
    clock.pass_by(hours=-5)
    assert names(take_due(store, both, clock())) == ["sweep", "look"]
    clock.pass_by(seconds=-30)  # clocks of two machines that differ by a little
    assert take_due(store, both, clock()) == []


def test_of_many_processes_one_gets_the_duty(store, clock):
    homes = [open_store(store.home) for _ in range(4)]
    start, taken = threading.Barrier(4), []

    def look(home) -> None:
        start.wait()
        taken.extend(take_due(home, [duty("look")], clock()))

    for _ in range(5):
        threads = [threading.Thread(target=look, args=(home,)) for home in homes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert names(taken) == ["look"]
        taken.clear()
        clock.pass_by(minutes=2)
    for home in homes:
        home.close()


def test_a_duty_that_fails_is_logged_and_holds_up_no_other(works, clock, caplog):
    done = threading.Event()

    def fail(works: Works) -> None:
        raise LookupError("no such thing")

    duties = Duties(works, [duty("broken", fail), duty("good", lambda w: done.set())], clock)
    duties.look()
    assert done.wait(5)
    duties.stop()
    assert "the duty broken failed" in caplog.text


def test_a_duty_is_not_begun_again_while_it_is_being_done(works, clock):
    go_on, begun = threading.Event(), []

    def slow(works: Works) -> None:
        begun.append(1)
        go_on.wait(5)

    duties = Duties(works, [duty("slow", slow, seconds=1)], clock)
    duties.look()
    clock.pass_by(minutes=1)
    duties.look()
    go_on.set()
    duties.stop()
    assert begun == [1]
