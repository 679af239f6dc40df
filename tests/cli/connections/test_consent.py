"""The consent page: answered for a practice server, waited for in the browser; and the other commands."""

import json
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from engine.cli.connecting import connect
from engine.cli.consent import consent_in_browser, consent_to_practice
from engine.cli.practice_process import PracticeProcess
from engine.connector import Connector
from engine.errors import AuthError, SetupError
from engine.http.connect import new_connection
from engine.practice.server import PracticeServer
from engine.store.connections import list_connections
from engine.store.database import Store
from tests.cli.connections.apps import Bridgework, paths

Command = Callable[..., "subprocess.CompletedProcess[str]"]


def goes_away(url: str) -> bool:
    """Wait until nothing answers at ``url``; False when something still does after ten seconds."""
    for _ in range(200):
        try:
            httpx2.get(f"{url}/_practice/records")
        except httpx2.ConnectError:
            return True
        time.sleep(0.05)
    return False


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
