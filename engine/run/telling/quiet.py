"""A suspiciously quiet run: far fewer records than the recipe usually reads at this time.

What is compared is what came in a day. A recipe that runs nightly is thus compared night by night,
and one that runs every quarter of an hour isn't called quiet because it is three in the morning.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import Connection, func, select

from engine.public_address import report_path
from engine.store.notices import add_notice, close_notice
from engine.store.runs import Run
from engine.store.tables import runs

DAY = timedelta(days=1)
#: Earlier days end this long after the time of the run in question: a nightly run may have begun
#: later than tonight's, by a clock change or because another held it up, and is still of its day.
LATER = timedelta(hours=2)

#: Days to compare with at least; and of the same weekday, to compare with those alone.
ENOUGH_DAYS = 5
#: How far back is looked: ten weeks, or as many runs.
WEEKS = 10
RUNS_LOOKED_AT = 5000

#: Recipes that usually read fewer records a day have quiet days by chance.
USUALLY_AT_LEAST = 10
#: Less than this share of the usual is quiet.
QUIET_BELOW = 0.2


@dataclass(frozen=True)
class Usual:
    """What a recipe reads in a day.

    :param records: the median.
    :param weekday: it speaks of this day of the week alone.
    :param quiet_before: the same day of an earlier week was as quiet as this one is.
    """

    records: float
    weekday: bool
    quiet_before: bool


def look_for_quiet(connection: Connection, run: Run, again: int, now: datetime) -> None:
    """Note that a run was suspiciously quiet, or that the quiet is over.

    :param again: how many of the records it read were open from earlier runs.
    """
    days = _read_a_day(connection, run)
    if days is None:
        return
    today = days.pop(0, 0) + run.read - again
    usual = usual_of(days, today)
    if usual is None:
        return
    about = f"recipe:{run.recipe}"
    if today >= QUIET_BELOW * usual.records or usual.quiet_before:
        close_notice(connection, kind="quiet_run", about=about, at=now)
        return
    count = run.source_noun.count(today) if today else f"No {run.source_noun.many}"
    when = f"on a {run.created_at:%A}" if usual.weekday else "a day"
    add_notice(
        connection,
        kind="quiet_run",
        about=about,
        subject=f"{run.title} was suspiciously quiet",
        body=f"{count} came; usually it is about {usual.records:,.0f} {when}.\n"
        "If that isn't expected, look whether the account the recipe reads with still sees "
        "everything, and whether a filter was changed in the app or in the recipe.",
        link=report_path(run.id),
        at=now,
    )


def usual_of(days: dict[int, int], today: int) -> Usual | None:
    """Return what is usual, or None where too little is known or too few records come.

    :param days: records by how many days ago; days without a run are not in it.
    :param today: records today.
    """
    same = [records for ago, records in days.items() if ago % 7 == 0]
    weekday = len(same) >= ENOUGH_DAYS
    if not weekday and len(days) < ENOUGH_DAYS:
        return None
    records = median(same if weekday else days.values())
    if records < USUALLY_AT_LEAST:
        return None
    as_quiet = max(today, QUIET_BELOW * records)
    return Usual(records, weekday, not weekday and any(number <= as_quiet for number in same))


def _read_a_day(connection: Connection, run: Run) -> dict[int, int] | None:
    """Return how many records the recipe's scheduled runs read, by how many days ago.

    None where the recipe ran within this hour already: that was soon enough to look. Its first run
    of all, which reads the past as well, doesn't count.
    """
    table = runs.c
    first = connection.execute(select(func.min(table.id)).where(table.recipe == run.recipe))
    rows = connection.execute(
        select(table.created_at, table.read, table.tried_again)
        .where(
            table.recipe == run.recipe,
            table.origin == "schedule",
            table.status.in_(("succeeded", "partial")),
            table.id < run.id,
            table.id > first.scalar_one(),
            table.created_at > run.created_at - timedelta(weeks=WEEKS) - DAY,
        )
        .order_by(table.id.desc())
        .limit(RUNS_LOOKED_AT)
    ).all()
    if rows and _hour(rows[0].created_at) == _hour(run.created_at):
        return None
    days = Counter[int]()
    for row in rows:
        ago = (run.created_at + LATER - row.created_at) // DAY
        days[ago] += row.read - (row.tried_again or 0)
    return dict(days)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
