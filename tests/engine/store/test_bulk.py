"""Many rows or keys in one statement: any number of them, any text, and served by an index."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from engine.store.bulk import among, insert_rows
from engine.store.database import Store
from engine.store.tables import ledger, links

LINK = ("recipe", "step", "record_key", "target_id", "fingerprint", "title", "run_id")
KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


def rows_of(keys, run_id: int = 1):
    return [("r", "s", key, None, b"\0" * 16, f"title of {key}", run_id) for key in keys]


def stored(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        rows = connection.execute(select(links.c.record_key, links.c.run_id))
        return {row.record_key: row.run_id for row in rows}


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 200, 437])
def test_every_row_is_stored_once(store: Store, count):
    keys = [str(number) for number in range(count)]
    with store.writing() as connection:
        insert_rows(connection, links, LINK, rows_of(keys))
    assert stored(store) == dict.fromkeys(keys, 1)


def test_columns_that_are_left_out_are_the_databases_matter(store: Store):
    columns = ("run_id", "record_key", "title", "outcome")
    with store.writing() as connection:
        insert_rows(connection, ledger, columns, [(7, str(n), "t", "created") for n in range(25)])
        rows = connection.execute(select(ledger.c.id, ledger.c.code).order_by(ledger.c.id))
        assert rows.all() == [(n, None) for n in range(1, 26)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.just(7), st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from("cd")),
        min_size=15,
        max_size=250,
    )
)
def test_what_rows_share_is_stored_with_each_of_them(store: Store, rows):
    columns = ("run_id", "record_key", "title", "outcome")
    with store.writing() as connection:
        connection.execute(delete(ledger))
        insert_rows(connection, ledger, columns, rows)
        query = select(*(ledger.c[name] for name in columns)).order_by(ledger.c.id)
        assert connection.execute(query).all() == rows


def test_rows_that_are_the_same_are_all_stored(store: Store):
    columns = ("run_id", "record_key", "title", "outcome")
    with store.writing() as connection:
        insert_rows(connection, ledger, columns, [(7, "k", "t", "skipped")] * 45)
        assert len(connection.execute(select(ledger.c.id)).all()) == 45


def test_rows_that_are_there_are_updated_where_that_was_asked_for(store: Store):
    with store.writing() as connection:
        insert_rows(connection, links, LINK, rows_of("abc"))
        insert_rows(
            connection, links, LINK, rows_of(["b", *map(str, range(30))], 2), update=LINK[3:]
        )
    assert stored(store) == {"a": 1, "c": 1, "b": 2} | {str(n): 2 for n in range(30)}


def test_columns_in_another_order_are_refused(store: Store):
    with store.writing() as connection, pytest.raises(AssertionError):
        insert_rows(connection, links, LINK[::-1], rows_of("a"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(KEYS, max_size=30), st.sets(KEYS, max_size=30))
def test_what_is_among_the_keys_is_found(store: Store, there, wanted):
    query = select(links.c.record_key).where(among(links.c.record_key, "keys"))
    with store.writing() as connection:
        connection.execute(delete(links))
        insert_rows(connection, links, LINK, rows_of(there))
        found = connection.execute(query, {"keys": list(wanted)}).scalars().all()
    assert sorted(found) == sorted(there & wanted)


@pytest.mark.sqlite
def test_an_index_serves_it(store: Store):
    query = select(ledger.c.id).where(ledger.c.run_id == 1, among(ledger.c.record_key, "keys"))
    with store.reading() as connection:
        sql = str(query.compile(connection, compile_kwargs={"literal_binds": False}))
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {sql}".replace("?", "1")))
        steps = " ".join(row.detail for row in plan)
    assert "ix_ledger_run_record (run_id=? AND record_key=?)" in steps


def test_postgresql_gets_an_array():
    query = select(links.c.title).where(
        links.c.step == bindparam("of_step"), among(links.c.record_key, "keys")
    )
    assert "record_key = ANY (%(keys)s::TEXT[])" in str(query.compile(dialect=PGDialect_psycopg()))
