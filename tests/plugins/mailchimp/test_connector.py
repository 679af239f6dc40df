"""The Mailchimp connector: what it declares, its connection, its audiences, and what happens in trouble."""

import logging

import httpx2
import pytest

import plugins.mailchimp as plugin
from engine.auth import Account
from engine.calls import read_trigger
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
from engine.http.client import HttpClient
from engine.practice.server import Fault
from engine.results import Accepted
from plugins.mailchimp import members
from plugins.mailchimp.actions import Member
from plugins.mailchimp.audiences import audience_id, audiences
from plugins.mailchimp.practice.sample_data import CLIENTS, NEWSLETTER
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp
from plugins.mailchimp.refusals import explain
from tests.plugins.mailchimp.account import CONNECTOR, UPSERT, open_context, upsert


def test_the_host_takes_the_connector() -> None:
    connector = build_host([plugin], strict=True).connectors["mailchimp"]
    assert set(connector.actions) == {
        *("upsert_members", "add_member", "find_member", "add_tags", "remove_tags"),
        *("archive_member", "erase_member", "start_journey"),
    }
    assert set(connector.triggers) == {"member_changed", "member_unsubscribed"}
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
        members.add_tags(ctx, NEWSLETTER, "nobody@mail.example", ["x"])
    assert API_KEY not in f"{caught.value!r} {caught.value.hint}"
    assert API_KEY not in caplog.text
    assert API_KEY not in repr(server.requests)
