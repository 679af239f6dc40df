"""What the tests of connections share."""

from collections.abc import Callable

from click.testing import Result

from engine.practice.server import PracticeServer

Bridgework = Callable[..., Result]


def paths(server: PracticeServer) -> list[tuple[str, str]]:
    return [(request["method"], request["path"]) for request in server.requests]
