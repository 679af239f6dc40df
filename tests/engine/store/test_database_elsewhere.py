"""A home whose database is a PostgreSQL gets no second one by mistake."""

import pytest
from click.testing import CliRunner

from engine.cli.commands import cli
from engine.errors import SetupError
from engine.store.database import open_store
from engine.store.elsewhere import ELSEWHERE, URL_VARIABLE


def test_without_its_address_no_file_is_begun_beside_it(postgres_store, monkeypatch):
    """As by cron, or on a command line, which have not the environment of the service."""
    home = postgres_store.home
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    with pytest.raises(SetupError, match=f"is a PostgreSQL, and {URL_VARIABLE} doesn't say which"):
        open_store(home)
    assert not (home / "bridgework.db").exists()


def test_commands_say_so_instead_of_finding_nothing(tmp_path):
    (tmp_path / ELSEWHERE).touch()
    for command in (["users"], ["backup", str(tmp_path / "b.tar")], ["runs"], ["keys"]):
        found = CliRunner().invoke(cli, [*command, "--home", str(tmp_path)])
        assert found.exit_code == 3, command
        assert "is a PostgreSQL" in found.stderr, command
    assert not (tmp_path / "bridgework.db").exists()


def test_whoever_deletes_the_note_begins_anew_in_a_file(tmp_path):
    (tmp_path / ELSEWHERE).touch()
    with pytest.raises(SetupError) as refused:
        open_store(tmp_path)
    assert f"delete '{tmp_path / ELSEWHERE}'" in refused.value.hint
    (tmp_path / ELSEWHERE).unlink()
    open_store(tmp_path).close()
