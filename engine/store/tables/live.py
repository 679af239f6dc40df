"""What apps said of fields that are known only once connected."""

from sqlalchemy import JSON, Column, String, Table, Text

from engine.store.tables.base import UtcDateTime, metadata

live_fields = Table(
    "live_fields",
    metadata,
    Column("connection", String(80), primary_key=True),
    Column("asked", String(80), primary_key=True),  # the connector's function
    Column("digest", String(64), primary_key=True),  # SHA-256 of the parameters
    Column("parameters", JSON, nullable=False),
    Column("schema", JSON(none_as_null=True)),  # JSON Schema; None: never read
    Column("read_at", UtcDateTime),
    Column("problem", Text, nullable=False, default=""),  # of the last try
)
