"""The Clio connector: what it declares, its connection, and what happens when things go wrong."""

import httpx2
import jsonschema
import pytest

from engine.context import Context
from engine.errors import AuthError, ConnectorError, InputError, RemoteError, RetryableError
from engine.host import build_host
from engine.http.connect import add_connection, begin_oauth, finish_oauth, new_connection
from engine.http.urls import addresses
from engine.practice.server import Fault
from engine.store.connections import get_connection
from engine.store.database import Store
from plugins import clio
from plugins.clio import connector, samples
from plugins.clio.practice import PracticeClio
from tests.plugins.clio.firm import Open, asked, read
from tests.plugins.line import Clock, Row

REDIRECT = "http://127.0.0.1:8731/callback"


def test_the_host_accepts_it() -> None:
    host = build_host([clio], strict=True)
    assert host.connector("clio").triggers.keys() == {
        "matter_changed",
        "contact_changed",
        "user_changed",
        "note_changed",
        "relationship_changed",
    }


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ({}, "app.clio.com"),
        ({"region": "us"}, "app.clio.com"),
        ({"region": "eu"}, "eu.app.clio.com"),
        ({"region": "ca"}, "ca.app.clio.com"),
        ({"region": "au"}, "au.app.clio.com"),
    ],
)
def test_every_address_is_of_the_region(region: dict[str, str], host: str) -> None:
    found = addresses(connector, {"client_id": "a", "client_secret": "b", **region})
    assert found.base_url == f"https://{host}/api/v4"
    assert found.authorize_url == f"https://{host}/oauth/authorize"
    assert found.token_url == f"https://{host}/oauth/token"
    assert found.origins == {f"https://{host}"}


def test_the_settings_are_described_and_the_secret_is_one() -> None:
    fields = connector.settings_schema["properties"]
    assert fields["region"]["enum"] == ["us", "eu", "ca", "au"]
    assert fields["client_secret"]["writeOnly"] is True
    assert connector.settings_schema["required"] == ["client_id", "client_secret"]


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        ("matter_changed", samples.MATTER),
        ("contact_changed", samples.CONTACT),
        ("user_changed", samples.USER),
    ],
)
def test_records_are_as_declared(ctx: Context, name: str, sample: Row) -> None:
    schema = connector.triggers[name].result
    strict = jsonschema.Draft202012Validator(
        {**schema, "additionalProperties": False}, format_checker=jsonschema.FormatChecker()
    )
    strict.validate(sample)
    records = read(ctx, name)
    assert records
    for record in records:
        strict.validate(record)
        assert record.keys() == sample.keys()


def test_the_label_names_the_firm_and_the_user(
    connect: Open, server: PracticeClio, store: Store
) -> None:
    connect(server)
    assert get_connection(store, "clio").label == "Harbor Law (Dana Whitfield)"


def test_the_code_flow_connects(server: PracticeClio, store: Store) -> None:
    transport = httpx2.WSGITransport(app=server)
    known = server.credentials()
    settings = {name: known[name] for name in ("region", "client_id", "client_secret")}
    draft = new_connection(connector, "clio", {**settings, "base_url": "http://clio.test"})
    authorization = begin_oauth(connector, draft, REDIRECT)
    with httpx2.Client(transport=transport) as browser:
        answer = browser.post(authorization.url, data={"decision": "allow"})
    connection = finish_oauth(
        connector, draft, authorization, answer.headers["Location"], transport=transport
    )
    saved = add_connection(store, connector, connection, transport=transport)
    assert saved.label == "Harbor Law (Dana Whitfield)"
    assert saved.tokens is not None
    assert saved.tokens["refresh_token"]


def test_refused_consent_is_said_plainly(server: PracticeClio) -> None:
    transport = httpx2.WSGITransport(app=server)
    draft = new_connection(
        connector, "clio", {**server.credentials(), "base_url": "http://clio.test"}
    )
    authorization = begin_oauth(connector, draft, REDIRECT)
    with httpx2.Client(transport=transport) as browser:
        answer = browser.post(authorization.url, data={"decision": "deny"})
    with pytest.raises(AuthError, match="Clio refused"):
        finish_oauth(
            connector, draft, authorization, answer.headers["Location"], transport=transport
        )


def test_the_wrong_region_s_tokens_are_explained(connect: Open, clock: Clock) -> None:
    elsewhere = PracticeClio(clock=clock, region="eu")
    here = PracticeClio(clock=clock)
    here.credentials = elsewhere.credentials  # type: ignore[method-assign]  # as a person mixing them up
    with pytest.raises(AuthError):
        connect(here)


def test_an_expired_token_is_renewed_once_while_reading(
    connect: Open, clock: Clock, store: Store
) -> None:
    server = PracticeClio(clock=clock, token_requests=3)
    ctx = connect(server)  # the check spends the first
    assert len(read(ctx, "matter_changed")) == 248
    assert server.refreshes == 1
    assert [r["status"] for r in asked(server, "/api/")].count(401) == 1
    tokens = get_connection(store, "clio").tokens
    assert tokens is not None
    assert tokens["refresh_token"] == server.credentials()["refresh_token"]  # reusable: kept
    assert tokens["access_token"] != server.credentials()["access_token"]


def test_a_token_can_be_renewed_again_and_again(ctx: Context, server: PracticeClio) -> None:
    for number in range(1, 4):
        server.oauth.expire_all()
        assert len(read(ctx, "user_changed")) == 6
        assert server.refreshes == number


def test_a_revoked_connection_asks_for_a_person(ctx: Context, server: PracticeClio) -> None:
    server.oauth.revoke(server.oauth.bearer(f"Bearer {server.credentials()['access_token']}"))
    with pytest.raises(AuthError) as caught:
        read(ctx, "user_changed")
    assert "Connect Clio again" in caught.value.hint


def test_the_rate_limit_that_answers_tell_is_kept_so_that_nothing_is_refused(
    connect: Open, clock: Clock
) -> None:
    server = PracticeClio(clock=clock, requests_per_minute=2)
    ctx, begun = connect(server), clock.now
    assert len(read(ctx, "matter_changed")) == 248
    assert {request["status"] for request in server.requests} == {200}
    windows = len(server.requests) // 2
    assert windows > 1
    assert 60 * (windows - 1) <= clock.now - begun <= 70 * (windows + 1)


def test_a_refusal_for_the_limit_is_waited_for(connect: Open, clock: Clock) -> None:
    """Another program with the same token may have used it up."""
    server = PracticeClio(clock=clock)
    ctx, begun = connect(server), clock.now
    server.faults.append(Fault("/api/", times=1, status=429, headers={"Retry-After": "42"}))
    assert len(read(ctx, "matter_changed")) == 248
    assert 42 <= clock.now - begun <= 44


def failure(ctx: Context, server: PracticeClio, fault: Fault) -> ConnectorError:
    server.faults.append(fault)
    with pytest.raises(ConnectorError) as caught:
        read(ctx, "matter_changed")
    return caught.value


def api_error(message: str) -> str:
    return f'{{"error": {{"type": "SomeError", "message": "{message}"}}}}'


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (400, RemoteError, "Clio did not understand the question: It is full."),
        (401, AuthError, "Clio no longer accepts this connection: It is full."),
        (403, AuthError, "Clio does not let this connection do that: It is full."),
        (404, InputError, "Clio has no such record: It is full."),
        (410, RemoteError, "Clio has no version 4.0.9 of its API any more: It is full."),
        (412, InputError, "The record was changed in Clio at the same moment: It is full."),
        (422, InputError, "Clio refused this: It is full."),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        api_error("It is full"),
        api_error(" It is  full. "),
        '{"error": "some_error", "error_description": "It is full."}',
        '{"error": "It is full"}',
    ],
)
def test_both_shapes_of_errors_are_passed_on_in_clio_s_words(
    ctx: Context, server: PracticeClio, status: int, kind: type, said: str, body: str
) -> None:
    error = failure(ctx, server, Fault("/api/", times=2, status=status, body=body))
    assert isinstance(error, kind)
    assert error.message == said
    assert error.hint


@pytest.mark.parametrize(
    "body",
    ["", "<html>Sorry</html>", "[]", "{}", '{"error": null}', '{"error": {"message": ""}}', '"x"'],
)
def test_an_error_without_words_is_explained_all_the_same(
    ctx: Context, server: PracticeClio, body: str
) -> None:
    error = failure(ctx, server, Fault("/api/", status=422, body=body))
    assert error.message == "Clio refused this."


def test_a_vendor_s_long_story_is_cut(ctx: Context, server: PracticeClio) -> None:
    error = failure(ctx, server, Fault("/api/", status=422, body=api_error("word " * 500)))
    assert len(error.message) < 330
    assert error.message.endswith("…")


def test_no_token_reaches_an_error(ctx: Context, server: PracticeClio) -> None:
    token = server.credentials()["access_token"]
    error = failure(ctx, server, Fault("/api/", status=422, body=api_error(f"Bad: {token}")))
    assert token not in str(error)
    assert "•••" in error.message


def test_outages_are_the_engine_s_to_retry(
    ctx: Context, server: PracticeClio, clock: Clock
) -> None:
    server.faults.append(Fault("/api/v4/contacts.json", times=2, status=503))
    assert len(read(ctx, "matter_changed")) == 248
    assert len(clock.waited) == 2
    assert isinstance(failure(ctx, server, Fault("/api/", times=9, status=503)), RetryableError)


def test_a_limit_far_away_is_not_waited_for(ctx: Context, server: PracticeClio) -> None:
    fault = Fault("/api/", times=9, status=429, headers={"Retry-After": "3600"})
    error = failure(ctx, server, fault)
    assert isinstance(error, RetryableError)
    assert error.after == 3600


def test_a_page_that_is_no_list_is_a_wrong_answer(ctx: Context, server: PracticeClio) -> None:
    assert isinstance(
        failure(ctx, server, Fault("/api/", status=200, body='{"data": {}}')), RemoteError
    )
    assert isinstance(failure(ctx, server, Fault("/api/", status=200, body="<html>")), RemoteError)
