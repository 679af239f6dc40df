"""The shipped recipes with Slack, run from end to end against practice servers."""

from typing import Any

from plugins.slack.practice import PracticeSlack
from tests.recipes.conftest import Bench


def said(bench: Bench, channel: str) -> list[str]:
    """Return what Bridgework said in a channel."""
    server = bench.servers["slack"]
    assert isinstance(server, PracticeSlack)
    messages: list[dict[str, Any]] = server.workspace.messages.get(channel, [])
    return [one["text"] for one in messages if one.get("app_id") == "A0BRIDGE01"]


def test_new_matters_are_announced_in_one_message_and_once(bench: Bench) -> None:
    bench.run("clio-matters-to-slack")
    (message,) = said(bench, "C0MATTERS3")
    heading, _, numbers = message.partition(": ")
    told = numbers.split(", ")
    assert heading == f"*{len(told)} new matters*"
    matters = bench.servers["clio"].records()["matters"]
    matter = next(one for one in matters if one["display_number"] in told)
    bench.servers["clio"].edit("matters", str(matter["id"]), {"description": "Something else"})
    bench.run("clio-matters-to-slack")
    assert said(bench, "C0MATTERS3") == [message]


def test_marked_messages_become_rows_once(bench: Bench) -> None:
    first = bench.run("slack-messages-marked-to-csv")
    assert sum(first.values()) == 2  # two people marked the same message
    path = bench.home / "files" / "enquiries.csv"
    (head, row) = path.read_text("utf-8-sig").splitlines()
    assert head == "message,written_at,by,text"
    assert "José Muñoz-Díaz" in row
    assert "Müller & Söhne" in row
    slack = bench.servers["slack"]
    assert isinstance(slack, PracticeSlack)
    other = slack.workspace.messages["C0INTAKE02"][1]
    slack.edit("reactions", f"C0INTAKE02/{other['ts']}", {"emoji": "white_check_mark"})
    assert bench.run("slack-messages-marked-to-csv")["created"] == 1
    assert len(path.read_text("utf-8-sig").splitlines()) == 3


def test_rows_that_were_refused_are_told_in_one_message(bench: Bench) -> None:
    bench.run("csv-contacts-with-problems-to-slack")
    (message,) = said(bench, "C0REPORTS1")
    assert "rows of contacts.csv were refused; the first is line" in message


def test_a_reminder_is_posted_at_each_time(bench: Bench) -> None:
    (shown,) = bench.preview("weekly-reminder-to-slack").values()
    assert shown["outcome"] == "created"
    assert not any("hours" in one for one in said(bench, "C0GENERAL1"))
    assert bench.run("weekly-reminder-to-slack") == {"created": 1}
    (message,) = [one for one in said(bench, "C0GENERAL1") if "hours" in one]
    assert message.startswith("Good morning! Please enter last week's hours by noon.")
