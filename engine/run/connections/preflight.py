"""Before a run reads anything: its connections are tried, so that a dead target stops it at once."""

import logging
from datetime import datetime, timedelta

from engine.errors import (
    AuthError,
    BridgeworkError,
    BusyError,
    ConnectorError,
    Interrupted,
    RetryableError,
    SetupError,
)
from engine.http.accounts import ask_account
from engine.recipe.library import Library
from engine.run.connections.broken import note_broken
from engine.run.plan import Plan
from engine.store.connections import list_connections, mark_checked
from engine.store.database import Store

log = logging.getLogger("bridgework.run")

#: A connection that was tried and worked this short a time ago is taken to work.
FRESH = timedelta(minutes=10)


def look_over(store: Store, plan: Plan, now: datetime) -> None:
    """Try every connection of a recipe that was not tried lately, or had a problem then.

    It costs one request each, and none while runs follow each other closely.

    :raises AuthError: one must be connected again.
    :raises SetupError: one lacks a setting.
    :raises RetryableError: an app can't be reached, after the usual patience.
    :raises Interrupted: the run was stopped meanwhile.
    """
    known = {connection.name: connection for connection in list_connections(store)}
    for name, (connector, context) in plan.accounts.items():
        connection = known.get(name)
        if connector.check_function is None or connection is None:
            continue
        tried = connection.checked_at
        if tried is not None and not connection.problem and now - tried < FRESH:
            continue
        try:
            account = ask_account(connector, context)
        except (BusyError, Interrupted):  # the connection is well: it was not its turn
            raise
        except (AuthError, SetupError, RetryableError) as error:
            note_broken(store, _library(plan), connector.title, name, error, at=now)
            raise
        except ConnectorError:  # the test itself is at odds with the app: the run will tell
            log.exception("run: the connection %s could not be tested", name)
        else:
            mark_checked(store, name, label=account.label, at=now)


def note_refusal(store: Store, plan: Plan, name: str, error: BridgeworkError) -> None:
    """Note at a connection that it was refused in the middle of a run, unless it is well otherwise.

    A single thing may be forbidden to an account that works: connecting again would not mend that,
    and the run itself tells of it.
    """
    if not isinstance(error, AuthError) or name not in plan.accounts:
        return
    connector, context = plan.accounts[name]
    if connector.check_function is not None:
        try:
            ask_account(connector, context)
        except (ConnectorError, SetupError):
            pass
        else:
            return
    note_broken(store, _library(plan), connector.title, name, error)


def _library(plan: Plan) -> Library:
    """Return the folder of recipes that the run's own recipe stands in."""
    return Library(plan.recipe.path.parent)
