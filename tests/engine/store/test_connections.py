"""Connections: secrets encrypted in the file, absent from whatever is shown."""

import pytest

from engine import redaction
from engine.errors import SetupError
from engine.limits import Rate
from engine.store.budgets import take
from engine.store.connections import (
    Connection,
    get_connection,
    list_connections,
    mark_checked,
    remove_connection,
    save_connection,
    save_tokens,
)
from engine.store.database import Store

SECRETS = {"client_secret": "clandestine-41aa"}
TOKENS = {"access_token": "access-41aa-xyz", "refresh_token": "refresh-41aa-xyz", "scope": "read"}


@pytest.fixture
def office(store: Store) -> Connection:
    connection = Connection(
        name="office",
        connector="clio",
        settings={"region": "eu", "client_id": "app-1"},
        secrets=SECRETS,
        tokens=TOKENS,
        label="Harbor Law",
        practice=True,
    )
    save_connection(store, connection)
    return connection


def raw_bytes(store: Store) -> bytes:
    """Return everything in the home but the keys."""
    return b"".join(file.read_bytes() for file in store.home.glob("bridgework.db*"))


def test_a_connection_comes_back_whole(store: Store, office: Connection) -> None:
    found = get_connection(store, "office")
    assert (found.connector, found.label, found.practice) == ("clio", "Harbor Law", True)
    assert found.all_settings == {"region": "eu", "client_id": "app-1", **SECRETS}
    assert found.tokens == TOKENS
    assert found.created_at is not None


@pytest.mark.sqlite
def test_no_secret_is_in_the_file(store: Store, office: Connection) -> None:
    save_tokens(store, "office", {**TOKENS, "access_token": "newer-41aa-xyz"})
    stored = raw_bytes(store)
    assert b"Harbor Law" in stored
    assert b"41aa" not in stored


@pytest.mark.usefixtures("office")
def test_no_secret_is_shown(store: Store) -> None:
    assert "41aa" not in repr(get_connection(store, "office"))
    [listed] = list_connections(store)
    assert (listed.secrets, listed.tokens) == ({}, None)
    assert "41aa" not in repr(listed)


@pytest.mark.usefixtures("office")
def test_what_was_opened_is_kept_out_of_logs(store: Store) -> None:
    get_connection(store, "office")
    text = "used clandestine-41aa, access-41aa-xyz and refresh-41aa-xyz to read"
    assert redaction.redact(text) == "used •••, ••• and ••• to read"


@pytest.mark.usefixtures("office")
def test_saving_again_replaces_everything(store: Store) -> None:
    save_connection(store, Connection(name="office", connector="casestatus"))
    assert [c.connector for c in list_connections(store)] == ["casestatus"]
    found = get_connection(store, "office")
    assert (found.secrets, found.tokens, found.settings) == ({}, None, {})


@pytest.mark.usefixtures("office")
def test_new_tokens_leave_the_rest(store: Store) -> None:
    mark_checked(store, "office", problem="It ran out.")
    save_tokens(store, "office", {"access_token": "newer-41aa-xyz"})
    found = get_connection(store, "office")
    assert found.tokens == {"access_token": "newer-41aa-xyz"}
    assert found.secrets == SECRETS
    assert found.problem == "It ran out."  # whoever tried it says when it works again


@pytest.mark.usefixtures("office")
def test_a_check_is_noted(store: Store) -> None:
    mark_checked(store, "office", problem="It ran out.")
    [found] = list_connections(store)
    assert (found.label, found.problem) == ("Harbor Law", "It ran out.")
    assert found.checked_at is not None
    mark_checked(store, "office", label="Harbor Law LLP")
    [found] = list_connections(store)
    assert (found.label, found.problem) == ("Harbor Law LLP", "")


def test_an_unknown_connection_is_told_with_those_there_are(store: Store) -> None:
    with pytest.raises(SetupError, match="no connection called 'ofice'") as caught:
        get_connection(store, "ofice")
    assert "There is none yet." in caught.value.hint
    for name in ("b", "a"):
        save_connection(store, Connection(name=name, connector="x"))
    with pytest.raises(SetupError) as caught:
        get_connection(store, "ofice")
    assert "There are: a, b." in caught.value.hint
    assert "bridgework connections add ofice" in caught.value.hint


@pytest.mark.usefixtures("office")
def test_a_removed_connection_is_gone(store: Store) -> None:
    remove_connection(store, "office")
    remove_connection(store, "office")
    assert list_connections(store) == []


def test_a_connection_removed_leaves_no_budget_to_another_of_its_name(store):
    rates = [Rate(1, per=60)]
    save_connection(store, Connection(name="clio", connector="clio"))
    assert take(store, "clio", rates, 1).requests == 1
    assert take(store, "clio", rates, 1).requests == 0
    remove_connection(store, "clio")
    assert take(store, "clio", rates, 1).requests == 1
