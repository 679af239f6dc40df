"""What a trigger's records hold, for checks before there is any record."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from engine.auth import NoAuth
from engine.calls import guarded
from engine.context import Context, Folders, Http
from engine.errors import BridgeworkError
from engine.fields import Schema
from engine.host import Host
from engine.operations import Trigger
from engine.recipe.check_fields import literal_parameters
from engine.recipe.coerce import CoerceError
from engine.recipe.scopes import ANYTHING, result_of
from engine.recipe.texts import FieldSet


def records_of(host: Host, trigger: Trigger, fields: FieldSet, folder: Path) -> Schema:
    """Return the schema of a trigger's records, read from a file's columns where it can be.

    :param fields: what the recipe gives the trigger.
    :param folder: the recipe's.
    """
    if trigger.schema is None:
        return result_of(trigger)
    if not isinstance(host.connectors[trigger.connector].auth, NoAuth):
        return ANYTHING  # it can only be asked for with a connection
    try:
        parameters = literal_parameters(trigger, fields)
        context = Context(
            http=cast(Http, None),  # without a log-in there is nobody to ask
            now=datetime.now(UTC),
            folders=Folders(search=(folder, Path.cwd())),
        )
        with guarded(trigger.connector, trigger.name):
            return trigger.schema(context, **parameters)
    except (BridgeworkError, CoerceError):
        return ANYTHING  # the file may only be there when the recipe runs
