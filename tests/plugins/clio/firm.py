"""What the tests of the Clio connector share."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.calls import read_trigger
from engine.context import Context
from plugins.clio import connector
from plugins.clio.practice import PracticeClio

Row = dict[str, Any]


class Clock:
    """Seconds since 1970 that only move when told, e.g. by waiting."""

    def __init__(self, now: float = 1_763_990_000.0) -> None:
        self.now = now
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


Open = Callable[[PracticeClio], Context]


def read(ctx: Context, name: str, since: datetime | None = None, **parameters: Any) -> list[Row]:
    return list(read_trigger(connector.triggers[name], ctx, parameters, since))  # type: ignore[arg-type]  # no bad records here


def asked(server: PracticeClio, part: str) -> list[Row]:
    return [request for request in server.requests if part in request["path"]]
