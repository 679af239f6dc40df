"""From an HTTP answer to an error that says what happens next: the vendor's words, else a table."""

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from engine.connector import Connector
from engine.errors import AuthError, ConnectorError, InputError, RemoteError, RetryableError
from engine.redaction import redact

log = logging.getLogger("bridgework.plugin")

#: Nobody means a longer wait (seconds), and larger numbers are no lengths of time.
LONGEST_ASKED = 30 * 86_400.0


def refusal_in(response: httpx2.Response, connector: Connector) -> ConnectorError | None:
    """Return the error that an answer of a good status stands for; None where it is none."""
    if connector.refused_function is None:
        return None
    try:
        refused = connector.refused_function(response)
        return None if refused is None else _finished(refused, response)
    except Exception:  # nobody knows what it says, so nobody may take it for success
        log.exception("the connector %s could not read an answer", connector.name)
        return RemoteError(
            f"{connector.title} answered something unforeseen.",
            hint="Check the connection's address; its API may have changed.",
        )


def error_for(response: httpx2.Response, connector: Connector) -> ConnectorError:
    """Return the error that an answer of status 400 or more stands for."""
    if connector.explain_function is not None:
        try:
            explained = connector.explain_function(response)
        except Exception:  # an error page the connector did not foresee: the table still knows
            log.exception("the connector %s could not explain an error answer", connector.name)
            explained = None
        if explained is not None:
            return _finished(explained, response)
    title, status = connector.title, response.status_code
    match status:
        case 401 | 403:
            return AuthError(
                f"{title} no longer accepts this connection (answer {status}).",
                hint=f"Connect {title} again.",
            )
        case 404 | 410:
            return InputError(f"{title} has no such thing (answer {status}).", code="not_found")
        case 408 | 425 | 429:
            return RetryableError(
                f"{title} asks for fewer requests for a while (answer {status}).",
                hint="Try again later.",
                after=retry_after(response),
            )
        case _ if status >= 500:
            return RetryableError(
                f"{title} has a problem of its own (answer {status}).",
                hint="Try again later; if it lasts, ask its support.",
                after=retry_after(response),
            )
        case _ if status >= 400:
            return InputError(f"{title} refused this (answer {status}).")
    return RemoteError(
        f"{title} answered {status}, which its documentation doesn't mention.",
        hint="Check the connection's address.",
    )


def _finished(error: ConnectorError, response: httpx2.Response) -> ConnectorError:
    """Cover known secrets in an error, whose answer may repeat what it was sent; add the asked wait."""
    if isinstance(error, RetryableError) and error.after is None:
        error.after = retry_after(response)
    error.message, error.hint = redact(error.message), redact(error.hint)
    error.args = (error.message,)
    return error


def unreachable(
    error: httpx2.TransportError, title: str, host: str, timeout: float
) -> RetryableError:
    """Return the error for a request that got no answer.

    :param title: of the app, for people.
    :param host: where it was sent.
    :param timeout: seconds that an answer may take.
    """
    if isinstance(error, httpx2.TimeoutException):
        return RetryableError(
            f"{title} did not answer within {timeout:g} seconds.", hint="Try again later."
        )
    if isinstance(error, httpx2.ConnectError):
        return RetryableError(
            f"{title} can't be reached at {host}.",
            hint="Check the address and the network, or try again later.",
        )
    return RetryableError(
        f"The line to {title} broke while it was answering.", hint="Try again later."
    )


def retry_after(response: httpx2.Response) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait; RFC 9110 allows seconds or a date."""
    value = response.headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isdecimal():
        return min(float(value), LONGEST_ASKED)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:  # written "-0000"; HTTP dates are always in UTC
        when = when.replace(tzinfo=UTC)
    return min(max(0.0, (when - datetime.now(UTC)).total_seconds()), LONGEST_ASKED)
