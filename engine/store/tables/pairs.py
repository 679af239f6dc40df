"""What bridges in both directions know: which record of one app is which of the other."""

from sqlalchemy import Column, Float, String, Table

from engine.store.tables.base import metadata

# What a recipe with `two_way` wrote, by the id at its target: the other recipe's record.
pairs = Table(
    "pairs",
    metadata,
    Column("recipe", String(120), primary_key=True),
    Column("step", String(80), primary_key=True),
    Column("target_id", String(300), primary_key=True),
    Column("record_key", String(300), nullable=False),  # of the record it was made of
    # When the target says that it changed by the last write, in its own words; null: it didn't say.
    Column("mark", String(80)),
    Column("sent_at", Float),  # seconds since 1970, when it answered; null: before there were pairs
    sqlite_with_rowid=False,
)
