"""A connection that doesn't work any more: noted at it, and told with the recipes it holds up."""

from contextlib import suppress
from datetime import datetime

from engine.errors import BridgeworkError
from engine.recipe.library import Library
from engine.recipe.model import Recipe
from engine.store.connections import NEEDS_PERSON, mark_checked
from engine.store.database import Store
from engine.store.switches import switches


def note_broken(
    store: Store,
    library: Library,
    title: str,
    name: str,
    error: BridgeworkError,
    at: datetime | None = None,
) -> None:
    """Note at a connection that it doesn't work, as someone who used it found out.

    :param title: of its app.
    """
    mark_checked(
        store,
        name,
        problem=str(error),
        code=error.code,
        notice=notice_of(store, library, title, name, error),
        at=at,
    )


def notice_of(
    store: Store, library: Library, title: str, name: str, error: BridgeworkError
) -> tuple[str, str] | None:
    """Return subject and body of what people hear of a broken connection; None if it may pass."""
    if error.code not in NEEDS_PERSON:
        return None
    held_up = "; ".join(recipe.title for recipe in recipes_held_up(store, library, name))
    uses = f"Until then it holds up: {held_up}." if held_up else "No recipe that is on uses it."
    return f"Reconnect {title}: “{name}” no longer works", f"{error}\n{uses}"


def recipes_held_up(store: Store, library: Library, name: str) -> list[Recipe]:
    """Return the recipes that are switched on and use a connection."""
    found = []
    for recipe_name, enabled in sorted(switches(store).items()):
        if enabled:
            with suppress(BridgeworkError):  # a broken recipe is shown on its page
                recipe = library.load(recipe_name)
                if name in recipe.connections:
                    found.append(recipe)
    return found
