"""Schedules in words: how they are written, and what is said of words that are none."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.recipe.schedule.schedule import ScheduleError, is_instant, parse_schedule


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("manual", "manual", "only by hand"),
        ("Instant", "instant", "as soon as something happens"),
        (
            "instant and every day at 20:30",
            "cron",
            "as soon as something happens, and every day at 20:30",
        ),
        (
            "instant, every 2 hours",
            "interval",
            "as soon as something happens, and every 2 hours",
        ),
        ("every 15 minutes", "interval", "every 15 minutes"),
        ("every 90 mins", "interval", "every 90 minutes"),
        ("every hour", "interval", "every hour"),
        ("every  day at 20:30", "cron", "every day at 20:30"),
        ("every day at 8:30 pm", "cron", "every day at 20:30"),
        ("every day at 12 am", "cron", "every day at 0:00"),
        ("every day at 12:05 p.m.", "cron", "every day at 12:05"),
        ("every day at noon and midnight", "cron", "every day at 0:00 and 12:00"),
        ("every day at 19:00, 7:00 and 12:30", "cron", "every day at 7:00, 12:30 and 19:00"),
        ("every weekday at 7:00", "cron", "every weekday at 7:00"),
        ("every weekend at 9 am", "cron", "every weekend at 9:00"),
        ("Every Monday at 07:05", "cron", "every Monday at 7:05"),
        ("every thu and mondays at 7:00", "cron", "every Monday and Thursday at 7:00"),
        ("every month on the 1st at 7:00", "cron", "every month on the 1st at 7:00"),
        ("every month on 1 and 22 at 7:00", "cron", "every month on the 1st and 22nd at 7:00"),
        ("every month on the last day at 7:00", "cron", "every month on the last day at 7:00"),
        ("every month on the last weekday at noon", "cron",
         "every month on the last weekday at 12:00"),
        ("every month on the first monday at 7:00", "cron",
         "every month on the first Monday at 7:00"),
        ("every month on the 2nd tue and last fri at 7:00", "cron",
         "every month on the second Tuesday and last Friday at 7:00"),
        ("every hour at :15", "cron", "every hour at :15"),
        ("every hour at :45 and :15", "cron", "every hour at :15 and :45"),
        ("every 2 hours at :05", "cron", "every 2 hours at :05"),
        ("cron: 0 20 * * 1-5", "cron",
         "at 20:00 on Monday through Friday (cron: 0 20 * * 1-5)"),
    ],
)  # fmt: skip
def test_a_schedule_is_written_in_words(text, kind, words) -> None:
    schedule = parse_schedule(text)
    assert (schedule.kind, schedule.words) == (kind, words)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a schedule. Write"),
        ("sometimes", "'sometimes' is not a schedule. Write `every 15 minutes`"),
        ("every day at 24:00", "24:00 is not a time of day. Write it like `20:30` or `8:30 pm`."),
        ("every day at 9:75", "9:75 is not a time of day."),
        ("every day at 13 pm", "13 pm is not a time of day."),
        ("every day at 7", "'7' is not a time of day. Write `7:00`, or `7 pm`."),
        ("every day at soon", "'soon' is not a time of day."),
        ("every day", "'every day' doesn't say at what time. Write it like `every day at 20:30`."),
        ("every month at 7:00", "doesn't say on which day."),
        ("every month on the 40th at 7:00", "No month has a day 40."),
        ("every month on the noday at 7:00", "'noday' is not a day of the month."),
        ("every fortnight at 7:00", "'fortnight' is not a day."),
        ("every 90 seconds", "is not a schedule. The shortest is `every minute`."),
        ("every 3 days", "is not a schedule. Write `every day at 7:00`, or name the days"),
        ("every other week", "is not a schedule. Name the day, e.g. `every monday at 7:00`."),
        ("every year on 1 May at 7:00", "`cron: 0 7 1 5 *`"),
        ("every morning", "doesn't say at what time. Write it like `every day at 20:30`."),
        ("cron: 99 * * * *", "Bad minute. Its parts are minute, hour,"),
        ("every 0 minutes", "is not between 1 minute and 24 hours."),
        ("every 25 hours", "is not between 1 minute and 24 hours. For longer ones write days"),
        ("every 999999 minutes", "is not between 1 minute and 24 hours."),
        ("every 99999999999999999999 minutes", "is not a schedule."),
        ("every 5 hours at :10", "A day can't be divided into 5 hours each."),
        ("every hour at :75", ":75 is not past the hour."),
        ("cron: 61 * * * *", "is not a cron expression"),
        ("cron: soon", "is not a cron expression"),
        ("cron: 0 0 20 * * 1", "it has 6 parts. It needs five: minute, hour"),
        ("cron: 0 0 31 2 *", "is not a cron expression"),
    ],
)
def test_what_is_no_schedule_says_how_to_write_one(text, says) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("evry 15 minutes", "every 15 minutes"),
        ("instantly", "instant"),
        ("instant or every day at 20:30", "instant and every day at 20:30"),
        ("never", "manual"),
        ("every 2nd tuesday at 9:00", "every month on the 2nd tuesday at 9:00"),
        ("every munday at 7:00", "every monday at 7:00"),
        ("Every Wenesday at 7:00", "every wednesday at 7:00"),
        ("every workday at 7:00", "every weekday at 7:00"),
        ("every monday to friday at 7:00", "every weekday at 7:00"),
        ("every evening at 20:30", "every day at 20:30"),
        ("daily at 8 pm", "every day at 8 pm"),
        ("hourly", "every hour"),
        ("20:30", "every day at 20:30"),
        ("at 20:30 every day", "every day at 20:30"),
        ("every day 20:30", "every day at 20:30"),
        ("monday at 7:00", "every monday at 7:00"),
        ("every hour at 15", "every hour at :15"),
        ("every month on the 31st at 7:00", "every month on the last day at 7:00"),
    ],
)
def test_what_was_most_likely_meant_is_offered(text, better) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(text)
    assert caught.value.better == better
    assert parse_schedule(better)


SCRAPS = st.sampled_from(
    re.findall(
        r"\S+",
        "every day at 20:30 weekday monday and , month on the 1st last first 31st :15 hour minutes "
        "8 pm noon cron: * */5 0 1-5 L MON#2 manual instant 0 99",
    )
)


@given(st.text(max_size=40) | st.lists(SCRAPS, max_size=9).map(" ".join))
@example("every month on the the at 7:00")
@example("every and at and")
def test_no_text_breaks_it(text) -> None:
    try:
        parse_schedule(text)
    except ScheduleError as error:
        said, better = str(error), error.better
    else:
        return
    assert said.endswith("." if not better else ("?", "."))


def test_a_schedule_may_be_instant_and_have_a_clock_besides() -> None:
    said = {words: is_instant(words) for words in ("instant", "instant and every hour", "manual")}
    assert said == {"instant": True, "instant and every hour": True, "manual": False}
    assert parse_schedule("instant and every day at 20:30").crons == ("30 20 * * *",)
    assert not is_instant("instant and manual")
    with pytest.raises(ScheduleError, match="is not a schedule"):
        parse_schedule("instant and manual")
