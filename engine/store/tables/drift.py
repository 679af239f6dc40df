"""What systems' records look like, what changed of that, and what connectors declare."""

from sqlalchemy import JSON, Column, Integer, String, Table, Text

from engine.store.tables.base import UtcDateTime, metadata

# Names and kinds of fields, how often each came; never a value. As engine.drift.shape writes it.
shapes = Table(
    "shapes",
    metadata,
    Column("connection", String(80), primary_key=True),
    Column("operation", String(200), primary_key=True),
    # What a recipe gives the operation that is the same for all records: other parameters may
    # give other fields.
    Column("parameters", String(200), primary_key=True),
    Column("shape", JSON, nullable=False),
    Column("records", Integer, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
)

# What is another than before, until it is as before or somebody accepts it.
field_changes = Table(
    "field_changes",
    metadata,
    Column("connection", String(80), primary_key=True),
    Column("operation", String(200), primary_key=True),
    Column("parameters", String(200), primary_key=True),
    Column("path", String(300), primary_key=True),
    Column("kind", String(20), nullable=False),  # engine.drift.differences.Kind
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", Text, nullable=False),  # in a connector's own words; empty where it was seen
    Column("found_at", UtcDateTime, nullable=False),
    Column("run_id", Integer),  # the run that found it
)

# What each connector in use declared when that was last accepted.
declarations = Table(
    "declarations",
    metadata,
    Column("connector", String(80), primary_key=True),
    Column("version", String(80), nullable=False),
    Column("declared", JSON, nullable=False),
    Column("accepted_at", UtcDateTime, nullable=False),
)
