"""One at a time: a lock by name, across threads and processes, freed when its holder dies."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

from sqlalchemy import create_engine, func, select
from sqlalchemy.pool import NullPool

from engine.errors import RetryableError, SetupError
from engine.store.database import Store, lock_number

#: Seconds between two looks at a lock that someone else holds.
PAUSE = 0.02


class StillHeld(RetryableError):
    """Someone else kept a lock for longer than the patience for it."""

    code = "busy"

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(
            f"Another process of Bridgework has been busy with {name!r} for over {seconds:g} seconds.",
            hint="Try again in a moment.",
        )


@contextmanager
def exclusive(store: Store, name: str, patience_seconds: float) -> Iterator[None]:
    """Let one holder at a time into the block: of all threads, processes and machines of ``store``.

    A holder that dies, even by kill -9, sets the lock free. It is not to be taken again by whoever
    holds it, and no transaction should be open meanwhile.

    :param name: of what is locked, e.g. ``"tokens:clio"``.
    :param patience_seconds: how long to wait for another holder; 0 takes the lock at once or never.
    :raises StillHeld: the patience is over.
    """
    if store.engine.dialect.name == "sqlite":
        holding = _file_lock(store.home / "locks", name, patience_seconds)
    else:
        holding = _advisory_lock(store, name, patience_seconds)
    with holding:
        yield


@contextmanager
def _file_lock(folder: Path, name: str, patience: float) -> Iterator[None]:
    """Hold ``flock`` on a file: it belongs to this opening of it, so threads exclude each other too.

    The file stays: removing it would let two hold "the same" lock, on the old file and the new.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / f"{quote(name, safe='')}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait(lambda: _flock(descriptor), name, patience)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock(store: Store, name: str, patience: float) -> Iterator[None]:
    """Hold PostgreSQL's session lock, on a connection of its own that ends with the holder.

    Not one of the pool: those who wait could take all of them, and the holder would need one.
    """
    key = lock_number(name)
    engine = create_engine(store.engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            ask = select(func.pg_try_advisory_lock(key))
            _wait(lambda: bool(connection.execute(ask).scalar()), name, patience)
            yield
    finally:
        engine.dispose()


def hold_home(home: Path) -> IO[str]:
    """Be the one process that serves a home on SQLite, until the file that is returned is closed.

    :raises SetupError: another process does.
    """
    file = (home / "serve.lock").open("a+")
    if not _flock(file.fileno()):
        file.close()
        raise SetupError(
            f"Another `bridgework serve` already works in '{home}'.",
            hint="Stop it first, or choose another home with --home.",
        )
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file


def _flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(take: Callable[[], bool], name: str, patience: float) -> None:
    end = time.monotonic() + patience
    while not take():
        if time.monotonic() >= end:
            raise StillHeld(name, patience)
        time.sleep(PAUSE)
