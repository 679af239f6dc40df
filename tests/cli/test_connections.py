"""Connections: added, tested, listed, removed; nothing that doesn't work is kept."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from click.testing import Result

from engine.cli.connecting import connect
from engine.cli.consent import consent_in_browser, consent_to_practice
from engine.cli.practice_process import PracticeProcess, practice_server
from engine.connector import Connector
from engine.errors import AuthError, SetupError
from engine.host import build_host
from engine.http.connect import new_connection
from engine.loopback import on_loopback
from engine.practice import PracticeServer
from engine.store.connections import get_connection, list_connections, save_connection
from engine.store.database import Store

Bridgework = Callable[..., Result]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def clio() -> Connector:
    return build_host(strict=True).connector("clio")


@pytest.fixture
def server(clio: Connector) -> PracticeServer:
    return practice_server(clio)


@pytest.fixture
def url(server: PracticeServer) -> Iterator[str]:
    with on_loopback(server) as url:
        yield url


def as_options(settings: dict[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]


def paths(server: PracticeServer) -> list[tuple[str, str]]:
    return [(request["method"], request["path"]) for request in server.requests]


def goes_away(url: str) -> bool:
    """Wait until nothing answers at ``url``; False when something still does after ten seconds."""
    for _ in range(200):
        try:
            httpx2.get(f"{url}/_practice/records")
        except httpx2.ConnectError:
            return True
        time.sleep(0.05)
    return False


# -- adding ----------------------------------------------------------------------------------------


def test_add_with_tokens_got_elsewhere_asks_nothing(
    bridgework: Bridgework, store: Store, server: PracticeServer, url: str
) -> None:
    result = bridgework(
        "connections", "add", "office", "--connector", "clio", "--base-url", url,
        *as_options(server.credentials()),
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert result.stderr == "'office' is connected to Clio: Harbor Law (Dana Whitfield).\n"
    assert result.stdout == ""
    connection = get_connection(store, "office")
    assert connection.label == "Harbor Law (Dana Whitfield)"
    assert connection.tokens is not None
    assert connection.tokens["refresh_token"] == server.credentials()["refresh_token"]
    assert "client_secret" not in connection.settings
    assert not any(path.startswith("/oauth") for _, path in paths(server))


def test_secrets_are_read_from_files_so_that_they_are_no_arguments(
    bridgework: Bridgework, store: Store, server: PracticeServer, url: str, tmp_path: Path
) -> None:
    credentials, given = server.credentials(), []
    for name, value in credentials.items():
        if name in ("client_secret", "access_token", "refresh_token"):
            (tmp_path / name).write_text(f"{value}\n")
            value = f"@{tmp_path / name}"
        given.append(f"--set={name}={value}")
    add = ["connections", "add", "office", "--connector", "clio", "--base-url", url]
    result = bridgework(*add, *given)
    assert result.exit_code == 0, result.stderr
    connection = get_connection(store, "office")
    assert connection.secrets == {"client_secret": credentials["client_secret"]}
    assert connection.tokens is not None
    assert connection.tokens["refresh_token"] == credentials["refresh_token"]
    public = bridgework(*add, *given, "--set=region=@us")
    assert public.exit_code == 2
    assert "can't be '@us'" in public.stderr


def test_secrets_are_encrypted_and_never_listed(
    bridgework: Bridgework, store: Store, server: PracticeServer, url: str, home: Path
) -> None:
    credentials = server.credentials()
    bridgework(
        "connections", "add", "office", "--connector", "clio", "--base-url", url,
        *as_options(credentials),
    )  # fmt: skip
    secrets = [credentials[n] for n in ("client_secret", "access_token", "refresh_token")]
    shown = [
        bridgework("connections", "list").stdout,
        bridgework("connections", "list", "--json").stdout,
        *(file.read_text() for file in (home / "logs").iterdir()),
    ]
    store.close()
    stored = b"".join(file.read_bytes() for file in home.glob("bridgework.db*"))
    for secret in secrets:
        assert secret not in "".join(shown)
        assert secret.encode() not in stored


def test_add_that_fails_is_not_kept_and_says_why(
    bridgework: Bridgework, store: Store, server: PracticeServer, url: str
) -> None:
    wrong = {**server.credentials(), "access_token": "stale-token", "refresh_token": "wrong-token"}
    result = bridgework(
        "connections", "add", "office", "--connector", "clio", "--base-url", url,
        *as_options(wrong),
    )  # fmt: skip
    assert result.exit_code == 3
    assert "Clio refused to give access" in result.stderr
    assert "wrong-token" not in result.stderr
    assert list_connections(store) == []


def test_dead_server_is_one_clear_sentence(bridgework: Bridgework, store: Store) -> None:
    result = bridgework(
        "connections", "add", "portal", "--connector", "casestatus", "--set", "api_key=k1234567",
        "--base-url", "http://127.0.0.1:9",
    )  # fmt: skip
    assert result.exit_code == 3
    assert "Case Status can't be reached at 127.0.0.1:9." in result.stderr
    assert "Traceback" not in result.stderr
    assert list_connections(store) == []


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("client_idd=x", "Clio has no setting 'client_idd'. Did you mean 'client_id'?"),
        ("region", "--set needs a field and a value, e.g. `--set region=…`."),
        ("region=uk", "The setting 'region' can't be 'uk'. Choose from: us, eu, ca, au."),
    ],
)
def test_wrong_settings_are_usage_errors(
    bridgework: Bridgework, written: str, complaint: str
) -> None:
    result = bridgework("connections", "add", "c", "--connector", "clio", "--set", written)
    assert result.exit_code == 2
    assert complaint in result.stderr


@pytest.mark.parametrize("name", ["", "a/b", "two words", "-x", "x" * 81])
def test_names_that_would_break_addresses_are_refused(bridgework: Bridgework, name: str) -> None:
    result = bridgework("connections", "add", "--connector", "csv", "--", name)
    assert result.exit_code == 2
    assert "can't be a connection's name" in result.stderr.replace("\n", " ")


def test_missing_settings_are_named_where_nobody_can_be_asked(
    bridgework: Bridgework, store: Store
) -> None:
    result = bridgework("connections", "add", "c", "--connector", "clio", "--set", "client_id=x")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        "A connection to Clio needs 'client_secret'.",
        "Give --set client_secret=….",
    ]
    assert list_connections(store) == []


def test_unknown_connector_names_the_nearest(bridgework: Bridgework) -> None:
    result = bridgework("connections", "add", "c", "--connector", "cleo")
    assert result.exit_code == 3
    assert "There is no connector 'cleo'. Did you mean 'clio'?" in result.stderr.replace("\n", " ")


def test_connector_without_a_login_needs_nothing(bridgework: Bridgework, store: Store) -> None:
    assert bridgework("connections", "add", "files", "--connector", "csv").exit_code == 0
    assert [connection.name for connection in list_connections(store)] == ["files"]


def test_practice_and_another_address_exclude_each_other(bridgework: Bridgework) -> None:
    result = bridgework(
        "connections", "add", "c", "--connector", "clio", "--practice", "--base-url", "http://x"
    )
    assert result.exit_code == 2


# -- adding again ----------------------------------------------------------------------------------


def test_adding_again_connects_again_and_keeps_settings(
    store: Store, clio: Connector, server: PracticeServer, url: str
) -> None:
    credentials = server.credentials()
    first = connect(store, clio, "office", credentials, base_url=url)
    tokens = {name: credentials[name] for name in ("access_token", "refresh_token")}
    second = connect(store, clio, "office", tokens)
    assert second.secrets == first.secrets
    assert second.settings == first.settings
    assert len(list_connections(store)) == 1


def test_name_of_another_apps_connection_is_refused(
    bridgework: Bridgework, store: Store, server: PracticeServer, url: str, clio: Connector
) -> None:
    connect(store, clio, "office", server.credentials(), base_url=url)
    result = bridgework("connections", "add", "office", "--connector", "csv")
    assert result.exit_code == 3
    assert "belongs to another app, 'clio'" in result.stderr
    assert get_connection(store, "office").connector == "clio"


def test_account_that_is_connected_already_is_refused_in_one_sentence(
    bridgework: Bridgework, store: Store, clio: Connector, server: PracticeServer, url: str
) -> None:
    connect(store, clio, "office", server.credentials(), base_url=url)
    result = bridgework(
        "connections", "add", "clio", "--connector", "clio", "--base-url", url,
        *as_options(server.credentials()),
    )  # fmt: skip
    assert result.exit_code == 3
    assert result.stderr.splitlines()[0] == (
        "This account (Harbor Law (Dana Whitfield)) is connected already, as 'office'."
    )
    assert [connection.name for connection in list_connections(store)] == ["office"]


def test_another_account_takes_a_name_only_when_told_to(
    bridgework: Bridgework, store: Store, clio: Connector, server: PracticeServer, url: str
) -> None:
    known = connect(store, clio, "office", server.credentials(), base_url=url)
    save_connection(store, replace(known, account_id="1/1", label="Old Firm"))
    again = [
        "connections", "add", "office", "--connector", "clio", *as_options(server.credentials())
    ]  # fmt: skip
    refused = bridgework(*again)
    assert refused.exit_code == 3
    assert "belongs to another account, Old Firm; this is Harbor Law" in refused.stderr
    assert "--replace" in refused.stderr
    assert bridgework(*again, "--replace").exit_code == 0
    assert get_connection(store, "office").label == "Harbor Law (Dana Whitfield)"


# -- consent ---------------------------------------------------------------------------------------


def test_consent_page_of_a_practice_server_is_answered_by_itself(
    store: Store, clio: Connector, server: PracticeServer, url: str
) -> None:
    practice = PracticeProcess("clio", url, 0, server.credentials())
    connection = connect(store, clio, "clio", {}, practice=practice)
    assert connection.practice
    assert connection.label == "Harbor Law (Dana Whitfield)"
    assert connection.tokens is not None
    assert connection.tokens["access_token"] != server.credentials()["access_token"]
    assert paths(server)[:3] == [
        ("GET", "/oauth/authorize"),
        ("POST", "/oauth/authorize"),
        ("POST", "/oauth/token"),
    ]


def test_refused_consent_page_is_explained(clio: Connector, server: PracticeServer) -> None:
    settings = {**server.credentials(), "client_id": "someone-else"}
    for token in ("access_token", "refresh_token"):
        settings.pop(token)
    connection = new_connection(clio, "clio", {**settings, "base_url": "http://clio.test"})
    with pytest.raises(AuthError, match="could not be opened"):
        consent_to_practice(clio, connection, transport=httpx2.WSGITransport(app=server))


class Person(threading.Thread):
    """Goes to the consent page as soon as it is printed, and presses a button there."""

    def __init__(self, decision: str, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__()
        self.decision, self.capsys = decision, capsys
        self.page: httpx2.Response | None = None

    def run(self) -> None:
        printed = ""
        while "/oauth/authorize" not in printed:
            printed += self.capsys.readouterr().err
            time.sleep(0.02)
        address = next(line.strip() for line in printed.splitlines() if "authorize" in line)
        with httpx2.Client() as browser:
            redirect = browser.post(address, data={"decision": self.decision})
            self.page = browser.get(redirect.headers["Location"])


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the computer's real browser closed: the person of these tests reads the address."""
    monkeypatch.setattr("webbrowser.open", lambda url: True)


@pytest.mark.usefixtures("no_browser")
def test_consent_in_the_browser(
    clio: Connector, server: PracticeServer, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    credentials = server.credentials()
    settings = {k: credentials[k] for k in ("client_id", "client_secret")}
    connection = new_connection(clio, "clio", {**settings, "base_url": url})
    person = Person("allow", capsys)
    person.start()
    connected = consent_in_browser(clio, connection, port=0, patience=20)
    person.join()
    assert connected.tokens is not None
    assert connected.tokens["refresh_token"]
    assert person.page is not None
    assert person.page.status_code == 200
    assert "close this page" in person.page.text


@pytest.mark.usefixtures("no_browser")
def test_consent_denied_in_the_browser(
    clio: Connector, server: PracticeServer, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    credentials = server.credentials()
    settings = {k: credentials[k] for k in ("client_id", "client_secret")}
    connection = new_connection(clio, "clio", {**settings, "base_url": url})
    person = Person("deny", capsys)
    person.start()
    with pytest.raises(AuthError, match="refused to give access"):
        consent_in_browser(clio, connection, port=0, patience=20)
    person.join()


@pytest.mark.usefixtures("no_browser")
def test_nobody_answers_the_consent_page(clio: Connector, server: PracticeServer, url: str) -> None:
    credentials = server.credentials()
    settings = {k: credentials[k] for k in ("client_id", "client_secret")}
    connection = new_connection(clio, "clio", {**settings, "base_url": url})
    with pytest.raises(SetupError, match="Nobody allowed access to Clio within"):
        consent_in_browser(clio, connection, port=0, patience=0.2)


# -- the rest --------------------------------------------------------------------------------------


def test_test_notices_that_a_connection_broke_and_that_it_works_again(
    bridgework: Bridgework, store: Store, clio: Connector, server: PracticeServer, url: str
) -> None:
    connect(store, clio, "office", server.credentials(), base_url=url)
    httpx2.post(f"{url}/_practice/faults", json={"path": "/api/v4/users", "status": 403})
    broken = bridgework("connections", "test", "office")
    assert broken.exit_code == 3
    assert "connect again" in broken.stderr
    (listed,) = json.loads(bridgework("connections", "list", "--json").stdout)
    assert listed["problem"] == broken.stderr.strip().replace("\n", " ")

    working = bridgework("connections", "test", "office")
    assert working.exit_code == 0
    assert working.stderr == "'office' works: Harbor Law (Dana Whitfield).\n"
    (listed,) = json.loads(bridgework("connections", "list", "--json").stdout)
    assert listed["problem"] is None


def test_remove(
    bridgework: Bridgework, store: Store, clio: Connector, server: PracticeServer, url: str
) -> None:
    connect(store, clio, "office", server.credentials(), base_url=url)
    assert bridgework("connections", "remove", "office").exit_code == 0
    assert list_connections(store) == []
    again = bridgework("connections", "remove", "office")
    assert again.exit_code == 3
    assert "There is no connection called 'office'." in again.stderr


def test_listing_nothing_leaves_no_folder(bridgework: Bridgework, home: Path) -> None:
    result = bridgework("connections")
    assert result.exit_code == 0
    assert "no connection yet" in result.stderr
    assert bridgework("connections", "list", "--json").stdout == "[]\n"
    assert not home.exists()


def test_practice_servers_in_the_background(command: Command, store: Store, home: Path) -> None:
    """As in the README: one command connects to a practice server that stays up."""
    added = command("connections", "add", "portal", "--connector", "casestatus", "--practice")
    assert added.returncode == 0, added.stderr
    assert added.stdout == ""
    first = json.loads((home / "practice" / "casestatus.json").read_text())
    assert httpx2.get(f"{first['url']}/_practice/records").status_code == 200

    again = command("connections", "add", "portal", "--connector", "casestatus", "--practice")
    assert again.returncode == 0, again.stderr
    assert json.loads((home / "practice" / "casestatus.json").read_text()) == first
    assert [c.settings["base_url"] for c in list_connections(store)] == [first["url"]]

    stopped = command("practice", "casestatus", "--stop")
    assert stopped.stderr == "It is stopped.\n"
    assert goes_away(first["url"])
    assert command("practice", "casestatus", "--stop").stderr == "It was not running.\n"
