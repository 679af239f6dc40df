"""What an error answer means: the vendor's own words first, else a table of statuses."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from engine.errors import AuthError, ConnectorError, InputError, RemoteError, RetryableError
from engine.http.errors import error_for, retry_after
from engine.sdk import Connector


@pytest.fixture
def connector() -> Connector:
    return Connector(name="archive", title="The Archive")


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, InputError, "refused"),
        (401, AuthError, "reconnect"),
        (403, AuthError, "reconnect"),
        (404, InputError, "not_found"),
        (405, InputError, "refused"),
        (408, RetryableError, "unavailable"),
        (409, InputError, "refused"),
        (410, InputError, "not_found"),
        (413, InputError, "refused"),
        (422, InputError, "refused"),
        (425, RetryableError, "unavailable"),
        (429, RetryableError, "unavailable"),
        (500, RetryableError, "unavailable"),
        (503, RetryableError, "unavailable"),
        (599, RetryableError, "unavailable"),
        (302, RemoteError, "bad_answer"),
    ],
)
def test_the_table_of_statuses(
    connector: Connector, status: int, kind: type[ConnectorError], code: str
) -> None:
    error = error_for(httpx2.Response(status, text="<b>internal details</b>"), connector)
    assert type(error) is kind
    assert error.code == code
    assert error.message.startswith("The Archive ")
    assert str(status) in error.message
    assert "internal details" not in str(error)


def test_the_connectors_own_words_come_first(connector: Connector) -> None:
    @connector.explain
    def explain(response: httpx2.Response) -> ConnectorError | None:
        if response.status_code == 404:
            return InputError("Shelf 'A' is closed.", field="shelf", code="closed")
        return None

    explained = error_for(httpx2.Response(404), connector)
    assert explained.message == "Shelf 'A' is closed."
    assert isinstance(error_for(httpx2.Response(500), connector), RetryableError)


def test_a_defect_while_explaining_falls_back_to_the_table(
    connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    @connector.explain
    def explain(response: httpx2.Response) -> ConnectorError | None:
        return InputError(response.json()["error"]["message"])

    error = error_for(httpx2.Response(502, text="<html>Bad gateway</html>"), connector)
    assert isinstance(error, RetryableError)
    assert "answer 502" in error.message
    [record] = caplog.records
    assert record.name == "bridgework.plugin"
    assert "the connector archive could not explain" in record.getMessage()
    assert record.exc_info is not None


@pytest.mark.parametrize("status", [429, 503])
def test_how_long_to_wait_comes_with_the_error(connector: Connector, status: int) -> None:
    error = error_for(httpx2.Response(status, headers={"Retry-After": "12"}), connector)
    assert isinstance(error, RetryableError)
    assert error.after == 12


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("12", 12.0),
        (" 0 ", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\u00b2", None),  # a digit, but no number
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),  # long past
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0.0),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    headers = [(b"Retry-After", value.encode("latin-1"))]
    assert retry_after(httpx2.Response(503, headers=headers)) == seconds


def test_retry_after_as_a_date_to_come() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    response = httpx2.Response(503, headers={"Retry-After": until})
    assert retry_after(response) == pytest.approx(119, abs=2)
