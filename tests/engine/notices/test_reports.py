"""What reports say: counts in plain words, causes with their fix, what is fixed, links where they lead."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.notices.mail import save_mail_server
from engine.notices.reports import day_report, run_report
from engine.notices.sending import send_notices
from engine.public_address import PUBLIC_URL_VARIABLE
from engine.store.connections import Connection, save_connection
from engine.store.notices import add_notice, list_notices
from tests.web.seeding import Row, Seeder

ZONE = ZoneInfo("America/New_York")
ATTORNEY = {
    "code": "none_found",
    "reason": "attorney j.doe@firm.example is not a user yet.",
    "how_to_fix": "Add the attorney in Case Status.",
}


def rows(number: int, outcome: str, prefix: str, **values: str) -> list[Row]:
    return [Row(f"{prefix}{n}", f"Matter {prefix}{n}", outcome, **values) for n in range(number)]


@pytest.fixture
def nights(store) -> Seeder:
    return Seeder(store, recipe="matters", title="Matters become cases")


@pytest.fixture
def report(store):
    """Return the daily report of the last day: its summary, text and HTML."""

    def go():
        now = datetime.now(UTC)
        return day_report(store, now - timedelta(days=1), now, ZONE)

    return go


def test_a_day_says_what_came_and_what_needs_attention(report, nights) -> None:
    nights.run(
        rows(200, "created", "a") + rows(9, "updated", "b") + rows(41, "rejected", "c", **ATTORNEY),
        origin="schedule",
        fixed=3,
    )
    digest, text, html = report()
    assert digest.headline == "209 records came over; 1 thing needs attention"
    assert (digest.came_over, digest.things, digest.news) == (209, 1, True)
    for said in (
        "41 matters: attorney j.doe@firm.example is not a user yet.",
        "What to do: Add the attorney in Case Status.",
        "Matters become cases: 3 matters that needed attention before are fixed.",
        "Matters become cases: 209 matters became cases.",
    ):
        assert said in text
    assert "41 matters: attorney j.doe@firm.example" in html
    assert "<strong>What to do:</strong> Add the attorney" in html
    assert "<a " not in html  # it doesn't know its own address


def test_links_lead_to_the_pages_where_their_address_is_known(report, nights, monkeypatch) -> None:
    monkeypatch.setenv(PUBLIC_URL_VARIABLE, "https://bridge.firm.example/")
    run_id = nights.run(rows(2, "rejected", "c", **ATTORNEY), origin="schedule")
    _, text, html = report()
    run_url = f"https://bridge.firm.example/runs/{run_id}/report"
    assert run_url in text
    assert f'href="{run_url}"' in html
    assert "https://bridge.firm.example/recipes/matters/problems/?cause=" in text


def test_many_runs_of_a_day_are_one_line(report, nights) -> None:
    for night in range(4):
        for number in range(5):
            nights.close_problem(f"c{number}")  # the run meets it again
        nights.run(
            rows(3, "created", f"{night}a") + rows(5, "rejected", "c", **ATTORNEY),
            origin="schedule",
            ago=timedelta(hours=4 - night),
        )
    digest, text, _ = report()
    [line] = digest.ran
    assert line.detail == "4 runs. 12 matters became cases."
    assert text.count("5 matters: attorney") == 1  # open is open once, however often it was met


def test_a_failing_recipe_and_a_broken_connection_stand_first(store, report, nights) -> None:
    nights.run([], status="failed", message="Clio is down.", hint="Wait.", origin="schedule")
    save_connection(
        store, Connection(name="mailchimp", connector="mailchimp", problem="Key refused.")
    )
    with store.writing() as connection:
        add_notice(
            connection,
            kind="run_failed",
            about="recipe:matters",
            subject="Matters become cases could not run",
            body="Clio is down.\nWait.",
            link="/runs/1/report",
        )
    digest, text, _ = report()
    [group] = digest.attention
    assert [item.detail for item in group.items] == ["Clio is down. Wait.", "Key refused."]
    assert group.items[0].text.startswith("Matters become cases could not run (since ")
    assert digest.ran[0].detail == "It could not run: Clio is down."
    assert "The connection mailchimp doesn't work." in text


def test_what_recovered_is_told(store, report) -> None:
    with store.writing() as connection:
        for kind in ("connection_broke", "connection_well"):
            add_notice(
                connection, kind=kind, about="connection:clio", subject=f"{kind} Clio", body="b"
            )
    digest, text, _ = report()
    assert [item.text for item in digest.fixed] == ["connection_well Clio"]
    assert digest.attention == ()
    assert "FIXED SINCE THE LAST REPORT\n- connection_well Clio" in text


def test_a_night_on_which_nothing_changed_is_no_news(report, nights) -> None:
    nights.run(unchanged=[("1", "Matter 1")], origin="schedule")
    digest, _, _ = report()
    assert (digest.news, digest.things) == (False, 0)
    assert digest.ran[0].detail == "1 matter had not changed; nothing was sent."


def test_a_long_list_is_cut_and_says_so(report, nights) -> None:
    causes = [
        Row(f"{n}{twin}", f"Matter {n}", "rejected", reason=f"Reason {n}.", code=f"c{n}")
        for n in range(20)
        for twin in "ab"
    ]
    nights.run(causes, origin="schedule")
    digest, text, html = report()
    assert digest.things == 20
    assert "- And 8 more." in text
    assert "And 8 more." in html


def test_what_a_record_says_is_text_in_the_mail(report, nights) -> None:
    wrong = {"reason": "<script>alert(1)</script> is no name.", "code": "x", "how_to_fix": ""}
    nights.run(rows(2, "rejected", "c", **wrong), origin="schedule")
    _, text, html = report()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<script>alert(1)</script> is no name." in text


def test_the_report_of_a_run_has_its_causes(store, nights, monkeypatch) -> None:
    monkeypatch.setenv(PUBLIC_URL_VARIABLE, "https://bridge.firm.example")
    run_id = nights.run(rows(7, "created", "a") + rows(2, "rejected", "c", **ATTORNEY))
    with store.writing() as connection:
        add_notice(
            connection,
            kind="report",
            about=f"recipe:matters/run:{run_id}",
            subject="Matters become cases: 7 matters became cases.",
            body="7 matters became cases.",
            link=f"/runs/{run_id}/report",
            send_to=["intake@firm.example"],
        )
    [notice] = list_notices(store)
    made = run_report(store, notice)
    assert made is not None
    text, html = made
    assert text.startswith("7 matters became cases. 2 matters did not become cases.\n9 read = ")
    assert "- 2 matters: attorney j.doe@firm.example is not a user yet." in text
    assert f'href="https://bridge.firm.example/runs/{run_id}/report?cause=' in html
    assert "Import report" in html


def test_the_report_goes_out_by_mail_as_it_is(store, mailbox, nights, monkeypatch) -> None:
    save_mail_server(store, mailbox.server())
    run_id = nights.run(rows(2, "rejected", "c", **ATTORNEY))
    with store.writing() as connection:
        add_notice(
            connection,
            kind="report",
            about=f"recipe:matters/run:{run_id}",
            subject="s",
            body="b",
            link=f"/runs/{run_id}/report",
            send_to=["intake@firm.example"],
        )
    send_notices(store, compose=lambda notice: run_report(store, notice))
    assert "2 matters: attorney j.doe@firm.example is not a user yet." in mailbox.html()
    assert "What to do: Add the attorney in Case Status." in mailbox.text()


def test_other_notices_have_no_report(store, tell, nights) -> None:
    assert run_report(store, tell()) is None
    assert run_report(store, tell(kind="report", about="report:2026-11-25")) is None
    assert run_report(store, tell(kind="report", about="recipe:gone/run:999")) is None


def test_what_needs_attention_is_not_left_out_of_all_there_was(report, nights) -> None:
    nights.run(
        rows(2, "skipped", "a") + rows(5, "rejected", "b", **ATTORNEY),
        origin="schedule",
    )
    digest, _, _ = report()
    assert digest.ran[0].detail == (
        "Nothing came over; what needs attention stands above. 2 matters were left out by a rule."
    )
