"""What a token answer says besides the tokens, such as where the account's API is."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey

from engine.auth import Auth
from engine.connector import Connector
from engine.context import Context
from engine.errors import SetupError
from engine.http.client import HttpClient
from engine.http.connect import add_connection, begin_oauth, finish_oauth, new_connection
from engine.http.sessions import open_session
from engine.http.urls import addresses
from engine.store.connections import get_connection
from engine.store.database import Store
from tests.engine.http.mint import CLIENT, CODE, FIRST, MACHINE, SIGNED, Mint

KEY = RSAKey.generate_key(2048, auto_kid=False)
PEM = KEY.as_pem(private=True).decode()
SIGNER = {"client_id": "app-1", "username": "ada@mint.test", "private_key": PEM}
WAYS = {
    "code": (replace(CODE, keeps=("shard",)), {**CLIENT, **FIRST}),
    "machine": (replace(MACHINE, keeps=("shard",)), CLIENT),
    "signed": (replace(SIGNED, keeps=("shard",)), SIGNER),
}


def sharded(auth: Auth) -> Connector:
    """Return a connector whose API is where the token answer says."""
    connector = Connector(
        name="mint", title="The Mint", auth=auth, base_url="https://{shard}.mint.test"
    )

    @connector.check
    def account(ctx: Context) -> str:
        return str(ctx.http.get("/me").json()["name"])

    return connector


@pytest.fixture
def mint(clock: Any) -> Mint:
    mint = Mint(clock.seconds, public_key=RSAKey.import_key(KEY.as_pem(private=False)))
    mint.says = {"shard": "shard7"}
    return mint


@pytest.fixture
def line(mint: Mint) -> httpx2.WSGITransport:
    return httpx2.WSGITransport(app=mint)


@pytest.mark.parametrize("way", WAYS)
def test_it_is_got_while_connecting_whoever_brings_the_first_token(
    store: Store, mint: Mint, line: Any, clock: Any, way: str
) -> None:
    auth, settings = WAYS[way]
    connector = sharded(auth)
    add_connection(
        store, connector, new_connection(connector, "mint", settings), transport=line, clock=clock
    )
    kept = get_connection(store, "mint")
    assert kept.address == "https://shard7.mint.test"
    assert "shard" not in kept.settings
    assert len(mint.grants) == 1


def test_it_comes_with_a_consent(mint: Mint, line: Any) -> None:
    connector = sharded(WAYS["code"][0])
    connection = new_connection(connector, "mint", CLIENT)
    asked = begin_oauth(connector, connection, "http://127.0.0.1/callback")
    back = f"http://127.0.0.1/callback?code=c&state={asked.state}"
    done = finish_oauth(connector, connection, asked, back, transport=line)
    assert addresses(connector, done.all_settings).base_url == "https://shard7.mint.test"


def test_a_renewal_may_change_it_and_one_that_is_silent_leaves_it(
    store: Store, mint: Mint, line: Any, clock: Any
) -> None:
    auth, settings = WAYS["code"]
    connector = sharded(auth)
    add_connection(
        store, connector, new_connection(connector, "mint", settings), transport=line, clock=clock
    )

    def renewed(says: dict[str, str]) -> str:
        mint.says, mint.good = says, "another"
        stored = get_connection(store, "mint")
        with open_session(
            connector, stored, store=store, transport=line, clock=clock.seconds
        ) as session:
            assert HttpClient(session).get("/me").json() == {"name": "Royal Mint"}
        return addresses(connector, get_connection(store, "mint").all_settings).base_url

    assert renewed({"shard": "shard9"}) == "https://shard9.mint.test"
    assert renewed({}) == "https://shard9.mint.test"


def test_a_value_that_would_lead_elsewhere_is_refused(
    store: Store, mint: Mint, line: Any, clock: Any
) -> None:
    mint.says = {"shard": "evil.example/"}
    connector = sharded(WAYS["machine"][0])
    connection = new_connection(connector, "mint", CLIENT)
    with pytest.raises(SetupError, match="no part of a host's name"):
        add_connection(store, connector, connection, transport=line, clock=clock)
    assert mint.refusals == 0
