"""``connections add`` lets people choose how to log in, and runs keep to it."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import engine.cli.connecting as connecting
from engine.cli.commands import cli
from engine.cli.connecting import connect
from engine.cli.practice_process import PracticeProcess
from engine.errors import AuthError
from engine.store.connections import get_connection, mark_checked
from engine.store.database import Store, open_store
from tests.log_ins import keep

RECIPE = """\
name: Prisoners
trigger: {use: keep.prisoner_listed, connection: north, schedule: manual}
steps:
  - use: csv.append_rows
    with: {file: prisoners.csv, columns: {name: "{{ record.name }}"}}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_home) -> Path:
    """A home into which the Keep was dropped."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    home = new_home(tmp_path / "home")
    monkeypatch.setenv("BRIDGEWORK_HOME", str(home))
    (home / "plugins").mkdir(exist_ok=True)
    shutil.copy(keep.__file__, home / "plugins" / "keep.py")
    return home


@pytest.fixture
def store(home: Path):
    store = open_store(home)
    yield store
    store.close()


def bridgework(*arguments: str, **more: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), prog_name="bridgework", **more)


def add(url: str, *settings: str) -> Result:
    options = [part for setting in settings for part in ("--set", setting)]
    return bridgework(
        "connections", "add", "north", "--connector", "keep", "--base-url", url, *options
    )


def test_the_way_is_a_setting_and_the_first_is_meant_without_it(
    store: Store, server: keep.Keep, url: str
) -> None:
    assert add(url, f"api_key={keep.KEY}").exit_code == 0
    assert get_connection(store, "north").settings["log_in"] == "key"
    changed = add(url, "log_in=password", "username=warden", f"password={keep.PASSWORD}")
    assert changed.exit_code == 0, changed.stderr
    assert get_connection(store, "north").secrets == {"password": keep.PASSWORD}
    # connected again without a word on it, it stays as it is
    assert add(url, "tower=west").exit_code == 0
    assert get_connection(store, "north").settings["log_in"] == "password"
    assert server.seen[-1] == "password"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["log_in=drawbridge"], "The setting 'log_in' can't be 'drawbridge'. Choose from"),
        (["log_in=password"], "A connection to The Keep needs 'username' and 'password'."),
        (
            ["username=warden", f"password={keep.PASSWORD}"],
            "'password' is for another way to log in to The Keep than 'key'. Add `--set "
            "log_in=password`.",
        ),
        ([], "Or log in otherwise: `--set log_in=link or password"),
        (
            [f"api_key={keep.KEY}", "username=warden"],
            "Add `--set log_in=password`, and leave out what only another way asks for.",
        ),
    ],
    ids=["unknown", "incomplete", "another way's", "nothing given", "of two ways"],
)
def test_what_does_not_belong_together_is_told(url: str, settings: list[str], said: str) -> None:
    result = add(url, *settings)
    assert result.exit_code in (2, 3)
    assert said in " ".join(result.stderr.split())


def test_someone_at_a_terminal_is_asked_which_way(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[list[str]] = []

    def third(question: str, lines: list[str]) -> int:
        asked.append([question, *lines])
        return 2

    typed = {"User name": "warden", "Password": keep.PASSWORD}
    monkeypatch.setattr(connecting, "choose", third)
    monkeypatch.setattr("click.prompt", lambda label, **_: typed[label])
    connect(store, keep.connector, "north", {}, base_url=url, ask=True)
    assert asked == [
        [
            "How do you log in to The Keep?",
            "With an API key. Under Gates, Keys",
            "With a key in the address",
            "With a name and password",
            "As a machine",
            "Log in at the gate",
        ]
    ]
    assert get_connection(store, "north").settings["log_in"] == "password"
    asked.clear()
    connect(store, keep.connector, "north", {}, ask=True)  # again: it is known
    assert asked == []


@pytest.mark.parametrize("way", list(keep.connector.log_ins))
def test_a_practice_server_is_joined_in_any_way(
    store: Store, server: keep.Keep, url: str, way: str
) -> None:
    log_ins = {name: server.credentials_for(name) for name in keep.connector.log_ins}
    practice = PracticeProcess("keep", url, 0, server.credentials(), log_ins)
    connect(store, keep.connector, "north", {"log_in": way}, practice=practice)
    assert server.seen[-1] == way
    server.seen.clear()
    connect(store, keep.connector, "north", {}, practice=practice)
    assert set(server.seen) == {way}


def test_what_to_do_names_what_that_way_needs(store: Store, url: str) -> None:
    add(url, "log_in=password", "username=warden", f"password={keep.PASSWORD}")
    mark_checked(store, "north", problem="It is refused.", code=AuthError.code)
    shown = " ".join(bridgework("connections").output.split())
    assert "password=…" in shown
    assert "api_key=…" not in shown


def test_the_ways_are_shown_with_what_each_asks_for() -> None:
    shown = bridgework("connectors", "show", "keep").output
    for line in (
        "Connected with log_in=key: With an API key",
        "Under Gates, Keys.",
        "Connected with log_in=machine: As a machine",
    ):
        assert line in shown
    document = bridgework("connectors", "show", "keep", "--json").output
    assert '"title": "With a name and password"' in document


def test_runs_use_the_way_of_their_connection(home: Path, server: keep.Keep, url: str) -> None:
    add(url, "log_in=machine", "client_id=keep-app", f"client_secret={keep.SECRET}")
    Path("recipes").mkdir()
    Path("recipes/prisoners.yaml").write_text(RECIPE)
    server.seen.clear()
    result = bridgework("run", "prisoners")
    assert result.exit_code == 0, result.output + result.stderr
    assert (home / "files" / "prisoners.csv").read_text("utf-8-sig").split() == ["name", "Ann"]
    assert set(server.seen) == {"machine"}
