"""Who is at work: processes sign in, beat while they live, and are buried when they fall silent.

A worker's row is its right to write: every transaction of a run looks for it first (see
:func:`fence`), and who buries a worker deletes it in the transaction that gives its work back. So a
process that was only stopped for a while finds, when it wakes, that it can change nothing any more.
"""

import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from engine.store.database import Store
from engine.store.runs import ACTIVE
from engine.store.silence import silence
from engine.store.tables import chunks, runs, workers

# A lock against its removal alone: beats go on beside a transaction that waits for something.
_OWN_ROW = (
    select(workers.c.id)
    .where(workers.c.id == bindparam("worker"))
    .with_for_update(read=True, key_share=True)
)
_BEAT = update(workers).where(workers.c.id == bindparam("worker")).values(beats=workers.c.beats + 1)


class Buried(Exception):
    """The worker was taken for dead, and its work was given to others."""


@dataclass(frozen=True)
class Beat:
    """A worker as it stands in the table.

    :param beats: grows while it lives; the same number for long means that it doesn't.
    """

    id: str
    machine: str
    pid: int
    serves: bool
    beats: int

    @property
    def process_is_gone(self) -> bool:
        """Whether its process has certainly ended; only its own machine can tell."""
        if self.machine != this_machine():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


@cache
def this_machine() -> str:
    """Name this boot of this machine, and the space that its process numbers are from."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = Path("/proc/self/ns/pid").readlink()
    except OSError:  # not Linux
        return socket.gethostname()
    return f"{boot} {space}"


def sign_in(store: Store, *, serves: bool) -> str:
    """Add a worker for this process; return its id, which no other ever had.

    :param serves: it takes runs from the queue.
    """
    worker = uuid.uuid4().hex
    row = {
        "id": worker,
        "name": f"{socket.gethostname()}:{os.getpid()}"[:120],
        "machine": this_machine(),
        "pid": os.getpid(),
        "serves": serves,
        "beats": 0,
        "started_at": datetime.now(UTC),
    }
    with store.writing() as connection:
        connection.execute(insert(workers), [row])
    return worker


def sign_out(store: Store, worker: str) -> None:
    with store.writing() as connection:
        connection.execute(delete(workers).where(workers.c.id == worker))


def beat(store: Store, worker: str) -> bool:
    """Say that the worker lives; return False where it was buried."""
    with store.writing() as connection:
        return connection.execute(_BEAT, {"worker": worker}).rowcount == 1


def fence(connection: Connection, worker: str) -> None:
    """Hold the worker's row for this transaction, so that nobody buries it meanwhile.

    :raises Buried: it was.
    """
    if connection.execute(_OWN_ROW, {"worker": worker}).first() is None:
        raise Buried


def list_workers(store: Store) -> list[Beat]:
    table = workers.c
    columns = (table.id, table.machine, table.pid, table.serves, table.beats)
    with store.reading() as connection:
        return [Beat(*row) for row in connection.execute(select(*columns))]


def count_live(store: Store) -> int:
    """Return how many processes take runs from the queue; at least one counts as there."""
    query = select(func.count()).select_from(workers).where(workers.c.serves)
    with store.reading() as connection:
        return max(1, connection.execute(query).scalar_one())


def anybody_serves(store: Store) -> bool:
    """Return whether a process that may be alive takes runs from the queue."""
    return any(one.serves and not one.process_is_gone for one in list_workers(store))


def is_gone(store: Store, worker: str) -> bool:
    """Return whether a run of this worker can't be under way any more."""
    found = {one.id: one for one in list_workers(store)}.get(worker)
    return found is None or found.process_is_gone


def falls_silent(store: Store, worker: str, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Watch a worker of unknown fate; return whether it says nothing for as long as the dead do.

    One that lives is heard within a second or two.
    """
    before = _beats(store, worker)
    ends = time.monotonic() + silence()
    while before is not None and time.monotonic() < ends:
        sleep(0.2)
        if _beats(store, worker) != before:
            return False
    return True


def _beats(store: Store, worker: str) -> int | None:
    query = select(workers.c.beats).where(workers.c.id == worker)
    with store.reading() as connection:
        return connection.execute(query).scalar()


def bury(store: Store, worker: str) -> list[int]:
    """Give a dead worker's work back, all of it or nothing; return the runs it was at."""
    with store.writing() as connection:
        connection.execute(delete(workers).where(workers.c.id == worker))
        connection.execute(update(chunks).where(chunks.c.worker == worker).values(worker=""))
        left = connection.execute(
            update(runs)
            .where(runs.c.worker == worker, runs.c.status.in_(ACTIVE))
            .values(
                status="queued", worker="", attempts=runs.c.attempts + 1, deaths=runs.c.deaths + 1
            )
            .returning(runs.c.id)
        )
        return list(left.scalars())
