"""What a trigger's records hold, for checks before there is any record."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from engine.calls import guarded
from engine.context import Context, Folders, Http
from engine.errors import BridgeworkError
from engine.fields import Schema
from engine.host import Host
from engine.operations import Trigger
from engine.recipe.checking.scopes import ANYTHING, result_of
from engine.recipe.live import connected, literal
from engine.recipe.templates.coerce import CoerceError
from engine.recipe.texts import FieldSet


def records_of(
    host: Host, trigger: Trigger, fields: FieldSet, folder: Path, connection: str
) -> Schema:
    """Return the schema of a trigger's records, read from a file's columns where it can be.

    :param fields: what the recipe gives the trigger; ``connection`` is the account it names.
    :param folder: the recipe's.
    """
    try:
        return ask_records(host, trigger, fields, folder, connection)
    except BridgeworkError:
        return ANYTHING  # the file may only be there when the recipe runs


def ask_records(
    host: Host, trigger: Trigger, fields: FieldSet, folder: Path, connection: str
) -> Schema:
    """Return the same, and say why where it can't be read.

    :raises BridgeworkError: what the trigger reads isn't there, or is something else.
    """
    if trigger.schema is None or host.connectors[trigger.connector].needs_connection:
        return result_of(connected(host, trigger, connection, fields))
    try:
        parameters = literal_parameters(trigger, fields)
    except CoerceError:
        return ANYTHING
    context = Context(
        http=cast(Http, None),  # without a log-in there is nobody to ask
        now=datetime.now(UTC),
        folders=Folders(search=(folder, Path.cwd())),
    )
    with guarded(trigger.connector, trigger.name):
        return trigger.schema(context, **parameters)


def literal_parameters(trigger: Trigger, fields: FieldSet) -> dict[str, Any]:
    """Return a trigger's parameters as far as they are known without running anything.

    :raises CoerceError: one is a template, or not of its type.
    """
    known = trigger.inputs.get("properties", {})
    if any(len(path) != 1 or path[0] not in known for path in fields.values):
        raise CoerceError("It is known only when the recipe runs.")
    parameters = {name: literal(known[name], fields, name) for (name,) in fields.values}
    missing = set(trigger.inputs.get("required", ())) - set(parameters)
    if missing:
        raise CoerceError("A required parameter isn't given.")
    return parameters
