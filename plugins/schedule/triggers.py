"""What starts a recipe by the clock: the time it is, in words that recipes decide by."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from engine.sdk import Complete, Context, Field, Record
from plugins.schedule.workdays import Workdays, countries

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
#: Of times that were missed, no more are made up for one by one.
MOST_MISSED = 1000

SAMPLE = Complete(
    id="2026-01-30T13:00:00Z",
    title="Friday, 30 January 2026, 08:00",
    time="2026-01-30T08:00:00-05:00",
    timezone="America/New_York",
    date="2026-01-30",
    clock="08:00",
    year=2026,
    quarter=1,
    month=1,
    month_name="January",
    week=5,
    day=30,
    weekday="Friday",
    weekday_number=5,
    weekday_of_month=5,
    is_last_of_its_weekday=True,
    is_weekend=False,
    is_workday=True,
    holiday=None,
    is_month_start=False,
    is_month_end=False,
    is_first_workday=False,
    is_last_workday=True,
    previous="2026-01-29T08:00:00-05:00",
    next="2026-02-02T08:00:00-05:00",
    missed=0,
    scheduled=True,
)

Country = Annotated[
    str | None,
    Field(
        "Country",
        "Its two letters, such as `US`: then `holiday`, `is_workday` and the first and last workday "
        "go by its public holidays. Left out, people work from Monday to Friday.",
        options=countries,
    ),
]
Region = Annotated[
    str | None, Field("Region", "A state or province with holidays of its own, such as `NY`.")
]


def tick(
    ctx: Context,
    since: datetime | None,
    missed: Annotated[
        Literal["one", "each"],
        Field(
            "Missed times",
            "While Bridgework was not running: `one` record stands for all of them and says how "
            "many, or `each` of them is a record of its own.",
        ),
    ] = "one",
    country: Country = None,
    region: Region = None,
) -> Iterator[Record]:
    """Start at each time of the recipe's schedule.

    A run by hand and a preview have one record, of the moment they begin, with `scheduled: false`.
    """
    workdays, due = Workdays(country, region), ctx.timing.due()
    if not due:
        yield _record(ctx, ctx.now.replace(microsecond=0), workdays, scheduled=False)
    elif missed == "one":
        yield _record(ctx, due[-1], workdays, missed=len(due) - 1)
    else:
        for at in due[-MOST_MISSED:]:
            yield _record(ctx, at, workdays)


def fetch_tick(
    ctx: Context, key: str, country: str | None = None, region: str | None = None
) -> Record | None:
    """Return the record of a time again; how many it stood for is no longer known."""
    at = datetime.fromisoformat(key)
    return _record(ctx, at, Workdays(country, region), scheduled=_is_scheduled(ctx, at))


def _is_scheduled(ctx: Context, at: datetime) -> bool:
    return ctx.timing.following(at - timedelta(microseconds=1)) == at


def _record(
    ctx: Context, at: datetime, workdays: Workdays, *, missed: int = 0, scheduled: bool = True
) -> Record:
    """Return what a recipe may want to know of a time, in the recipe's own time zone."""
    there = at.astimezone(ctx.timing.zone)
    days = monthrange(there.year, there.month)[1]
    weekday = WEEKDAYS[there.weekday()]
    month = MONTHS[there.month - 1]
    previous, following = ctx.timing.previous(at), ctx.timing.following(at)
    return {
        "id": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "title": f"{weekday}, {there.day} {month} {there.year}, {there:%H:%M}",
        "time": there.isoformat(),
        "timezone": str(ctx.timing.zone),
        "date": there.date().isoformat(),
        "clock": f"{there:%H:%M}",
        "year": there.year,
        "quarter": (there.month + 2) // 3,
        "month": there.month,
        "month_name": month,
        "week": there.isocalendar().week,
        "day": there.day,
        "weekday": weekday,
        "weekday_number": there.isoweekday(),
        "weekday_of_month": (there.day + 6) // 7,
        "is_last_of_its_weekday": there.day + 7 > days,
        "is_weekend": there.isoweekday() > 5,
        "is_month_start": there.day == 1,
        "is_month_end": there.day == days,
        "is_workday": workdays.is_workday(there.date()),
        "holiday": workdays.holiday(there.date()),
        "is_first_workday": there.day == workdays.first_of_month(there.date()),
        "is_last_workday": there.day == workdays.last_of_month(there.date()),
        "previous": None if previous is None else previous.isoformat(),
        "next": None if following is None else following.isoformat(),
        "missed": missed,
        "scheduled": scheduled,
    }
