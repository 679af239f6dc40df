"""How much of what a run brought did not come over, old troubles aside."""

from sqlalchemy import ColumnElement, Connection, func, select

from engine.store.ledger import Outcome
from engine.store.runs import Run
from engine.store.tables import collected, open_problems

#: Outcomes that mean that a record did not come over.
LOST: tuple[Outcome, ...] = ("rejected", "failed")


def newly_lost(connection: Connection, run: Run) -> int:
    """Count the records that did not come over and needed nobody before this run."""
    return _open(
        connection, run, open_problems.c.first_run_id == run.id, open_problems.c.outcome.in_(LOST)
    )


def tried_again(connection: Connection, run: Run) -> int:
    """Count the records open from earlier runs that this one tried again, fixed or not."""
    return run.fixed + _open(connection, run, open_problems.c.first_run_id < run.id)


def tried(run: Run, again: int) -> int:
    """Count the new and changed records that a run tried to bring over.

    Records that were open before count neither way: else forty old problems, tried again on a
    night with two new records, would make it a bad night.

    :param again: what :func:`tried_again` says.
    """
    return run.read - again - run.records.get("skipped", 0) - run.records.get("unchanged", 0)


def _open(connection: Connection, run: Run, *which: ColumnElement[bool]) -> int:
    messages = select(collected.c.message).where(
        collected.c.recipe == run.recipe, collected.c.message.is_not(None)
    )
    query = select(func.count()).where(
        open_problems.c.recipe == run.recipe,
        open_problems.c.run_id == run.id,
        open_problems.c.record_key.not_in(messages),
        *which,
    )
    return int(connection.execute(query).scalar_one())
