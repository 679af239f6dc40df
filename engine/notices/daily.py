"""When the daily report is made: once a day, at the office's time, unless there is nothing to say."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.local_time import local_place
from engine.notices.reports import day_report
from engine.store.database import Store
from engine.store.notice_settings import load_settings, put_settings, save_settings
from engine.store.notices import add_notice
from engine.store.schedules import planned

SETTINGS = "report"
STATE = "report state"

#: A report never reaches back further: after a long stop the pages tell more than a mail can.
LONGEST = timedelta(days=7)


@dataclass(frozen=True)
class DailySettings:
    """When and whether the daily report is sent.

    :param at: time of day.
    :param zone: time zone; empty: where most recipes have theirs.
    :param on_quiet_days: it is sent even if nothing happened and nothing is open.
    """

    enabled: bool = True
    at: time = time(7, 0)
    zone: str = ""
    on_quiet_days: bool = False


def daily_settings(store: Store) -> DailySettings:
    saved = load_settings(store, SETTINGS)
    if not saved:
        return DailySettings()
    return DailySettings(**{**saved, "at": time.fromisoformat(saved["at"])})


def save_daily_settings(store: Store, settings: DailySettings) -> None:
    values: dict[str, Any] = {**vars(settings), "at": settings.at.strftime("%H:%M")}
    save_settings(store, SETTINGS, values)


def report_zone(store: Store, settings: DailySettings) -> ZoneInfo:
    """Return the time zone that the report is made and speaks in."""
    if settings.zone:
        return ZoneInfo(settings.zone)
    zones = Counter(plan.timezone for plan in planned(store).values())
    zones.pop("UTC", None)  # what a recipe has that names none
    if zones:
        return ZoneInfo(zones.most_common(1)[0][0])
    return local_place()


def make_daily_report(store: Store, now: datetime | None = None) -> None:
    """Note the daily report if its time has come; it is made once, however often this is called.

    After a stop over its time it is made late. What a first start finds is not reported.
    """
    now = now or datetime.now(UTC)
    settings = daily_settings(store)
    if not settings.enabled:
        return
    zone = report_zone(store, settings)
    state = load_settings(store, STATE)
    if not state:
        save_settings(store, STATE, {"until": now.isoformat()})
        return
    since = datetime.fromisoformat(state["until"])
    due = due_before(now, settings.at, zone)
    if since >= due:
        return
    digest, body, html = day_report(store, max(since, now - LONGEST), now, zone)
    with store.writing() as connection:
        put_settings(store, connection, STATE, {"until": now.isoformat()})
        if digest.news or digest.things or settings.on_quiet_days:
            add_notice(
                connection,
                kind="report",
                about=f"report:{due.astimezone(zone):%Y-%m-%d}",
                subject=digest.headline,
                body=body,
                html=html,
                link="/",
                at=now,
            )


def due_before(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """Return the last moment, not after ``now``, at which the clock in the zone showed ``at``."""
    day = now.astimezone(zone).date()
    due = datetime.combine(day, at, zone).astimezone(UTC)
    if due > now:
        due = datetime.combine(day - timedelta(days=1), at, zone).astimezone(UTC)
    return due
