"""Links: what was sent of each record and what it is called there, so that later runs know it."""

from collections.abc import Collection, Iterable, Sequence
from operator import itemgetter

from sqlalchemy import Connection, update

from engine.run.lookups import OF_STEP
from engine.run.plan_steps import PlannedStep
from engine.run.shape import Row
from engine.run.traveller import Sent, Traveller
from engine.store import plain
from engine.store.bulk import insert_rows
from engine.store.database import Store
from engine.store.pairs import note_written
from engine.store.sent_rows import keep_rows
from engine.store.tables import links
from engine.store.unreported import note_unreported

_LINK_KEY = ("recipe", "step", "record_key")
_LINK = ("target_id", "fingerprint", "title", "run_id", "result", "sent_in")

_TOUCH = update(links).where(*OF_STEP)  # built once, as in engine.run.lookups


def write_links(
    store: Store,
    connection: Connection,
    recipe: str,
    run_id: int,
    settled: Iterable[Traveller],
    unreported: bool,
) -> None:
    """Store what was sent of settled records, and that the run saw those it found unchanged.

    :param unreported: a run that was cut short may have sent some of them.
    """
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


def keep_links(
    store: Store,
    connection: Connection,
    recipe: str,
    run_id: int,
    step: PlannedStep,
    rows: Sequence[Row],
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


def has_own_link(traveller: Traveller) -> bool:
    """Return whether the link table knows the record by its own key, and so that it was seen."""
    return any(sent.key == traveller.key for sent in traveller.sent)


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
