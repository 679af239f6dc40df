"""The boundary around a connector's code: its own errors pass, its defects are named and logged."""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from engine.calls import call_batch, call_single, guarded, read_trigger
from engine.errors import (
    AuthError,
    BridgeworkError,
    InputError,
    PluginCrash,
    RemoteError,
    RetryableError,
    SetupError,
)
from engine.http.client import HttpClient, HttpSession
from engine.http.urls import addresses
from engine.sdk import (
    Accepted,
    BadRecord,
    Connector,
    Context,
    Record,
    Rejected,
    RowResult,
    TypedDict,
)

SINCE = datetime(2026, 11, 24, tzinfo=UTC)


class Row(TypedDict):
    ref: str


@pytest.fixture
def connector() -> Connector:
    return Connector(name="depot", title="The Depot")


@pytest.fixture
def ctx(connector: Connector) -> Iterator[Context]:
    with HttpSession(connector, addresses(connector, {})) as session:
        yield Context(http=HttpClient(session), now=SINCE)


def action(connector: Connector, answer: Callable[[str], Any], kind: str = "action") -> Any:
    def send(ctx: Context, ref: str) -> Any:
        """Send."""
        return answer(ref)

    declare: Any = getattr(connector, kind)
    declare("Send")(send)
    return connector.actions["send"]


def fail(error: BaseException) -> Any:
    raise error


# -- defects ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "defect", [KeyError("receipt-9"), TypeError("receipt-9"), SystemExit("receipt-9")]
)
def test_a_defect_is_named_for_people_and_its_traceback_logged(
    connector: Connector, ctx: Context, caplog: pytest.LogCaptureFixture, defect: Exception
) -> None:
    send = action(connector, lambda ref: fail(defect))
    with pytest.raises(PluginCrash) as caught:
        call_single(send, ctx, {"ref": "1"})
    shown = str(caught.value)
    assert shown.startswith("The connector 'depot' failed in 'send'")
    for internal in ("receipt-9", type(defect).__name__, "Traceback", __file__):
        assert internal not in shown
    assert (caught.value.connector, caught.value.operation) == ("depot", "send")
    [record] = caplog.records
    assert (record.name, record.levelno) == ("bridgework.plugin", logging.ERROR)
    assert record.getMessage() == "depot.send failed"
    assert "receipt-9" in caplog.text
    assert __file__ in caplog.text  # where it happened


@pytest.mark.parametrize(
    "error",
    [
        InputError("No such colour.", field="colour"),
        AuthError("Not accepted."),
        RetryableError("Busy.", after=3),
        RemoteError("Nonsense."),
        SetupError("There is no file 'a.csv'."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_connector_means_to_say_passes_as_it_is(
    connector: Connector,
    ctx: Context,
    caplog: pytest.LogCaptureFixture,
    error: BridgeworkError,
) -> None:
    send = action(connector, lambda ref: fail(error))
    with pytest.raises(type(error)) as caught:
        call_single(send, ctx, {"ref": "1"})
    assert caught.value is error
    assert caplog.records == []


def test_bytes_that_are_no_text_are_no_defect_where_json_was_awaited() -> None:
    picture = httpx2.Response(200, content=b"\xff\xfe\x00")
    with pytest.raises(RemoteError, match="no text") as caught, guarded("depot", "send"):
        picture.json()
    assert "address" in caught.value.hint
    with pytest.raises(PluginCrash), guarded("depot", "send"):
        picture.content.decode()


def test_an_answer_that_is_no_json_is_the_other_systems_fault() -> None:
    with pytest.raises(RemoteError, match="isn't JSON") as caught, guarded("depot", "send"):
        json.loads("<html>")
    assert "log-in" in caught.value.hint


def test_an_answer_nested_without_end_is_the_other_systems_fault() -> None:
    with pytest.raises(RemoteError, match="nested too deeply"), guarded("depot", "send"):
        json.loads("[" * 100_000)


def test_a_request_a_connector_makes_itself_may_be_tried_again() -> None:
    with pytest.raises(RetryableError, match="depot can't be reached"), guarded("depot", "send"):
        raise httpx2.ConnectError("refused")


def test_leaving_bridgework_is_no_defect() -> None:
    with pytest.raises(KeyboardInterrupt), guarded("depot", "send"):
        raise KeyboardInterrupt


def test_ctrl_c_where_nobody_can_press_it_is_a_defect() -> None:
    def crash() -> PluginCrash:
        with pytest.raises(PluginCrash) as caught, guarded("depot", "send"):
            raise KeyboardInterrupt  # Python tells the main thread alone when somebody pressed it
        return caught.value

    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(crash).result().operation == "send"


def test_what_is_no_exception_is_a_defect_all_the_same() -> None:
    class Strange(BaseException):
        pass

    with pytest.raises(PluginCrash), guarded("depot", "send"):
        raise Strange


# -- single rows -----------------------------------------------------------------------------------


def test_a_plain_answer_counts_as_accepted(connector: Connector, ctx: Context) -> None:
    result = call_single(action(connector, lambda ref: {"id": int(ref)}), ctx, {"ref": "7"})
    assert result == Accepted({"id": 7})
    assert isinstance(result, Accepted)
    assert result.target_id == "7"


def test_an_action_may_answer_nothing(connector: Connector, ctx: Context) -> None:
    result = call_single(action(connector, lambda ref: None), ctx, {"ref": "7"})
    assert result == Accepted({})


@pytest.mark.parametrize("said", [Accepted({"id": 1}, created=False), Rejected("Too heavy.")])
def test_a_full_answer_stays_as_it_is(connector: Connector, ctx: Context, said: RowResult) -> None:
    assert call_single(action(connector, lambda ref: said), ctx, {"ref": "7"}) is said


def test_a_search_that_finds_nothing_is_no_answer(connector: Connector, ctx: Context) -> None:
    assert call_single(action(connector, lambda ref: None, "search"), ctx, {"ref": "7"}) is None


def test_an_answer_that_is_no_record_is_a_defect(connector: Connector, ctx: Context) -> None:
    with pytest.raises(PluginCrash):
        call_single(action(connector, lambda ref: 404), ctx, {"ref": "7"})


# -- batches ---------------------------------------------------------------------------------------


def batch(connector: Connector, answer: Callable[[list[Row]], Any]) -> Any:
    @connector.batch_action("Send many", size=10)
    def send_many(ctx: Context, shelf: str, rows: list[Row]) -> list[RowResult]:
        """Send many."""
        answers: list[RowResult] = answer(rows)
        return answers

    return connector.actions["send_many"]


def test_a_batch_gets_parameters_and_rows(connector: Connector, ctx: Context) -> None:
    send = batch(connector, lambda rows: [Accepted({"id": row["ref"]}) for row in rows])
    results = call_batch(send, ctx, {"shelf": "A"}, ({"ref": "1"}, {"ref": "2"}))
    assert results == [Accepted({"id": "1"}), Accepted({"id": "2"})]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_batch_must_report_on_every_row(connector: Connector, ctx: Context, count: int) -> None:
    send = batch(connector, lambda rows: [Accepted({})] * count)
    with pytest.raises(RemoteError, match=f"given 2 rows and reported on {count}"):
        call_batch(send, ctx, {"shelf": "A"}, [{"ref": "1"}, {"ref": "2"}])


def test_what_a_batch_has_to_return_is_said_to_who_writes_it(
    connector: Connector, ctx: Context
) -> None:
    send = batch(connector, lambda rows: [])
    with pytest.raises(RemoteError, match="given 1 row and reported on 0") as caught:
        call_batch(send, ctx, {"shelf": "A"}, [{"ref": "1"}])
    assert "one Accepted or Rejected for each row" in caught.value.hint


@pytest.mark.parametrize("answer", [None, 2])
def test_a_batch_that_reports_nothing_is_a_defect(
    connector: Connector, ctx: Context, answer: Any
) -> None:
    with pytest.raises(PluginCrash, match="'send_many'"):
        call_batch(batch(connector, lambda rows: answer), ctx, {"shelf": "A"}, [{"ref": "1"}])


# -- triggers --------------------------------------------------------------------------------------


def test_a_trigger_is_told_since_when_and_its_parameters(
    connector: Connector, ctx: Context
) -> None:
    @connector.trigger("Changed", key="id", sample={"id": "", "at": ""}, cursor="at")
    def changed(ctx: Context, since: datetime | None, shelf: str) -> Iterator[Record | BadRecord]:
        """Read."""
        yield {"id": shelf, "at": since}
        yield BadRecord("2", "It has no id.", "no_id")

    first, second = read_trigger(connector.triggers["changed"], ctx, {"shelf": "A"}, SINCE)
    assert first == {"id": "A", "at": SINCE}
    assert isinstance(second, BadRecord)


def test_a_trigger_without_since_reads_everything(connector: Connector, ctx: Context) -> None:
    @connector.trigger("Listed", key="id", sample={"id": ""})
    def listed(ctx: Context) -> Iterator[Record]:
        """Read."""
        yield {"id": "1"}

    assert list(read_trigger(connector.triggers["listed"], ctx, {}, SINCE)) == [{"id": "1"}]


@pytest.mark.parametrize("later", [["not a record"], None, KeyError("receipt-9")])
def test_a_trigger_that_fails_on_the_way_is_named_after_what_it_read(
    connector: Connector, ctx: Context, caplog: pytest.LogCaptureFixture, later: Any
) -> None:
    @connector.trigger("Listed", key="id", sample={"id": ""})
    def listed(ctx: Context) -> Iterator[Any]:
        """Read."""
        yield {"id": "1"}
        if isinstance(later, Exception):
            raise later
        yield later

    reading = read_trigger(connector.triggers["listed"], ctx, {}, None)
    assert next(reading) == {"id": "1"}
    with pytest.raises(PluginCrash, match="'listed'"):
        next(reading)
    assert "depot.listed failed" in caplog.text


def test_stopping_to_read_early_ends_the_trigger_quietly(
    connector: Connector, ctx: Context, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[str] = []

    @connector.trigger("Listed", key="id", sample={"id": ""})
    def listed(ctx: Context) -> Iterator[Record]:
        """Read."""
        try:
            yield {"id": "1"}
            yield {"id": "2"}
        finally:
            ended.append("closed")

    reading: Any = read_trigger(connector.triggers["listed"], ctx, {}, None)
    next(reading)
    reading.close()
    del reading
    assert ended == ["closed"]
    assert caplog.records == []


@pytest.mark.parametrize(
    ("error", "maybe_sent"),
    [(httpx2.ConnectError("refused"), False), (httpx2.ReadTimeout("no answer"), True)],
)
def test_a_connector_with_a_client_of_its_own_may_have_sent_what_was_not_answered(
    error, maybe_sent
):
    with pytest.raises(RetryableError) as failure, guarded("depot", "send_note"):
        raise error
    assert failure.value.maybe_sent is maybe_sent
