"""``connections add`` connects accounts: tested first, kept only if they work, each once."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.cli.connecting import connect
from engine.connector import Connector
from engine.practice.server import PracticeServer
from engine.store.connections import get_connection, list_connections, save_connection
from engine.store.database import Store
from tests.cli.connections.apps import Bridgework, paths


def as_options(settings: dict[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]


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


@pytest.mark.parametrize("name", ["", "a/b", "two words", "-x", "x" * 81, "person"])
def test_names_that_would_break_addresses_or_mean_a_person_are_refused(
    bridgework: Bridgework, name: str
) -> None:
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
