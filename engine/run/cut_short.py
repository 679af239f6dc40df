"""A run that was cut short is taken up again: what the ledger has of it is what was done."""

from collections import Counter

from sqlalchemy import select, update

from engine.run.settle import Tally
from engine.store.database import Store
from engine.store.ledger import SAME_KEY, outcome_counts
from engine.store.runs import Run, change_run
from engine.store.tables import ledger, links


def forget_unchanged(store: Store, recipe: str, run_id: int) -> None:
    """Take back that a run which was cut short saw records unchanged: it sees them once more."""
    table = links.c
    settled = select(ledger.c.record_key).where(
        ledger.c.run_id == run_id, ledger.c.code.is_distinct_from(SAME_KEY)
    )
    with store.writing() as connection:
        connection.execute(
            update(links)
            .where(table.recipe == recipe, table.run_id == run_id)
            .where(table.record_key.not_in(settled))
            .values(run_id=0)
        )


def recount(store: Store, run: Run) -> Tally:
    """Return what a run that was cut short has settled, as its ledger says; its counters follow."""
    with store.writing() as connection:
        settled = outcome_counts(connection, run.id)
        messages = outcome_counts(connection, run.id, ledger.c.message)
        read = sum(settled.values()) - sum(messages.values())
        tally = Tally(read, run.fixed, Counter(settled), Counter(messages))
        change_run(connection, run.id, read=read, counts=settled, messages=messages)
    return tally
