"""A day of tokens that last a minute: nobody connects again, and the vendor never sees an old one."""

from typing import Any

import httpx2

from engine.http.client import HttpClient
from engine.http.connect import add_connection, new_connection
from engine.http.sessions import open_session
from engine.store.connections import get_connection
from engine.store.database import Store
from tests.engine.http.mint import CLIENT, FIRST, Mint, mint_connector

DAY = 24 * 60 * 60
STEP = 20


def test_a_day_with_a_token_of_one_minute(store: Store, clock: Any) -> None:
    mint = Mint(clock.seconds, lasts=60)
    transport = httpx2.WSGITransport(app=mint)
    connector = mint_connector()
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    add_connection(store, connector, connection, transport=transport)

    with open_session(
        connector,
        get_connection(store, "mint"),
        store=store,
        transport=transport,
        clock=clock.seconds,
    ) as session:
        http = HttpClient(session)
        for _ in range(DAY // STEP):
            assert http.get("/me").json() == {"name": "Royal Mint"}
            clock.pass_by(seconds=STEP)

    assert set(mint.grants) == {"refresh_token"}
    # Nobody said when the first token ends, so its refusal tells; all others are renewed ahead.
    assert mint.refusals == 1
    assert mint.count == DAY // 60 - 1
