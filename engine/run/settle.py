"""Last stage: one transaction a chunk writes outcomes, links, open problems and counters."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.run.links import has_own_link, write_links
from engine.run.telling.events import note_settled
from engine.run.traveller import Traveller
from engine.store.bulk import among, insert_rows
from engine.store.database import Store
from engine.store.intents import forget_intents
from engine.store.ledger import NEEDS_ATTENTION, SAME_KEY
from engine.store.runs import add_counts
from engine.store.tables import ledger, open_problems
from engine.store.unreported import forget_unreported

CAME_OVER = ("created", "updated", "unchanged")

_LEDGER = ("run_id", "record_key", "title", "outcome", "target_id")
_EXPLAINED = ("code", "reason", "how_to_fix", "step", "field")
_MESSAGE = (*_LEDGER, *_EXPLAINED, "message")
_PROBLEM = ("run_id", "outcome", "source")

# Statements of every chunk are built once, as in engine.run.lookups.
_CLOSE = (
    delete(open_problems)
    .where(open_problems.c.recipe == bindparam("of_recipe"))
    .where(among(open_problems.c.record_key, "keys"))
    .returning(open_problems.c.first_run_id, open_problems.c.outcome, open_problems.c.record_key)
)


@dataclass
class Tally:
    """What a run or a chunk of it counted.

    It balances when ``counts``, by outcome, has as many as were ``read`` and ``messages`` that
    were made of them: those are in ``counts``, too.
    """

    read: int = 0
    fixed: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)

    def add(self, change: "Tally") -> None:
        self.read += change.read
        self.fixed += change.fixed
        self.counts.update(change.counts)
        self.messages.update(change.messages)


def settle(
    store: Store,
    recipe: str,
    run_id: int,
    travellers: Sequence[Traveller],
    tally: Tally,
    *,
    new: bool = False,
    unreported: bool = False,
    within: Callable[[Connection, Sequence[Traveller]], None] | None = None,
    intents: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Write what became of a chunk, all of it or nothing.

    A record that this run settled before has its row brought up to date, since a record has one
    outcome a run.

    :param tally: of the run so far in this process; what is settled here is added.
    :param new: the recipe never met any of these records before.
    :param unreported: a run that was cut short may have sent some of them.
    :param within: does what else belongs into the same transaction, given the settled records.
    :param intents: by step, keys of sends whose outcome is known by now.
    """
    settled = [t for t in travellers if t.outcome is not None and not t.stranded]
    counted = [t for t in settled if not t.met_before]
    fresh = [t for t in counted if t.outcome != "unchanged" or not has_own_link(t)]
    messages = Counter([str(t.outcome) for t in counted if t.message])
    change = Tally(
        len(counted) - messages.total(),
        counts=Counter([str(t.outcome) for t in counted]),
        messages=messages,
    )
    with store.writing() as connection:
        _write_ledger(connection, run_id, fresh)
        for traveller in settled:
            if traveller.met_before:
                _correct(connection, run_id, traveller, change)
        write_links(store, connection, recipe, run_id, settled, unreported)
        _report(connection, recipe, settled, unreported)
        if not new:
            change.fixed = _close_problems(connection, recipe, run_id, settled)
        _open_problems(store, connection, recipe, run_id, settled)
        note_settled(connection, recipe, run_id, settled)
        if within is not None:
            within(connection, settled)
        for step, keys in (intents or {}).items():
            forget_intents(connection, recipe, step, keys)
        add_counts(
            connection,
            run_id,
            read=change.read,
            counts=change.counts,
            messages=change.messages,
            fixed=change.fixed,
        )
    tally.add(change)


def _write_ledger(connection: Connection, run_id: int, travellers: Iterable[Traveller]) -> None:
    # Most records have nothing to explain, and empty columns cost as much time as full ones.
    bare: list[tuple[Any, ...]] = []
    explained: list[tuple[Any, ...]] = []
    messages: list[tuple[Any, ...]] = []
    for t in travellers:
        row = (run_id, t.key, t.title, t.outcome, t.target_id)
        if t.message:
            messages.append((*row, t.code, t.reason, t.how_to_fix, t.step, t.field, True))
        elif t.code is None:
            bare.append(row)
        else:
            explained.append((*row, t.code, t.reason, t.how_to_fix, t.step, t.field))
    insert_rows(connection, ledger, _LEDGER, bare)
    insert_rows(connection, ledger, _LEDGER + _EXPLAINED, explained)
    insert_rows(connection, ledger, _MESSAGE, messages)


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


def _correct(connection: Connection, run_id: int, traveller: Traveller, change: Tally) -> None:
    """Bring a record's row up to date: it changed while this run was reading and came again."""
    values = _ledger_row(run_id, traveller)
    mine = ledger.c.id == traveller.row_id
    earlier = "unchanged"
    if traveller.row_id is not None:
        earlier = connection.execute(select(ledger.c.outcome).where(mine)).scalar_one()
    if earlier in CAME_OVER and (traveller.outcome == "unchanged" or traveller.step == "trigger"):
        return  # also when it is gone meanwhile: it did come over
    if earlier == "created" and traveller.outcome == "updated":
        values["outcome"] = "created"  # over the whole run it is new
    if traveller.row_id is None:
        connection.execute(insert(ledger), [values])
    else:
        connection.execute(update(ledger).where(mine).values(**values))
    change.counts[earlier] -= 1
    change.counts[values["outcome"]] += 1


def _report(
    connection: Connection, recipe: str, settled: Iterable[Traveller], unreported: bool
) -> None:
    """Forget what stood unreported and is in the ledger now."""
    told: dict[str, list[str]] = {}
    for traveller in settled:
        for sent in traveller.sent:
            if unreported or (sent.kept and sent.outcome != "unchanged"):
                told.setdefault(sent.step, []).append(sent.key)
    forget_unreported(connection, recipe, told)


def _close_problems(
    connection: Connection, recipe: str, run_id: int, settled: Iterable[Traveller]
) -> int:
    """Close the open problems of records that are settled now.

    :returns: how many came over that needed attention before this run.
    """
    fixed = 0
    for outcomes, counts in ((CAME_OVER, True), (("skipped",), False)):
        over = {t.key: t for t in settled if t.outcome in outcomes and t.code != SAME_KEY}
        if over:
            closed = connection.execute(_CLOSE, {"of_recipe": recipe, "keys": [*over]})
            # What only waited for an answer had nothing to be fixed.
            earlier = [
                first
                for first, outcome, key in closed
                if first < run_id and outcome != "waiting" and not over[key].message
            ]
            fixed += len(earlier) if counts else 0
    return fixed


def _open_problems(
    store: Store, connection: Connection, recipe: str, run_id: int, settled: Iterable[Traveller]
) -> None:
    rows = [
        (recipe, t.key, run_id, run_id, t.outcome, store.vault.seal(t.source))
        for t in settled
        if t.outcome in NEEDS_ATTENTION
    ]
    columns = ("recipe", "record_key", "first_run_id", *_PROBLEM)
    insert_rows(connection, open_problems, columns, rows, update=_PROBLEM)
