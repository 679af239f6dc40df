"""A small app for notes with its connector, good and whole, to be spoilt by tests."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from werkzeug.wrappers import Request, Response

from engine.sdk import (
    Accepted,
    ApiKey,
    Connector,
    Context,
    Field,
    NotRequired,
    PageNumber,
    PracticeServer,
    Record,
    Rejected,
    RowResult,
    TypedDict,
    json_response,
    route,
)
from engine.testing import connector_suite

API_KEY = "practice-key-a1b2c3d4"


FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class NotesServer(PracticeServer):
    """Notes, one changed each day, in pages of up to ten."""

    name = "notes"

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.notes = {
            f"n{number}": {
                "id": f"n{number}",
                "text": f"Note {number}",
                "changed_at": (FIRST_DAY + timedelta(days=number)).isoformat(),
            }
            for number in range(25)
        }

    def credentials(self) -> dict[str, Any]:
        return {"api_key": API_KEY, "region": "eu"}

    @route("GET", "/v1/me")
    def me(self, request: Request) -> Response:
        return json_response({"email": "ada@mail.example"})

    @route("GET", "/v1/notes")
    def list_notes(self, request: Request) -> Response:
        if request.headers.get("X-Api-Key") != API_KEY:
            return json_response({"error": "who are you?"}, 401)
        since = request.args.get("since", "")
        notes = [note for note in self.notes.values() if note["changed_at"] > since]
        page, size = int(request.args["page"]), int(request.args["size"])
        return json_response({"notes": notes[page * size : (page + 1) * size]})

    @route("GET", "/v1/notes/<id>")
    def one_note(self, request: Request, id: str) -> Response:
        return json_response(self.notes[id])

    @route("POST", "/v1/notes/batch")
    def add_notes(self, request: Request) -> Response:
        added, refused = [], []
        for note in request.get_json()["notes"]:
            if note["text"]:
                created = note["id"] not in self.notes
                self.notes[note["id"]] = note
                added.append({**note, "created": created})
            else:
                refused.append(note)
        return json_response({"added": added, "refused": refused})

    @route("POST", "/v1/pins")
    def pin(self, request: Request) -> Response:
        return json_response({"id": request.get_json()["note"], "pinned": True})


class Note(TypedDict):
    id: str
    text: str
    changed_at: str


class NewNote(TypedDict):
    id: str
    text: NotRequired[str]


class Settings(TypedDict):
    api_key: Annotated[str, Field("Key", secret=True)]
    region: str


def note_changed(ctx: Context, since: datetime | None) -> Iterator[Note]:
    """Start with each note that changed."""
    params = {"since": since.isoformat()} if since else {}
    for note in ctx.http.paginate("notes", items="notes", params=params):
        yield {"id": note["id"], "text": note["text"], "changed_at": note["changed_at"]}


def fetch_note(ctx: Context, key: str) -> Record | None:
    """Read one note afresh."""
    found: Record = ctx.http.get(f"notes/{key}").json()
    return found


def add_notes(ctx: Context, rows: list[NewNote]) -> list[RowResult]:
    """Add notes, or change those that are there."""
    notes = [{"text": "", "changed_at": FIRST_DAY.isoformat(), **row} for row in rows]
    reply = ctx.http.post("notes/batch", json={"notes": notes}).json()
    added = {note["id"]: note for note in reply["added"]}
    return [
        Accepted(added[row["id"]], created=added[row["id"]]["created"])
        if row["id"] in added
        else Rejected("A note needs a text.", code="no_text")
        for row in rows
    ]


def pin_note(ctx: Context, note: str) -> Record:
    """Pin a note to the wall."""
    pinned: Record = ctx.http.post("pins", json={"note": note}).json()
    return pinned


def account(ctx: Context) -> str:
    """Return who is connected."""
    return str(ctx.http.get("me").json()["email"])


Changes = Mapping[str, Any]
SAMPLE = {"id": "n1", "text": "Call Ada", "changed_at": "2026-01-02T00:00:00+00:00"}
ROWS = {
    "add_notes": [{"id": "new", "text": "x"}, {"id": "empty"}, {"id": "n3", "text": "y"}],
    "pin_note": [{"note": "n1"}],
}


def notes(
    *,
    trigger: Callable[..., Any] = note_changed,
    batch: Callable[..., Any] = add_notes,
    single: Callable[..., Any] = pin_note,
    check: Callable[[Context], str] = account,
    connector: Changes | None = None,
    declared: Changes | None = None,
) -> Connector:
    """Build the connector, with one thing or another replaced by something worse."""
    built = Connector(
        **{
            "name": "notes",
            "title": "Notes",
            "auth": ApiKey(header="X-Api-Key"),
            "base_url": "https://api.notes.example/v1",
            "settings": Settings,
            "pagination": PageNumber(first=0, size=10),
            **(connector or {}),
        }
    )
    built.check(check)
    built.practice(NotesServer)
    built.trigger(
        "Note changed",
        **{
            "key": "id",
            "cursor": "changed_at",
            "noun": "note",
            "sorted": True,
            "fetch": fetch_note,
            "sample": SAMPLE,
            **(declared or {}),
        },
    )(trigger)
    built.batch_action("Add notes", size=100, idempotent=True, sample={"id": "n1"})(batch)
    built.action("Pin a note", sample={"id": "n1", "pinned": True})(single)
    return built


def failures(built: Connector, only: str = "", **options: Any) -> dict[str, str]:
    """Run all checks of a suite, or only one, as pytest would; return what the failing ones say."""
    suite = connector_suite(built, **{"rows": ROWS, **options})
    found = {}
    for method in (name for name in dir(suite) if name.startswith(f"test_{only}")):
        check = getattr(suite(), method)
        if check is None:
            continue
        cases = {f"[{one.name}]": (one,) for one in suite.cases.get(method, ())}
        for id, arguments in cases.items() if method in suite.cases else [("", ())]:
            try:
                check(*arguments)
            except pytest.fail.Exception as error:
                found[f"{method.removeprefix('test_')}{id}"] = str(error)
    return found


def ignores_answers(ctx: Context, note: str) -> Record:
    """Send and hope."""
    ctx.http.post("pins", json={"note": note})
    return {"id": note}
