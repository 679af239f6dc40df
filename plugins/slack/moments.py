"""Slack's times: seconds since 1970 as text, whose six decimals tell a channel's messages apart."""

from datetime import UTC, datetime, timedelta


def moment_of(seconds: object) -> str | None:
    """Return ISO 8601 of Slack's seconds; None for what is none."""
    try:
        whole, _, fraction = str(seconds).partition(".")
        moment = datetime.fromtimestamp(int(whole), UTC) + timedelta(
            microseconds=int(fraction[:6].ljust(6, "0"))
        )
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat().replace("+00:00", "Z")


def seconds_of(moment: datetime) -> str:
    """Return a moment as Slack writes it, exact to the microsecond."""
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return f"{since // timedelta(seconds=1)}.{since.microseconds:06d}"
