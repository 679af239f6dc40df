from datetime import timedelta

import pytest

from engine.recipe.schedule.durations import DurationError, parse_duration, parse_span


@pytest.mark.parametrize(
    ("words", "length"),
    [
        ("10 minutes", timedelta(minutes=10)),
        ("1 minute", timedelta(minutes=1)),
        ("an hour", timedelta(hours=1)),
        ("  2   Hours ", timedelta(hours=2)),
        ("90 sec", timedelta(seconds=90)),
        ("1 day", timedelta(days=1)),
        ("2 weeks", timedelta(days=14)),
        ("none", timedelta()),
        ("0", timedelta()),
    ],
)
def test_durations(words: str, length: timedelta) -> None:
    assert parse_duration(words) == length


@pytest.mark.parametrize(
    "words", ["", "soon", "10", "minutes", "1.5 hours", "-1 day", "9999 years"]
)
def test_no_durations(words: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(words)
    assert repr(words) in caught.value.message
    assert "10 minutes" in caught.value.hint


@pytest.mark.parametrize(
    ("words", "length"),
    [
        ("last 2 years", timedelta(days=732)),
        ("the last 30 days", timedelta(days=30)),
        ("Last Month", timedelta(days=31)),
        ("3 weeks", timedelta(days=21)),
        ("nothing", timedelta()),
        ("everything", None),
    ],
)
def test_spans(words: str, length: timedelta | None) -> None:
    assert parse_span(words) == length


@pytest.mark.parametrize("words", ["last", "2 fortnights", "since May", ""])
def test_no_spans(words: str) -> None:
    with pytest.raises(DurationError, match="how far back"):
        parse_span(words)
