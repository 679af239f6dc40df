"""How many calls go at once, and how many rows are noted together, by how long calls take."""

from engine.run.pace import IN_A_ROW, LEAST_NOTED, LOOK_AGAIN, MOST_NOTED, Pace


def test_quick_calls_go_one_after_another() -> None:
    pace = Pace()
    for seconds in (0.001, 0.02, 0.001, 0.02):  # now and then this machine is busy
        assert not pace.at_once()
        pace.took(seconds)
    assert not pace.at_once()


def test_slow_ones_go_out_at_once() -> None:
    pace = Pace()
    for _ in range(IN_A_ROW):
        assert not pace.at_once()
        pace.took(0.02)
    assert pace.at_once()


def test_one_call_tells_where_it_is_very_slow() -> None:
    pace = Pace()
    pace.took(1.0)
    assert pace.at_once()


def test_what_was_slow_may_be_quick_later() -> None:
    pace = Pace()
    pace.took(1.0)
    assert all(pace.at_once() for _ in range(LOOK_AGAIN))
    assert not pace.at_once()
    pace.took(1.0)
    assert all(pace.at_once() for _ in range(LOOK_AGAIN))
    assert not pace.at_once()
    pace.took(0.001)
    assert not pace.at_once()


def test_the_quicker_calls_are_the_more_are_noted_together() -> None:
    pace = Pace()
    assert pace.together == LEAST_NOTED
    for _ in range(5):
        pace.noted(0.01)
    assert pace.together == MOST_NOTED
    pace.noted(0.15)
    assert pace.together == MOST_NOTED
    pace.noted(0.5)
    assert pace.together == LEAST_NOTED
