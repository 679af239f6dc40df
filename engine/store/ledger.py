"""The ledger: what became of every record, and the queries the report is made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.engine import Row

from engine.store.database import Store
from engine.store.tables import ledger, links, open_problems, waits

Outcome = Literal[
    "created", "updated", "unchanged", "skipped", "rejected", "failed", "unsure", "waiting"
]
OUTCOMES: tuple[Outcome, ...] = (
    "created",
    "updated",
    "unchanged",
    "skipped",
    "rejected",
    "failed",
    "unsure",
    "waiting",
)
#: Outcomes a person should look at.
NEEDS_ATTENTION: tuple[Outcome, ...] = ("rejected", "failed", "unsure", "waiting")
#: The code of a record that waits for a time to come.
UNTIL = "until"
#: The code of a record left out because another one of the run has its key; what became of the
#: other stands in a row of its own.
SAME_KEY = "same_key"

#: What records with one cause have in common.
CAUSE = tuple(
    ledger.c[name]
    for name in ("outcome", "code", "reason", "how_to_fix", "step", "field", "message")
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One record's line in a report.

    :param id: of the ledger row; 0 for unchanged records, which have none.
    """

    id: int
    key: str
    title: str
    outcome: Outcome
    target_id: str | None = None
    code: str | None = None
    reason: str | None = None
    how_to_fix: str | None = None
    step: str | None = None
    field: str | None = None


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Records of one run that have one thing wrong, and one fix.

    :param id: of one ledger row of the group; stands for the cause in links and retries.
    :param examples: titles of a few of the records.
    :param message: they are messages made of many records.
    """

    id: int
    outcome: Outcome
    code: str
    reason: str
    how_to_fix: str
    step: str
    field: str
    count: int
    examples: tuple[str, ...]
    message: bool = False


def causes(store: Store, run_id: int, outcomes: Sequence[Outcome] = NEEDS_ATTENTION) -> list[Cause]:
    """Return the run's causes, the most frequent first."""
    table = ledger.c
    query = (
        select(
            func.min(table.id).label("id"),
            func.count().label("records"),
            func.min(table.title).label("first"),
            func.max(table.title).label("last"),
            *CAUSE,
        )
        .where(table.run_id == run_id, table.outcome.in_(outcomes))
        .group_by(*CAUSE)
        .order_by(func.count().desc(), func.min(table.id))
    )
    with store.reading() as connection:
        return [cause_of(row) for row in connection.execute(query)]


def entries(
    store: Store,
    run_id: int,
    *,
    outcomes: Sequence[Outcome] = (),
    cause_id: int | None = None,
    search: str = "",
    keys: Sequence[str] = (),
    after: int = 0,
    limit: int | None = None,
) -> list[Entry]:
    """Return the records of a run, in the order they were settled, unchanged ones last.

    Unchanged records are listed as long as no later run has seen them: the links say which run saw
    a record last, which is what lets quiet nights cost no rows.

    :param outcomes: only these; empty means all.
    :param cause_id: only records with the cause that this ledger row has.
    :param search: only records whose title, key or reason holds this text.
    :param after: skip this many; for paging.
    """
    query = _entries_query(store, run_id, outcomes, cause_id, search, keys)
    query = query.order_by("listed_last", "id", "record_key").offset(after)
    if limit is not None:
        query = query.limit(limit)
    with store.reading() as connection:
        return [entry_of(row) for row in connection.execute(query)]


def count_entries(
    store: Store,
    run_id: int,
    *,
    outcomes: Sequence[Outcome] = (),
    cause_id: int | None = None,
    search: str = "",
) -> int:
    """Return how many records :func:`entries` would list without a limit."""
    query = _entries_query(store, run_id, outcomes, cause_id, search, ())
    with store.reading() as connection:
        return int(
            connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        )


def stream_entries(
    store: Store, run_id: int, *, outcomes: Sequence[Outcome] = (), page: int = 1000
) -> Iterator[Entry]:
    """Yield a run's records in the order of :func:`entries`, for exports of any size.

    :param outcomes: only these; empty means all.
    :param page: records in memory at once.
    """
    query = _entries_query(store, run_id, outcomes, None, "", ())
    query = query.order_by("listed_last", "id", "record_key")
    with store.reading() as connection:  # one cursor: paging by offset would grow with the square
        for row in connection.execution_options(yield_per=page).execute(query):
            yield entry_of(row)


def outcome_counts(
    connection: Connection, run_id: int, *which: ColumnElement[bool]
) -> dict[str, int]:
    """Count the run's ledger rows, or ``which`` of them, by outcome; unchanged records have none."""
    table = ledger.c
    rows = connection.execute(
        select(table.outcome, func.count())
        .where(table.run_id == run_id, *which)
        .group_by(table.outcome)
    )
    return {row[0]: row[1] for row in rows}


#: Records that wait for a time to come are open, but need nobody's attention.
_NEEDS_SOMEBODY = or_(
    open_problems.c.outcome != "waiting",
    ~select(waits.c.step)
    .where(waits.c.recipe == open_problems.c.recipe)
    .where(waits.c.record_key == open_problems.c.record_key, waits.c.state == "open")
    .correlate(open_problems)
    .exists(),
)


def waiting_for_time(connection: Connection, run_id: int) -> int:
    """Return how many records of a run wait for a time to come, and so for nobody."""
    mine = (ledger.c.run_id == run_id, ledger.c.outcome == "waiting", ledger.c.code == UNTIL)
    return int(connection.execute(select(func.count()).where(*mine)).scalar_one())


def open_count(store: Store, recipe: str | None = None) -> int:
    """Return how many records still need attention."""
    query = select(func.count()).select_from(open_problems).where(_NEEDS_SOMEBODY)
    if recipe is not None:
        query = query.where(open_problems.c.recipe == recipe)
    with store.reading() as connection:
        return int(connection.execute(query).scalar_one())


def open_counts(store: Store) -> dict[str, int]:
    """Return how many records of each recipe still need attention; recipes without any are not in it."""
    table = open_problems.c
    query = select(table.recipe, func.count()).where(_NEEDS_SOMEBODY).group_by(table.recipe)
    with store.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def has_cause(cause_id: int) -> ColumnElement[bool]:
    """Return the condition that a ledger row has the same cause as the row ``cause_id``."""
    same = ledger.alias("same")
    return and_(
        *(
            column.is_not_distinct_from(
                select(same.c[column.name]).where(same.c.id == cause_id).scalar_subquery()
            )
            for column in CAUSE
        )
    )


def _entries_query(
    store: Store,
    run_id: int,
    outcomes: Sequence[Outcome],
    cause_id: int | None,
    search: str,
    keys: Sequence[str],
) -> Select[Any]:
    row = ledger.c
    settled = select(
        row.id,
        row.record_key,
        row.title,
        row.outcome,
        row.target_id,
        row.code,
        row.reason,
        row.how_to_fix,
        row.step,
        row.field,
        literal(0).label("listed_last"),
    ).where(row.run_id == run_id)
    if outcomes:
        settled = settled.where(row.outcome.in_(outcomes))
    if keys:
        settled = settled.where(row.record_key.in_(keys))
    if search:
        pattern = f"%{_escaped(search)}%"
        settled = settled.where(
            or_(
                *(
                    column.ilike(pattern, escape="\\")
                    for column in (row.title, row.record_key, row.reason)
                )
            )
        )
    if cause_id is not None:
        return settled.where(has_cause(cause_id))
    if outcomes and "unchanged" not in outcomes:
        return settled
    quiet = _unchanged(run_id)
    if search:
        quiet = quiet.where(
            or_(*(c.ilike(pattern, escape="\\") for c in (links.c.title, links.c.record_key)))
        )
    if keys:
        quiet = quiet.where(links.c.record_key.in_(keys))
    both = union_all(settled, quiet).subquery()
    return select(both)


def _unchanged(run_id: int) -> Select[Any]:
    """Select the records this run saw and had nothing to do for."""
    from engine.store.tables import runs

    recipe = select(runs.c.recipe).where(runs.c.id == run_id).scalar_subquery()
    in_ledger = (
        select(ledger.c.id)
        .where(
            ledger.c.run_id == run_id,
            ledger.c.record_key == links.c.record_key,
            ledger.c.code.is_distinct_from(SAME_KEY),
        )
        .exists()
    )
    return (
        select(
            literal(0).label("id"),
            links.c.record_key,
            func.max(links.c.title).label("title"),
            literal("unchanged").label("outcome"),
            func.max(links.c.target_id).label("target_id"),
            *(null().label(name) for name in ("code", "reason", "how_to_fix", "step", "field")),
            literal(1).label("listed_last"),
        )
        .where(links.c.recipe == recipe, links.c.run_id == run_id, ~in_ledger)
        .group_by(links.c.record_key)
    )


def _escaped(search: str) -> str:
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def entry_of(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        key=row.record_key,
        title=row.title,
        outcome=row.outcome,
        target_id=row.target_id,
        code=row.code,
        reason=row.reason,
        how_to_fix=row.how_to_fix,
        step=row.step,
        field=row.field,
    )


def cause_of(row: Row[Any]) -> Cause:
    return Cause(
        id=row.id,
        outcome=row.outcome,
        code=row.code or "",
        reason=row.reason or "",
        how_to_fix=row.how_to_fix or "",
        step=row.step or "",
        field=row.field or "",
        count=row.records,
        examples=tuple(dict.fromkeys((row.first, row.last))),
        message=bool(row.message),
    )
