"""The connector that docs/connectors.md shows is a plugin that works as it stands there."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

from engine.calls import call_single, read_trigger
from engine.connector import Connector
from engine.context import Context
from engine.declarations import Declarations
from engine.host import build_host
from engine.http.client import HttpClient
from engine.http.connect import add_connection, new_connection
from engine.http.sessions import open_session
from engine.operations import Action, Trigger
from engine.practice.server import PracticeServer, json_response, route
from engine.results import Accepted
from engine.store.database import Store

PAGE = Path(__file__).parents[2] / "docs" / "connectors.md"


class Notes(PracticeServer):
    """What the page's vendor would be."""

    name: ClassVar[str] = "notes"
    kept: ClassVar[list[dict[str, str]]] = [
        {"id": "n1", "text": "Call Ada", "changed_at": "2026-01-31T20:30:00Z"}
    ]

    @route("GET", "/v1/me")
    def me(self, request: Request) -> Response:
        if request.headers.get("X-Api-Key") != "right key":
            return json_response({}, 401)
        return json_response({"email": "ada@example.com"})

    @route("GET", "/v1/notes")
    def listed(self, request: Request) -> Response:
        return json_response({"notes": self.kept})

    @route("POST", "/v1/notes")
    def create(self, request: Request) -> Response:
        return json_response({"id": "n2", **request.get_json()}, 201)


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    (source,) = re.findall(r"```python\n(\"\"\"Notes.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "notes.py").write_text(source)
    return build_host([], folder=tmp_path, strict=True).connector("notes")


def test_its_connection_is_tested_before_it_is_saved(connector: Connector, store: Store) -> None:
    transport = httpx2.WSGITransport(app=Notes())
    wanted = new_connection(connector, "notes", {"api_key": "right key"})
    saved = add_connection(store, connector, wanted, transport=transport)
    assert saved.label == "ada@example.com"
    assert dict(saved.secrets) == {"api_key": "right key"}


def test_its_operations_work(connector: Connector) -> None:
    connection = new_connection(connector, "notes", {"api_key": "right key"})
    with open_session(
        connector, connection, transport=httpx2.WSGITransport(app=Notes())
    ) as session:
        ctx = Context(http=HttpClient(session), now=datetime.now(UTC))
        trigger = connector.operation("note_changed")
        assert isinstance(trigger, Trigger)
        assert list(read_trigger(trigger, ctx, {"folder": "inbox"}, None)) == Notes.kept
        action = connector.operation("create_note")
        assert isinstance(action, Action)
        answer = call_single(action, ctx, {"text": "Call Grace", "pinned": True})
    assert isinstance(answer, Accepted)
    assert answer.record == {"id": "n2", "text": "Call Grace", "pinned": True}


def test_the_table_names_everything_that_is_declared() -> None:
    text = PAGE.read_text()
    functions = [name for name in vars(Declarations) if callable(getattr(Declarations, name))]
    declared = [name for name in functions if not name.startswith("_")]
    assert len(declared) >= 8
    for name in ("trigger", "action", "batch_action", "search", *declared):
        assert re.search(rf"`@?connector\.{name}\b", text), name
