"""One big run, many workers: who reads it parks chunks, and others take them.

A parked chunk is disposable: it is deleted in the transaction that settles it, and whoever takes up
a run after a crash throws away what nobody has taken and reads it again.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator

from sqlalchemy import Connection, delete, insert, select, update

from engine.run import read as reading
from engine.run.attendance import Shift
from engine.run.plan import Plan
from engine.run.traveller import Traveller
from engine.store.database import Store
from engine.store.runs import change_run
from engine.store.tables import chunks, runs
from engine.store.workers import Buried, count_live

#: Chunks that wait for each other worker: one in hand and one ready.
READY = 2
#: Seconds between two looks at what others do.
LOOK_EVERY = 0.05
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
        sealed = self._store.vault.seal([t.source for t in travellers])
        with self._store.writing() as connection:
            row = insert(chunks).values(run_id=self._run_id, worker="", records=sealed)
            key = connection.execute(row).inserted_primary_key
            assert key is not None
            number = int(key[0])
        self._keys[number] = frozenset(t.key for t in travellers)
        self.used = True

    def wait_for(self, keys: Iterable[str]) -> None:
        """Wait until no parked chunk holds one of the keys: a record's states go one by one."""
        if not self._keys:
            return
        wanted = frozenset(keys)
        while any(not wanted.isdisjoint(held) for held in self._keys.values()):
            self._refresh()
            if any(not wanted.isdisjoint(held) for held in self._keys.values()):
                time.sleep(LOOK_EVERY)

    def wait_for_all(self, meanwhile: Callable[[], None]) -> None:
        """Wait until every parked chunk is settled.

        :param meanwhile: called at every look; may raise.
        """
        while self._keys:
            self._refresh()
            if self._keys:
                meanwhile()
                time.sleep(LOOK_EVERY)

    def withdraw(self) -> None:
        """Throw away what nobody has taken, and wait for what others are at."""
        if not self._may:
            return
        own = chunks.c.run_id == self._run_id
        while True:
            with self._store.writing() as connection:
                connection.execute(
                    delete(chunks).where(own, chunks.c.worker.in_(("", self._shift.worker)))
                )
            with self._store.reading() as connection:
                left = connection.execute(select(chunks.c.id).where(own).limit(1)).first()
            if left is None:
                self._keys.clear()
                return
            time.sleep(LOOK_EVERY)

    # -- who takes -----------------------------------------------------------------------------

    def taken(
        self, stop: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[int, list[Traveller]]]:
        """Take chunks and yield them with their numbers, until none is free.

        :param stop: asked before each.
        """
        while self._may and not stop():
            found = self._take()
            if found is None:
                return
            number, sealed = found
            sources = self._store.vault.open(sealed)
            yield number, [reading.depart(self._plan, source) for source in sources]

    def done(self, connection: Connection, number: int) -> None:
        """Delete a chunk with its settlement.

        :raises Buried: it was given to another worker.
        """
        mine = (chunks.c.id == number, chunks.c.worker == self._shift.worker)
        if connection.execute(delete(chunks).where(*mine)).rowcount != 1:
            raise Buried

    def halt(self, message: str, hint: str) -> None:
        """Tell who reads that the run can't go on."""
        with self._store.writing() as connection:
            change_run(connection, self._run_id, halt={"message": message, "hint": hint})

    def _take(self) -> tuple[int, bytes] | None:
        free = (
            select(chunks.c.id)
            .where(chunks.c.run_id == self._run_id, chunks.c.worker == "")
            .order_by(chunks.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
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
        return number, row.records

    def _refresh(self) -> None:
        if not self._keys:
            return
        with self._store.reading() as connection:
            left = connection.execute(select(chunks.c.id).where(chunks.c.run_id == self._run_id))
            still = set(left.scalars())
        self._keys = {number: keys for number, keys in self._keys.items() if number in still}


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
