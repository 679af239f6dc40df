"""One big run, many workers: who reads it parks chunks, and others take them.

A parked chunk is disposable: it is deleted in the transaction that settles it, and whoever takes up
a run after a crash throws away what nobody has taken and reads it again.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, delete, insert, select, update

from engine.errors import DatabaseAway, Interrupted
from engine.run import read as reading
from engine.run.plan import Plan
from engine.run.stopping import Halt, failure_of
from engine.run.traveller import Traveller
from engine.run.workers.attendance import Shift
from engine.store.database import Store
from engine.store.runs import change_run
from engine.store.tables import chunks, runs
from engine.store.workers import Buried, count_live

log = logging.getLogger("bridgework.run")

#: Chunks that wait for each other worker: one in hand and one ready.
READY = 2
#: Seconds between two looks at what others do.
LOOK_EVERY = 0.05
#: Seconds between two counts of who else is there.
COUNT_EVERY = 2.0


class Sharing:
    """One worker's side of a run that is shared.

    :param store: fenced, as of :class:`engine.run.road.Road`.
    """

    def __init__(self, store: Store, plan: Plan, run_id: int, shift: Shift) -> None:
        self._store, self._plan, self._run_id, self._shift = store, plan, run_id, shift
        self._may = may_be_shared(store, plan)
        self._keys: dict[int, frozenset[str]] = {}  # of chunks parked and not known to be settled
        self._others, self._counted = 0, float("-inf")
        self.used = False

    # -- who reads -----------------------------------------------------------------------------

    def wanted(self) -> bool:
        """Return whether another worker could use a chunk now."""
        if not self._may:
            return False
        if time.monotonic() - self._counted >= COUNT_EVERY:
            self._others, self._counted = count_live(self._store) - 1, time.monotonic()
        if self._others <= 0:
            return False
        self._refresh()
        return len(self._keys) < READY * self._others

    def park(self, travellers: list[Traveller]) -> None:
        """Leave a chunk for whoever comes first."""
        if not travellers:
            return
        sealed = self._store.vault.seal([[t.key, t.source] for t in travellers])
        with self._store.writing() as connection:
            row = insert(chunks).values(run_id=self._run_id, worker="", records=sealed)
            key = connection.execute(row).inserted_primary_key
            assert key is not None
            number = int(key[0])
        self._keys[number] = frozenset(t.key for t in travellers)
        self.used = True

    def holds(self, keys: Iterable[str]) -> bool:
        """Return whether a parked chunk holds one of the keys: a record's states go one by one."""
        if not self._keys:
            return False
        wanted = frozenset(keys)
        if all(wanted.isdisjoint(held) for held in self._keys.values()):
            return False
        self._refresh()
        return not all(wanted.isdisjoint(held) for held in self._keys.values())

    def waits(self) -> bool:
        """Return whether a parked chunk is not settled yet."""
        self._refresh()
        return bool(self._keys)

    def withdraw(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Throw away what nobody has taken, and wait for what others are at.

        Also for what this process's own helping thread is at: it may be sending.

        :param meanwhile: called at every look; may raise.
        """
        if not self._may:
            return
        give_back_strays(self._store, self._shift)
        own = chunks.c.run_id == self._run_id
        while True:
            with self._store.writing() as connection:
                connection.execute(delete(chunks).where(own, chunks.c.worker == ""))
            with self._store.reading() as connection:
                left = connection.execute(select(chunks.c.id).where(own).limit(1)).first()
            if left is None:
                self._keys.clear()
                return
            meanwhile()
            time.sleep(LOOK_EVERY)

    # -- who takes -----------------------------------------------------------------------------

    @contextmanager
    def taken(self) -> Iterator[tuple[int, list[Traveller]] | None]:
        """Take a chunk for the block, with its number; None where none is free.

        One that the block could not settle is given back: the run must not wait for it for ever.
        """
        found = self._take() if self._may else None
        if found is None:
            yield None
            return
        number, sealed = found
        try:
            sources = self._store.vault.open(sealed)
            plan = self._plan
            yield number, [reading.depart(plan.of_key(key), source) for key, source in sources]
        except BaseException:
            self._give_back(number)
            raise
        finally:
            self._shift.in_hand.discard(number)

    def done(self, connection: Connection, number: int, halt: Halt | None) -> None:
        """Delete a chunk with its settlement; where it halted, whoever reads the run is told so.

        With the chunk goes the last trace of what was not sent: who reads the run must not take it
        for done and move on.

        :raises Buried: it was given to another worker.
        """
        mine = (chunks.c.id == number, chunks.c.worker == self._shift.worker)
        if connection.execute(delete(chunks).where(*mine)).rowcount != 1:
            raise Buried
        if halt is not None and not isinstance(halt.cause, Interrupted):
            message, hint = failure_of(halt)
            change_run(connection, self._run_id, halt={"message": message, "hint": hint})

    def _take(self) -> tuple[int, bytes] | None:
        free = (
            select(chunks.c.id)
            .where(chunks.c.run_id == self._run_id, chunks.c.worker == "")
            .order_by(chunks.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self._shift.taking:
            with self._store.writing() as connection:
                number = connection.execute(free).scalar()
                if number is None:
                    return None
                row = connection.execute(
                    update(chunks)
                    .where(chunks.c.id == number)
                    .values(worker=self._shift.worker)
                    .returning(chunks.c.records)
                ).one()
            self._shift.in_hand.add(number)
        return number, row.records

    def _give_back(self, number: int) -> None:
        mine = (chunks.c.id == number, chunks.c.worker == self._shift.worker)
        try:
            with self._store.writing() as connection:
                connection.execute(update(chunks).where(*mine).values(worker=""))
        except Buried:  # it was given back with this worker's other work
            return
        except DatabaseAway:  # the next beat does it
            log.warning("a chunk could not be given back yet", exc_info=True)

    def _refresh(self) -> None:
        if not self._keys:
            return
        with self._store.reading() as connection:
            left = connection.execute(select(chunks.c.id).where(chunks.c.run_id == self._run_id))
            still = set(left.scalars())
        self._keys = {number: keys for number, keys in self._keys.items() if number in still}


def give_back_strays(store: Store, shift: Shift) -> None:
    """Give back chunks of this worker that no thread is at: the database was away meanwhile."""
    with shift.taking:
        mine = (chunks.c.worker == shift.worker, chunks.c.id.not_in(list(shift.in_hand)))
        with store.reading() as connection:
            if connection.execute(select(chunks.c.id).where(*mine).limit(1)).first() is None:
                return
        with store.writing() as connection:
            connection.execute(update(chunks).where(*mine).values(worker=""))


def may_be_shared(store: Store, plan: Plan) -> bool:
    """Return whether other processes may take parts of a run.

    Not on SQLite, whose home has one worker; and not where two records of different chunks may
    stand for one thing at the target that must not be made twice.
    """
    return store.engine.dialect.name != "sqlite" and all(
        step.action.idempotent or step.key is None for step in plan.uses if step.writes
    )


def run_to_help(store: Store, besides: Collection[int]) -> int | None:
    """Return a run with a chunk that nobody has taken, if there is one.

    :param besides: runs that this process reads itself.
    """
    query = (
        select(chunks.c.run_id)
        .join(runs, runs.c.id == chunks.c.run_id)
        .where(chunks.c.worker == "", chunks.c.run_id.not_in(list(besides)))
        .where(runs.c.status == "running")
        .limit(1)
    )
    with store.reading() as connection:
        return connection.execute(query).scalar()
