"""The tables: what Bridgework knows. SQLAlchemy Core; migrations/ changes them."""

from engine.store.tables.accounts import consents, invitations
from engine.store.tables.base import metadata
from engine.store.tables.budgets import budgets
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
    sent_rows,
    users,
)
from engine.store.tables.drift import declarations, field_changes, shapes
from engine.store.tables.execution import chunks, duties, workers
from engine.store.tables.hooks import deliveries, hooks, retired_addresses
from engine.store.tables.intents import intents, unreported
from engine.store.tables.live import live_fields
from engine.store.tables.notices import (
    notice_channels,
    notice_deliveries,
    notice_preferences,
    notice_reads,
    notice_settings,
    notices,
)
from engine.store.tables.outbound import api_tokens, outbox, subscriptions
from engine.store.tables.pairs import pairs
from engine.store.tables.questions import questions
from engine.store.tables.schedules import recipe_schedules
from engine.store.tables.vault import canary
from engine.store.tables.waits import collected, waits

__all__ = [
    "api_tokens",
    "budgets",
    "canary",
    "chunks",
    "collected",
    "connections",
    "consents",
    "cursors",
    "declarations",
    "deliveries",
    "duties",
    "field_changes",
    "hooks",
    "intents",
    "invitations",
    "ledger",
    "links",
    "live_fields",
    "metadata",
    "notice_channels",
    "notice_deliveries",
    "notice_preferences",
    "notice_reads",
    "notice_settings",
    "notices",
    "open_problems",
    "outbox",
    "pairs",
    "questions",
    "recipe_schedules",
    "recipe_versions",
    "recipes",
    "retired_addresses",
    "run_log",
    "runs",
    "sent_rows",
    "shapes",
    "subscriptions",
    "unreported",
    "users",
    "waits",
    "workers",
]
