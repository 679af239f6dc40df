"""What the tests of the Mailchimp connector share: opening a line, sending members, looking at the account."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2

import plugins.mailchimp as plugin
from engine.calls import call_batch
from engine.context import Context
from engine.http.client import HttpClient, RetryPolicy
from engine.http.sessions import open_session
from engine.results import RowResult
from engine.store.connections import Connection
from plugins.mailchimp.actions import Member
from plugins.mailchimp.practice.sample_data import NEWSLETTER
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp
from tests.plugins.line import NOON

CONNECTOR = plugin.connector
UPSERT = CONNECTOR.actions["upsert_members"]
NO_WAIT = RetryPolicy(sleep=lambda _: None)
Connect = Callable[..., Context]


def open_context(app: PracticeMailchimp, api_key: str = API_KEY, **public: str) -> Context:
    connection = Connection(
        name="news", connector="mailchimp", settings=public, secrets={"api_key": api_key}
    )
    transport = httpx2.WSGITransport(app=app)
    session = open_session(CONNECTOR, connection, transport=transport, retry=NO_WAIT)
    return Context(http=HttpClient(session, idempotent=True), now=NOON + timedelta(hours=1))


def upsert(ctx: Context, *rows: Member, **parameters: Any) -> list[RowResult]:
    return call_batch(UPSERT, ctx, {"audience": NEWSLETTER, **parameters}, [dict(r) for r in rows])


def erase(server: PracticeMailchimp, address: str) -> None:
    found = server.audiences[NEWSLETTER].find(address)
    assert found is not None
    server.audiences[NEWSLETTER].forget(found)
