"""What the tests of the Clio connector share."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.context import Context
from plugins.clio import connector
from plugins.clio.practice import PracticeClio
from tests.plugins.line import Row, records

Open = Callable[[PracticeClio], Context]


def read(ctx: Context, name: str, since: datetime | None = None, **parameters: Any) -> list[Row]:
    return records(connector.triggers[name], ctx, since, **parameters)


def asked(server: PracticeClio, part: str) -> list[Row]:
    return [request for request in server.requests if part in request["path"]]
