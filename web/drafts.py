"""A first draft of a recipe: somebody chooses where records come from and what is done with them."""

from engine.errors import SetupError
from engine.local_time import local_place
from engine.operations import Action, Operation, Trigger
from engine.recipe.draft.drafting import draft_alone
from engine.recipe.draft.writing import as_text
from engine.store.connections import list_connections
from web.site import site

#: Choices of a picker: the operation's full name, and what people read.
Choices = list[tuple[str, str]]


def operations() -> tuple[Choices, Choices]:
    """Return the triggers and the actions there are, to choose from."""
    connectors = list(site().host.connectors.values())
    triggers = [_choice(trigger) for one in connectors for trigger in one.triggers.values()]
    actions = [
        _choice(action)
        for one in connectors
        for action in one.actions.values()
        if action.kind != "search"
    ]
    return triggers, actions


def drafted(trigger_name: str, action_name: str) -> str:
    """Return the text of a draft; empty where one of the two isn't there."""
    host = site().host
    try:
        trigger, action = host.operation(trigger_name), host.operation(action_name)
    except SetupError:
        return ""
    if not (isinstance(trigger, Trigger) and isinstance(action, Action)):
        return ""
    there = {one.connector: one.name for one in list_connections(site().store)}
    used = {
        name: there.get(name, name)
        for name in (trigger.connector, action.connector)
        if host.connectors[name].needs_connection
    }
    draft = draft_alone(host, trigger, action, connections=used, timezone=local_place().key)
    return as_text(draft)


def _choice(operation: Operation) -> tuple[str, str]:
    app = site().host.connectors[operation.connector].title
    return operation.full_name, f"{app}: {operation.title}"
