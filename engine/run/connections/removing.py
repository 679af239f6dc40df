"""Removing a connection: first what hangs on it, while its app can still be told."""

from engine.host import Host
from engine.recipe.library import Library
from engine.run.connections.broken import recipes_held_up
from engine.run.plan import Transports
from engine.run.recipes.switching import switch_off
from engine.store.connections import get_connection, remove_connection
from engine.store.database import Store


def forget_connection(
    store: Store,
    host: Host,
    library: Library,
    name: str,
    *,
    transports: Transports | None = None,
) -> list[str]:
    """Switch off the recipes that use a connection, end their webhooks, and forget its secrets.

    :returns: the titles of the recipes that were on.
    :raises SetupError: there is no such connection.
    """
    get_connection(store, name)
    held_up = recipes_held_up(store, library, name)
    for recipe in held_up:
        switch_off(store, host, recipe.name, transports=transports)
    remove_connection(store, name)
    return [recipe.title for recipe in held_up]
