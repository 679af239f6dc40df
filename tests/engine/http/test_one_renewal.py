"""One renewal at a time: two processes meet the same refusal, and one of them asks for a token."""

import json
import subprocess
import sys
import threading
import time
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from engine.http.client import HttpClient
from engine.http.sessions import StoredTokens, open_session
from engine.loopback import on_loopback
from engine.store.connections import Connection, get_connection, save_connection
from engine.store.database import Store
from tests.engine.http.mint import CLIENT, FIRST, Mint, mint_connector

#: Opens the connection, waits to be told, and asks twice.
CALLER = """
import json, sys
from pathlib import Path
from engine.http.client import HttpClient
from engine.http.sessions import open_session
from engine.store.connections import get_connection
from engine.store.database import open_store
from tests.engine.http.mint import mint_connector

store = open_store(Path(sys.argv[1]))
connection = get_connection(store, "mint")
with open_session(mint_connector(), connection, store=store) as session:
    http = HttpClient(session)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps([http.get("/me").json()["name"] for _ in range(2)]), flush=True)
"""


def connected(store: Store, url: str, tokens: dict[str, Any] = FIRST) -> None:
    connection = Connection(
        name="mint",
        connector="mint",
        settings={"client_id": CLIENT["client_id"], "base_url": url},
        secrets={"client_secret": CLIENT["client_secret"]},
        tokens=tokens,
    )
    save_connection(store, connection)


def callers(store: Store, number: int) -> "list[subprocess.Popen[str]]":
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CALLER, str(store.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(number)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    return started


def test_two_processes_refused_at_once_send_one_refresh_and_both_go_on(store: Store) -> None:
    mint = Mint(refused_together=2)  # neither is refused before both have asked
    mint.good, mint.slowness = "another", 0.2
    with on_loopback(mint) as url:
        connected(store, url)
        started = callers(store, 2)
        for process in started:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate(timeout=30)[0] for process in started]
    assert [json.loads(line) for line in said] == [["Royal Mint"] * 2] * 2
    assert mint.grants == ["refresh_token"]
    assert mint.refusals == 2
    kept = get_connection(store, "mint").tokens
    assert kept is not None
    assert (kept["access_token"], kept["refresh_token"]) == ("access-1-7c1e", "refresh-1-7c1e")


def test_a_process_killed_while_it_renews_holds_up_nobody(store: Store) -> None:
    mint = Mint()
    mint.good, mint.slowness, mint.rotates = "another", 0.4, False
    with on_loopback(mint) as url:
        connected(store, url)
        [process] = callers(store, 1)
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        while not mint.grants:  # its question is with the vendor, and it holds the lock
            time.sleep(0.01)
        process.kill()
        process.communicate(timeout=10)
        mint.slowness = 0
        connection = get_connection(store, "mint")
        with open_session(mint_connector(), connection, store=store) as session:
            assert HttpClient(session).get("/me").json() == {"name": "Royal Mint"}
    assert mint.grants == ["refresh_token"] * 2


@pytest.mark.parametrize("minutes", [5, 120])
def test_a_token_that_another_process_renewed_long_ago_is_not_taken_for_new(
    store: Store, clock: Any, minutes: int
) -> None:
    """Refused with an older token, while what is stored has run out meanwhile as well."""
    mint = Mint(clock.seconds, lasts=3600)
    transport = httpx2.WSGITransport(app=mint)
    connected(store, "https://mint.test")

    def session() -> Any:
        connection = get_connection(store, "mint")
        return open_session(
            mint_connector(), connection, store=store, transport=transport, clock=clock.seconds
        )

    with session() as first, session() as second:
        HttpClient(first).get("/me")
        mint.good = ""
        HttpClient(second).get("/me")  # refused, renewed, stored; the first knows nothing of it
        clock.pass_by(minutes=minutes)
        assert HttpClient(first).get("/me").json() == {"name": "Royal Mint"}
    assert mint.grants == ["refresh_token"] * (1 if minutes == 5 else 2)


def test_new_tokens_wait_for_a_database_that_is_away(store: Store) -> None:
    """The vendor has given them out and voided the old ones: they must not be lost."""
    mint = Mint()
    mint.good = ""
    transport = httpx2.WSGITransport(app=mint)
    connected(store, "https://mint.test")

    def rename(old: str, new: str) -> None:
        with store.engine.begin() as database:
            database.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    class Keeper(StoredTokens):
        """Its database goes away between the vendor's answer and the storing, and comes back."""

        def save(self, tokens: Any) -> None:
            rename("connections", "hidden")
            threading.Timer(0.05, rename, ["hidden", "connections"]).start()
            super().save(tokens)

    keeper, connection = Keeper(store, "mint"), get_connection(store, "mint")
    with open_session(mint_connector(), connection, keeper=keeper, transport=transport) as session:
        assert HttpClient(session).get("/me").json() == {"name": "Royal Mint"}
    kept = get_connection(store, "mint").tokens
    assert kept is not None
    assert kept["refresh_token"] == mint.refresh_token == "refresh-1-7c1e"
