"""The database: its tables are what the migrations make, readers don't wait, errors are sentences."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from engine.errors import SetupError
from engine.store import database, tables
from engine.store.connections import Connection, save_connection
from engine.store.database import URL_VARIABLE, Store, home_folder, open_store, upsert
from engine.store.tables import cursors, recipes

NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


def test_the_migrations_make_the_tables_that_the_code_knows(store: Store) -> None:
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_the_newest_migration_is_the_one_the_code_asks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_current_head() == database.REVISION


def test_a_home_opens_again_with_what_it_held(tmp_path: Path) -> None:
    first = open_store(tmp_path)
    with first.writing() as connection:
        connection.execute(insert(recipes), [{"name": "a", "enabled": True, "changed_at": NOW}])
    first.close()
    again = open_store(tmp_path)
    with again.reading() as connection:
        assert connection.execute(select(recipes.c.name)).scalars().all() == ["a"]
    again.close()


@pytest.mark.sqlite
def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    with store.writing() as writer:
        writer.execute(insert(recipes), [{"name": "a", "enabled": True, "changed_at": NOW}])
        with store.reading() as reader:  # would wait thirty seconds and fail without WAL
            assert reader.execute(select(recipes)).all() == []
    with store.reading() as reader:
        assert len(reader.execute(select(recipes)).all()) == 1


@pytest.mark.sqlite
def test_the_file_is_a_write_ahead_log_that_checks_references(store: Store) -> None:
    with store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.sqlite
def test_writers_take_turns(store: Store) -> None:
    """Each reads a number and writes the next: without turns, some would write the same one."""
    zero = {"recipe": "r", "trigger": "t", "value": "0", "run_id": 1, "updated_at": NOW}
    with store.writing() as connection:
        connection.execute(insert(cursors), [zero])

    def count() -> None:
        for _ in range(10):
            with store.writing() as connection:
                value = int(connection.execute(select(cursors.c.value)).scalar_one())
                connection.execute(cursors.update().values(value=str(value + 1)))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert connection.execute(select(cursors.c.value)).scalar_one() == "40"


def test_what_fails_half_way_leaves_nothing(store: Store) -> None:
    row = {"name": "a", "enabled": True, "changed_at": NOW}
    with pytest.raises(IntegrityError), store.writing() as writer:
        writer.execute(insert(recipes), [row, row])
    with store.reading() as reader:
        assert reader.execute(select(recipes)).all() == []


def test_upsert_sets_only_the_columns_it_is_told(store: Store) -> None:
    later = NOW + timedelta(days=1)
    for enabled, at in ((True, NOW), (False, later)):
        with store.writing() as connection:
            row = {"name": "a", "enabled": enabled, "changed_at": at}
            upsert(connection, recipes, [row], update=["enabled"])
    with store.reading() as connection:
        (row,) = connection.execute(select(recipes))
    assert (row.enabled, row.changed_at) == (False, NOW)


def test_times_come_back_in_utc(store: Store) -> None:
    in_new_york = datetime(2026, 11, 24, 15, 30, tzinfo=timezone(timedelta(hours=-5)))
    with store.writing() as connection:
        row = {"name": "a", "enabled": True, "changed_at": in_new_york}
        connection.execute(insert(recipes), [row])
        found = connection.execute(select(recipes.c.changed_at)).scalar_one()
    assert found == NOW
    assert found.tzinfo is UTC


def test_a_damaged_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "bridgework.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(SetupError) as caught:
        open_store(tmp_path)
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_home_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(SetupError, match="can't be opened"):
        open_store(tmp_path / "home")


def test_a_home_whose_keys_are_gone_does_not_open(store: Store) -> None:
    save_connection(store, Connection(name="c", connector="x"))
    for key in (store.home / "keys").iterdir():
        key.unlink()
    with pytest.raises(SetupError, match="encryption key is missing"):
        open_store(store.home)


def test_the_address_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_VARIABLE, f"sqlite:///{tmp_path / 'elsewhere.db'}")
    open_store(tmp_path / "home").close()
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "home" / "bridgework.db").exists()


@pytest.mark.parametrize("kind", ["post-gres", "nodatabase", "mysql+nodriver"])
def test_an_address_of_no_database_is_told_without_its_password(tmp_path: Path, kind: str) -> None:
    with pytest.raises(SetupError, match="The database can't be opened") as caught:
        open_store(tmp_path, f"{kind}://me:hunter2@db.test/x")
    assert "hunter2" not in str(caught.value)


def test_the_home_is_given_or_in_the_environment_or_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(database.HOME_VARIABLE, raising=False)
    assert home_folder() == tmp_path / ".bridgework"
    monkeypatch.setenv(database.HOME_VARIABLE, str(tmp_path / "other"))
    assert home_folder() == tmp_path / "other"
    assert home_folder(Path("given")) == tmp_path / "given"
