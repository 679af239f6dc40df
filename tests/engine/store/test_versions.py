"""Recipes' versions: numbered, never changed, and those of homes from before they had numbers."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import column, create_engine, func, insert, inspect, select, table
from sqlalchemy.exc import IntegrityError

from engine.store import database
from engine.store.database import Store, migrate
from engine.store.tables import recipe_versions
from engine.store.versions import (
    find_version,
    get_version,
    list_versions,
    newest_version,
    notice_version,
    save_version,
    version_numbers,
)
from tests.engine.store.test_runs import ask, read

PATH = Path("/r.yaml")
NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


def save(store: Store, text: str, recipe: str = "r", **more: object) -> int:
    with store.writing() as connection:
        return save_version(connection, recipe, PATH, text, **more)  # type: ignore[arg-type]


def test_going_back_to_an_earlier_text_is_a_version_of_its_own(store: Store) -> None:
    for text in ("name: A", "name: B", "name: A"):
        save(store, text)
    assert [(v.number, v.text) for v in list_versions(store, "r")] == [
        (3, "name: A"),
        (2, "name: B"),
        (1, "name: A"),
    ]


def test_an_unchanged_text_adds_no_version(store: Store) -> None:
    first, again = save(store, "name: A"), save(store, "name: A", by="ann@firm.example")
    assert first == again
    assert get_version(store, first).saved_by == ""


def test_recipes_count_on_their_own(store: Store) -> None:
    ids = [save(store, "name: A"), save(store, "name: B"), save(store, "name: A", "s")]
    assert version_numbers(store, ids) == dict(zip(ids, (1, 2, 1), strict=True))


def test_what_a_recipe_reads_beside_itself_belongs_to_its_version(store: Store) -> None:
    save(store, "name: A", beside={"stages.csv": "from,to\nopen,Open\n"})
    save(store, "name: A", beside={"stages.csv": "from,to\nopen,Opened\n"})
    found = find_version(store, "r", 1)
    assert found is not None
    assert found.beside == {"stages.csv": "from,to\nopen,Open\n"}
    assert [version.number for version in list_versions(store, "r")] == [2, 1]


def test_it_is_told_who_saved_it_and_what_they_said_of_it(store: Store) -> None:
    save(store, "name: A")
    save(store, "name: B", by="ann@firm.example", note="The new stage.")
    save(store, "name: C")
    told = [(version.who, version.note) for version in list_versions(store, "r")]
    assert told == [
        ("changed outside Bridgework", ""),
        ("ann@firm.example", "The new stage."),
        ("as it was found", ""),
    ]


def test_a_file_that_was_changed_elsewhere_is_noticed_once(store: Store) -> None:
    save(store, "name: A", by="ann@firm.example")
    assert notice_version(store, "r", PATH, "name: A").number == 1
    noticed = [notice_version(store, "r", PATH, "name: B") for _ in range(2)]
    assert [version.number for version in noticed] == [2, 2]
    newest = newest_version(store, "r")
    assert newest is not None
    assert newest.who == "changed outside Bridgework"


def test_there_may_be_no_such_version(store: Store) -> None:
    assert newest_version(store, "r") is None
    assert find_version(store, "r", 1) is None
    assert list_versions(store, "r") == []


def test_two_versions_never_share_a_number(store: Store) -> None:
    save(store, "name: A")
    row = {"number": 1, "path": "", "text": "", "beside": {}, "saved_by": "", "note": ""}
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(insert(recipe_versions), [{"recipe": "r", "saved_at": NOW, **row}])


def test_runs_keep_their_versions(store: Store) -> None:
    run = ask(store, "r", version_id=save(store, "name: A"))
    save(store, "name: B")
    kept = get_version(store, read(store, run).version_id)
    assert (kept.number, kept.text) == (1, "name: A")


@pytest.mark.sqlite
def test_versions_from_before_they_had_numbers_get_them_in_their_order(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    database._prepare_sqlite(engine)
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).with_name("migrations")))
    with engine.execution_options(bridgework_writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        names = ("id", "recipe", "digest", "path", "text", "saved_at")
        old = table("recipe_versions", *map(column, names))
        for id, recipe in enumerate(("r", "s", "r", "r"), 1):
            row = (id, recipe, str(id), "/r.yaml", f"name: {id}", "2026-11-24 20:30:00")
            connection.execute(insert(old).values(dict(zip(names, row, strict=True))))
        connection.exec_driver_sql(
            "INSERT INTO runs (id, recipe, title, version_id, origin, request, nouns, status,"
            " message, hint, read, counts, fixed, created_at, worker, cancel_requested)"
            " VALUES (1, 'r', 'R', 3, 'manual', '{}', '{}', 'succeeded', '', '', 0, '{}', 0,"
            " '2026-11-24 20:30:00', '', 0)"
        )
    migrate(engine)
    with engine.begin() as connection:
        kept = recipe_versions.c
        found = connection.execute(select(kept.id, kept.recipe, kept.number).order_by(kept.id))
        assert found.all() == [(1, "r", 1), (2, "s", 1), (3, "r", 2), (4, "r", 3)]
        assert connection.execute(select(func.max(recipe_versions.c.saved_by))).scalar() == ""
        # The run still has its version, and the database looks at references as before.
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    constraints = inspect(engine).get_unique_constraints("recipe_versions")
    assert [one["column_names"] for one in constraints] == [["recipe", "number"]]
    engine.dispose()
