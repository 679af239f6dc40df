"""Members are read: oldest change first, none lost, however the list moves meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.context import Context
from plugins.mailchimp import actions, triggers
from plugins.mailchimp.practice.sample_data import CLIENTS, NEWSLETTER
from plugins.mailchimp.practice.server import PracticeMailchimp
from tests.plugins.line import NOON, Clock
from tests.plugins.mailchimp.account import erase, open_context


def changed(ctx: Context, **parameters: Any) -> list[dict[str, Any]]:
    since = parameters.pop("since", None)
    return list(triggers.member_changed(ctx, NEWSLETTER, since, **parameters))


def test_the_first_read_has_every_member_oldest_change_first(ctx: Context) -> None:
    records = changed(ctx)
    assert len({record["id"] for record in records}) == len(records) == 30
    moments = [record["last_changed"] for record in records]
    assert moments == sorted(moments)


def test_a_read_since_has_what_changed_in_that_second_or_later(
    ctx: Context, server: PracticeMailchimp, clock: Clock
) -> None:
    clock.now += 60
    server.edit("members", f"{NEWSLETTER}/ada.byron@mail.example", {"status": "unsubscribed"})
    found = changed(ctx, since=datetime.fromtimestamp(clock.now, UTC))
    assert [record["email_address"] for record in found] == ["ada.byron@mail.example"]
    assert changed(ctx, since=datetime.fromtimestamp(clock.now + 2, UTC)) == []


def test_unsubscribes_come_with_their_reason(
    ctx: Context, server: PracticeMailchimp, clock: Clock
) -> None:
    before = changed(ctx, status="unsubscribed")
    assert len(before) == 8
    clock.now += 60
    reason = {"status": "unsubscribed", "unsubscribe_reason": "OTHER: Moved"}
    server.edit("members", f"{NEWSLETTER}/ada.byron@mail.example", reason)
    latest = changed(ctx, status="unsubscribed", since=datetime.fromtimestamp(clock.now, UTC))
    assert [(r["email_address"], r["unsubscribe_reason"]) for r in latest] == [
        ("ada.byron@mail.example", "OTHER: Moved")
    ]
    assert latest[0]["last_changed"] == "2026-02-02T12:01:00+00:00"


def test_a_time_in_another_zone_is_the_same_time(ctx: Context, server: PracticeMailchimp) -> None:
    new_york = datetime.fromisoformat("2026-01-15T08:00:00-05:00")
    assert changed(ctx, since=new_york) == changed(ctx, since=new_york.astimezone(UTC))


def test_members_that_change_after_the_run_began_wait_for_the_next(
    ctx: Context, server: PracticeMailchimp, clock: Clock
) -> None:
    clock.now = (ctx.now + timedelta(minutes=5)).timestamp()
    server.edit("members", f"{NEWSLETTER}/ada.byron@mail.example", {"vip": True})
    assert len(changed(ctx)) == 29


def test_one_member_is_read_afresh_by_key(ctx: Context, server: PracticeMailchimp) -> None:
    key = actions.subscriber_hash("ada.byron@mail.example")
    found = triggers.fetch_member(ctx, key, audience="Newsletter")
    assert found is not None
    assert found["full_name"] == "Ada Byron"
    assert triggers.fetch_member(ctx, key, audience=CLIENTS) is None
    erase(server, key)
    assert triggers.fetch_member(ctx, key, audience=NEWSLETTER) is None


def many_members(server: PracticeMailchimp, count: int) -> None:
    audience = server.audiences[NEWSLETTER]
    moment = NOON - timedelta(minutes=30)
    for number in range(count):
        body = {"email_address": f"m{number}@bulk.example", "status": "subscribed"}
        audience.upsert(body, moment + timedelta(milliseconds=number))  # many share a second


def test_reading_many_pages_ends_and_has_each_member_once(
    ctx: Context, server: PracticeMailchimp
) -> None:
    many_members(server, 3970)  # with the thirty: exactly four pages
    ids = [record["id"] for record in changed(ctx)]
    assert len(ids) == len(set(ids)) == 4000


@settings(max_examples=25)
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 2150), st.sampled_from(["change", "archive", "erase"])),
        max_size=30,
    ),
    every=st.integers(50, 900),
)
def test_no_member_is_lost_though_others_move_while_they_are_read(
    moves: list[tuple[int, str]], every: int
) -> None:
    clock = Clock()
    server = PracticeMailchimp(seed=1, clock=clock)
    many_members(server, 2121)  # with the thirty: three pages
    audience = server.audiences[NEWSLETTER]
    everyone = list(audience.members)
    touched, waiting = set(), list(moves)
    found = []
    clock.now += 7200  # what changes now is after the run began
    for number, record in enumerate(
        triggers.member_changed(open_context(server), NEWSLETTER, None)
    ):
        found.append(record["id"])
        if number % every == 0 and waiting:
            place, kind = waiting.pop()
            moved = audience.find(everyone[place])
            touched.add(everyone[place])
            if moved is None:
                continue
            if kind == "change":
                audience.touch(moved, server.now())
            elif kind == "archive":
                audience.archive(moved, server.now())
            else:
                audience.forget(moved)
    assert set(everyone) - touched <= set(found)
    assert len(found) == len(set(found))


def test_a_list_that_shrinks_by_more_than_a_page_is_read_to_its_end(
    ctx: Context, server: PracticeMailchimp
) -> None:
    many_members(server, 3500)
    audience = server.audiences[NEWSLETTER]
    everyone = list(audience.members)
    reading = triggers.member_changed(ctx, NEWSLETTER, None)
    found = [next(reading)["id"]]
    for id in everyone[:2400]:
        audience.forget(audience.members[id])
    found += [record["id"] for record in reading]
    assert set(everyone[2400:]) <= set(found)
