"""`schedule.tick`: one record for each time of a recipe's schedule, in its zone, missed ones too."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from textwrap import dedent, indent
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

import plugins.csv
import plugins.schedule
from engine.context import Context, Http, Timing
from engine.host import Host, build_host
from engine.recipe.library import Library
from engine.run.preview import preview
from engine.run.runner import execute
from engine.run.start import request_retry, request_run
from engine.store.database import Store
from engine.store.ledger import entries
from engine.store.runs import Run, get_run

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
COLUMNS = ("id", "clock", "missed", "scheduled", "previous", "next")
Row = dict[str, str]


@dataclass
class Bench:
    """Runs a recipe at moments that tests choose."""

    store: Store
    host: Host
    now: datetime = datetime(2026, 1, 30, 13, 0, 1, tzinfo=UTC)  # a Friday, 08:00:01 in New York

    def recipe(
        self, schedule: str, timezone: str = NEW_YORK, *, more: str = "", step: str = ""
    ) -> Any:
        columns = ", ".join(f"{name}: \"{{{{ tick.{name} | default('') }}}}\"" for name in COLUMNS)
        step = (
            step or f"- use: csv.append_rows\n  with: {{file: ticks.csv, columns: {{{columns}}}}}"
        )
        text = dedent(f"""
            name: Ticks
            description: Each time becomes a row.
            trigger:
              use: schedule.tick
              as: tick
              schedule: {schedule}
              timezone: {timezone}
              {more}
            steps:
        """)
        folder = self.store.home / "recipes"
        folder.mkdir(exist_ok=True)
        (folder / "ticks.yaml").write_text(text + indent(step, "  ") + "\n", "utf-8")
        return Library(folder).load("ticks")

    def run(self, recipe: Any, *, origin: Any = "schedule") -> Run:
        run_id = request_run(self.store, self.host, recipe, origin=origin)
        return self.carry_out(run_id)

    def carry_out(self, run_id: int) -> Run:
        execute(self.store, self.host, run_id, clock=lambda: self.now)
        run = get_run(self.store, run_id)
        assert run is not None
        return run

    def keys(self, run: Run) -> list[str]:
        return [entry.key for entry in entries(self.store, run.id)]

    @property
    def rows(self) -> list[Row]:
        path = self.store.home / "files" / "ticks.csv"
        return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store, build_host([plugins.schedule, plugins.csv], strict=True))


def at(*parts: int, zone: str = "UTC") -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[misc]


def test_each_scheduled_run_has_the_time_it_is_for(bench: Bench) -> None:
    recipe = bench.recipe("every weekday at 8:00")
    bench.run(recipe)
    bench.now = at(2026, 2, 2, 8, 0, 30, zone=NEW_YORK)  # Monday; the run began half a minute late
    bench.run(recipe)
    assert [row["id"] for row in bench.rows] == ["2026-01-30T13:00:00Z", "2026-02-02T13:00:00Z"]
    assert bench.rows[1] == {
        "id": "2026-02-02T13:00:00Z",
        "clock": "08:00",
        "missed": "0",
        "scheduled": "true",
        "previous": "2026-01-30T08:00:00-05:00",
        "next": "2026-02-03T08:00:00-05:00",
    }


def test_the_same_time_twice_is_done_once(bench: Bench) -> None:
    recipe = bench.recipe("every weekday at 8:00")
    bench.run(recipe)
    bench.now += timedelta(seconds=20)
    again = bench.run(recipe)  # a crash had it asked for again
    assert len(bench.rows) == 1
    assert again.counts == {"unchanged": 1}


def test_times_close_together_are_not_read_again(bench: Bench) -> None:
    recipe = bench.recipe("every 5 minutes")  # less than the overlap of ten minutes
    for _ in range(3):
        run = bench.run(recipe)
        assert run.counts == {"created": 1}
        bench.now += timedelta(minutes=5)
    assert [row["missed"] for row in bench.rows] == ["0", "0", "0"]


def test_one_record_stands_for_the_times_that_were_missed(bench: Bench) -> None:
    recipe = bench.recipe("every weekday at 8:00")
    bench.run(recipe)
    bench.now = at(2026, 2, 5, 10, 17, zone=NEW_YORK)  # off from Friday to Thursday
    run = bench.run(recipe)
    assert bench.keys(run) == ["2026-02-05T13:00:00Z"]
    assert bench.rows[-1]["missed"] == "3"


def test_each_missed_time_is_a_record_of_its_own_if_asked_for(bench: Bench) -> None:
    recipe = bench.recipe("every weekday at 8:00", more="with: {missed: each}")
    bench.run(recipe)
    bench.now = at(2026, 2, 5, 10, 17, zone=NEW_YORK)
    run = bench.run(recipe)
    days = ["2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05"]
    assert bench.keys(run) == [f"{day}T13:00:00Z" for day in days]
    assert {row["missed"] for row in bench.rows} == {"0"}


def test_a_run_by_hand_is_of_the_moment_it_begins_and_takes_no_time_away(bench: Bench) -> None:
    recipe = bench.recipe("every weekday at 8:00")
    bench.run(recipe, origin="manual")
    assert (bench.rows[0]["id"], bench.rows[0]["scheduled"]) == ("2026-01-30T13:00:01Z", "false")
    bench.now += timedelta(seconds=4)  # the scheduled run of 8:00 had to wait for it
    run = bench.run(recipe)
    assert bench.keys(run) == ["2026-01-30T13:00:00Z"]


def test_a_recipe_without_a_schedule_runs_by_hand(bench: Bench) -> None:
    recipe = bench.recipe("manual")
    run = bench.run(recipe, origin="manual")
    assert run.counts == {"created": 1}
    assert not {"previous", "next"} & set(bench.rows[0])


def test_a_time_that_failed_is_tried_again_as_itself(bench: Bench) -> None:
    step = '- if: tick.clock == "08:00"\n  reject: Not yet.'
    bench.recipe("every weekday at 8:00", step=step)
    failed = bench.run(Library(bench.store.home / "recipes").load("ticks"))
    assert failed.counts == {"rejected": 1}
    recipe = bench.recipe("every weekday at 8:00")
    bench.now += timedelta(hours=2)
    library = Library(recipe.path.parent)
    bench.carry_out(request_retry(bench.store, bench.host, library, failed))
    assert [(row["id"], row["scheduled"]) for row in bench.rows] == [
        ("2026-01-30T13:00:00Z", "true")
    ]


def test_a_preview_shows_the_moment_and_settles_nothing(bench: Bench) -> None:
    recipe = bench.recipe("every weekday at 8:00")
    found = preview(bench.store, bench.host, recipe)
    assert len(found.entries) == 1
    run = bench.run(recipe)
    assert bench.keys(run) == ["2026-01-30T13:00:00Z"]


# -- zones and clocks that move --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "zone", "start", "hours", "expected"),
    [
        # Spring, New York: 02:30 doesn't come on 8 March; the clocks go from 02:00 to 03:00.
        ("every day at 2:30", NEW_YORK, (2026, 3, 7, 2, 31), 49,
         ["2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"]),
        # Autumn, Berlin: 02:30 comes twice on 25 October, and counts once.
        ("every day at 2:30", BERLIN, (2026, 10, 24, 2, 31), 49,
         ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]),
        # Every hour that passes counts, also the one that has the same name.
        ("every hour", BERLIN, (2026, 10, 25, 1, 1), 4,
         ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00",
          "2026-10-25T04:00:00+01:00"]),
        # Zones of quarters of an hour, without any summer time.
        ("every day at 0:15", "Asia/Kathmandu", (2026, 3, 28, 0, 16), 48,
         ["2026-03-29T00:15:00+05:45", "2026-03-30T00:15:00+05:45"]),
    ],
    ids=["spring", "autumn", "every hour in autumn", "Kathmandu"],
)  # fmt: skip
def test_times_are_right_where_clocks_move(
    bench: Bench, schedule: str, zone: str, start: tuple[int, ...], hours: int, expected: list[str]
) -> None:
    step = '- use: csv.append_rows\n  with: {file: ticks.csv, columns: {time: "{{ tick.time }}"}}'
    recipe = bench.recipe(schedule, zone, more="with: {missed: each}", step=step)
    bench.now = at(*start, zone=zone)
    bench.run(recipe)
    first = len(bench.rows)
    bench.now += timedelta(hours=hours)
    bench.run(recipe)
    assert [row["time"] for row in bench.rows[first:]] == expected


# -- what a recipe decides by ----------------------------------------------------------------------


@pytest.fixture
def fields() -> Callable[..., dict[str, Any]]:
    """Return the record of a moment in New York, without a schedule."""
    timing = Timing()
    timing.zone = ZoneInfo(NEW_YORK)

    def record(*day: int) -> dict[str, Any]:
        ctx = Context(http=cast(Http, None), now=at(*day, 8, zone=NEW_YORK), timing=timing)
        (found,) = plugins.schedule.triggers.tick(ctx, None)
        return found

    return record


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ((2026, 1, 1), {"is_month_start", "is_first_workday"}),
        ((2026, 1, 30), {"is_last_workday"}),  # a Friday; the month ends on Saturday
        ((2026, 1, 31), {"is_weekend", "is_month_end"}),
        ((2026, 2, 1), {"is_weekend", "is_month_start"}),
        ((2026, 2, 2), {"is_first_workday"}),  # after a Sunday
        ((2026, 8, 3), {"is_first_workday"}),  # after a Saturday and Sunday
        ((2026, 5, 29), {"is_last_workday"}),  # before a Saturday and Sunday
        ((2028, 2, 29), {"is_month_end", "is_last_workday"}),
        ((2026, 7, 15), set()),
    ],
    ids=lambda part: " ".join(sorted(part)) if isinstance(part, set) else str(part),
)
def test_days_are_known_by_their_place_in_the_month(
    fields: Callable[..., dict[str, Any]], day: tuple[int, ...], expected: set[str]
) -> None:
    found = fields(*day)
    days = {name for name, value in found.items() if value is True}
    assert days - {"is_last_of_its_weekday", "is_workday"} == expected


def test_a_day_is_told_in_words_and_numbers(fields: Callable[..., dict[str, Any]]) -> None:
    found = fields(2026, 12, 31)
    assert found["title"] == "Thursday, 31 December 2026, 08:00"
    assert (found["quarter"], found["week"], found["weekday_of_month"]) == (4, 53, 5)
    assert (found["weekday"], found["month_name"], found["timezone"]) == (
        "Thursday",
        "December",
        NEW_YORK,
    )
    assert fields(2026, 6, 1)["weekday_of_month"] == 1
    mondays = [fields(2026, 6, day)["is_last_of_its_weekday"] for day in (1, 8, 15, 22, 29)]
    assert mondays == [False] * 4 + [True]
