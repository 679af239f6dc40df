"""Who works, and on what: workers with their heartbeat, and duties done by one of them."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table

from engine.store.tables.base import UtcDateTime, metadata

workers = Table(
    "workers",
    metadata,
    Column("id", String(32), primary_key=True),  # new at every start
    Column("name", String(120), nullable=False),  # host:pid, for people
    Column("machine", String(120), nullable=False),  # boot and process space, where the pid counts
    Column("pid", Integer, nullable=False),
    Column("serves", Boolean, nullable=False),  # takes runs from the queue
    Column("beats", Integer, nullable=False),  # grows every second while it lives
    Column("started_at", UtcDateTime, nullable=False),
)

duties = Table(
    "duties",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),  # moved on by whoever takes it
)

# Records of a run that are read but not settled, when several workers share it.
chunks = Table(
    "chunks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("worker", String(32), nullable=False, default=""),  # who has taken it
    Column("records", LargeBinary, nullable=False),  # encrypted
    Index("ix_chunks_run_worker", "run_id", "worker"),
)
