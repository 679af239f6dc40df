"""Which recipes are switched on."""

from datetime import UTC, datetime

from sqlalchemy import select

from engine.store.database import Store, upsert
from engine.store.tables import recipes


def switches(store: Store) -> dict[str, bool]:
    """Return each known recipe's switch; one that was never touched is off and not listed."""
    with store.reading() as connection:
        rows = connection.execute(select(recipes.c.name, recipes.c.enabled))
        return {row.name: row.enabled for row in rows}


def set_switch(store: Store, recipe: str, enabled: bool) -> None:
    row = {"name": recipe, "enabled": enabled, "changed_at": datetime.now(UTC)}
    with store.writing() as connection:
        upsert(connection, recipes, [row], update=["enabled", "changed_at"])
