"""The Mailchimp connector through Bridgework's own HTTP client, against its practice server."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

import plugins.mailchimp as plugin
from engine.auth import Account
from engine.calls import call_batch, call_single, read_trigger
from engine.context import Context
from engine.errors import (
    AuthError,
    ConnectorError,
    InputError,
    RemoteError,
    RetryableError,
    SetupError,
)
from engine.host import build_host
from engine.http.client import HttpClient, RetryPolicy
from engine.http.sessions import open_session
from engine.operations import Accepted, Rejected, RowResult
from engine.practice import Fault, json_response, route
from engine.store.connections import Connection
from plugins.mailchimp import actions, triggers
from plugins.mailchimp.actions import Member
from plugins.mailchimp.audiences import audience_id, audiences
from plugins.mailchimp.practice.sample_data import CLIENTS, NEWSLETTER
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp
from plugins.mailchimp.refusals import explain

CONNECTOR = plugin.connector
UPSERT = CONNECTOR.actions["upsert_members"]
NO_WAIT = RetryPolicy(sleep=lambda _: None)
NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)

Connect = Callable[..., Context]


class Clock:
    """Seconds since 1970 that move only when told."""

    def __init__(self) -> None:
        self.now = NOON.timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> PracticeMailchimp:
    return PracticeMailchimp(seed=1, clock=clock)


def open_context(app: PracticeMailchimp, api_key: str = API_KEY, **public: str) -> Context:
    connection = Connection(
        name="news", connector="mailchimp", settings=public, secrets={"api_key": api_key}
    )
    transport = httpx2.WSGITransport(app=app)
    session = open_session(CONNECTOR, connection, transport=transport, retry=NO_WAIT)
    return Context(http=HttpClient(session, idempotent=True), now=NOON + timedelta(hours=1))


@pytest.fixture
def ctx(server: PracticeMailchimp) -> Iterator[Context]:
    context = open_context(server)
    yield context
    assert isinstance(context.http, HttpClient)
    context.http.session.close()


def upsert(ctx: Context, *rows: Member, **parameters: Any) -> list[RowResult]:
    return call_batch(UPSERT, ctx, {"audience": NEWSLETTER, **parameters}, [dict(r) for r in rows])


def refusal(result: RowResult) -> Rejected:
    assert isinstance(result, Rejected)
    return result


def member(server: PracticeMailchimp, address: str, audience: str = NEWSLETTER) -> dict[str, Any]:
    found = server.audiences[audience].find(address)
    assert found is not None
    return server.audiences[audience].show(found)


def erase(server: PracticeMailchimp, address: str) -> None:
    found = server.audiences[NEWSLETTER].find(address)
    assert found is not None
    server.audiences[NEWSLETTER].forget(found)


def posts(server: PracticeMailchimp) -> list[dict[str, Any]]:
    return [request for request in server.requests if request["method"] == "POST"]


# -- declared --------------------------------------------------------------------------------------


def test_the_host_takes_the_connector() -> None:
    connector = build_host([plugin], strict=True).connectors["mailchimp"]
    assert set(connector.actions) == {"upsert_members", "add_tags"}
    assert set(connector.triggers) == {"member_changed"}
    assert (UPSERT.size, UPSERT.idempotent) == (500, True)


def test_a_recipe_sees_parameters_and_fields_of_a_member_alike() -> None:
    assert set(UPSERT.inputs["properties"]) == {
        "audience",
        "status_if_new",
        "skip_required_fields",
        "email",
        "status",
        "first_name",
        "last_name",
        "phone",
        "merge_fields",
    }
    assert UPSERT.inputs["required"] == ["audience", "email"]


def test_the_sample_has_what_a_member_has(ctx: Context) -> None:
    trigger = CONNECTOR.triggers["member_changed"]
    parameters = {"audience": NEWSLETTER, "status": "unsubscribed"}
    records = list(read_trigger(trigger, ctx, parameters, None))
    known = {name for record in records if isinstance(record, dict) for name in record}
    assert set(trigger.sample or {}) <= known
    assert "_links" not in known


# -- connecting ------------------------------------------------------------------------------------


def test_a_connection_is_known_by_the_account(ctx: Context) -> None:
    assert CONNECTOR.check_function is not None
    assert CONNECTOR.check_function(ctx) == Account(id="practice", label="Harbor Law")
    assert isinstance(ctx.http, HttpClient)
    assert ctx.http.session.addresses.base_url == "https://us19.api.mailchimp.com/3.0"


def test_a_connection_may_have_another_address(server: PracticeMailchimp) -> None:
    ctx = open_context(server, base_url="http://127.0.0.1:9")
    assert [option.label for option in audiences(ctx)] == ["Newsletter", "Clients"]
    assert server.requests[-1]["path"] == "/3.0/lists"


@pytest.mark.parametrize("key", ["practice-key-us7", "some-other-key-us19"])
def test_a_wrong_key_or_data_centre_asks_for_the_whole_key(
    server: PracticeMailchimp, key: str
) -> None:
    assert CONNECTOR.check_function is not None
    with pytest.raises(AuthError) as caught:
        CONNECTOR.check_function(open_context(server, api_key=key))
    assert "the dash and what follows" in caught.value.hint
    assert key not in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("key", ["nodash", "key-", "", "key-us1.evil.example/"])
def test_a_key_without_a_data_centre_is_told_before_anything_is_sent(
    server: PracticeMailchimp, key: str
) -> None:
    with pytest.raises(SetupError, match="no data centre"):
        open_context(server, api_key=key)


# -- audiences -------------------------------------------------------------------------------------


def test_an_audience_is_written_as_id_or_name(ctx: Context, server: PracticeMailchimp) -> None:
    assert audience_id(ctx, CLIENTS) == CLIENTS
    assert server.requests == []  # an id costs no request
    assert audience_id(ctx, "Clients") == CLIENTS
    assert len(server.requests) == 1


def test_a_name_that_no_audience_has_is_told_with_those_there_are(ctx: Context) -> None:
    with pytest.raises(SetupError, match="no audience called 'clients'") as caught:
        audience_id(ctx, "clients")
    assert caught.value.hint == f"There are: 'Newsletter' ({NEWSLETTER}), 'Clients' ({CLIENTS})."


def test_a_name_that_two_audiences_have_is_not_guessed(
    ctx: Context, server: PracticeMailchimp
) -> None:
    server.audiences[CLIENTS].name = "Newsletter"
    with pytest.raises(SetupError, match="2 audiences called 'Newsletter'") as caught:
        audience_id(ctx, "Newsletter")
    assert NEWSLETTER in caught.value.hint


def test_an_unknown_id_is_no_fault_of_the_members(ctx: Context, server: PracticeMailchimp) -> None:
    rows: list[Member] = [{"email": f"m{number}@mail.example"} for number in range(8)]
    with pytest.raises(RemoteError, match="no audience with the id '0000000000'"):
        upsert(ctx, *rows, audience="0000000000")
    assert len(server.requests) == 1


# -- upserting -------------------------------------------------------------------------------------


def test_members_are_added_and_updated_in_one_call(ctx: Context, server: PracticeMailchimp) -> None:
    results = upsert(
        ctx,
        {"email": "eve@mail.example", "first_name": "Eve", "phone": "+12125550177"},
        {"email": "Ada.Byron@mail.example", "last_name": "Lovelace"},
        audience="Newsletter",
    )
    assert [(r.created, r.target_id) for r in results if isinstance(r, Accepted)] == [
        (True, actions.subscriber_hash("eve@mail.example")),
        (False, actions.subscriber_hash("ada.byron@mail.example")),
    ]
    assert member(server, "eve@mail.example")["merge_fields"]["PHONE"] == "+12125550177"
    assert member(server, "ada.byron@mail.example")["full_name"] == "Ada Lovelace"
    assert len(posts(server)) == 1


def test_five_hundred_members_are_one_request_with_an_answer_each(
    ctx: Context, server: PracticeMailchimp
) -> None:
    rows: list[Member] = [{"email": f"Member.{number}@bulk.example"} for number in range(500)]
    results = upsert(ctx, *rows)
    assert [r.record["email_address"] for r in results if isinstance(r, Accepted)] == [
        row["email"] for row in rows
    ]
    assert len(posts(server)) == 1


def test_a_status_is_forced_only_when_the_row_has_one(
    ctx: Context, server: PracticeMailchimp
) -> None:
    results = upsert(
        ctx,
        {"email": "clara.whitcombe@post.example", "first_name": "Clare"},
        {"email": "hassan.rahimi@inbox.example", "status": "pending"},
        {"email": "ada.byron@mail.example", "status": "unsubscribed"},
        {"email": "eve@mail.example"},
        status_if_new="pending",
    )
    assert all(isinstance(result, Accepted) for result in results)
    statuses = [result.record["status"] for result in results if isinstance(result, Accepted)]
    assert statuses == ["unsubscribed", "pending", "unsubscribed", "pending"]
    assert member(server, "clara.whitcombe@post.example")["merge_fields"]["FNAME"] == "Clare"


def test_each_refused_member_is_told_why_and_the_others_are_kept(
    ctx: Context, server: PracticeMailchimp
) -> None:
    server.edit("merge_fields", f"{NEWSLETTER}/LNAME", {"required": True})
    erase(server, "esi.boateng@mail.example")
    results = upsert(
        ctx,
        {"email": "eve@mail.example", "last_name": "Holt"},
        {"email": "clara.whitcombe@post.example", "status": "subscribed"},
        {"email": "farah.haidari@gone.example", "status": "subscribed"},
        {"email": "bob@mail.example", "first_name": "Bob"},
        {"email": "b@d@mail.example", "last_name": "Bad"},
        {"email": "asdf@mail.example", "last_name": "Fake"},
        {"email": "esi.boateng@mail.example", "last_name": "Boateng"},
        {"email": "uma.krishnan@inbox.example", "merge_fields": {"BIRTHDAY": "31 Jan"}},
    )
    assert isinstance(results[0], Accepted)
    told = [(refusal(result).code, refusal(result).field) for result in results[1:]]
    assert told == [
        ("compliance_state", "status"),
        ("compliance_state", "status"),
        ("missing_merge_field", "last_name"),
        ("invalid_address", "email"),
        ("fake_address", "email"),
        ("permanently_deleted", "email"),
        ("invalid_merge_field", "merge_fields.BIRTHDAY"),
    ]
    assert all(refusal(result).hint for result in results[1:])
    assert "`pending`" in refusal(results[1]).hint
    assert "skip_required_fields" in refusal(results[3]).hint
    assert refusal(results[3]).reason == (
        "The audience requires 'LNAME', and this member has no value for it."
    )


def test_a_field_that_became_required_overnight_can_be_skipped(
    ctx: Context, server: PracticeMailchimp
) -> None:
    server.edit("merge_fields", f"{NEWSLETTER}/LNAME", {"required": True})
    [refused] = upsert(ctx, {"email": "bob@mail.example"})
    assert refusal(refused).code == "missing_merge_field"
    [accepted] = upsert(ctx, {"email": "bob@mail.example"}, skip_required_fields=True)
    assert isinstance(accepted, Accepted)


@pytest.mark.parametrize(
    ("tag", "value"), [("SHOE", "42"), ("ADDRESS", "1 Pier Road, Boston MA 02110")]
)
def test_a_value_that_mailchimp_drops_without_a_word_is_not_taken_for_saved(
    ctx: Context, tag: str, value: str
) -> None:
    [result] = upsert(ctx, {"email": "eve@mail.example", "merge_fields": {tag: value}})
    assert refusal(result).code == "ignored_merge_field"
    assert refusal(result).field == f"merge_fields.{tag}"
    [empty] = upsert(ctx, {"email": "eve@mail.example", "merge_fields": {tag: ""}})
    assert isinstance(empty, Accepted)  # nothing was lost


def test_the_tag_wins_over_the_field_of_the_same_name(
    ctx: Context, server: PracticeMailchimp
) -> None:
    upsert(ctx, {"email": "e@x.example", "first_name": "Eve", "merge_fields": {"FNAME": "Eva"}})
    assert member(server, "e@x.example")["merge_fields"]["FNAME"] == "Eva"


class Forgetful(PracticeMailchimp):
    """Leaves the last member of a batch out of its reply."""

    @route("POST", "/3.0/lists/<list_id>")
    def batch(self, request: Request, list_id: str) -> Response:
        reply: dict[str, Any] = super().batch(request, list_id=list_id).get_json()
        reply["new_members"].pop()
        return json_response(reply)


def test_a_member_left_out_of_the_reply_is_told_of() -> None:
    ctx = open_context(Forgetful(seed=1))
    kept, lost = upsert(ctx, {"email": "a@x.example"}, {"email": "b@x.example"})
    assert isinstance(kept, Accepted)
    assert refusal(lost).code == "no_answer"


def test_a_reply_of_another_shape_is_one_sentence(ctx: Context, server: PracticeMailchimp) -> None:
    for body in ("[]", "{}", '{"new_members": {}}', "<html>"):
        server.faults.append(Fault(f"/3.0/lists/{NEWSLETTER}", status=200, body=body))
        with pytest.raises(RemoteError):
            upsert(ctx, {"email": "eve@mail.example"})


# -- the same address twice ------------------------------------------------------------------------


def test_rows_with_one_address_are_sent_as_one_member_and_all_get_its_answer(
    ctx: Context, server: PracticeMailchimp
) -> None:
    results = upsert(
        ctx,
        {"email": "eve@mail.example", "first_name": "Eve", "last_name": "Holt"},
        {"email": "ada.byron@mail.example"},
        {"email": "EVE@mail.example", "last_name": "Stone", "phone": "+12125550177"},
    )
    assert [r.created for r in results if isinstance(r, Accepted)] == [True, False, False]
    kept = member(server, "eve@mail.example")["merge_fields"]
    assert (kept["FNAME"], kept["LNAME"], kept["PHONE"]) == ("Eve", "Stone", "+12125550177")
    sent = posts(server)[0]["body"]["members"]
    assert [item["email_address"] for item in sent] == [
        "eve@mail.example",
        "ada.byron@mail.example",
    ]


def test_a_refused_address_refuses_all_its_rows(ctx: Context) -> None:
    rows: list[Member] = [
        {"email": "asdf@mail.example"},
        {"email": "ASDF@mail.example"},
    ]
    assert [refusal(result).code for result in upsert(ctx, *rows)] == ["fake_address"] * 2


ROWS = st.lists(
    st.fixed_dictionaries(
        {"email": st.sampled_from(["a@x.example", "A@X.example", "b@x.example", "C@x.example"])},
        optional={
            "status": st.sampled_from(["subscribed", "pending", "transactional"]),
            "first_name": st.sampled_from(["Ann", "Bo", ""]),
            "merge_fields": st.dictionaries(
                st.sampled_from(["FNAME", "LNAME"]), st.sampled_from(["X", "Y", ""])
            ),
        },
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_a_batch_ends_as_if_its_rows_had_been_sent_one_by_one(rows: list[Member]) -> None:
    together, one_by_one = (PracticeMailchimp(1, clock=NOON.timestamp) for _ in range(2))
    batch = upsert(open_context(together), *rows) if rows else []
    ctx = open_context(one_by_one)
    singles = [upsert(ctx, row)[0] for row in rows]

    def held(server: PracticeMailchimp) -> dict[str, Any]:
        return {
            id: (kept.status, kept.merge_fields)
            for id, kept in server.audiences[NEWSLETTER].members.items()
        }

    assert held(together) == held(one_by_one)
    assert [r.created for r in batch if isinstance(r, Accepted)] == [
        r.created for r in singles if isinstance(r, Accepted)
    ]


# -- tags ------------------------------------------------------------------------------------------


def test_tags_are_added_whatever_the_capitals_of_the_address(
    ctx: Context, server: PracticeMailchimp
) -> None:
    fields = {
        "audience": "Newsletter",
        "email": "Ada.Byron@Mail.example",
        "tags": ["Client", "2026"],
    }
    for _ in range(2):
        result = call_single(CONNECTOR.actions["add_tags"], ctx, fields)
        assert isinstance(result, Accepted)
        assert result.target_id == member(server, "ada.byron@mail.example")["id"]
    names = [tag["name"] for tag in member(server, "ada.byron@mail.example")["tags"]]
    assert names == ["Founding reader", "Client", "2026"]


def test_a_tag_for_a_stranger_is_refused_with_the_way_out(ctx: Context) -> None:
    with pytest.raises(InputError, match="not a member") as caught:
        actions.add_tags(ctx, NEWSLETTER, "eve@mail.example", ["Client"])
    assert (caught.value.code, caught.value.field) == ("not_a_member", "email")
    assert "upsert_members" in caught.value.hint


# -- reading ---------------------------------------------------------------------------------------


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


@settings(max_examples=25, deadline=None)
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 3200), st.sampled_from(["change", "archive", "erase"])),
        max_size=30,
    ),
    every=st.integers(50, 1200),
)
def test_no_member_is_lost_though_others_move_while_they_are_read(
    moves: list[tuple[int, str]], every: int
) -> None:
    clock = Clock()
    server = PracticeMailchimp(seed=1, clock=clock)
    many_members(server, 3171)
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


# -- trouble ---------------------------------------------------------------------------------------


def test_too_many_connections_are_waited_for(ctx: Context, server: PracticeMailchimp) -> None:
    server.faults.append(Fault("/3.0/lists", times=2, status=429, body=""))
    assert len(list(audiences(ctx))) == 2


def test_a_bare_403_is_throttling_and_a_worded_one_is_not(
    ctx: Context, server: PracticeMailchimp
) -> None:
    server.faults.append(Fault("/3.0/lists", times=1, status=403, body=""))
    assert len(list(audiences(ctx))) == 2
    body = '{"title": "Forbidden", "detail": "Your account was deactivated."}'
    server.faults.append(Fault("/3.0/lists", times=1, status=403, body=body))
    with pytest.raises(AuthError, match=r"Your account was deactivated\."):
        list(audiences(ctx))


def test_a_batch_whose_answer_was_lost_is_sent_again(
    ctx: Context, server: PracticeMailchimp
) -> None:
    server.faults.append(Fault(f"/3.0/lists/{NEWSLETTER}", times=1, status=504))
    [result] = upsert(ctx, {"email": "eve@mail.example"})
    assert isinstance(result, Accepted)


def test_an_outage_says_try_again(ctx: Context, server: PracticeMailchimp) -> None:
    server.faults.append(Fault("/3.0/lists", times=99, status=500))
    with pytest.raises(RetryableError):
        upsert(ctx, {"email": "eve@mail.example"})


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"detail": null, "errors": []}'])
def test_a_refusal_of_another_shape_is_still_a_sentence(body: str) -> None:
    request = httpx2.Request("POST", "https://us19.api.mailchimp.com/3.0/lists/a1b2c3d4e5")
    error = explain(httpx2.Response(400, text=body, request=request))
    assert isinstance(error, InputError)
    assert error.message == "Mailchimp refused this member without a reason."


def test_an_unknown_wording_is_passed_on(ctx: Context, server: PracticeMailchimp) -> None:
    body = '{"title": "New Rule", "status": 400, "detail": "Tuesdays only."}'
    server.faults.append(Fault(f"/3.0/lists/{NEWSLETTER}", status=400, body=body))
    with pytest.raises(InputError, match=r"Tuesdays only\."):
        upsert(ctx, {"email": "eve@mail.example"})


def test_the_key_is_in_no_log_and_no_error(
    ctx: Context, server: PracticeMailchimp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    upsert(ctx, {"email": "eve@mail.example"})
    with pytest.raises(ConnectorError) as caught:
        actions.add_tags(ctx, NEWSLETTER, "nobody@mail.example", ["x"])
    assert API_KEY not in f"{caught.value!r} {caught.value.hint}"
    assert API_KEY not in caplog.text
    assert API_KEY not in repr(server.requests)
