"""The canary: one sealed value that tells at start-up whether the keys are the right ones."""

from sqlalchemy import Column, Integer, LargeBinary, Table

from engine.store.tables.base import UtcDateTime, metadata

canary = Table(
    "canary",
    metadata,
    Column("id", Integer, primary_key=True),  # 1: there is one row
    Column("sealed", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)
