"""What a plain run asks of the database: a few statements a chunk and a run, none for a record."""

import re
from collections import Counter

import pytest

from tests.statements import statements_of

CHUNK = 20  # as many rows as one INSERT takes at least; see engine.store.bulk

FIRST_RUN_CHUNK = {
    "SELECT runs": 2,  # whether it was asked to stop; its counters
    "SELECT ledger": 1,  # records that came before in this run
    "SELECT workers": 1,  # the fence
    "INSERT ledger": 1,
    "INSERT links": 1,
    "INSERT sent_rows": 1,  # what a preview compares with
    "SELECT subscriptions": 1,
    "UPDATE runs": 1,
}
UNCHANGED_CHUNK = {
    "SELECT runs": 2,
    "SELECT ledger": 1,
    "SELECT links": 2,  # what this run found unchanged; what was sent before
    "SELECT workers": 1,
    "UPDATE links": 1,
    "DELETE open_problems": 1,
    "SELECT subscriptions": 1,
    "UPDATE runs": 1,
}


@pytest.fixture
def asked(office, batch, monkeypatch, make_order):
    """Run the recipe over so many chunks, and count its statements by kind and table."""
    monkeypatch.setattr("engine.run.plan.CHUNK", CHUNK)

    def run(chunks: int) -> Counter[str]:
        office.mill.orders = [make_order(f"{n:04}") for n in range(chunks * CHUNK)]
        with statements_of(office.store) as sent:
            assert office.run(batch).status == "succeeded"
        kinds = Counter(kind for text in sent if (kind := _kind(text)))
        kinds.pop("UPDATE workers")  # how often a worker beats depends on the time
        return kinds

    return run


def _kind(text: str) -> str:
    if text.startswith("INSERT INTO"):
        return f"INSERT {text.split()[2]}"
    found = re.match(r"(?s)(SELECT|DELETE)\b.*?\bFROM (\w+)|(UPDATE) (\w+)", text)
    return " ".join(filter(None, found.groups())) if found else ""


def per_chunk(few: Counter[str], many: Counter[str], chunks: int) -> dict[str, float]:
    return {kind: (many[kind] - few[kind]) / chunks for kind in many if many[kind] != few[kind]}


def test_a_chunk_of_a_first_run(asked, office):
    few = asked(2)
    with office.store.writing() as connection:
        for name in ("ledger", "links", "cursors"):
            connection.exec_driver_sql(f"DELETE FROM {name}")  # constants
    assert per_chunk(few, asked(6), 4) == FIRST_RUN_CHUNK


def test_a_chunk_in_which_nothing_changed(asked):
    asked(6)
    few = asked(2)
    assert per_chunk(few, asked(6), 4) == UNCHANGED_CHUNK


def test_a_run_of_one_chunk(asked):
    # Seven of them for what records look like and connectors declare; one less on SQLite, where
    # nobody else could help.
    most = 67
    assert asked(1).total() <= most
    assert asked(1).total() <= most
