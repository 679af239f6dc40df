"""When recipes run by themselves next, and why they did not."""

from sqlalchemy import JSON, Column, Integer, String, Table, Text

from engine.store.tables.base import UtcDateTime, metadata

# One row for each recipe that is switched on and runs by the clock.
recipe_schedules = Table(
    "recipe_schedules",
    metadata,
    Column("recipe", String(120), primary_key=True),
    # What the times below were reckoned from; where the recipe says otherwise, they are old.
    Column("words", Text, nullable=False),
    Column("timezone", String(80), nullable=False),
    Column("jitter", Integer, nullable=False),  # seconds
    Column("tick_at", UtcDateTime),  # the next time by the schedule; its run goes by it
    Column("next_at", UtcDateTime),  # when that is looked after: later by jitter or a wait
    Column("last_tick_at", UtcDateTime),
    Column("note", Text, nullable=False, default=""),  # why the last tick was late or left out
    Column("noted_at", UtcDateTime),
    Column("run_id", Integer),  # what the last tick started, until its end was looked at
    Column("failures", Integer, nullable=False, default=0),  # scheduled runs in a row
    Column("failing_since", UtcDateTime),
    Column("backed_off_until", UtcDateTime),
    Column("waits_for", JSON, nullable=False, default=list),  # broken connections, by name
)
