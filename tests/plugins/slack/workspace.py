"""What the tests of the Slack connector share: a line to the practice workspace, and a look into it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from engine.calls import call_find, call_single
from engine.context import Context
from engine.results import Accepted
from plugins.slack import connector
from plugins.slack.practice import PracticeSlack
from tests.plugins import line
from tests.plugins.line import Row

Open = Callable[..., Context]

GENERAL, INTAKE, RANDOM = "C0GENERAL1", "C0INTAKE02", "C0RANDOM04"
ADA, GEORGE, GRACE = "U0ADA00001", "U0BO000002", "U0GRACE003"


line_to = partial(line.line_to, connector)


def do(ctx: Context, action: str, key: str = "key-1", **values: Any) -> Accepted:
    """Do an action as a run does."""
    done = call_single(connector.actions[action], replace(ctx, idempotency_key=key), values)
    assert isinstance(done, Accepted)
    return done


def find(ctx: Context, action: str, since: datetime, key: str = "key-1", **values: Any) -> Any:
    """Ask whether an action was carried out whose answer was lost."""
    return call_find(connector.actions[action], replace(ctx, idempotency_key=key), values, since)


def look_up(ctx: Context, search: str, **values: Any) -> Row | None:
    found = call_single(connector.actions[search], ctx, values)
    return None if found is None else found.record


def read(ctx: Context, trigger: str, since: datetime | None = None, **parameters: Any) -> list[Row]:
    return line.records(connector.triggers[trigger], ctx, since, **parameters)


def posted(server: PracticeSlack, channel: str = GENERAL) -> list[Row]:
    return server.workspace.messages.get(channel, [])


def asked(server: PracticeSlack, method: str) -> list[Row]:
    return [one for one in server.requests if one["path"] == f"/api/{method}"]
