"""A suspiciously quiet run is told of; a weekend, a small recipe and a new one are not."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.run.start import request_run
from engine.run.telling.quiet import Usual, usual_of
from engine.store.notices import list_notices
from engine.store.runs import change_run

#: A Tuesday evening.
NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


@pytest.fixture
def nights(office, single):
    """Let the recipe have run on schedule, with so many records at each time."""

    def run(history: list[tuple[datetime, int]]) -> None:
        for at, records in history:
            run_id = request_run(office.store, office.host, single, origin="schedule")
            with office.store.writing() as connection:
                change_run(
                    connection,
                    run_id,
                    created_at=at,
                    finished_at=at,
                    status="succeeded",
                    read=records,
                    counts={"created": records},
                )

    return run


@pytest.fixture
def tonight(office, single, make_order):
    """Run the recipe on schedule with so many new orders; return what was told of quiet."""

    def run(records: int, at: datetime = NOW) -> list[str]:
        office.clock.now = at
        office.mill.orders = [
            make_order(f"{at}-{n}", changed_at=at.isoformat()) for n in range(records)
        ]
        run_id = request_run(office.store, office.host, single, origin="schedule")
        with office.store.writing() as connection:
            change_run(connection, run_id, created_at=at)
        office.go(run_id)
        return [n.body for n in list_notices(office.store) if n.kind == "quiet_run"]

    return run


def last_nights(*records: int) -> list[tuple[datetime, int]]:
    """Return runs on the evenings before tonight, the last one last."""
    return [(NOW - timedelta(days=n), number) for n, number in enumerate(reversed(records), 1)][
        ::-1
    ]


def test_a_night_without_records_is_told_where_there_usually_are_some(
    office, nights, tonight
) -> None:
    nights(last_nights(900, 40, 45, 38, 50, 41))
    [body] = tonight(0)
    assert body.split("\n")[0] == "No orders came; usually it is about 41 a day."
    [notice] = [n for n in list_notices(office.store) if n.kind == "quiet_run"]
    assert notice.subject == "Orders become parcels was suspiciously quiet"
    assert notice.about == "recipe:parcels"


def test_far_below_the_usual_is_quiet_and_a_slow_night_is_not(nights, tonight) -> None:
    nights(last_nights(900, 40, 45, 38, 50, 41))
    assert tonight(9) == []
    [body] = tonight(7, NOW + timedelta(days=1))
    assert body.startswith("7 orders came; usually it is about 40 a day.")


def test_it_is_told_once_until_a_night_is_as_usual(nights, tonight) -> None:
    nights(last_nights(900, 40, 45, 38, 50, 41))
    told = [len(tonight(n, NOW + timedelta(days=d))) for d, n in enumerate([0, 1, 44, 0])]
    assert told == [1, 1, 1, 2]


def test_the_first_runs_are_not_compared(nights, tonight) -> None:
    nights(last_nights(900, 40, 45, 38, 50))
    assert tonight(0) == []  # four nights, besides the one that read the past


def test_a_recipe_that_reads_few_records_may_read_none(nights, tonight) -> None:
    nights(last_nights(900, 9, 8, 9, 12, 7, 9))
    assert tonight(0) == []


def test_weekends_are_compared_with_weekends(nights, tonight) -> None:
    saturday = NOW + timedelta(days=4)
    evenings = [saturday - timedelta(days=n) for n in range(1, 45)][::-1]
    nights([(at, 0 if at.weekday() >= 5 else 40) for at in evenings])
    assert tonight(0, saturday) == []
    assert tonight(0, saturday + timedelta(days=1)) == []
    [body] = tonight(0, saturday + timedelta(days=2))
    assert body.startswith("No orders came; usually it is about 40 on a Monday.")


def test_the_second_quiet_saturday_is_expected_before_there_are_enough(nights, tonight) -> None:
    saturday = NOW + timedelta(days=4)
    evenings = [saturday - timedelta(days=n) for n in range(1, 10)][::-1]
    nights([(at, 0 if at.weekday() >= 5 else 40) for at in evenings])
    assert tonight(0, saturday) == []


def test_a_recipe_that_runs_often_is_compared_day_by_day(nights, tonight) -> None:
    """Ten records an hour in office hours: no alarm at night, but one when a day brings nothing."""
    start = NOW - timedelta(days=7)
    hours = [start + timedelta(hours=n) for n in range(24 * 7 - 10)]  # silent since this morning
    nights([(at, 10 if 8 <= at.hour < 18 else 0) for at in hours])
    assert tonight(0, NOW - timedelta(hours=9)) == []  # yesterday's afternoon still counts
    assert tonight(0, NOW - timedelta(hours=9, minutes=-20)) == []  # looked at in this hour already
    [body] = tonight(0, NOW + timedelta(hours=15))
    assert body.startswith("No orders came; usually it is about 100 a day.")


def test_clock_changes_and_delays_don_t_make_a_night_count_twice(nights, tonight) -> None:
    late = [0, 40, -70, 100, -3, 65]  # minutes
    nights([(NOW - timedelta(days=6 - n, minutes=-m), 40) for n, m in enumerate(late)])
    [body] = tonight(0)
    assert "about 40 a day" in body


def test_old_problems_tried_again_don_t_hide_the_quiet(office, nights, tonight, make_order) -> None:
    nights(last_nights(900, 40, 45, 38, 50, 41))
    office.mill.orders = []
    refused = [make_order(f"r{n}", colour="refused") for n in range(30)]

    evening = NOW + timedelta(days=1)
    office.clock.now = NOW
    office.mill.orders = refused
    office.run(office.library.load("parcels"))
    [body] = tonight(0, evening)
    assert body.startswith("No orders came")
    assert office.open_problems() != {}


def test_a_run_by_hand_is_not_compared(office, single, nights) -> None:
    nights(last_nights(900, 40, 45, 38, 50, 41))
    office.run(single)
    assert list_notices(office.store) == []


def test_what_is_usual() -> None:
    assert usual_of({1: 40, 2: 50, 3: 60, 4: 20}, 0) is None
    assert usual_of({1: 40, 2: 50, 3: 60, 4: 20, 5: 45}, 0) == Usual(45, False, False)
    assert usual_of({1: 40, 2: 50, 3: 60, 4: 20, 5: 45, 7: 0}, 0) == Usual(42.5, False, True)
    sundays = {7 * week: 3 * week for week in range(4, 9)}
    assert usual_of({1: 500, 2: 500, **sundays}, 0) == Usual(18, True, False)
    assert usual_of({1: 0, 2: 0, 3: 5, 4: 9, 5: 100}, 0) is None
