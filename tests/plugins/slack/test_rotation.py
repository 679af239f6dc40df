"""Tokens that rotate: twelve hours, refresh tokens for one use, refusals at status 200."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from engine.errors import AuthError
from engine.http.client import HttpClient, RetryPolicy
from engine.http.connect import begin_oauth, finish_oauth, new_connection
from engine.http.sessions import open_session
from engine.store.connections import get_connection, save_connection
from engine.store.database import Store
from plugins.slack import connector
from plugins.slack.practice import PracticeSlack
from tests.plugins.line import Clock
from tests.plugins.slack.workspace import GENERAL, do, line_to, posted

OAUTH = connector.for_connection({"log_in": "oauth"})


def connected(server: PracticeSlack, **without: Any) -> Any:
    given = {**server.credentials_for("oauth"), "base_url": "http://practice.test"}
    given = {name: value for name, value in given.items() if name not in without.get("leave", ())}
    return new_connection(OAUTH, "slack", given, practice=True)


def test_a_token_that_ran_out_is_renewed_though_the_refusal_has_status_200(
    server: PracticeSlack, clock: Clock
) -> None:
    server.access.expire_all()
    with line_to(server, clock, "oauth") as ctx:
        do(ctx, "post_message", channel=GENERAL, text="Hello")
    assert posted(server)[-1]["text"] == "Hello"
    assert server.access.refreshes == 1


def test_each_renewal_brings_the_refresh_token_of_the_next(
    server: PracticeSlack, clock: Clock, store: Store
) -> None:
    save_connection(store, connected(server))
    transport = httpx2.WSGITransport(app=server)
    for day in range(3):  # two renewals a day, in sessions of their own
        for _ in range(2):
            clock.now += 43_150
            stored = get_connection(store, "slack")
            with open_session(
                connector, stored, store=store, transport=transport, clock=clock
            ) as session:
                assert HttpClient(session, idempotent=True).post("auth.test").json()["ok"], day
    assert server.access.refreshes == 5  # the first token was still good for 50 seconds
    tokens = get_connection(store, "slack").tokens
    assert tokens is not None
    assert tokens["expires_at"] == clock.now + 43_200


def test_a_refresh_token_that_is_used_up_asks_to_connect_again(
    server: PracticeSlack, clock: Clock
) -> None:
    server.access.revoke_all()
    connection = connected(server)
    retry = RetryPolicy(sleep=clock.sleep)
    transport = httpx2.WSGITransport(app=server)
    server.access.expire_all()
    with (
        open_session(
            connector, connection, transport=transport, retry=retry, clock=lambda: clock() + 43_300
        ) as session,
        pytest.raises(AuthError) as caught,
    ):
        HttpClient(session, idempotent=True).post("auth.test")
    assert "no longer accepts" in str(caught.value)


def test_a_dead_refresh_token_is_a_refusal_and_no_passing_trouble(
    server: PracticeSlack, clock: Clock
) -> None:
    server.access.expire_all()
    with (
        line_to(server, clock, "oauth", refresh_token="xoxe-used-long-ago") as ctx,
        pytest.raises(AuthError, match="refused to give access: invalid_refresh_token"),
    ):
        do(ctx, "post_message", channel=GENERAL, text="Hello")


def test_an_app_whose_tokens_last_needs_no_refresh_token(clock: Clock) -> None:
    server = PracticeSlack(clock=clock, rotates=False)
    clock.now += 10 * 86_400
    with line_to(server, clock, "oauth") as ctx:
        do(ctx, "post_message", channel=GENERAL, text="Hello")
        server.access.expire_all()
        with pytest.raises(AuthError, match="no longer accepts"):
            do(ctx, "post_message", channel=GENERAL, text="Hello")


def test_a_person_consents_and_the_code_becomes_rotating_tokens(server: PracticeSlack) -> None:
    connection = connected(server, leave=("access_token", "refresh_token"))
    asked = begin_oauth(OAUTH, connection, "http://127.0.0.1:8080/callback")
    query = parse_qs(urlsplit(asked.url).query)
    assert "chat:write" in query["scope"][0].split(",")
    transport = httpx2.WSGITransport(app=server)
    with httpx2.Client(transport=transport, follow_redirects=False) as browser:
        assert "Byron &amp; Boole" in browser.get(asked.url).text
        back = browser.post(asked.url, data={"decision": "allow"}).headers["Location"]
        denied = browser.post(asked.url, data={"decision": "deny"}).headers["Location"]
    done = finish_oauth(OAUTH, connection, asked, back, transport=transport)
    assert done.tokens is not None
    assert done.tokens["refresh_token"].startswith("xoxe-")
    assert done.tokens["expires_in"] == 43_200
    with pytest.raises(AuthError, match="access_denied"):
        finish_oauth(OAUTH, connection, asked, denied, transport=transport)
    with pytest.raises(AuthError, match="invalid_code"):  # a code is good for one use
        finish_oauth(OAUTH, connection, asked, back, transport=transport)
