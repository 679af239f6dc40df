"""What the tests of the Zapier connector share: its actions, and sending as a run does."""

from typing import Any

import plugins.zapier as plugin
from engine.calls import call_single
from engine.context import Context
from engine.results import Accepted

CONNECTOR = plugin.connector
ONE, MANY = CONNECTOR.actions["send_to_catch_hook"], CONNECTOR.actions["send_many_to_catch_hook"]


def send(ctx: Context, data: dict[str, Any], **values: Any) -> dict[str, Any]:
    answer = call_single(ONE, ctx, {"data": data, **values})
    assert isinstance(answer, Accepted)
    return answer.record
