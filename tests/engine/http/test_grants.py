"""Log-ins that need nobody: client credentials and signed statements; and token servers' moods."""

from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey
from werkzeug.wrappers import Response

from engine.auth import Auth, ClientCredentials, JwtBearer, OAuth2
from engine.connector import Connector
from engine.errors import AuthError, RetryableError, SetupError
from engine.host import Host
from engine.http.client import HttpClient, HttpSession, RetryPolicy
from engine.http.connect import add_connection, check_connection, new_connection
from engine.http.sessions import open_session
from engine.http.settings import secret_settings
from engine.redaction import redact
from engine.store.connections import get_connection
from engine.store.database import Store
from tests.engine.http.mint import (
    CLIENT,
    FIRST,
    MACHINE,
    SIGNED,
    TOKEN,
    Mint,
    answer,
    basic,
    mint_connector,
)

KEY = RSAKey.generate_key(2048, auto_kid=False)
PEM = KEY.as_pem(private=True).decode()
SIGNER = {"client_id": "app-1", "username": "ada@mint.test", "private_key": PEM}


@pytest.fixture
def mint(clock: Any) -> Mint:
    return Mint(clock.seconds, public_key=RSAKey.import_key(KEY.as_pem(private=False)))


@pytest.fixture
def line(mint: Mint) -> httpx2.WSGITransport:
    return httpx2.WSGITransport(app=mint)


def reached(
    store: Store, connector: Connector, line: Any, clock: Any, retry: RetryPolicy | None = None
) -> HttpSession:
    connection = get_connection(store, "mint")
    return open_session(
        connector, connection, store=store, transport=line, clock=clock.seconds, retry=retry
    )


# -- log-ins that need nobody ----------------------------------------------------------------------


@pytest.fixture(params=["client_credentials", "jwt-bearer"])
def unattended(request: pytest.FixtureRequest) -> tuple[Connector, dict[str, str], str]:
    """A connector whose log-in needs nobody, its settings, and what the grant is called."""
    auth, settings = (
        (MACHINE, CLIENT) if request.param == "client_credentials" else (SIGNED, SIGNER)
    )
    return mint_connector(auth), dict(settings), request.param


def test_the_first_token_is_got_while_connecting_and_kept(
    store: Store,
    mint: Mint,
    line: Any,
    clock: Any,
    unattended: tuple[Connector, dict[str, str], str],
) -> None:
    connector, settings, grant = unattended
    connection = new_connection(connector, "mint", settings)
    assert (
        add_connection(store, connector, connection, transport=line, clock=clock).label
        == "Royal Mint"
    )
    assert mint.grants == [grant]
    kept = get_connection(store, "mint").tokens
    assert kept is not None
    assert kept["access_token"] == "access-1-7c1e"
    assert kept["expires_at"] == mint.clock() + 3600
    assert check_connection(store, Host({"mint": connector}), "mint", transport=line, clock=clock)
    assert mint.grants == [grant]  # the check after it used the same token


def test_it_is_renewed_ahead_and_when_refused(
    store: Store,
    mint: Mint,
    line: Any,
    clock: Any,
    unattended: tuple[Connector, dict[str, str], str],
) -> None:
    connector, settings, grant = unattended
    add_connection(
        store, connector, new_connection(connector, "mint", settings), transport=line, clock=clock
    )
    with reached(store, connector, line, clock) as session:
        http = HttpClient(session)
        clock.pass_by(minutes=59, seconds=30)
        assert http.get("/me").json() == {"name": "Royal Mint"}
        assert (mint.count, mint.refusals) == (2, 0)
        mint.good = "revoked by an admin"
        assert http.get("/me").json() == {"name": "Royal Mint"}
        assert http.get("/me").json() == {"name": "Royal Mint"}
    assert mint.grants == [grant] * 3
    assert mint.refusals == 1


def test_what_signs_is_secret(
    store: Store, line: Any, clock: Any, unattended: tuple[Connector, dict[str, str], str]
) -> None:
    connector, settings, _ = unattended
    add_connection(
        store, connector, new_connection(connector, "mint", settings), transport=line, clock=clock
    )
    [hidden] = secret_settings(connector)
    connection = get_connection(store, "mint")
    assert hidden in connection.secrets
    assert hidden not in connection.settings
    assert settings[hidden] not in redact(f"it said {settings[hidden]}")


def test_a_missing_setting_is_named(
    store: Store, line: Any, clock: Any, unattended: tuple[Connector, dict[str, str], str]
) -> None:
    connector, settings, _ = unattended
    for name in settings:
        without = {k: v for k, v in settings.items() if k != name}
        with pytest.raises(SetupError, match=f"lacks the setting '{name}'"):
            add_connection(
                store,
                connector,
                new_connection(connector, "mint", without),
                transport=line,
                clock=clock,
            )


def test_scopes_and_more_are_asked_for(store: Store, mint: Mint, line: Any, clock: Any) -> None:
    auth = ClientCredentials(
        token_url=TOKEN, scopes=("a", "b"), parameters={"audience": "https://{tenant}.mint.test"}
    )
    connector = mint_connector(auth)
    connection = new_connection(connector, "mint", {**CLIENT, "tenant": "north"})
    add_connection(store, connector, connection, transport=line, clock=clock)
    [form] = mint.forms
    assert (form["scope"], form["audience"]) == ("a b", "https://north.mint.test")
    assert form["client_secret"] == CLIENT["client_secret"]


@pytest.mark.parametrize(
    "auth",
    [
        ClientCredentials(token_url=TOKEN, client_auth="basic"),
        OAuth2(authorize_url="https://mint.test/a", token_url=TOKEN, client_auth="basic"),
    ],
)
def test_key_and_secret_may_go_into_a_header(
    store: Store, mint: Mint, line: Any, clock: Any, auth: Auth
) -> None:
    mint.good = ""
    connector = mint_connector(auth)
    add_connection(
        store,
        connector,
        new_connection(connector, "mint", {**CLIENT, **FIRST}),
        transport=line,
        clock=clock,
    )
    [form] = mint.forms
    assert "client_secret" not in form
    assert mint.authorizations == [basic(CLIENT["client_id"], CLIENT["client_secret"])]


@pytest.mark.parametrize(
    "copied",
    [PEM.replace("\n", "\\n"), PEM.replace("\n", ""), PEM.replace("\n", "\r\n  "), f"\n{PEM}\n\n"],
    ids=["out of JSON", "in one line", "indented", "with empty lines"],
)
def test_a_key_signs_however_it_was_copied(
    store: Store, mint: Mint, line: Any, clock: Any, copied: str
) -> None:
    connector = mint_connector(SIGNED)
    connection = new_connection(connector, "mint", {**SIGNER, "private_key": copied})
    add_connection(store, connector, connection, transport=line, clock=clock)
    assert mint.count == 1


@pytest.mark.parametrize(
    "key", ["hunter2-hunter2", PEM[:300], KEY.as_pem(private=False).decode()], ids=str.__len__
)
def test_what_cannot_sign_is_told_without_showing_it(
    store: Store, line: Any, clock: Any, key: str
) -> None:
    connector = mint_connector(SIGNED)
    connection = new_connection(connector, "mint", {**SIGNER, "private_key": key})
    with pytest.raises(SetupError, match="'private_key' of the connection to The Mint") as caught:
        add_connection(store, connector, connection, transport=line, clock=clock)
    assert key[:20] not in str(caught.value)


def test_a_statement_the_vendor_refuses_is_told_in_its_words(
    store: Store, line: Any, clock: Any
) -> None:
    other = RSAKey.generate_key(2048, auto_kid=False).as_pem(private=True).decode()
    connector = mint_connector(SIGNED)
    connection = new_connection(connector, "mint", {**SIGNER, "private_key": other})
    with pytest.raises(AuthError, match="The Mint refused to give access: bad signature"):
        add_connection(store, connector, connection, transport=line, clock=clock)


def test_google_signs_its_scope_and_asks_in_its_own_name() -> None:
    auth = JwtBearer(
        token_url=TOKEN, issuer="{client_email}", subject="", claims={"scope": "calendar"}
    )
    assert secret_settings(mint_connector(auth)) == {"private_key"}


# -- the moods of token servers --------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        answer({"error": "slow down"}, 429, **{"Retry-After": "7"}),
        answer({"error": "temporarily_unavailable"}, 400),
        answer({"ok": False, "error": "ratelimited"}, 200),
        answer({"error": "server_error"}, 503),
        Response("<html>Bad gateway</html>", 502),
    ],
    ids=lambda response: str(response.status_code),
)
def test_a_busy_token_server_is_no_reason_to_connect_again(
    store: Store, mint: Mint, line: Any, clock: Any, said: Response
) -> None:
    connector = mint_connector()
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    add_connection(store, connector, connection, transport=line, clock=clock)
    mint.good, mint.answers = "", [said]
    with reached(store, connector, line, clock, RetryPolicy(attempts=1)) as session:
        with pytest.raises(RetryableError, match="could not renew the connection"):
            HttpClient(session).get("/me")
        assert HttpClient(session).get("/me").json() == {"name": "Royal Mint"}


def test_a_token_server_that_is_back_in_a_moment_is_waited_for(
    store: Store, mint: Mint, line: Any, clock: Any
) -> None:
    connector = mint_connector()
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    add_connection(store, connector, connection, transport=line, clock=clock)
    waits: list[float] = []
    mint.good = ""
    mint.answers = [answer({}, 503), answer({}, 429, **{"Retry-After": "7"})]
    patient = RetryPolicy(attempts=3, first_wait=2, sleep=waits.append)
    with reached(store, connector, line, clock, patient) as session:
        assert HttpClient(session).post("/me").json() == {"name": "Royal Mint"}
    assert waits[0] <= 2
    assert waits[1:] == [7]


def test_a_token_is_used_to_its_last_second_while_renewing_fails(
    store: Store, mint: Mint, line: Any, clock: Any
) -> None:
    connector = mint_connector()
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    add_connection(store, connector, connection, transport=line, clock=clock)
    with reached(store, connector, line, clock, RetryPolicy(attempts=1)) as session:
        http = HttpClient(session)
        mint.good = ""
        http.get("/me")
        clock.pass_by(minutes=59, seconds=20)
        mint.answers = [answer({}, 503) for _ in range(2)]
        http.get("/me")
        http.get("/me")  # at once: the server is left in peace
        assert len(mint.answers) == 1
        clock.pass_by(seconds=11)
        http.get("/me")
        assert mint.answers == []
        clock.pass_by(seconds=11)
        http.get("/me")
        assert mint.good == "access-2-7c1e"


def test_a_reused_refresh_token_ends_it_with_a_reason(
    store: Store, mint: Mint, line: Any, clock: Any
) -> None:
    connector = mint_connector()
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    add_connection(store, connector, connection, transport=line, clock=clock)
    mint.good, mint.refresh_token = "", "used by someone else"
    with (
        reached(store, connector, line, clock) as session,
        pytest.raises(AuthError, match="The Mint refused to give access: reused"),
    ):
        HttpClient(session).get("/me")


def test_tokens_renewed_while_connecting_are_the_ones_kept(
    store: Store, mint: Mint, line: Any, clock: Any
) -> None:
    mint.good = ""  # the access token that was copied has run out
    connector = mint_connector()
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    add_connection(store, connector, connection, transport=line, clock=clock)
    kept = get_connection(store, "mint").tokens
    assert kept is not None
    assert kept["refresh_token"] == mint.refresh_token == "refresh-1-7c1e"


@pytest.mark.parametrize("expires_in", [0, "0", None, -1])
def test_an_end_that_is_not_said_is_left_to_the_vendors_refusal(
    store: Store, mint: Mint, line: Any, clock: Any, expires_in: object
) -> None:
    connector = mint_connector()
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    add_connection(store, connector, connection, transport=line, clock=clock)
    new = {"access_token": "access-9-7c1e", "expires_in": expires_in}
    mint.good, mint.answers = "access-9-7c1e", [answer(new)]
    with reached(store, connector, line, clock) as session:
        for _ in range(3):
            HttpClient(session).get("/me")
    kept = get_connection(store, "mint").tokens
    assert kept is not None
    assert "expires_at" not in kept
    assert mint.grants == ["refresh_token"]


# -- a connector's own signs -----------------------------------------------------------------------


class Slack(Mint):
    """Answers 200 whatever happens, as Slack's API does."""

    def me(self, request: Any) -> Response:
        response = super().me(request)
        if response.status_code == 200:
            return answer({"ok": True, "name": "Royal Mint"})
        return answer({"ok": False, "error": "token_expired"})


def slack_connector() -> Connector:
    connector = mint_connector()
    connector.expired(lambda response: response.json().get("error") == "token_expired")
    return connector


def test_an_expired_token_is_known_by_the_connectors_own_sign(store: Store, clock: Any) -> None:
    mint, connector = Slack(clock.seconds), slack_connector()
    line = httpx2.WSGITransport(app=mint)
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    add_connection(store, connector, connection, transport=line, clock=clock)
    with reached(store, connector, line, clock) as session:
        http = HttpClient(session)
        mint.good = "revoked"
        assert [http.get("/me").json()["ok"] for _ in range(3)] == [True] * 3
        assert (mint.count, mint.refusals) == (1, 1)  # later calls use the new token at once


def test_a_sign_that_stays_after_renewing_ends_it(store: Store, clock: Any) -> None:
    mint, connector = Slack(clock.seconds), slack_connector()
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    line = httpx2.WSGITransport(app=mint)
    add_connection(store, connector, connection, transport=line, clock=clock)
    with reached(store, connector, line, clock) as session:
        clock.pass_by(days=1)
        mint.lasts = -1
        with pytest.raises(AuthError, match="The Mint no longer accepts this connection"):
            HttpClient(session).get("/me")
    assert mint.count == 1


def test_a_sign_that_cannot_be_read_leaves_it_to_the_status(
    store: Store, mint: Mint, line: Any, clock: Any
) -> None:
    connector = mint_connector()
    connector.expired(lambda response: bool(response.json()["no such word"]))
    connection = new_connection(connector, "mint", {**CLIENT, **FIRST})
    add_connection(store, connector, connection, transport=line, clock=clock)
    with reached(store, connector, line, clock) as session:
        mint.good = ""
        assert HttpClient(session).get("/me").json() == {"name": "Royal Mint"}
