"""What is kept how long: old runs with their reports and logs, and what the engine remembers."""

import logging
from datetime import UTC, datetime, timedelta

from dbos import DBOS
from sqlalchemy import delete, func, select

from engine.environment import whole_number
from engine.run.upkeep.duties import Works
from engine.store.answered import forget_answers
from engine.store.database import Store
from engine.store.deliveries import forget_deliveries
from engine.store.notice_deliveries import forget_before
from engine.store.questions import forget_withdrawn
from engine.store.removed import forget_removed
from engine.store.runs import ACTIVE
from engine.store.sent_rows import sweep_rows
from engine.store.shapes import forget_shapes
from engine.store.tables import ledger, open_problems, run_log, runs

log = logging.getLogger("bridgework.duties")

DAYS_VARIABLE = "BRIDGEWORK_KEEP_DAYS"
#: Days that runs are kept; each recipe's newest, and those with open records, are kept longer.
DAYS = 400
#: Days that the execution engine remembers finished work, which only its developers read.
ENGINE_DAYS = 7
#: Days that notices are kept which are over.
NOTICE_DAYS = 90
#: Days that what webhooks delivered can be looked at and sent through again.
DELIVERY_DAYS = 60
#: Days that what callers were answered is kept, for the same delivery sent once more.
ANSWER_DAYS = 7
#: Runs deleted in one transaction.
AT_ONCE = 50


def keep_days() -> int:
    """Return how many days runs are kept.

    :raises SetupError: the setting is no number of days.
    """
    return whole_number(DAYS_VARIABLE, DAYS, "days")


def sweep(works: Works) -> None:
    """Delete what is older than it needs to be kept."""
    now = datetime.now(UTC)
    oldest = now - timedelta(days=keep_days())
    gone = sweep_runs(works.store, oldest)
    forget_withdrawn(works.store, oldest)
    forget_shapes(works.store, oldest)
    if gone:
        log.info("%s old runs were deleted", gone)
    sweep_rows(works.store)
    there = works.library.everything()
    if there:  # else the folder may only be out of reach
        for name in forget_removed(works.store, there, oldest):
            log.info("what waited for the removed recipe %s was deleted", name)
    forget_before(works.store, now - timedelta(days=NOTICE_DAYS))
    forget_deliveries(works.store, now - timedelta(days=DELIVERY_DAYS))
    forget_answers(works.store, now - timedelta(days=ANSWER_DAYS))
    sweep_engine(now - timedelta(days=ENGINE_DAYS))


def sweep_runs(store: Store, before: datetime) -> int:
    """Delete runs that finished before a moment, with their reports and logs; return how many.

    Links, cursors and records that still need attention stay: they are what the next run needs.
    """
    newest = select(func.max(runs.c.id)).group_by(runs.c.recipe).scalar_subquery()
    parents = select(runs.c.parent_id).where(runs.c.parent_id.is_not(None)).scalar_subquery()
    old = (
        select(runs.c.id)
        .where(runs.c.finished_at < before, runs.c.status.not_in(ACTIVE))
        .where(runs.c.id.not_in(newest), runs.c.id.not_in(parents))
        .where(runs.c.id.not_in(select(open_problems.c.run_id).scalar_subquery()))
        .order_by(runs.c.id)
        .limit(AT_ONCE)
    )
    deleted = 0
    while True:
        with store.writing() as connection:
            numbers = list(connection.execute(old).scalars())
            connection.execute(delete(run_log).where(run_log.c.run_id.in_(numbers)))
            connection.execute(delete(ledger).where(ledger.c.run_id.in_(numbers)))
            connection.execute(delete(runs).where(runs.c.id.in_(numbers)))
        deleted += len(numbers)
        if not numbers:
            return deleted


def sweep_engine(before: datetime) -> int:
    """Delete what the execution engine remembers of work finished before a moment."""
    deleted = 0
    while True:
        found = DBOS.list_workflows(
            completed_before=before.isoformat(), limit=500, load_input=False, load_output=False
        )
        if not found:
            return deleted
        DBOS.delete_workflows([one.workflow_id for one in found])
        deleted += len(found)
