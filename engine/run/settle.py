"""Last stage: one transaction a chunk writes outcomes, links, open problems, cursor and counters."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.run.lookups import OF_STEP
from engine.run.plan_steps import PlannedStep
from engine.run.shape import Row as StepRow
from engine.run.telling.events import note_settled
from engine.run.traveller import Sent, Traveller
from engine.store import plain
from engine.store.bulk import among, insert_rows
from engine.store.database import Store, upsert
from engine.store.intents import forget_intents
from engine.store.ledger import NEEDS_ATTENTION, SAME_KEY, outcome_counts
from engine.store.pairs import note_written
from engine.store.runs import Run, add_counts, change_run
from engine.store.sent_rows import keep_rows
from engine.store.tables import cursors, ledger, links, open_problems
from engine.store.unreported import forget_unreported, note_unreported

CAME_OVER = ("created", "updated", "unchanged")

_LEDGER = ("run_id", "record_key", "title", "outcome", "target_id")
_EXPLAINED = ("code", "reason", "how_to_fix", "step", "field")
_LINK_KEY = ("recipe", "step", "record_key")
_LINK = ("target_id", "fingerprint", "title", "run_id", "result", "sent_in")
_PROBLEM = ("run_id", "outcome", "source")

# Statements of every chunk are built once, as in engine.run.lookups.
_TOUCH = update(links).where(*OF_STEP)
_CLOSE = (
    delete(open_problems)
    .where(open_problems.c.recipe == bindparam("of_recipe"))
    .where(among(open_problems.c.record_key, "keys"))
    .returning(open_problems.c.first_run_id, open_problems.c.outcome)
)


@dataclass
class Tally:
    """What a run or a chunk of it counted; balances when ``read`` is the sum of ``counts``."""

    read: int = 0
    fixed: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, change: "Tally") -> None:
        self.read += change.read
        self.fixed += change.fixed
        self.counts.update(change.counts)


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
    fresh = [t for t in counted if t.outcome != "unchanged" or not _own_links(t)]
    change = Tally(len(counted), counts=Counter([str(t.outcome) for t in counted]))
    with store.writing() as connection:
        _write_ledger(connection, run_id, fresh)
        for traveller in settled:
            if traveller.met_before:
                _correct(connection, run_id, traveller, change)
        _write_links(store, connection, recipe, run_id, settled, unreported)
        _report(connection, recipe, settled, unreported)
        if not new:
            change.fixed = _close_problems(connection, recipe, run_id, settled)
        _open_problems(store, connection, recipe, run_id, settled)
        note_settled(connection, recipe, run_id, settled)
        if within is not None:
            within(connection, settled)
        for step, keys in (intents or {}).items():
            forget_intents(connection, recipe, step, keys)
        add_counts(connection, run_id, read=change.read, counts=change.counts, fixed=change.fixed)
    tally.add(change)


def keep_links(
    store: Store,
    connection: Connection,
    recipe: str,
    run_id: int,
    step: PlannedStep,
    rows: Sequence[StepRow],
) -> list[Sent]:
    """Store the links of calls already answered, before their chunk is settled; return them."""
    sent = [
        (one, row.traveller)
        for row in rows
        for one in row.traveller.sent
        if one.step == step.id and not one.kept
    ]
    _upsert_links(store, connection, recipe, run_id, sent)
    note_unreported(connection, recipe, [(one.step, one.key, one.outcome) for one, _ in sent])
    return [one for one, _ in sent]


def strand(store: Store, recipe: str, chunk: Sequence[Traveller]) -> None:
    """Leave those of a chunk that are under way to the next run, for this one had to stop.

    Links keep what was sent of them. They have no line in its report, so the links don't say that
    it saw them.
    """
    travellers = [t for t in chunk if t.stranded or t.outcome is None]
    for traveller in travellers:
        traveller.stranded = True
    sent = [
        (one, t)
        for t in travellers
        for one in t.sent
        if one.outcome != "unchanged" and not one.settles
    ]
    if sent:
        with store.writing() as connection:
            _upsert_links(store, connection, recipe, 0, sent)
            done = [(one.step, one.key, one.outcome) for one, _ in sent]
            note_unreported(connection, recipe, done)


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
        tally = Tally(sum(settled.values()), run.fixed, Counter(settled))
        change_run(connection, run.id, read=tally.read, counts=settled)
    return tally


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


def _write_ledger(connection: Connection, run_id: int, travellers: Iterable[Traveller]) -> None:
    # Most records have nothing to explain, and empty columns cost as much time as full ones.
    bare: list[tuple[Any, ...]] = []
    explained: list[tuple[Any, ...]] = []
    for t in travellers:
        row = (run_id, t.key, t.title, t.outcome, t.target_id)
        if t.code is None:
            bare.append(row)
        else:
            explained.append((*row, t.code, t.reason, t.how_to_fix, t.step, t.field))
    insert_rows(connection, ledger, _LEDGER, bare)
    insert_rows(connection, ledger, _LEDGER + _EXPLAINED, explained)


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


def _own_links(traveller: Traveller) -> bool:
    """Return whether the link table knows the record by its own key, and so that it was seen."""
    return any(sent.key == traveller.key for sent in traveller.sent)


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


def _write_links(
    store: Store,
    connection: Connection,
    recipe: str,
    run_id: int,
    settled: Iterable[Traveller],
    unreported: bool,
) -> None:
    new: list[tuple[Sent, Traveller]] = []
    touched: dict[str, list[str]] = {}
    for traveller in settled:
        for sent in traveller.sent:
            if not sent.kept:
                new.append((sent, traveller))
            elif sent.key == traveller.key and (unreported or sent.outcome == "unchanged"):
                touched.setdefault(sent.step, []).append(sent.key)
    _upsert_links(store, connection, recipe, run_id, new)
    for step, keys in touched.items():
        given = {"of_recipe": recipe, "of_step": step, "keys": keys, "run_id": run_id}
        connection.execute(_TOUCH, given)


def _upsert_links(
    store: Store,
    connection: Connection,
    recipe: str,
    run_id: int,
    sent: Collection[tuple[Sent, Traveller]],
) -> None:
    """Store links; only one with the record's own key says that the run saw the record."""
    note_written(
        connection,
        recipe,
        [
            (one.step, one.target_id, traveller.key, one.written)
            for one, traveller in sent
            if one.written is not None and one.target_id and not traveller.record
        ],
    )
    sent_in = keep_rows(
        store, connection, ((one.step, one.key, one.row) for one, _ in sent if one.row is not None)
    )
    rows = [
        (
            recipe,
            one.step,
            one.key,
            one.target_id,
            one.fingerprint,
            traveller.title,
            run_id if one.key == traveller.key and not traveller.record else 0,
            None if one.result is None else plain.dump(one.result),
            None if one.row is None else sent_in,
        )
        for one, traveller in sent
    ]
    # In one order everywhere: two workers that wait for each other's keys would wait for ever.
    rows.sort(key=itemgetter(1, 2))
    insert_rows(connection, links, _LINK_KEY + _LINK, rows, update=_LINK)


def _close_problems(
    connection: Connection, recipe: str, run_id: int, settled: Iterable[Traveller]
) -> int:
    """Close the open problems of records that are settled now.

    :returns: how many came over that needed attention before this run.
    """
    fixed = 0
    for outcomes, counts in ((CAME_OVER, True), (("skipped",), False)):
        keys = [t.key for t in settled if t.outcome in outcomes and t.code != SAME_KEY]
        if keys:
            closed = connection.execute(_CLOSE, {"of_recipe": recipe, "keys": keys})
            # What only waited for an answer had nothing to be fixed.
            earlier = [row for row in closed if row[0] < run_id and row[1] != "waiting"]
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
