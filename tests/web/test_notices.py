"""Notices: the list, what is unread, and whether they were sent."""

from datetime import UTC, datetime

import pytest

from engine.notices.mail import save_mail_server
from engine.notices.sending import send_notices
from engine.store.notice_channels import Channel, save_channel
from engine.store.notices import add_notice
from engine.store.tables import users
from tests.engine.notices.conftest import mail_on_loopback


@pytest.fixture
def tell(store):
    def add(kind: str, about: str = "recipe:contacts", subject: str = "", **values: str) -> None:
        said = {"subject": subject or f"{kind}!", "body": "What happened.\nWhat to do.", **values}
        with store.writing() as connection:
            add_notice(connection, kind=kind, about=about, **said)

    return add


def test_without_notices_the_page_says_what_they_are_for(admin) -> None:
    page = admin.get("/notices/").text
    assert "There are no notices yet." in page
    assert 'class="badge-count"' not in page


def test_notices_stand_newest_first_with_what_is_still_so(admin, tell) -> None:
    tell("run_failed", subject="Contacts could not run", link="/runs/3/report")
    tell("run_well", subject="Contacts works again")
    tell("connection_broke", about="connection:clio", subject="Reconnect Clio")
    page = admin.get("/notices/").text
    assert page.index("Reconnect Clio") < page.index("Contacts works again")
    assert "still so" in page
    assert "over since" in page
    assert 'href="/runs/3/report"' in page
    standing = admin.get("/notices/?standing=1").text
    assert "Reconnect Clio" in standing
    assert "Contacts could not run" not in standing


def test_notices_can_be_narrowed_to_a_topic(admin, tell) -> None:
    tell("run_failed", subject="Contacts could not run")
    tell("question", about="question:1", subject="Which Ann?")
    page = admin.get("/notices/?topic=question").text
    assert "Which Ann?" in page
    assert "Contacts could not run" not in page
    assert "There are no such notices." in admin.get("/notices/?topic=pause").text
    assert "Which Ann?" in admin.get("/notices/?topic=nonsense").text


def test_every_page_tells_how_many_are_unread_until_they_are_read(admin, tell) -> None:
    tell("run_failed")
    tell("quiet_run")
    tell("report", about="report:2026-11-25")  # for reading by mail; no news of its own
    assert '<span class="badge-count">2<span' in admin.get("/runs/").text
    first = admin.get("/notices/").text
    assert first.count(">New</span>") == 2
    admin.post("/notices/read", id="1")
    assert '<span class="badge-count">1<span' in admin.get("/runs/").text
    admin.post("/notices/read")
    assert 'class="badge-count"' not in admin.get("/runs/").text
    assert ">New</span>" not in admin.get("/notices/").text
    tell("recipe_paused")
    assert '<span class="badge-count">1<span' in admin.get("/").text


def test_a_long_list_has_pages(admin, tell) -> None:
    for number in range(30):
        tell("run_failed", about=f"recipe:{number}", subject=f"Recipe {number:02} failed")
    page = admin.get("/notices/").text
    assert "Recipe 29 failed" in page
    assert "Recipe 04 failed" not in page
    assert "/notices/?before=6" in page
    older = admin.get("/notices/?before=6").text
    assert "Recipe 04 failed" in older
    assert "Newest notices" in older


def test_it_says_to_whom_a_notice_was_sent_and_to_whom_not(admin, store, tell) -> None:
    with mail_on_loopback() as box:
        save_mail_server(store, box.server())
        box.refuses.add("gone@firm.example")
        save_channel(store, Channel(name="gone", kind="mail", place="gone@firm.example"))
        tell("run_failed")
        send_notices(store)
    page = admin.get("/notices/").text
    assert "Sent to admin@harborlaw.example." in page
    assert "Not sent to gone@firm.example: " in page
    assert "No such user here" in page


def test_what_a_record_says_is_text_on_the_page(admin, tell) -> None:
    tell("run_failed", subject="<script>alert(1)</script>")
    page = admin.get("/notices/").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_strangers_see_no_notices(visitor, tell) -> None:
    tell("run_failed", subject="Contacts could not run")
    answer = visitor.get("/notices/")
    assert answer.status_code == 302
    assert "Contacts could not run" not in answer.text
    assert visitor.get("/notices/settings/").status_code == 302


def test_who_came_later_has_nothing_of_before_to_read(admin, store, tell) -> None:
    tell("run_failed", subject="Contacts could not run")
    put_user_later(store)
    page = admin.get("/notices/").text
    assert "Contacts could not run" in page
    assert ">New</span>" not in page


def put_user_later(store) -> None:
    with store.writing() as connection:
        connection.execute(users.update().values(created_at=datetime.now(UTC)))
