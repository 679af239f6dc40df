"""Times as people read them: past ones in the zone of the browser, coming ones in the recipe's."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta
from flask import has_request_context, request

from engine.local_time import local_place, zone_called
from engine.report import moment
from engine.report.coming import place

#: Set by static/zone.js on the first page anyone sees, the log-in.
ZONE_COOKIE = "zone"


@dataclass(frozen=True)
class When:
    """One moment, ready for a ``<time>`` element.

    :param iso: for machines.
    :param words: e.g. ``20:30 yesterday``.
    :param ago: e.g. ``3 minutes ago`` or ``in 5 hours``.
    :param exact: day, clock and zone, for a tool tip.
    """

    iso: str
    words: str
    ago: str
    exact: str


def when(at: datetime, zone: ZoneInfo | None = None) -> When:
    """Say when something was or will be.

    :param zone: the zone to speak in, default the viewer's. It is named where it isn't theirs.
    """
    theirs = viewer_zone()
    zone = zone or theirs or local_place()
    local = at.astimezone(zone)
    words = moment(at, datetime.now(zone))
    if theirs is None or local.utcoffset() != at.astimezone(theirs).utcoffset():
        words += f" ({place(zone)} time)"
    return When(
        iso=at.isoformat(timespec="seconds"),
        words=words,
        ago=format_timedelta(at - datetime.now(UTC), add_direction=True, locale="en"),
        exact=f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S} ({place(zone)} time)",
    )


def viewer_now() -> datetime:
    """Return the time now, in the zone of whoever looks at the page."""
    return datetime.now(viewer_zone() or local_place())


def viewer_zone() -> ZoneInfo | None:
    """Return the browser's time zone; None while it has not told."""
    if not has_request_context():
        return None
    return zone_called(request.cookies.get(ZONE_COOKIE, ""))
