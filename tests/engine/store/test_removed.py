"""What removed recipes leave behind goes when nobody has run them for long; all else stays."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from engine.store.removed import forget_removed
from engine.store.runs import RunRequest, create_run
from engine.store.tables import collected, pairs, runs, waits
from engine.store.versions import save_version

NOW = datetime(2026, 11, 26, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.fixture
def leave(store, tmp_path):
    """Return a function that leaves a run, a wait, a value and a pair of a recipe behind."""

    def leave(name, ran_at):
        with store.writing() as connection:
            version = save_version(connection, name, tmp_path / f"{name}.yaml", "name: x")
            run_id = create_run(
                connection,
                recipe=name,
                title=name,
                version_id=version,
                request=RunRequest(),
                nouns={},
                origin="manual",
            )
            connection.execute(update(runs).where(runs.c.id == run_id).values(created_at=ran_at))
            at = {"recipe": name, "record_key": "1"}
            wait = {"state": "over", "since": ran_at, "due_at": ran_at, "run_id": run_id}
            wait |= {"step": "pause", "part": "", "first_round": 0, "round": 0}
            connection.execute(insert(waits).values(**at, **wait))
            connection.execute(insert(collected).values(**at, step="list", part="", value=b"-"))
            connection.execute(insert(pairs).values(**at, step="save", target_id="7"))

    return leave


def recipes_with(store, table):
    with store.reading() as connection:
        return sorted(connection.execute(select(table.c.recipe)).scalars())


def test_only_what_is_gone_and_long_unused_is_deleted(store, leave):
    leave("there", NOW - 2 * YEAR)
    leave("gone-long-ago", NOW - 2 * YEAR)
    leave("gone-lately", NOW - timedelta(days=3))
    assert forget_removed(store, ["there"], NOW - YEAR) == ["gone-long-ago"]
    for table in (waits, collected, pairs):
        assert recipes_with(store, table) == ["gone-lately", "there"]
    assert forget_removed(store, ["there"], NOW - YEAR) == []
