"""The log file of a home: tracebacks and what people need not see, never a secret."""

import logging
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

import click

from engine.redaction import RedactingFormatter

#: Bytes of one log file, and how many older ones are kept.
SIZE, KEPT = 2_000_000, 5

#: Libraries that tell every request or migration at the level INFO.
CHATTY = ("httpx2", "httpcore2", "alembic", "waitress", "dbos")


class PrivateFileHandler(RotatingFileHandler):
    """Makes its files readable by their owner alone: they tell of people, though not of secrets."""

    def _open(self) -> TextIOWrapper:
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_WRONLY, 0o600))
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - as logging calls it
        """Say nothing of a disk that is full: the command does, and a person reads its words."""
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)

    def close(self) -> None:
        with suppress(OSError):  # what could not be written is tried once more
            super().close()


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
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
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
