"""What a workbook's cell reads as: text stays text, and a date or number gets one plain form."""

from datetime import date, datetime, time, timedelta
from typing import Any


def as_text(value: Any, digits: int = 0) -> str:
    """Return a cell as text.

    :param digits: as many as the cell shows, with leading zeros; 0: as it is.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return _number(value, digits)
    if isinstance(value, datetime):
        rounded = value.replace(microsecond=0)
        return rounded.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return "" if value is None else str(value)


def _number(value: float, digits: int) -> str:
    """Return a number without an exponent; whole ones without decimals."""
    if value == int(value) and abs(value) < 1e21:
        text = str(int(value))
        return text.zfill(digits) if digits and value >= 0 else text
    plain = repr(value)
    return plain if "e" not in plain else f"{value:.15f}".rstrip("0")
