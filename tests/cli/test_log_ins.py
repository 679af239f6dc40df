"""Every kind of log-in is connected from the command line, by options or by answers to questions."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import Result
from joserfc.jwk import RSAKey

from engine.cli.connecting import connect
from engine.connector import Connector
from engine.errors import SetupError
from engine.loopback import on_loopback
from engine.sdk import ApiKey, Basic, Context, PracticeServer, json_response, route
from engine.store.connections import Connection, get_connection, mark_checked, save_connection
from engine.store.database import Store
from tests.engine.http.mint import CLIENT, MACHINE, SIGNED, Mint, mint_connector

Bridgework = Callable[..., Result]

KEY = RSAKey.generate_key(2048, auto_kid=False)


@pytest.fixture
def mint() -> Mint:
    return Mint(public_key=RSAKey.import_key(KEY.as_pem(private=False)))


@pytest.fixture
def url(mint: Mint) -> Iterator[str]:
    with on_loopback(mint) as url:
        yield url


@pytest.fixture
def key_file(home: Path) -> Path:
    file = home.with_name("server.key")
    file.write_bytes(KEY.as_pem(private=True))
    return file


def plug_in(home: Path, auth: str) -> None:
    """Drop a connector with this log-in into the home's folder."""
    (home / "plugins").mkdir(parents=True)
    (home / "plugins" / "mint.py").write_text(
        dedent(
            f"""
            from engine.sdk import Connector, hookimpl
            from tests.engine.http.mint import MACHINE, SIGNED, mint_connector

            @hookimpl
            def register_connectors():
                return [mint_connector({auth})]
            """
        )
    )


def test_client_credentials_by_options(
    bridgework: Bridgework, home: Path, store: Store, mint: Mint, url: str
) -> None:
    plug_in(home, "MACHINE")
    options = [f"--set={name}={value}" for name, value in CLIENT.items()]
    result = bridgework(
        "connections", "add", "robot", "--connector", "mint", "--base-url", url, *options
    )
    assert result.exit_code == 0, result.stderr
    assert result.stderr == "'robot' is connected to The Mint: Royal Mint.\n"
    assert mint.grants == ["client_credentials"]
    assert get_connection(store, "robot").secrets == {"client_secret": CLIENT["client_secret"]}


def test_a_private_key_is_read_from_its_file(
    bridgework: Bridgework, home: Path, store: Store, mint: Mint, url: str, key_file: Path
) -> None:
    plug_in(home, "SIGNED")
    add = ["connections", "add", "robot", "--connector", "mint", "--base-url", url]
    signer = ["--set=client_id=app-1", "--set=username=ada@mint.test"]
    missing = bridgework(*add, *signer)
    assert missing.exit_code == 3
    assert "needs 'private_key'" in missing.stderr
    gone = bridgework(*add, *signer, "--set=private_key=@nowhere.key")
    assert gone.exit_code == 2
    assert "The file 'nowhere.key' can't be read: No such file" in gone.stderr.replace("\n", " ")

    result = bridgework(*add, *signer, f"--set=private_key=@{key_file}")
    assert result.exit_code == 0, result.stderr
    assert mint.grants == ["jwt-bearer"]
    assert get_connection(store, "robot").secrets["private_key"] == key_file.read_text()
    assert "BEGIN" not in bridgework("connections", "list", "--json").stdout


class Desk(PracticeServer):
    """Answers whoever it is, by the credentials they show."""

    @route("GET", "/me")
    def me(self, request):  # type: ignore[no-untyped-def]
        who = request.authorization
        return json_response(
            {"name": f"{who.username}:{who.password}" if who else request.headers["X-Key"]}
        )


def desk_connector(auth: ApiKey | Basic) -> Connector:
    connector = Connector(name="desk", title="The Desk", auth=auth, base_url="https://desk.test")

    @connector.check
    def account(ctx: Context) -> str:
        return str(ctx.http.get("/me").json()["name"])

    return connector


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[str, bool]]]:
    """A person at the terminal: gives these answers; tells what was asked, and which unseen."""

    def sit_down(*given: str) -> list[tuple[str, bool]]:
        asked: list[tuple[str, bool]] = []
        waiting = iter(given)

        def prompt(text: str, *, hide_input: bool = False, **_: object) -> str:
            asked.append((text, hide_input))
            return next(waiting)

        monkeypatch.setattr("click.prompt", prompt)
        return asked

    return sit_down


def test_a_key_and_a_password_are_asked_for_unseen(
    store: Store, answers: Callable[..., list[tuple[str, bool]]]
) -> None:
    with on_loopback(Desk()) as url:
        asked = answers("key-1234567")
        keyed = desk_connector(ApiKey(header="X-Key"))
        connection = connect(store, keyed, "keyed", {}, base_url=url, ask=True)
        assert connection.secrets == {"api_key": "key-1234567"}
        assert asked == [("API key", True)]

        asked = answers("ada", "pass-1234567")
        basic = desk_connector(Basic())
        connection = connect(store, basic, "basic", {}, base_url=url, ask=True)
        assert connection.label == "ada:pass-1234567"
        assert [unseen for _, unseen in asked] == [False, True]


def test_a_robot_is_asked_for_its_key_and_a_signers_file(
    store: Store,
    mint: Mint,
    url: str,
    key_file: Path,
    answers: Callable[..., list[tuple[str, bool]]],
) -> None:
    asked = answers("app-1", CLIENT["client_secret"])
    connect(store, mint_connector(MACHINE), "robot", {}, base_url=url, ask=True)
    assert [unseen for _, unseen in asked] == [False, True]

    answers("app-1", "ada@mint.test", f"@{key_file}")
    connect(store, mint_connector(SIGNED), "signer", {}, base_url=url, ask=True)
    assert mint.grants == ["client_credentials", "jwt-bearer"]
    answers("app-1", "ada@mint.test", "nonsense")
    with pytest.raises(SetupError, match="is not a private key"):
        connect(store, mint_connector(SIGNED), "other", {}, base_url=url, ask=True)


def test_a_key_that_is_no_longer_accepted_is_asked_for_anew(
    store: Store, answers: Callable[..., list[tuple[str, bool]]]
) -> None:
    keyed = desk_connector(ApiKey(header="X-Key"))
    with on_loopback(Desk()) as url:
        connect(store, keyed, "keyed", {"api_key": "key-1234567"}, base_url=url)
        asked = answers()
        connect(store, keyed, "keyed", {}, ask=True)
        assert asked == []  # it works: nothing to ask

        mark_checked(store, "keyed", problem="The key was withdrawn.")
        asked = answers("key-7654321")
        connect(store, keyed, "keyed", {}, ask=True)
        assert asked == [("API key", True)]
    again = get_connection(store, "keyed")
    assert again.secrets == {"api_key": "key-7654321"}
    assert again.problem == ""


# -- how they are listed ---------------------------------------------------------------------------


def test_the_list_says_since_when_one_is_broken_and_what_to_do(
    bridgework: Bridgework, store: Store
) -> None:
    for name in ("broken", "away", "well", "new"):
        save_connection(store, Connection(name=name, connector="clio", label="Harbor Law"))
    broke = datetime.now(UTC).replace(hour=12) - timedelta(days=1)
    mark_checked(store, "broken", problem="Clio refused to give access.", at=broke)
    mark_checked(store, "broken", problem="Clio refused to give access.")
    mark_checked(store, "away", problem="Clio can't be reached.", code="unavailable")
    mark_checked(store, "well")
    save_connection(store, Connection(name="keyed", connector="mailchimp"))
    mark_checked(store, "keyed", problem="Mailchimp refused the key.")

    lines = {line.split()[0]: line for line in bridgework("connections").stdout.splitlines()}
    assert re.search(r"doesn't work since .+: Clio refused to give access\.", lines["broken"])
    assert "`bridgework connections add broken --connector clio`" in lines["broken"]
    assert "out of reach since" in lines["away"]
    assert "`bridgework connections test away`" in lines["away"]
    assert "add keyed --connector mailchimp --set api_key=…`" in lines["keyed"]
    assert " works " in lines["well"]
    assert "not tried yet" in lines["new"]

    listed = {
        item["name"]: item
        for item in json.loads(bridgework("connections", "list", "--json").stdout)
    }
    states = {name: item["state"] for name, item in listed.items()}
    assert states == {
        "broken": "broken",
        "keyed": "broken",
        "away": "unreachable",
        "well": "working",
        "new": "untried",
    }
    assert datetime.fromisoformat(listed["broken"]["broken_since"]) == broke
    assert listed["well"]["broken_since"] is None
