"""A log for checks to look into."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Listener(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(logging.Formatter("%(name)s %(message)s").format(record))


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collect all that is logged, debugging included, as it is said: without redaction."""
    lines: list[str] = []
    listener = _Listener(lines)
    names = ("", "bridgework", "httpx2", "httpcore2")
    levels = {logger: logger.level for logger in map(logging.getLogger, names)}
    logging.getLogger().addHandler(listener)
    for logger in levels:
        logger.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(listener)
        for logger, level in levels.items():
            logger.setLevel(level)
