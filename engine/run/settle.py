"""Last stage: one transaction a chunk writes outcomes, links, open problems, cursor and counters."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update

from engine.run.plan import PlannedStep
from engine.run.shape import Link, Row
from engine.run.traveller import Sent, Traveller
from engine.store.database import Store, upsert
from engine.store.ledger import NEEDS_ATTENTION
from engine.store.runs import change_run
from engine.store.tables import cursors, ledger, links, open_problems

CAME_OVER = ("created", "updated", "unchanged")


@dataclass
class Tally:
    """What a run has counted so far; balances when ``read`` is the sum of ``counts``."""

    read: int = 0
    fixed: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def balances(self) -> bool:
        return self.read == sum(self.counts.values())


# -- looking ---------------------------------------------------------------------------------------


def links_of(store: Store, recipe: str, step: str, keys: Sequence[str]) -> dict[str, Link]:
    """Return what the link table knows of the keys, by key."""
    table = links.c
    query = select(
        table.record_key, table.target_id, table.fingerprint, table.run_id, table.result
    ).where(table.recipe == recipe, table.step == step, table.record_key.in_(keys))
    with store.reading() as connection:
        return {
            key: Link(target_id, fingerprint, run_id, None if kept is None else orjson.loads(kept))
            for key, target_id, fingerprint, run_id, kept in connection.execute(query)
        }


def keys_in_ledger(store: Store, run_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Return the ids of this run's ledger rows for the keys."""
    table = ledger.c
    query = select(table.record_key, func.max(table.id)).where(
        table.run_id == run_id, table.record_key.in_(keys)
    )
    with store.reading() as connection:
        rows = connection.execute(query.group_by(table.record_key))
        return {row[0]: row[1] for row in rows}


def last_ledger_id(store: Store, run_id: int) -> int:
    """Return the newest ledger row of a run that was interrupted; 0 for a fresh one."""
    query = select(func.max(ledger.c.id)).where(ledger.c.run_id == run_id)
    with store.reading() as connection:
        return int(connection.execute(query).scalar() or 0)


def problems_left(
    store: Store, recipe: str, run_id: int, size: int
) -> Iterator[list[tuple[str, Any]]]:
    """Yield key and kept source of open problems that this run has not come across, in chunks."""
    table, last = open_problems.c, ""
    while True:
        query = (
            select(table.record_key, table.source)
            .where(table.recipe == recipe, table.run_id != run_id, table.record_key > last)
            .order_by(table.record_key)
            .limit(size)
        )
        with store.reading() as connection:
            rows = list(connection.execute(query))
        if not rows:
            return
        last = rows[-1][0]
        yield [(key, store.vault.open(source)) for key, source in rows]


def kept_sources(store: Store, recipe: str, keys: Sequence[str]) -> dict[str, Any]:
    """Return the kept sources of open problems, by key."""
    table = open_problems.c
    query = select(table.record_key, table.source).where(
        table.recipe == recipe, table.record_key.in_(keys)
    )
    with store.reading() as connection:
        return {key: store.vault.open(source) for key, source in connection.execute(query)}


def cursor_of(store: Store, recipe: str, trigger: str) -> str | None:
    table = cursors.c
    query = select(table.value).where(table.recipe == recipe, table.trigger == trigger)
    with store.reading() as connection:
        return connection.execute(query).scalar()


# -- settling --------------------------------------------------------------------------------------


def settle(
    store: Store,
    recipe: str,
    run_id: int,
    travellers: Sequence[Traveller],
    tally: Tally,
    *,
    again: Mapping[str, int],
) -> None:
    """Write what became of a chunk, all of it or nothing.

    :param again: ledger rows, by key, of records that this run settled before and that changed
        since: those rows are brought up to date, since a record has one outcome a run.
    """
    settled = [t for t in travellers if t.outcome is not None and not t.stranded]
    counted = [t for t in settled if t.key not in again]
    fresh = [t for t in counted if t.outcome != "unchanged"]
    with store.writing() as connection:
        if fresh:
            connection.execute(insert(ledger), [_ledger_row(run_id, t) for t in fresh])
        for traveller in settled:
            if traveller.key in again:
                _correct(connection, run_id, again[traveller.key], traveller, tally)
        _write_links(connection, recipe, run_id, settled)
        tally.fixed += _close_problems(connection, recipe, settled)
        _open_problems(store, connection, recipe, run_id, settled)
        tally.read += len(counted)
        tally.counts.update(str(t.outcome) for t in counted)
        _count(connection, run_id, tally)


def keep_links(store: Store, recipe: str, run_id: int, step: PlannedStep, rows: list[Row]) -> None:
    """Store the links of calls already answered, before their chunk is settled."""
    sent = [s for row in rows for s in row.traveller.sent if s.step == step.id and not s.kept]
    titles = {s.key: row.traveller.title for row in rows for s in row.traveller.sent}
    with store.writing() as connection:
        _upsert_links(connection, recipe, run_id, [(s, titles[s.key]) for s in sent])
    for one in sent:
        one.kept = True


def keep_links_of(store: Store, recipe: str, run_id: int, travellers: Sequence[Traveller]) -> None:
    """Store the links of records that some steps sent before the run had to stop."""
    sent = [(one, t.title) for t in travellers for one in t.sent if not one.kept]
    if sent:
        with store.writing() as connection:
            _upsert_links(connection, recipe, run_id, sent)


def move_cursor(store: Store, recipe: str, trigger: str, run_id: int, value: datetime) -> None:
    """Note how far the trigger has read."""
    row = {
        "recipe": recipe,
        "trigger": trigger,
        "value": value.isoformat(),
        "run_id": run_id,
        "updated_at": datetime.now(UTC),
    }
    with store.writing() as connection:
        upsert(connection, cursors, [row], update=["value", "run_id", "updated_at"])


def _ledger_row(run_id: int, traveller: Traveller) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "record_key": traveller.key,
        "title": traveller.title,
        "outcome": traveller.outcome,
        "target_id": traveller.target_id,
        "code": traveller.code,
        "reason": traveller.reason,
        "how_to_fix": traveller.how_to_fix,
        "step": traveller.step,
        "field": traveller.field,
    }


def _correct(
    connection: Connection, run_id: int, row_id: int, traveller: Traveller, tally: Tally
) -> None:
    """Bring a record's row up to date: it changed while this run was reading and came again."""
    earlier = connection.execute(select(ledger.c.outcome).where(ledger.c.id == row_id)).scalar_one()
    if traveller.outcome == "unchanged":
        return
    values = _ledger_row(run_id, traveller)
    if earlier == "created" and traveller.outcome == "updated":
        values["outcome"] = "created"  # over the whole run it is new
    connection.execute(update(ledger).where(ledger.c.id == row_id).values(**values))
    tally.counts[earlier] -= 1
    tally.counts[values["outcome"]] += 1


def _write_links(
    connection: Connection, recipe: str, run_id: int, settled: Iterable[Traveller]
) -> None:
    new: list[tuple[Sent, str]] = []
    touched: dict[str, list[str]] = {}
    for traveller in settled:
        for sent in traveller.sent:
            if sent.outcome != "unchanged":
                if not sent.kept:
                    new.append((sent, traveller.title))
            else:
                touched.setdefault(sent.step, []).append(sent.key)
    _upsert_links(connection, recipe, run_id, new)
    table = links.c
    for step, keys in touched.items():
        connection.execute(
            update(links)
            .where(table.recipe == recipe, table.step == step, table.record_key.in_(keys))
            .values(run_id=run_id)
        )


def _upsert_links(
    connection: Connection, recipe: str, run_id: int, sent: Iterable[tuple[Sent, str]]
) -> None:
    rows = [
        {
            "recipe": recipe,
            "step": one.step,
            "record_key": one.key,
            "target_id": one.target_id,
            "fingerprint": one.fingerprint,
            "title": title,
            "run_id": run_id,
            "result": None if one.result is None else orjson.dumps(one.result, default=str),
        }
        for one, title in sent
    ]
    upsert(
        connection, links, rows, update=["target_id", "fingerprint", "title", "run_id", "result"]
    )


def _close_problems(connection: Connection, recipe: str, settled: Iterable[Traveller]) -> int:
    """Close the open problems of records that are settled now; return how many came over."""
    table = open_problems.c
    fixed = 0
    for outcomes, counts in ((CAME_OVER, True), (("skipped",), False)):
        keys = [t.key for t in settled if t.outcome in outcomes]
        if keys:
            result = connection.execute(
                delete(open_problems).where(table.recipe == recipe, table.record_key.in_(keys))
            )
            fixed += result.rowcount if counts else 0
    return fixed


def _open_problems(
    store: Store, connection: Connection, recipe: str, run_id: int, settled: Iterable[Traveller]
) -> None:
    rows = [
        {
            "recipe": recipe,
            "record_key": t.key,
            "first_run_id": run_id,
            "run_id": run_id,
            "outcome": t.outcome,
            "source": store.vault.seal(t.source),
        }
        for t in settled
        if t.outcome in NEEDS_ATTENTION
    ]
    upsert(connection, open_problems, rows, update=["run_id", "outcome", "source"])


def _count(connection: Connection, run_id: int, tally: Tally) -> None:
    change_run(
        connection,
        run_id,
        read=tally.read,
        counts={outcome: count for outcome, count in tally.counts.items() if count},
        fixed=tally.fixed,
    )
