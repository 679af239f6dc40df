"""A practice server's limit: so many requests in a window that moves on."""

from engine.practice.limits import RequestWindow


def test_one_more_is_taken_as_soon_as_the_oldest_no_longer_counts() -> None:
    now = 100.0
    window = RequestWindow(lambda: now, 10)
    assert [window.wait(2), window.wait(2)] == [0, 0]
    now = 103.5
    assert (window.wait(2), window.used()) == (7, 2)
    assert window.wait(2, "another kind") == 0
    now = 110.0
    assert (window.used(), window.wait(2), window.used()) == (0, 0, 1)


def test_where_nothing_is_taken_the_whole_window_is_waited_for() -> None:
    assert RequestWindow(lambda: 100.0, 86_400).wait(0) == 86_400
