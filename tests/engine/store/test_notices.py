"""Notices: each once while it stands, good news only after bad, nothing secret kept."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from engine import redaction
from engine.store.database import Store
from engine.store.notices import (
    add_notice,
    close_notice,
    find_standing,
    list_notices,
    remind,
)
from engine.store.switches import set_switch

NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
CLIO = "connection:clio"


def add(store: Store, kind: str, about: str = CLIO, at: datetime = NOW) -> bool:
    with store.writing() as connection:
        return add_notice(
            connection,
            kind=kind,
            about=about,
            subject=f"{kind} {about}",
            body="What happened.",
            link="/connections/#clio",
            at=at,
        )


def kinds(store: Store) -> list[str]:
    return [notice.kind for notice in reversed(list_notices(store))]


def test_a_notice_comes_back_whole(store: Store) -> None:
    assert add(store, "connection_broke")
    [notice] = list_notices(store)
    assert (notice.kind, notice.about, notice.topic) == ("connection_broke", CLIO, "failure")
    assert (notice.subject, notice.body) == (f"connection_broke {CLIO}", "What happened.")
    assert (notice.link, notice.at, notice.stands) == ("/connections/#clio", NOW, True)
    assert notice.send_to is None


def test_what_stands_is_not_said_again_but_counted(store: Store) -> None:
    assert add(store, "connection_broke")
    assert not add(store, "connection_broke")
    assert not add(store, "connection_broke")
    [notice] = list_notices(store)
    assert notice.repeats == 2


def test_other_things_and_other_kinds_are_news(store: Store) -> None:
    assert add(store, "connection_broke")
    assert add(store, "connection_broke", about="connection:mailchimp")
    assert add(store, "recipe_paused")
    assert len(list_notices(store)) == 3


@pytest.mark.parametrize(
    ("bad", "good"), [("connection_broke", "connection_well"), ("run_failed", "run_well")]
)
def test_good_news_ends_the_bad_which_may_then_come_again(
    store: Store, bad: str, good: str
) -> None:
    add(store, bad)
    assert add(store, good)
    assert [n.stands for n in list_notices(store)] == [False, False]
    assert list_notices(store)[1].closed_at == NOW
    assert add(store, bad)
    assert kinds(store) == [bad, good, bad]


def test_good_news_without_bad_is_no_news(store: Store) -> None:
    assert not add(store, "connection_well")
    add(store, "connection_broke", about="connection:mailchimp")
    assert not add(store, "connection_well")
    add(store, "connection_broke")
    add(store, "connection_well")
    assert not add(store, "connection_well")
    assert kinds(store) == ["connection_broke", "connection_broke", "connection_well"]


def test_a_notice_can_be_ended_without_a_word(store: Store) -> None:
    add(store, "recipe_paused")
    with store.writing() as connection:
        assert close_notice(connection, kind="recipe_paused", about=CLIO)
        assert not close_notice(connection, kind="recipe_paused", about=CLIO)
    assert add(store, "recipe_paused")


def test_a_notice_is_undone_with_its_transaction(store: Store) -> None:
    def fail_after_it() -> None:
        with store.writing() as connection:
            add_notice(connection, kind="run_failed", about="recipe:a", subject="s", body="b")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_it()
    assert list_notices(store) == []


def test_of_many_that_say_the_same_at_once_one_is_news(store: Store) -> None:
    said: list[bool] = []
    threads = [
        threading.Thread(target=lambda: said.append(add(store, "run_failed"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [False] * 7 + [True]
    assert [notice.repeats for notice in list_notices(store)] == [7]


def test_what_still_stands_is_said_again_once_a_day_at_most(store: Store) -> None:
    add(store, "run_failed", about="recipe:a")

    def say_again(hours: float) -> bool:
        with store.writing() as connection:
            standing = find_standing(connection, kind="run_failed", about="recipe:a")
            assert standing is not None
            at = NOW + timedelta(hours=hours)
            return remind(connection, standing, subject="Still failing", body="b", at=at)

    assert [say_again(hours) for hours in (1, 12, 23.8, 24, 40, 47.9)] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]
    newest, *_, first = list_notices(store)
    assert (newest.reminder, newest.stands, newest.link) == (True, False, "/connections/#clio")
    assert (first.reminder, first.stands) == (False, True)
    assert [notice.id for notice in list_notices(store, standing=True)] == [first.id]


def test_what_is_over_is_not_said_again(store: Store) -> None:
    add(store, "run_failed")
    with store.writing() as connection:
        standing = find_standing(connection, kind="run_failed", about=CLIO)
        assert standing is not None
    add(store, "run_well")
    with store.writing() as connection:
        at = NOW + timedelta(days=2)
        assert not remind(connection, standing, subject="Still failing", body="b", at=at)
        assert find_standing(connection, kind="run_failed", about=CLIO) is None


def test_no_secret_is_kept_and_a_subject_is_one_line(store: Store) -> None:
    redaction.register("hush-hush-77")
    with store.writing() as connection:
        add_notice(
            connection,
            kind="run_failed",
            about="recipe:a",
            subject="Failed with hush-hush-77\r\nBcc: everybody@example.com",
            body="It said hush-hush-77.",
            html="<p>hush-hush-77</p>",
        )
    [notice] = list_notices(store)
    assert notice.subject == "Failed with ••• Bcc: everybody@example.com"
    assert (notice.body, notice.html) == ("It said •••.", "<p>•••</p>")


def test_an_unknown_kind_is_a_mistake_of_the_caller(store: Store) -> None:
    with pytest.raises(ValueError, match="no kind of notice called 'broke'"):
        add(store, "broke")


def test_notices_are_listed_by_topic_and_page(store: Store) -> None:
    for kind in ("run_failed", "quiet_run", "run_well", "question"):
        add(store, kind)
    assert kinds(store) == ["run_failed", "quiet_run", "run_well", "question"]
    failures = list_notices(store, topic="failure")
    assert [notice.kind for notice in failures] == ["run_well", "run_failed"]
    first_page = list_notices(store, limit=3)
    older = list_notices(store, before=first_page[-1].id)
    assert [notice.kind for notice in older] == ["run_failed"]


def test_a_notice_may_be_meant_for_a_few_addresses(store: Store) -> None:
    with store.writing() as connection:
        add_notice(
            connection,
            kind="report",
            about="run:1",
            subject="s",
            body="b",
            send_to=["intake@firm.example"],
        )
    [notice] = list_notices(store)
    assert notice.send_to == ("intake@firm.example",)
    assert list_notices(store, standing=True) == []  # a report is news of a day, not a state


def test_what_stood_about_a_recipe_is_over_when_a_person_switches_it(store: Store) -> None:
    for kind in ("run_failed", "recipe_paused", "quiet_run"):
        add(store, kind, about="recipe:a")
        add(store, kind, about="recipe:ab")
    set_switch(store, "a", True)
    assert not add(store, "run_failed", about="recipe:a")
    assert add(store, "recipe_paused", about="recipe:a")
    set_switch(store, "a", False)
    standing = list_notices(store, standing=True)
    assert {notice.about for notice in standing} == {"recipe:ab"}
    assert len(standing) == 3
