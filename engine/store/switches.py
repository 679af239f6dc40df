"""Which recipes are switched on, and which of them Bridgework itself switched off."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select

from engine.redaction import redact
from engine.store.database import Store, upsert
from engine.store.notices import RECIPE_KINDS, close_notice
from engine.store.tables import recipe_schedules, recipes

#: How the reason begins by which recipes are paused after a restore: of those nothing goes on by
#: itself, also no record that waits.
RESTORED = "Bridgework was restored from the backup"


def switches(store: Store) -> dict[str, bool]:
    """Return each known recipe's switch; one that was never touched is off and not listed."""
    with store.reading() as connection:
        rows = connection.execute(select(recipes.c.name, recipes.c.enabled))
        return {row.name: row.enabled for row in rows}


def set_switch(store: Store, recipe: str, enabled: bool) -> None:
    """Switch a recipe on or off; times that passed before are never made up for.

    A person did it, so notices of what stood before are over: that it was paused, and where it is
    switched off, whatever it failed of.
    """
    with store.writing() as connection:
        _set(connection, recipe, enabled, "")
        kinds = ("recipe_paused",) if enabled else RECIPE_KINDS
        for kind in kinds:
            close_notice(connection, kind=kind, about=f"recipe:{recipe}")
        if not enabled:
            close_notice(connection, kind="webhook_broke", about=f"webhook:{recipe}")


def pause_recipe(connection: Connection, recipe: str, because: str) -> None:
    """Switch a recipe off on Bridgework's own account, until a person switches it on again.

    :param because: the reason that pages show, in whole sentences.
    """
    _set(connection, recipe, False, redact(because))


def paused_recipes(store: Store) -> dict[str, str]:
    """Return the recipes that Bridgework switched off, each with the reason."""
    with store.reading() as connection:
        rows = connection.execute(
            select(recipes.c.name, recipes.c.paused_because).where(recipes.c.paused_because != "")
        )
        return {row.name: row.paused_because for row in rows}


def held_since_restore(store: Store) -> set[str]:
    """Return the recipes that nobody has looked at since a backup was restored."""
    held = recipes.c.paused_because.startswith(RESTORED, autoescape=True)
    with store.reading() as connection:
        return set(connection.execute(select(recipes.c.name).where(held)).scalars())


def _set(connection: Connection, recipe: str, enabled: bool, because: str) -> None:
    row = {
        "name": recipe,
        "enabled": enabled,
        "changed_at": datetime.now(UTC),
        "paused_because": because,
    }
    upsert(connection, recipes, [row], update=[name for name in row if name != "name"])
    connection.execute(delete(recipe_schedules).where(recipe_schedules.c.recipe == recipe))
