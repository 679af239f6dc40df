"""The tables of the main road: connections, recipes, runs, and what became of each record.

A record's road ends in four of them, all written in one transaction a chunk:
``ledger`` (one row per record and run, except unchanged ones), ``links`` (source key ↔ target id,
with the fingerprint last sent), ``open_problems`` (records that still need attention, with their
encrypted source) and ``cursors`` (how far a trigger has read).
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from engine.store.tables.base import UtcDateTime, metadata

connections = Table(
    "connections",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("connector", String(80), nullable=False),
    Column("settings", JSON, nullable=False),  # public ones only
    Column("secrets", LargeBinary, nullable=False),  # encrypted: secret settings and tokens
    Column("label", String(200), nullable=False, default=""),
    Column("practice", Boolean, nullable=False, default=False),
    # The vendor's id of the account, and where its API is: together they tell accounts apart.
    Column("account_id", String(300), nullable=False, default="", server_default=""),
    Column("address", Text, nullable=False, default="", server_default=""),
    Column("problem", Text, nullable=False, default=""),  # why it no longer works; empty if it does
    Column("problem_code", String(60), nullable=False, default="", server_default=""),
    Column("broken_since", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),  # when it became this account's
    Column("checked_at", UtcDateTime),
)

recipes = Table(
    "recipes",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("enabled", Boolean, nullable=False, default=False),
    Column("changed_at", UtcDateTime, nullable=False),
    # Why Bridgework itself switched it off; empty when a person did, or it is on.
    Column("paused_because", Text, nullable=False, server_default=""),
)

recipe_versions = Table(
    "recipe_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipe", String(120), nullable=False),
    Column("number", Integer, nullable=False),  # within the recipe: 1, 2, 3 …
    Column("path", Text, nullable=False),
    Column("text", Text, nullable=False),
    # Texts of the files it reads beside itself, by the names written in it.
    Column("beside", JSON, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("saved_by", String(200), nullable=False),  # empty: changed outside Bridgework
    Column("note", Text, nullable=False),
    UniqueConstraint("recipe", "number"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipe", String(120), nullable=False, index=True),
    Column("title", String(300), nullable=False),
    Column("version_id", ForeignKey("recipe_versions.id"), nullable=False),
    Column("origin", String(20), nullable=False),  # engine.store.runs.Origin
    Column("origin_key", String(200), unique=True),  # one run per schedule tick
    Column("parent_id", ForeignKey("runs.id")),  # the run whose records a retry tries again
    Column("request", JSON, nullable=False),  # engine.store.runs.RunRequest
    Column("nouns", JSON, nullable=False),  # {"source": ["matter", "matters"], "target": […]}
    Column("status", String(20), nullable=False, index=True),
    Column("message", Text, nullable=False, default=""),  # why it could not run, for a person
    Column("hint", Text, nullable=False, default=""),
    Column("read", Integer, nullable=False, default=0),
    Column("counts", JSON, nullable=False, default=dict),  # outcome → number of ledger entries
    # The same of the messages among them, which were read nowhere.
    Column("messages", JSON, nullable=False, default=dict, server_default="{}"),
    Column("fixed", Integer, nullable=False, default=0),  # records that needed attention before
    # Records open from earlier runs that it tried again, fixed or not; known at its end.
    Column("tried_again", Integer),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("worker", String(120), nullable=False, default="", index=True),  # who executes it
    Column("attempts", Integer, nullable=False, default=0),  # times it was put back on the queue
    Column("deaths", Integer, nullable=False, default=0),  # of its workers, since it got on
    Column("halt", JSON),  # why a worker that shares the run found it must stop
    Column("cancel_requested", Boolean, nullable=False, default=False),
)

run_log = Table(
    "run_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("level", String(10), nullable=False),
    Column("message", Text, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("record_key", String(300), nullable=False),
    Column("title", String(300), nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("target_id", String(300)),
    Column("code", String(60)),
    Column("reason", Text),
    Column("how_to_fix", Text),
    Column("step", String(80)),
    Column("field", String(200)),
    Column("message", Boolean),  # true of messages made of many records, empty of records
    Index("ix_ledger_run_record", "run_id", "record_key"),
)

links = Table(
    "links",
    metadata,
    Column("recipe", String(120), primary_key=True),
    Column("step", String(80), primary_key=True),
    Column("record_key", String(300), primary_key=True),
    Column("target_id", String(300)),
    Column("fingerprint", LargeBinary(16), nullable=False),  # of the row last sent
    Column("title", String(300), nullable=False),
    # The last run that saw the record, changed or not; 0 where the key is not the record's own.
    Column("run_id", Integer, nullable=False),
    Column("result", LargeBinary),  # the action's answer, where a later step reads more than its id
    Column("sent_in", Integer),  # where in sent_rows the row last sent is kept
    sqlite_with_rowid=False,
)

sent_rows = Table(
    "sent_rows",
    metadata,
    Column("id", Integer, primary_key=True),
    # Encrypted: rows that were sent together, by step and key. What no link names goes in time.
    Column("rows", LargeBinary, nullable=False),
)

open_problems = Table(
    "open_problems",
    metadata,
    Column("recipe", String(120), primary_key=True),
    Column("record_key", String(300), primary_key=True),
    Column("first_run_id", Integer, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("source", LargeBinary, nullable=False),  # encrypted record, until it settles
    sqlite_with_rowid=False,
)

cursors = Table(
    "cursors",
    metadata,
    Column("recipe", String(120), primary_key=True),
    Column("trigger", String(200), primary_key=True),  # its name and parameters: see run/read.py
    Column("value", Text, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(200), nullable=False, unique=True),
    Column("password_hash", String(300), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
