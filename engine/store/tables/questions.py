"""Questions to people, and their answers."""

from sqlalchemy import (
    JSON,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from engine.store.tables.base import UtcDateTime, metadata

questions = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipe", String(120), nullable=False),
    Column("step", String(80), nullable=False),
    Column("record_key", String(300), nullable=False),
    Column("fingerprint", LargeBinary(16), nullable=False),  # of all that was asked
    Column("title", String(300), nullable=False),  # of the record
    Column("run_id", Integer, nullable=False),  # the run that asked
    Column("text", Text, nullable=False),
    Column("details", LargeBinary, nullable=False),  # encrypted: a list of [label, value]
    Column("kind", String(10), nullable=False),  # choice, text, number, date
    Column("choices", JSON, nullable=False),
    Column("people", JSON, nullable=False),  # addresses of those who may answer; empty: everyone
    Column("on_no", String(10), nullable=False),
    Column("otherwise", String(60), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("state", String(12), nullable=False),  # open, answered, lapsed, withdrawn
    Column("answer", JSON(none_as_null=True)),
    Column("note", Text, nullable=False, default=""),
    Column("answered_by", String(200), nullable=False, default=""),
    Column("answered_at", UtcDateTime),
    # The run in which the answer took effect; empty while the record still waits for its turn.
    Column("continued_run_id", Integer),
    Column("tries", Integer, nullable=False, default=0),  # how often a run was asked for
    Column("try_at", UtcDateTime),  # not before; empty: at once
    # What the notice is about that told people of it; empty: they were not told yet.
    Column("told_in", String(300), nullable=False, default=""),
    UniqueConstraint("recipe", "step", "record_key", "fingerprint"),
    Index("ix_questions_state", "state", "continued_run_id"),
    Index("ix_questions_record", "recipe", "record_key"),
)
