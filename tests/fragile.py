"""A plugin that breaks wherever and however it is told to, and a recipe that uses all of it."""

#: Each way to break, as the last statements of a function.
WAYS = {
    "exception": "raise KeyError('secret-of-the-inside')",
    "exit": "raise SystemExit('secret-of-the-inside')",
    "recursion": "return again()",
    "memory": "raise MemoryError",
    "cancelled": "raise asyncio.CancelledError",
    "base": "raise Strange('secret-of-the-inside')",
}

FRAGILE = '''"""Breaks where it is told to."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

from engine.sdk import (
    ApiKey, Connector, Context, Field, Record, Schema, TypedDict, hookimpl,
)

WHERE = "{where}"


class Strange(BaseException):
    """No Exception."""


def again() -> Any:
    return again()


def breaks(where: str) -> Any:
    if where in WHERE.split("|"):
        {how}


class Settings(TypedDict):
    api_key: Annotated[str, Field("API key", secret=True)]
    base_url: str


breaks("import")
connector = Connector(
    name="fragile", title="Fragile", auth=ApiKey(), base_url="{{base_url}}", settings=Settings
)


@connector.check
def account(ctx: Context) -> str:
    """Return the account."""
    breaks("check")
    return "Ada"


@connector.url_values
def url_values(settings: Any) -> dict[str, str]:
    """Return nothing."""
    breaks("url_values")
    return {{}}


@connector.connection_limits
def connection_limits(settings: Any) -> tuple[Any, ...]:
    """Return none."""
    breaks("connection_limits")
    return ()


def fetch(ctx: Context, key: str) -> Record | None:
    return None


def shape(ctx: Context) -> Schema:
    breaks("schema")
    return {{"type": "object", "properties": {{"id": {{"type": "string"}}}}}}


def lacks() -> tuple[str, ...]:
    breaks("lacks")
    return ()


@connector.trigger(
    "New note", key="id", sample={{"id": "n1"}}, noun="note", fetch=fetch, lacks=lacks, schema=shape
)
def note_added(ctx: Context) -> Iterator[Record]:
    """Start with each note."""
    breaks("trigger")
    yield {{"id": "n1"}}
    breaks("trigger, half-way")
    yield {{"id": "n2"}}


def repeat(text: str = "") -> str:
    breaks("repeat")
    return "harmless"


@connector.action("Send a note", noun="note", sample={{"id": "n1"}}, repeat=repeat)
def send(ctx: Context, text: str) -> Record:
    """Send it."""
    breaks("action")
    if text == "n2":
        breaks("action, one record")
    return {{"id": text}}


class Row(TypedDict):
    text: str


@connector.search("Find a note", sample={{"id": "n1"}})
def find(ctx: Context, text: str) -> Record | None:
    """Find it."""
    breaks("search")
    return {{"id": text}}


@connector.practice
def practice(seed: int) -> Any:
    """Build nothing."""
    breaks("practice")
    raise RuntimeError("only asked where it breaks")


@hookimpl
def register_connectors() -> list[Connector]:
    breaks("hook")
    return [connector]
'''

RECIPE = """name: Notes
description: They go on.
trigger:
  use: fragile.note_added
  connection: fragile
  as: note
  schedule: manual
steps:
  - id: found
    use: fragile.find
    connection: fragile
    with: {text: "{{ note.id }}"}
  - id: sent
    use: fragile.send
    connection: fragile
    with: {text: "{{ found.id }}"}
"""


def fragile(where: str, how: str) -> str:
    """Return the plugin's source.

    :param where: the places, with ``|`` between them.
    :param how: one of the :data:`WAYS`.
    """
    return FRAGILE.format(where=where, how=WAYS[how])
