"""The tables: what Bridgework knows. SQLAlchemy Core; migrations/ changes them."""

from engine.store.tables.base import metadata
from engine.store.tables.core import (
    connections,
    cursors,
    ledger,
    links,
    open_problems,
    recipe_versions,
    recipes,
    run_log,
    runs,
    users,
)
from engine.store.tables.execution import chunks, duties, workers

__all__ = [
    "chunks",
    "connections",
    "cursors",
    "duties",
    "ledger",
    "links",
    "metadata",
    "open_problems",
    "recipe_versions",
    "recipes",
    "run_log",
    "runs",
    "users",
    "workers",
]
