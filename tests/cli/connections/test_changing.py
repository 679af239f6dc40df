"""``connections add`` over a connection that no longer works: what is kept, and what is said."""

from pathlib import Path

import paramiko
import pytest

from engine.cli.connecting import connect
from engine.errors import AuthError
from engine.host import build_host
from engine.store.connections import get_connection, mark_checked
from engine.store.database import Store
from plugins.csv.practice.sftp_server import PASSWORD, SftpPractice
from tests.cli.connections.apps import Bridgework


def test_a_server_with_another_key_is_confirmed_anew_without_its_password(
    bridgework: Bridgework, store: Store, tmp_path: Path
) -> None:
    csv = build_host(strict=True).connector("csv")
    with SftpPractice(tmp_path, host_key=paramiko.ECDSAKey.generate()).serving() as server:
        connect(store, csv, "firm", server.settings())
        other = paramiko.ECDSAKey.generate()
        old = {"fingerprint": f"{other.get_name()} {other.fingerprint}"}
        with pytest.raises(AuthError) as caught:
            connect(store, csv, "firm", old)
        assert f"--set 'fingerprint={server.fingerprint}'" in caught.value.hint
        mark_checked(store, "firm", problem=caught.value.message)
        listed = bridgework("connections").stdout
        assert "add firm --connector csv --set …`" in listed
        assert "password=" not in listed

        connect(store, csv, "firm", {"fingerprint": server.fingerprint}, ask=True)

    again = get_connection(store, "firm")
    assert (again.problem, again.secrets["password"]) == ("", PASSWORD)


def test_what_may_be_set_is_said_where_nothing_was(bridgework: Bridgework) -> None:
    said = bridgework("connections", "add", "files", "--connector", "csv").stderr
    assert "Nothing had to be set. What may be, each with --set: host, username" in said
