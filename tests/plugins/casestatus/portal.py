"""What the tests of the Case Status connector share."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import plugins.casestatus as plugin
from engine.calls import call_single
from engine.context import Context
from engine.http.client import HttpClient, RetryPolicy
from engine.operations import Action
from engine.results import Accepted

CONNECTOR = plugin.connector
NO_WAIT = RetryPolicy(sleep=lambda _: None)
Connect = Callable[..., Context]


def action(name: str) -> Action:
    return CONNECTOR.actions[name]


def call(ctx: Context, name: str, /, **fields: Any) -> Accepted:
    """Call an action as a run does: repeatable if it is idempotent."""
    assert isinstance(ctx.http, HttpClient)
    operation = action(name)
    http = HttpClient(ctx.http.session, idempotent=operation.idempotent)
    result = call_single(operation, replace(ctx, http=http), fields)
    assert isinstance(result, Accepted)
    return result


def case_fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": "00042 Abernathy",
        "attorney": "101",
        "client": {"phone": "+12125550141", "last_name": "Abernathy"},
        "practice_area": "Personal Injury",
        "stage": "Demand sent",
        **changes,
    }
