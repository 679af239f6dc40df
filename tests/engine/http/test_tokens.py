"""Tokens: renewed in time, by one at a time, stored before they are used, and never shown."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from engine import redaction
from engine.auth import OAuth2
from engine.connector import Connector
from engine.errors import AuthError, BridgeworkError, RetryableError
from engine.http.client import HttpClient, HttpSession
from engine.http.counting import RENEWALS
from engine.http.grants import RefreshGrant, TokenEndpoint, exchange_code
from engine.http.sessions import open_session
from engine.http.tokens import BearerAuth, TokenCell, TokensInHand
from engine.http.urls import addresses
from engine.practice.server import Fault
from engine.store.connections import Connection, get_connection, save_connection
from engine.store.database import Store
from engine.store.runs import RunRequest, create_run, log_lines
from engine.store.versions import save_version
from tests.engine.http.forge import AUTH, FIRST, Forge


class Kept(TokensInHand):
    """Where tokens are kept: shared by everything that uses the connection."""

    def __init__(self, forge: Forge) -> None:
        super().__init__(dict(FIRST))
        self.forge = forge

    def save(self, tokens: Any) -> None:
        self.forge.events.append(f"save {tokens['access_token']}")
        super().save(dict(tokens))


@pytest.fixture
def forge() -> Forge:
    return Forge()


@pytest.fixture
def kept(forge: Forge) -> Kept:
    return Kept(forge)


@pytest.fixture
def open_cell(forge: Forge, kept: Kept, clock: Any) -> Callable[[], TokenCell]:
    """Open the connection's tokens as they are kept now."""

    return lambda: TokenCell(
        title="The Forge",
        grant=RefreshGrant(endpoint(forge)),
        keeper=kept,
        clock=clock.seconds,
    )


def endpoint(forge: Forge) -> TokenEndpoint:
    return TokenEndpoint(
        title="The Forge",
        url=AUTH.token_url,
        client_id="app-1",
        client_secret="app-secret-77aa",
        transport=httpx2.WSGITransport(app=forge),
    )


@pytest.fixture
def cell(open_cell: Callable[[], TokenCell]) -> TokenCell:
    return open_cell()


def connector() -> Connector:
    return Connector(name="forge", title="The Forge", auth=AUTH, base_url="https://forge.test")


@pytest.fixture
def http(forge: Forge, cell: TokenCell) -> Iterator[HttpClient]:
    """A client whose every request carries the cell's token."""
    where = addresses(connector(), {})
    transport = httpx2.WSGITransport(app=forge)
    with HttpSession(connector(), where, BearerAuth(cell, AUTH, "The Forge"), transport) as session:
        yield HttpClient(session)


# -- renewing --------------------------------------------------------------------------------------


def test_renewals_are_counted_with_what_came_of_them(
    open_cell: Callable[[], TokenCell], kept: Kept, forge: Forge
) -> None:
    def counted() -> list[int]:
        found = RENEWALS.read()
        return [found.get(("The Forge", kind), (0, 0))[0] for kind in ("renewed", "refused")]

    before = counted()
    open_cell().renewed(stale="access-0-5d1f")
    forge.refresh_token = "another"
    with pytest.raises(AuthError):
        open_cell().renewed(stale=kept.tokens["access_token"])
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [1, 1]


def test_a_token_is_renewed_before_it_runs_out(
    open_cell: Callable[[], TokenCell], kept: Kept, forge: Forge, clock: Any
) -> None:
    kept.tokens = {**FIRST, "expires_at": clock.seconds() + 120}
    cell = open_cell()
    clock.pass_by(seconds=59)
    assert cell.current() == "access-0-5d1f"
    clock.pass_by(seconds=2)  # 59 seconds left: less than the margin
    assert cell.current() == "access-1-5d1f"
    assert forge.count == 1


def test_a_renewed_token_says_when_it_runs_out(cell: TokenCell, kept: Kept, clock: Any) -> None:
    cell.renewed(stale="access-0-5d1f")
    assert kept.tokens is not None
    assert kept.tokens["expires_at"] == clock.seconds() + 3600
    clock.pass_by(minutes=59, seconds=30)
    assert cell.current() == "access-2-5d1f"


def test_a_refused_token_is_renewed_and_the_request_sent_once_more(
    http: HttpClient, forge: Forge
) -> None:
    forge.good = set()
    answer = http.post("/swords", json={"edge": 2})
    assert answer.json()["sent"] == '{"edge":2}'
    assert forge.events == [
        "use access-0-5d1f",
        "refresh",
        "save access-1-5d1f",  # before anyone uses it: a crash in between must not lose it
        "use access-1-5d1f",
    ]


def test_a_token_refused_again_at_once_ends_it(http: HttpClient, forge: Forge) -> None:
    forge.faults = [Fault("/me", times=9, status=401)]
    with pytest.raises(AuthError, match="no longer accepts this connection"):
        http.get("/me")
    assert forge.count == 1
    assert len(forge.requests) == 3


def test_requests_that_meet_the_same_refusal_share_one_renewal(
    http: HttpClient, forge: Forge
) -> None:
    forge.good = set()
    forge.meanwhile = lambda: time.sleep(0.05)
    start, names = threading.Barrier(4), []

    def ask() -> None:
        start.wait()
        names.append(http.get("/me").json()["name"])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == ["Vulcan"] * 4
    assert forge.events.count("refresh") == 1


def test_a_token_renewed_by_another_process_is_taken(
    cell: TokenCell, kept: Kept, forge: Forge
) -> None:
    kept.tokens = {"access_token": "access-7-5d1f", "refresh_token": "refresh-7-5d1f"}
    assert cell.renewed(stale="access-0-5d1f") == "access-7-5d1f"
    assert forge.requests == []


def test_losing_the_race_for_a_refresh_token_goes_on_with_the_winners(
    http: HttpClient, kept: Kept, forge: Forge
) -> None:
    def another_process_wins() -> None:
        forge.refresh_token, forge.good = "refresh-7-5d1f", {"access-7-5d1f"}
        kept.tokens = {"access_token": "access-7-5d1f", "refresh_token": "refresh-7-5d1f"}

    forge.good = set()
    forge.meanwhile = another_process_wins
    assert http.get("/me").json()["name"] == "Vulcan"
    assert forge.events == ["use access-0-5d1f", "refresh", "use access-7-5d1f"]


def test_a_refresh_token_that_is_replaced_is_kept(
    cell: TokenCell, kept: Kept, forge: Forge
) -> None:
    forge.rotates = True
    first = cell.renewed(stale="access-0-5d1f")
    assert cell.renewed(stale=first) == "access-2-5d1f"
    assert kept.tokens is not None
    assert kept.tokens["refresh_token"] == "refresh-2-5d1f"
    assert [form["refresh_token"] for form in forge.forms] == ["refresh-0-5d1f", "refresh-1-5d1f"]


@pytest.mark.parametrize("extra", [{}, {"refresh_token": None}, {"refresh_token": ""}])
def test_a_refresh_token_that_is_not_repeated_stays(
    cell: TokenCell, kept: Kept, forge: Forge, extra: dict[str, Any]
) -> None:
    body = httpx2.Response(200, json={"access_token": "access-9-5d1f", **extra}).text
    json = {"Content-Type": "application/json"}
    forge.faults = [Fault("/oauth", status=200, body=body, headers=json)]
    cell.renewed(stale="access-0-5d1f")
    assert kept.tokens is not None
    assert kept.tokens["refresh_token"] == "refresh-0-5d1f"
    assert kept.tokens["access_token"] == "access-9-5d1f"


# -- when it can't be renewed ----------------------------------------------------------------------


@pytest.mark.parametrize("tokens", [None, {}, {"refresh_token": "refresh-0-5d1f"}])
def test_without_a_token_one_has_to_connect(
    open_cell: Callable[[], TokenCell], kept: Kept, tokens: dict[str, Any] | None
) -> None:
    kept.tokens = tokens
    with pytest.raises(AuthError, match="it was never connected"):
        open_cell().current()


def test_without_a_refresh_token_one_has_to_connect_again(cell: TokenCell, kept: Kept) -> None:
    kept.tokens = {"access_token": "access-0-5d1f"}
    with pytest.raises(AuthError, match="has no refresh token") as caught:
        cell.renewed(stale="access-0-5d1f")
    assert caught.value.hint == "Connect The Forge again."


def test_a_refresh_token_that_was_revoked_is_told_without_showing_it(
    http: HttpClient, forge: Forge
) -> None:
    redaction.register(FIRST)
    forge.good, forge.refresh_token = set(), ""
    with pytest.raises(
        AuthError, match="The Forge refused to give access: The token •••"
    ) as caught:
        http.get("/me")
    assert_no_secret(caught.value)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("/oauth", status=500), "could not renew the connection \\(answer 500\\)"),
        (Fault("/oauth", status=200, body="<html>Log in</html>"), "answered nonsense"),
        (Fault("/oauth", status=200, body="[]"), "answered nonsense"),
        (Fault("/oauth", status=200, body="{}"), "answered nonsense"),
        (Fault("/oauth", status=400, body="<html>"), "could not renew .* \\(answer 400\\)"),
    ],
)
def test_an_answer_that_makes_no_sense_leaves_the_tokens_as_they_are(
    cell: TokenCell, kept: Kept, forge: Forge, fault: Fault, said: str
) -> None:
    forge.faults = [fault]
    with pytest.raises(RetryableError, match=said) as caught:
        cell.renewed(stale="access-0-5d1f")
    assert kept.tokens == FIRST
    assert_no_secret(caught.value)
    assert cell.renewed(stale="access-0-5d1f") == "access-1-5d1f"  # the next try may well work


def assert_no_secret(error: BridgeworkError) -> None:
    for secret in ("5d1f", "app-secret"):
        assert secret not in str(error) + repr(error)


# -- connecting ------------------------------------------------------------------------------------


def exchange(forge: Forge, callback_url: str, auth: OAuth2 = AUTH) -> Any:
    return exchange_code(
        endpoint=endpoint(forge),
        auth=auth,
        callback_url=callback_url,
        state="state-1",
        redirect_uri="http://127.0.0.1:8080/callback",
        verifier="verifier-1",
        now=1000.0,
    )


def test_a_code_becomes_tokens(forge: Forge) -> None:
    tokens = exchange(forge, "http://127.0.0.1:8080/callback?code=code-1&state=state-1")
    assert tokens["access_token"] == "access-1-5d1f"
    assert tokens["refresh_token"] == "refresh-1-5d1f"
    assert tokens["expires_at"] == 4600
    assert forge.forms == [
        {
            "grant_type": "authorization_code",
            "code": "code-1",
            "redirect_uri": "http://127.0.0.1:8080/callback",
            "code_verifier": "verifier-1",
            "client_id": "app-1",
            "client_secret": "app-secret-77aa",
        }
    ]


def test_a_log_in_without_a_refresh_token_is_refused_where_one_is_due(forge: Forge) -> None:
    forge.issues_refresh_tokens = False
    callback = "http://127.0.0.1:8080/callback?code=code-1&state=state-1"
    with pytest.raises(AuthError, match="gave no refresh token") as caught:
        exchange(forge, callback)
    assert "offline access" in caught.value.hint
    for_good = OAuth2(authorize_url=AUTH.authorize_url, token_url=AUTH.token_url, refreshes=False)
    assert exchange(forge, callback, for_good)["access_token"] == "access-2-5d1f"


def test_a_refresh_token_that_nobody_insisted_upon_is_used_all_the_same(forge: Forge) -> None:
    for_good = replace(AUTH, refreshes=False)
    forgers = Connector(
        name="forge", title="The Forge", auth=for_good, base_url="https://forge.test"
    )
    connection = Connection(name="f", connector="forge", tokens=FIRST)
    forge.good = set()
    with open_session(forgers, connection, transport=httpx2.WSGITransport(app=forge)) as session:
        assert HttpClient(session).get("/me").json()["name"] == "Vulcan"


# -- with the database -----------------------------------------------------------------------------


def test_a_renewed_token_is_in_the_database_and_in_the_runs_log(store: Store, forge: Forge) -> None:
    save_connection(store, Connection(name="f", connector="forge", tokens=FIRST))
    with store.writing() as database:
        version = save_version(database, "r", store.home / "r.yaml", "name: R")
        run_id = create_run(
            database,
            recipe="r",
            title="R",
            version_id=version,
            request=RunRequest(),
            nouns={"source": ("a", "as"), "target": ("b", "bs")},
            origin="manual",
        )
    forge.good = set()
    connection = get_connection(store, "f")
    transport = httpx2.WSGITransport(app=forge)
    with open_session(
        connector(), connection, store=store, transport=transport, run_id=run_id
    ) as session:
        assert HttpClient(session).get("/me").json()["name"] == "Vulcan"
    renewed = get_connection(store, "f")
    assert renewed.tokens is not None
    assert renewed.tokens["access_token"] == "access-1-5d1f"
    assert renewed.tokens["refresh_token"] == "refresh-0-5d1f"
    [(_, line)] = log_lines(store, run_id)
    assert line.message == "The access to The Forge ran out and was renewed."
