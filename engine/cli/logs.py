"""The log file of a home: tracebacks and what people need not see, never a secret."""

import fcntl
import logging
import os
import sys
import time
from contextlib import suppress
from datetime import datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

import click

from engine.errors import SetupError
from engine.local_time import TIMEZONE_VARIABLE, local_zone
from engine.redaction import RedactingFormatter

#: Bytes of one log file, and how many older ones are kept.
SIZE, KEPT = 2_000_000, 5

#: One line: several processes of a home write into the same file, so each says its number.
LINE = "%(asctime)s %(levelname)s %(name)s[%(process)d]: %(message)s"

#: Libraries that tell every request or migration at the level INFO.
CHATTY = ("httpx2", "httpcore2", "alembic", "waitress", "dbos")


class PrivateFileHandler(RotatingFileHandler):
    """Makes its files readable by their owner alone: they tell of people, though not of secrets.

    ``serve``, workers and commands of one home write into the same file: each follows when another, or
    logrotate, has moved it away. Else they would go on in the old one, and each move the new one away.
    """

    def _open(self) -> TextIOWrapper:
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_WRONLY, 0o600))
        return super()._open()

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - as logging calls it
        if self.stream is not None and self._was_moved():
            self._follow()
        return bool(super().shouldRollover(record))

    def doRollover(self) -> None:  # noqa: N802 - as logging calls it
        folder = os.open(Path(self.baseFilename).parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # one process moves it, and the others find it moved
            if self._was_moved():
                self._follow()
            else:
                super().doRollover()
        finally:
            os.close(folder)

    def _follow(self) -> None:
        if self.stream is not None:
            with suppress(OSError):  # what could not be written is tried once more
                self.stream.close()
        self.stream = self._open()

    def _was_moved(self) -> bool:
        try:
            there = Path(self.baseFilename).stat()
        except FileNotFoundError:
            return True
        return self.stream is None or not os.path.samestat(there, os.fstat(self.stream.fileno()))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - as logging calls it
        """Say nothing of a disk that is full: the command does, and a person reads its words."""
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)

    def close(self) -> None:
        with suppress(OSError):  # what could not be written is tried once more
            super().close()


class LogLines(RedactingFormatter):
    """Tells the time as people here do, which isn't the zone of many servers."""

    def converter(self, seconds: float | None) -> time.struct_time:
        if os.environ.get(TIMEZONE_VARIABLE):
            with suppress(SetupError):  # a wrong one is told elsewhere
                return datetime.fromtimestamp(seconds or 0, local_zone()).timetuple()
        return time.localtime(seconds)


def keep_log(context: click.Context, home: Path) -> Path | None:
    """Write the log into ``home`` until the command ends; return the file, or None if it can't be.

    Asked twice, it goes on with the first file.
    """
    started = context.meta.get("bridgework.log")
    if started is not None:
        return Path(started)
    path = home / "logs" / "bridgework.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = PrivateFileHandler(path, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(LogLines(LINE))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    context.meta["bridgework.log"] = str(path)

    def stop() -> None:
        root.removeHandler(handler)
        handler.close()

    context.call_on_close(stop)
    return path
