"""The zone that commands, logs and mails tell the time in."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import SetupError
from engine.local_time import TIMEZONE_VARIABLE, local_now, local_zone
from engine.report import moment


def test_the_variable_names_the_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TIMEZONE_VARIABLE, "America/New_York")
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC).astimezone(local_zone())
    winter = datetime(2026, 12, 1, 12, 0, tzinfo=UTC).astimezone(local_zone())
    assert (f"{summer:%H:%M %Z}", f"{winter:%H:%M %Z}") == ("08:00 EDT", "07:00 EST")
    assert local_now().utcoffset() in (timedelta(hours=-4), timedelta(hours=-5))


def test_without_it_the_computers_own_zone_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TIMEZONE_VARIABLE)
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    told = datetime(2026, 7, 1, 12, 0, tzinfo=UTC).astimezone(local_zone())
    assert f"{told:%H:%M}" == "17:30"


@pytest.mark.parametrize("name", ["New York", "../etc/passwd", "America/", "é"])
def test_a_wrong_name_is_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(TIMEZONE_VARIABLE, name)
    with pytest.raises(SetupError, match="There is no time zone"):
        local_zone()


def test_times_in_words_are_told_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TIMEZONE_VARIABLE, "Australia/Sydney")
    told = moment(datetime(2026, 1, 15, 20, 30, tzinfo=UTC))
    assert told.startswith("07:30 on Friday 16 January")
