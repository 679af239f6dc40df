"""Records that wait for a time, and values collected for a message to come."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from engine.store.tables.base import UtcDateTime, metadata

# One row for each place of a recipe at which a record, or a part of one, has waited.
waits = Table(
    "waits",
    metadata,
    Column("recipe", String(120), primary_key=True),
    Column("step", String(80), primary_key=True),
    Column("record_key", String(300), primary_key=True),
    Column("part", String(300), primary_key=True),  # key of an entry of a list; empty: the record
    # open: it goes on at due_at; held: it waits for something else meanwhile; over: it has waited.
    Column("state", String(8), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("first_round", Integer, nullable=False),  # of `until`: where it began to count
    Column("round", Integer, nullable=False),  # of `until`: the one to go on with
    Column("run_id", Integer, nullable=False),  # the run that wrote this
    Column("tries", Integer, nullable=False, default=0),  # how often a run was asked for
    Column("try_at", UtcDateTime),  # not before; empty: at once
    Index("ix_waits_state", "state", "due_at"),
    Index("ix_waits_record", "recipe", "record_key"),
    sqlite_with_rowid=False,
)

# What records have left for a message, until that is settled.
collected = Table(
    "collected",
    metadata,
    Column("id", Integer, primary_key=True),  # in the order of the message; never used again
    Column("recipe", String(120), nullable=False),
    Column("step", String(80), nullable=False),
    Column("record_key", String(300), nullable=False),
    Column("part", String(300), nullable=False),  # as in `waits`
    Column("value", LargeBinary, nullable=False),  # encrypted
    Column("message", String(300)),  # the key of the message it belongs to; empty: of none yet
    Index("ix_collected_step", "recipe", "step", "message"),
    Index("ix_collected_record", "recipe", "record_key"),
    sqlite_autoincrement=True,
)
