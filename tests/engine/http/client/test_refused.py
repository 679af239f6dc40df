"""Answers whose status says that all is well, and whose body doesn't: ``@connector.refused``."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import httpx2
import orjson
import pytest

from engine.context import Kept
from engine.errors import ConnectorError, InputError, RemoteError, RetryableError
from engine.http.client import HttpClient
from engine.http.contexts import context_for
from engine.sdk import Fault
from engine.store.connections import Connection
from tests.engine.http.client.archive import Archive, Line

BUSY = RetryableError("The Archive is busy.", after=7)


def says(body: str, times: int = 1) -> Fault:
    return Fault("/v1", times=times, status=200, body=body)


@pytest.fixture
def http(line: Line, archive: Archive) -> HttpClient:
    """Return a client of an archive that says `{"ok": false, …}` where it refuses something."""
    http = line.to(archive)

    @http.session.connector.refused
    def refused(response: httpx2.Response) -> ConnectorError | None:
        answer = orjson.loads(response.content)
        match answer.get("error") if answer.get("ok") is False else None:
            case "busy":
                return RetryableError("The Archive is busy.", after=7)
            case "fire":
                return RetryableError("The Archive is on fire.", maybe_sent=True)
            case "no_such_paper":
                return InputError("There is no such paper.", code="no_such_paper")
        return None

    return http


def test_a_refusal_of_a_good_status_is_its_error_at_once(
    http: HttpClient, archive: Archive, line: Line
) -> None:
    archive.faults = [says('{"ok": false, "error": "no_such_paper"}')]
    with pytest.raises(InputError, match="no such paper"):
        http.post("/papers", json={})
    assert len(archive.requests) == 1
    assert line.naps == []


def test_what_is_no_refusal_is_the_answer(http: HttpClient) -> None:
    assert http.post("/papers", json={}).json() == {"id": 3}


def test_a_busy_answer_is_waited_for_and_even_a_post_is_sent_again(
    http: HttpClient, archive: Archive, line: Line
) -> None:
    archive.faults = [says('{"ok": false, "error": "busy"}', times=2)]
    assert http.post("/papers", json={}).json() == {"id": 3}
    assert line.naps == [7.0, 7.0]


def test_what_may_have_been_done_is_not_sent_again(http: HttpClient, archive: Archive) -> None:
    archive.faults = [says('{"ok": false, "error": "fire"}')]
    with pytest.raises(RetryableError, match="on fire") as caught:
        http.post("/papers", json={})
    assert caught.value.maybe_sent
    assert len(archive.requests) == 1


def test_reading_again_does_no_harm_whatever_was_done(http: HttpClient, archive: Archive) -> None:
    archive.faults = [says('{"ok": false, "error": "fire"}')]
    page = http.get("/by-offset", params={"offset": 0, "limit": 5})
    assert page.json()["total"] == 3


def test_an_answer_that_cannot_be_read_is_no_success(http: HttpClient, archive: Archive) -> None:
    archive.faults = [says("<html>Please log in.</html>")]
    with pytest.raises(RemoteError, match="something unforeseen"):
        http.post("/papers", json={})


# -- what is kept for a run ------------------------------------------------------------------------


@pytest.fixture
def counted() -> list[int]:
    return []


def test_a_look_up_is_made_once_for_all_threads(counted: list[int]) -> None:
    kept = Kept()

    def look_up() -> dict[str, int]:
        counted.append(1)
        time.sleep(0.02)
        return {"general": 7}

    threads = [threading.Thread(target=kept.once, args=("ids", look_up)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.once("ids", look_up) == {"general": 7}
    assert counted == [1]


def test_a_look_up_that_failed_is_made_again(counted: list[int]) -> None:
    kept = Kept()

    def look_up() -> int:
        counted.append(1)
        if len(counted) == 1:
            raise BUSY
        return 7

    with pytest.raises(RetryableError):
        kept.once("ids", look_up)
    assert kept.once("ids", look_up) == 7


def test_what_is_kept_is_shared_by_all_calls_of_a_connections_line(http: HttpClient) -> None:
    connection = Connection(name="archive", connector="archive")
    one, other = (
        context_for(http.session.connector, connection, client, datetime.now(UTC))
        for client in (http, replace(http, idempotent=True))
    )
    one.kept.once("ids", lambda: 7)
    assert other.kept.once("ids", lambda: 8) == 7


def test_what_was_changed_is_looked_up_anew(counted: list[int]) -> None:
    kept = Kept()
    kept.once("ids", lambda: counted.append(1))
    kept.forget("ids", "never asked for")
    kept.once("ids", lambda: counted.append(1))
    assert counted == [1, 1]
