"""The contract suite finds out what is wrong with a connector."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

import pytest

from engine.errors import PluginCrash
from engine.sdk import (
    Accepted,
    Context,
    Field,
    InputError,
    NotRequired,
    Record,
    Rejected,
    RowResult,
    TypedDict,
)
from tests.engine.testing.suite.notes import (
    API_KEY,
    ROWS,
    SAMPLE,
    Changes,
    NewNote,
    Note,
    add_notes,
    failures,
    fetch_note,
    ignores_answers,
    note_changed,
    notes,
    pin_note,
)


class OpenSettings(TypedDict):
    api_key: Annotated[str, Field("Key", secret=True)]
    region: str
    webhook_secret: NotRequired[str]


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
