"""The contract suite passes a good connector, and says of each broken one what is wrong with it."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Annotated, Any

import pytest
from werkzeug.wrappers import Request, Response

from engine.errors import PluginCrash
from engine.sdk import (
    Accepted,
    ApiKey,
    Connector,
    Context,
    Field,
    InputError,
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


class OpenSettings(TypedDict):
    api_key: Annotated[str, Field("Key", secret=True)]
    region: str
    webhook_secret: NotRequired[str]


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
        for arguments in (
            [(name,) for name in suite.cases[method]] if method in suite.cases else [()]
        ):
            try:
                check(*arguments)
            except pytest.fail.Exception as error:
                found["".join([method.removeprefix("test_"), *(f"[{a}]" for a in arguments)])] = (
                    str(error)
                )
    return found


def test_a_good_connector_passes_everything() -> None:
    assert failures(notes()) == {}


# -- broken connectors -----------------------------------------------------------------------------


def all_at_once(ctx: Context, since: datetime | None) -> Iterator[Note]:
    """Read without regard to since."""
    yield from note_changed(ctx, None)


def too_late(ctx: Context, since: datetime | None) -> Iterator[Note]:
    """Read from a week later than asked."""
    yield from note_changed(ctx, since and since + timedelta(days=7))


def backwards(ctx: Context, since: datetime | None) -> Iterator[Note]:
    """Read the latest first."""
    yield from [*note_changed(ctx, since)][::-1]


def page_twice(ctx: Context, since: datetime | None) -> Iterator[Note]:
    """Read the first page again."""
    yield from note_changed(ctx, since)
    yield from note_changed(ctx, since)


def endless(ctx: Context, since: datetime | None) -> Iterator[Note]:
    """Read the first page for ever."""
    while True:
        found = ctx.http.get("notes", params={"page": 0, "size": 10}).json()["notes"]
        if not found:
            return
        yield from found


def swallows_errors(ctx: Context, since: datetime | None) -> Iterator[Note]:
    """Take a failure for the end."""
    try:
        yield from note_changed(ctx, since)
    except Exception:
        return


def crashes_on_nonsense(ctx: Context, since: datetime | None) -> Iterator[Note]:
    """Expect JSON from everybody."""
    for page in range(4):
        answer = ctx.http.get(
            "notes", params={"page": page, "size": 10, "since": since and since.isoformat()}
        )
        yield from eval(answer.text)["notes"]


def keyless(ctx: Context, since: datetime | None) -> Iterator[Record]:
    """Forget the key."""
    for note in note_changed(ctx, since):
        yield {**note, "id": None}


def odd_times(ctx: Context, since: datetime | None) -> Iterator[Record]:
    """Give a time that is none."""
    for note in note_changed(ctx, since):
        yield {**note, "changed_at": "yesterday"}


def numbers(ctx: Context, since: datetime | None) -> Iterator[Note]:
    """Yield numbers where text was declared."""
    for note in note_changed(ctx, since):
        yield {**note, "text": 1}  # type: ignore[typeddict-item]


def no_notes(ctx: Context, since: datetime | None) -> Iterator[Note]:
    """Find nothing."""
    ctx.http.get("notes", params={"page": 0, "size": 10}).json()
    yield from ()


def another_note(ctx: Context, key: str) -> Record | None:
    """Read the wrong note."""
    return fetch_note(ctx, "n1")


def fewer_fields(ctx: Context, key: str) -> Record | None:
    """Read half of a note."""
    return {"id": key}


def any_order(ctx: Context, rows: list[NewNote]) -> list[RowResult]:
    """Answer in the order of the reply."""
    return sorted(add_notes(ctx, rows), key=lambda result: isinstance(result, Accepted))


def one_short(ctx: Context, rows: list[NewNote]) -> list[RowResult]:
    """Leave one row out."""
    return add_notes(ctx, rows)[1:]


def all_or_nothing(ctx: Context, rows: list[NewNote]) -> list[RowResult]:
    """Refuse all for one."""
    results = add_notes(ctx, rows)
    if any(isinstance(result, Rejected) for result in results):
        return [Rejected("One of them is bad.", code="batch") for _ in rows]
    return results


def always_new(ctx: Context, rows: list[NewNote]) -> list[RowResult]:
    """Say of each row that it is new."""
    return [
        Accepted(result.record, created=True) if isinstance(result, Accepted) else result
        for result in add_notes(ctx, rows)
    ]


def wordless(ctx: Context, rows: list[NewNote]) -> list[RowResult]:
    """Refuse without a reason."""
    return [
        Rejected("") if isinstance(result, Rejected) else result for result in add_notes(ctx, rows)
    ]


def never_retries(ctx: Context, note: str) -> Record:
    """Take every failure for a bad record."""
    try:
        return pin_note(ctx, note)
    except Exception as error:
        raise InputError(f"The note {note!r} was refused.") from error


def ignores_answers(ctx: Context, note: str) -> Record:
    """Send and hope."""
    ctx.http.post("pins", json={"note": note})
    return {"id": note}


def tells_the_key(ctx: Context, note: str) -> Record:
    """Write the key into the log."""
    session: Any = ctx.http
    ctx.log.warning("asking with %s", session.session.auth._value)
    return pin_note(ctx, note)


def key_in_the_error(ctx: Context, note: str) -> Record:
    """Quote the key in an error."""
    session: Any = ctx.http
    try:
        return pin_note(ctx, note)
    except InputError as error:
        raise InputError(f"{session.session.auth._value} may not do this.") from error


def key_in_the_address(ctx: Context, note: str) -> Record:
    """Send the key as a parameter, too."""
    session: Any = ctx.http
    ctx.http.get("me", params={"key": session.session.auth._value})
    return pin_note(ctx, note)


def nameless(ctx: Context) -> str:
    """Have no label."""
    return " "


class Typed(TypedDict):
    id: str


def of_another_shape(ctx: Context, note: str) -> Typed:
    """Answer something else than declared."""
    return {"id": 7}  # type: ignore[typeddict-item]


def CamelCase(ctx: Context, note: str) -> Record:  # noqa: N802 - the point of it
    """Pin a note."""
    return pin_note(ctx, note)


def without_help(ctx: Context, note: str) -> Record:
    return pin_note(ctx, note)


def of_any_kind(ctx: Context, note: Any) -> Record:
    """Pin a note."""
    return pin_note(ctx, note)


BROKEN: dict[str, tuple[Changes, str]] = {
    "it_loads": ({"connector": {"name": "My notes"}}, "the name 'My notes' isn't lower-case"),
    "names_are_snake_case[CamelCase]": ({"single": CamelCase}, "Rename the function"),
    "help_is_given[without_help]": ({"single": without_help}, "has no docstring"),
    "fields_have_types[of_any_kind]": ({"single": of_any_kind}, "what 'note' may be"),
    "a_sample_is_given[note_changed]": ({"declared": {"sample": {}}}, "has no sample"),
    "secret_settings_are_marked": (
        {"connector": {"settings": OpenSettings}},
        "'webhook_secret' sounds like a secret",
    ),
    "the_connection_can_be_tested": ({"check": nameless}, "not a label"),
    "records_have_unique_keys[keyless]": ({"trigger": keyless}, "without its key 'id'"),
    "records_have_unique_keys[page_twice]": ({"trigger": page_twice}, "more than one record"),
    "records_have_unique_keys[endless]": ({"trigger": endless}, "requests and goes on"),
    "records_have_unique_keys[no_notes]": ({"trigger": no_notes}, "yielded no records"),
    "records_fit_their_schema[numbers]": ({"trigger": numbers}, "$.text: 1 is not of type"),
    "the_sample_is_like_the_records[note_changed]": (
        {"declared": {"sample": {**SAMPLE, "colour": "red"}}},
        "no record has its 'colour'",
    ),
    "records_have_cursors[odd_times]": ({"trigger": odd_times}, "'yesterday' in 'changed_at'"),
    "nothing_new_since_the_last_cursor[all_at_once]": ({"trigger": all_at_once}, "yielded n0"),
    "since_leaves_nothing_out[too_late]": ({"trigger": too_late}, "left out 7 that changed later"),
    "records_come_in_order[backwards]": ({"trigger": backwards}, "says it is sorted"),
    "a_record_can_be_fetched[note_changed]": (
        {"declared": {"fetch": another_note}},
        "asked for n24",
    ),
    "answers_match_rows[any_order]": ({"batch": any_order}, "in the opposite order"),
    "an_example_is_taken[all_or_nothing]": ({"batch": all_or_nothing}, "One of them is bad."),
    "a_row_alone_gets_the_same_answer[all_or_nothing]": ({"batch": all_or_nothing}, "sent alone"),
    "sending_again_does_no_harm[always_new]": ({"batch": always_new}, "created the row"),
    "refusals_say_why[wordless]": ({"batch": wordless}, "without reason"),
    "answers_fit_their_schema[of_another_shape]": (
        {"single": of_another_shape},
        "$.id: 7 is not of type 'string'",
    ),
    "unauthorized_asks_to_connect_again[never_retries]": (
        {"single": never_retries},
        "the API answered 401; that is AuthError, not InputError",
    ),
    "a_rate_limit_says_when_to_go_on[never_retries]": ({"single": never_retries}, "429"),
    "a_server_error_can_be_retried[never_retries]": ({"single": never_retries}, "500"),
    "a_broken_line_is_noticed[swallows_errors]": ({"trigger": swallows_errors}, "it ended well"),
    "a_broken_line_loses_no_record[swallows_errors]": (
        {"trigger": swallows_errors},
        "ended as if they were all",
    ),
    "nonsense_is_noticed[ignores_answers]": ({"single": ignores_answers}, "it ended well"),
    "nonsense_is_noticed[crashes_on_nonsense]": (
        {"trigger": crashes_on_nonsense},
        "that is RemoteError, not PluginCrash",
    ),
    "secrets_stay_secret[tells_the_key]": ({"single": tells_the_key}, "shows in the log."),
    "secrets_stay_secret[key_in_the_error]": (
        {"single": key_in_the_error},
        "shows in an error when the API answers 400",
    ),
    "secrets_stay_secret[key_in_the_address]": ({"single": key_in_the_address}, "shows in the log"),
}


@pytest.mark.parametrize("check", BROKEN)
def test_a_broken_connector_is_found_out(check: str) -> None:
    changes, sentence = BROKEN[check]
    rows = dict(ROWS)
    if "single" in changes:
        rows[changes["single"].__name__] = rows.pop("pin_note")
    if "batch" in changes:
        rows[changes["batch"].__name__] = rows.pop("add_notes")
    found = failures(notes(**changes), only=check.partition("[")[0], rows=rows)
    assert sentence in found[check]
    assert API_KEY not in "".join(found.values())


def test_a_batch_that_leaves_rows_out_is_found_out() -> None:
    rows = {"one_short": ROWS["add_notes"], "pin_note": ROWS["pin_note"]}
    found = failures(notes(batch=one_short), only="answers_match_rows", rows=rows)
    assert "was given 3 rows and reported on 2" in found["answers_match_rows[one_short]"]


def test_a_defect_shows_its_traceback() -> None:
    def crashes(ctx: Context, since: datetime | None) -> Iterator[Note]:
        """Divide by zero."""
        yield {"id": str(1 // 0), "text": "", "changed_at": ""}

    with pytest.raises(PluginCrash) as caught:
        failures(notes(trigger=crashes), only="records_have_unique_keys")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_two_operations_of_one_name() -> None:
    built = notes()
    built.action("Pin a note", sample={"id": "n1"})(pin_note)
    found = failures(built)
    assert found["names_are_unique"].startswith("pin_note: two operations are called 'pin_note'")


def test_fetched_records_have_the_same_fields() -> None:
    found = failures(notes(declared={"fetch": fewer_fields}))
    assert found == {
        "a_record_can_be_fetched[note_changed]": "note_changed: a record that is fetched differs "
        "in its fields: changed_at, text."
    }


def test_missing_examples_are_asked_for() -> None:
    found = failures(notes(), rows={"add_notes": ROWS["add_notes"]})
    assert found == {
        "there_are_examples[pin_note]": "pin_note can't be tried without note. Give the suite "
        "`rows={'notes.pin_note': …}`."
    }


def test_exemptions_need_a_reason_and_an_aim() -> None:
    one = {"nonsense_is_noticed[ignores_answers]": "The answer says nothing."}
    rows = {"add_notes": ROWS["add_notes"], "ignores_answers": [{"note": "n1"}]}
    assert failures(notes(single=ignores_answers), rows=rows, exempt=one) == {}
    whole = {"nonsense_is_noticed": "None of the answers says anything."}
    assert failures(notes(single=ignores_answers), rows=rows, exempt=whole) == {}
    with pytest.raises(ValueError, match=r"no check 'nonsense_noticed' .* 'nonsense_is_noticed'\?"):
        connector_suite(notes(), exempt={"nonsense_noticed": "Because."})
    with pytest.raises(ValueError, match="Say why notes is exempt from 'it_loads'"):
        connector_suite(notes(), exempt={"it_loads": " "})


def test_unknown_operations_and_missing_servers() -> None:
    with pytest.raises(ValueError, match=r"notes has no operation 'notes\.delete'"):
        connector_suite(notes(), rows={"notes.delete": []})
    built = notes()
    built.practice_function = None
    with pytest.raises(ValueError, match="notes brings no practice server"):
        connector_suite(built)
    assert failures(built, server=NotesServer) == {}


THREE_LINES = """
    from engine.testing import connector_suite

    TestMailchimp = connector_suite("mailchimp", {options})
"""


def run_pytest(folder: Path, options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(dedent(THREE_LINES).format(options=options))
    root = Path(__file__).parents[3]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "."],
        cwd=folder,
        env={"PYTHONPATH": str(root), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


def test_three_lines_are_enough_for_pytest(tmp_path: Path) -> None:
    audience = "{'audience': 'a1b2c3d4e5'}"
    rows = "{'upsert_members': [{'email': 'ada@mail.example'}, {'email': 'no address'}]}"
    done = run_pytest(
        tmp_path,
        f"parameters={{'member_changed': {audience}, 'upsert_members': {audience}}}, rows={rows},"
        "exempt={'there_are_examples[add_tags]': 'not tried here'}",
    )
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def test_pytest_shows_sentences_and_no_traceback(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "")
    assert done.returncode == 1
    assert "member_changed can't be tried without audience." in done.stdout
    assert "Traceback" not in done.stdout
    assert "suite.py" not in done.stdout
