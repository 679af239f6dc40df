"""A home with something of everything in it, and its folder of recipes."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    Table,
    insert,
    select,
)

from engine.store import connections
from engine.store.database import URL_VARIABLE, Store
from engine.store.sealed import SEALED
from engine.store.tables import canary, metadata
from engine.store.tables.base import UtcDateTime
from engine.store.vault import Vault

SECRET = "s3cret-of-the-depot"
NOTE = "Only for the client's own eyes."


@dataclass
class Firm:
    """A home in use, and where its recipes are."""

    store: Store
    recipes: Path

    @property
    def home(self) -> Path:
        return self.store.home


@pytest.fixture
def firm(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Firm:
    """A home with a connection, a kept file, an upload and a plugin, and a row in every table.

    With --postgres its database is there; what is restored comes back as a file.
    """
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    firm = Firm(store, tmp_path / "recipes")
    connections.save_connection(
        store, connections.Connection(name="depot", connector="depot", secrets={"key": SECRET})
    )
    store.files.save("brief.pdf", [b"%PDF ", NOTE.encode()])
    put(firm.home / "files" / "out" / "clients.csv", "name\nÄnne\n")
    put(firm.home / "plugins" / "ours" / "__init__.py", "x = 1\n")
    put(firm.home / "plugins" / "ours" / "__pycache__" / "x.pyc", "compiled")
    put(firm.home / "logs" / "bridgework.log", "what was done")
    put(firm.recipes / "night.yaml", "name: Every night\n")
    put(firm.recipes / "tables" / "stages.csv", "open,1\n")
    put(firm.recipes / ".git" / "config", "not ours")
    with store.writing() as connection:
        fill(connection, store.vault)
    return firm


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def fill(connection: Connection, vault: Vault) -> None:
    """Write two rows into every table: one with everything, one with what there must be."""
    for table in metadata.sorted_tables:
        if table is canary:
            continue
        whole = {column.name: _value(column, vault, 1) for column in table.columns}
        bare = {
            column.name: _value(column, vault, 2)
            for column in table.columns
            if not column.nullable or column.primary_key
        }
        if table.name == "workers":  # nobody's
            whole |= {"serves": True, "pid": 2**22, "machine": "another"}
        for row in (whole, bare):
            connection.execute(insert(table).values(row))


def _value(column: Column[Any], vault: Vault, number: int) -> Any:
    kind = column.type
    if column in SEALED:
        return vault.seal({"note": NOTE})
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, Float):
        return number + 0.1
    if isinstance(kind, UtcDateTime):
        return datetime(2026, 11, number, 20, 30, 0, 123456, UTC)
    if column.name == "nouns":
        return {"source": ["matter", "matters"], "target": ["case", "cases"]}
    if isinstance(kind, JSON):
        return {"ä": [1.0, None, True], "b": "1e5"} if number == 1 else []
    if isinstance(kind, LargeBinary):
        return bytes([0, 255, number])
    return f"{column.name[:5]}ü{number}"[: getattr(kind, "length", None)]


def everything(store: Store, besides: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables."""
    with store.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(_all_of(table))]
            for table in metadata.sorted_tables
            if table.name not in besides
        }


def _all_of(table: Table) -> Any:
    return select(table).order_by(*table.primary_key.columns)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def killed_at() -> Callable[[Callable[[], object], int], bool]:
    """Do something in a process that kills itself at its n-th change on the disk; say whether it did."""

    def run(act: Callable[[], object], number: int) -> bool:
        child = os.fork()
        if child == 0:
            _die_at(number)
            try:
                act()
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)

    return run


def _die_at(number: int) -> None:
    import signal
    import sys

    seen = 0
    changes = {"os.rename", "os.mkdir", "os.link", "os.remove", "os.rmdir", "sqlite3.connect"}

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        written = (
            event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wx")
        )
        if event in changes or written:
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
