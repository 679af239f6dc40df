"""Waits double with each failure, and never overflow."""

from datetime import timedelta

from engine.waits import doubled

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_a_wait_doubles_up_to_the_longest():
    waits = [doubled(MINUTE, times, HOUR) / MINUTE for times in range(8)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_however_many_failures_there_were_it_is_a_length_of_time():
    assert doubled(timedelta(days=31), 10**9, timedelta(days=400)) == timedelta(days=400)
