"""Counts what is asked of the database, so that it can't grow unseen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from engine.store.database import Store


@contextmanager
def statements_of(store: Store) -> Iterator[list[str]]:
    """Collect every SQL statement sent while the block runs, those that open transactions too."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
