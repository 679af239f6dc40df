"""Two small apps to check recipes against: an office that has cases, and a help desk."""

from collections.abc import Iterator
from datetime import datetime
from types import ModuleType
from typing import Annotated, Literal

import pytest

from engine.host import Host, build_host
from engine.sdk import (
    Accepted,
    ApiKey,
    Connector,
    Context,
    Field,
    NotRequired,
    Record,
    RowResult,
    TypedDict,
    hookimpl,
)

office = Connector(name="office", title="Office", auth=ApiKey(), base_url="https://office.example")
desk = Connector(name="desk", title="Help Desk")


class Phone(TypedDict):
    name: str
    number: str


class Person(TypedDict):
    id: int
    name: str
    email: str | None
    phones: list[Phone]


class Case(TypedDict):
    id: int
    title: str
    status: Literal["open", "closed"]
    urgent: bool
    client: Person | None
    people: list[Person]
    opened: str | None
    custom: dict[str, str]


@office.check
def account(ctx: Context) -> str:
    return "Office"


@office.trigger("Case changed", key="id", sample={"id": 1, "title": "A", "updated": "2026-01-01"})
def case_changed(
    ctx: Context, since: datetime | None, status: list[Literal["open", "closed"]] | None = None
) -> Iterator[Case]:
    """Start with each case that changed."""
    yield from ()


@office.trigger(
    "Note written", key="id", sample={"id": 1, "text": "Hello", "author": {"name": "A"}}
)
def note_written(ctx: Context, folder: str) -> Iterator[Record]:
    """Start with each note."""
    yield from ()


class Contact(TypedDict):
    phone: str
    surname: str
    email: NotRequired[Annotated[str, Field(format="email")]]


@desk.search("Find a person", sample={"id": "7", "name": "Sam"})
def find_person(ctx: Context, email: str) -> Record | None:
    """Find a person."""
    return None


@desk.action("Save a ticket", sample={"id": "t1", "url": "https://desk.example/t1"})
def save_ticket(
    ctx: Context,
    title: str,
    contact: Contact | None = None,
    kind: Literal["question", "problem"] = "question",
    due: Annotated[str, Field(format="date")] | None = None,
    hours: int | None = None,
    private: bool = False,
    tags: list[str] | None = None,
) -> Accepted:
    """Save a ticket."""
    raise NotImplementedError


class Row(TypedDict):
    columns: dict[str, str]


@desk.batch_action("Add rows", size=100)
def add_rows(ctx: Context, file: str, rows: list[Row]) -> list[RowResult]:
    """Add rows."""
    raise NotImplementedError


@hookimpl
def register_connectors() -> list[Connector]:
    return [office, desk]


@pytest.fixture(scope="session")
def host() -> Host:
    plugin = ModuleType("apps")
    plugin.__dict__["register_connectors"] = register_connectors
    return build_host([plugin], strict=True)
