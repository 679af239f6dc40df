"""Workdays and holidays: Monday to Friday, or as a country and region say."""

from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from engine.context import Context, Http
from engine.errors import SetupError
from plugins.schedule.triggers import fetch_tick, tick
from plugins.schedule.workdays import Workdays, countries


def ctx(*day: int) -> Context:
    return Context(http=cast(Http, None), now=datetime(*day, 8, tzinfo=UTC))  # type: ignore[misc]


def record(*day: int, **given: Any) -> dict[str, Any]:
    (found,) = tick(ctx(*day), None, **given)
    return found


def test_without_a_country_people_work_from_monday_to_friday() -> None:
    found = record(2026, 12, 25)
    assert (found["is_workday"], found["holiday"]) == (True, None)
    assert not record(2026, 12, 26)["is_workday"]


def test_a_countrys_holidays_are_no_workdays_and_have_names() -> None:
    found = record(2026, 12, 25, country="us")
    assert (found["is_workday"], found["holiday"]) == (False, "Christmas Day")
    observed = record(2026, 7, 3, country="US")  # the Fourth is a Saturday
    assert (observed["is_workday"], observed["holiday"]) == (False, "Independence Day (observed)")
    assert record(2026, 12, 28, country="US")["is_workday"]


def test_a_region_has_holidays_of_its_own() -> None:
    assert record(2026, 1, 6, country="DE", region="BY")["holiday"] == "Epiphany"
    assert record(2026, 1, 6, country="DE", region="HH")["holiday"] is None


def test_the_first_and_last_workday_of_a_month_go_by_holidays() -> None:
    assert not record(2026, 1, 1, country="US")["is_first_workday"]
    assert record(2026, 1, 2, country="US")["is_first_workday"]
    us = Workdays("US")
    assert us.last_of_month(date(2027, 5, 3)) == 28  # Memorial Day is the 31st
    assert Workdays().last_of_month(date(2027, 5, 3)) == 31


def test_where_people_work_on_sundays_they_do() -> None:
    assert Workdays("AE").is_workday(date(2020, 6, 7))  # the Emirates' weekend was Friday, Saturday
    assert not Workdays("AE").is_workday(date(2020, 6, 5))


def test_a_retry_knows_the_holidays_too() -> None:
    found = fetch_tick(ctx(2026, 12, 28), "2026-12-25T08:00:00Z", country="US")
    assert found is not None
    assert found["holiday"] == "Christmas Day"


@pytest.mark.parametrize(
    ("country", "region", "said"),
    [
        ("XX", None, "no holidays for the country 'XX'"),
        ("US", "Nowhere", "'US' has no region 'Nowhere'"),
        (None, "NY", "a region without a country"),
    ],
    ids=["country", "region", "region alone"],
)
def test_places_that_are_not_known_are_said(
    country: str | None, region: str | None, said: str
) -> None:
    with pytest.raises(SetupError, match=said):
        record(2026, 1, 2, country=country, region=region)


def test_countries_are_offered() -> None:
    assert {"US", "DE", "CA"} <= {option.value for option in countries(ctx(2026, 1, 2))}
