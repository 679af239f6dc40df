"""What a trigger's records hold, for checks before there is any record."""

from dataclasses import replace
from pathlib import Path

from engine.fields import Schema
from engine.host import Host
from engine.operations import Trigger
from engine.recipe.checking.scopes import result_of, varying
from engine.recipe.live import connected, without_account
from engine.recipe.texts import FieldSet


def records_of(
    host: Host, trigger: Trigger, fields: FieldSet, folder: Path, connection: str
) -> Schema:
    """Return the schema of a trigger's records, read from a file's columns where it can be.

    :param fields: what the recipe gives the trigger; ``connection`` is the account it names.
    :param folder: the recipe's.
    """
    known = connected(host, trigger, connection, fields, folder)
    of_file = bool(trigger.complete) and not host.connectors[trigger.connector].needs_connection
    return varying(result_of(known), of_file=of_file) if trigger.schema else result_of(known)


def ask_records(
    host: Host, trigger: Trigger, fields: FieldSet, folder: Path, connection: str
) -> Schema:
    """Return the same, and say why where it can't be read.

    :raises BridgeworkError: what the trigger reads isn't there, or is something else.
    """
    gives = without_account(host, trigger, connection, fields, folder)
    if gives is not None:
        return result_of(replace(trigger, gives=gives))
    return result_of(connected(host, trigger, connection, fields))
