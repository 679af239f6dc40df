"""Salesforce's refusals in plain sentences, of a request or of one record of many.

A request that fails has a list of ``{message, errorCode, fields}``, a record of many
``{message, statusCode, fields}``, the log-in ``{error, error_description}`` (documented).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import httpx2

from engine.sdk import (
    AuthError,
    BusyError,
    ConnectorError,
    InputError,
    Rejected,
    RetryableError,
    json_in,
)
from plugins.salesforce.refusal_texts import TEXTS

#: Seconds until the next try when a day's requests are used. They are counted over 24 hours that
#: move on, and no answer says when there will be some again.
NEXT_HOUR = 3600.0

#: What passes by itself; the code of the error stays the same.
PASSING = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "SERVER_UNAVAILABLE",
        "SERVICE_UNAVAILABLE",
        "QUERY_TIMEOUT",
        "REQUEST_RUNNING_TOO_LONG",
        "CONCURRENT_REQUESTS_LIMIT_EXCEEDED",
        "UNKNOWN_EXCEPTION",
    }
)

#: What no record can help; somebody has to log in or be allowed more.
NOT_LET_IN = {
    "INVALID_SESSION_ID": "Salesforce no longer accepts this connection.",
    "INVALID_AUTH_HEADER": "Salesforce no longer accepts this connection.",
    "API_DISABLED_FOR_ORG": "This Salesforce edition, or this user, may not be reached by programs.",
    "API_CURRENTLY_DISABLED": "Salesforce's API is switched off for this user.",
    "INVALID_LOGIN": "Salesforce does not accept this user's log-in.",
    "PASSWORD_LOCKOUT": "Salesforce has locked this user out.",
    "LOGIN_MUST_USE_SECURITY_TOKEN": "Salesforce does not accept this user's log-in.",
    "FUNCTIONALITY_NOT_ENABLED": "This Salesforce edition does not have what the step needs.",
}

LET_IN = "Connect Salesforce again, as a user whose profile has the permission API Enabled."

LEFT_OUT = Rejected(
    "Salesforce did not say what became of this record.",
    code="no_answer",
    hint="Retry the record.",
)


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Turn an error answer into an error people understand; None for what isn't Salesforce's."""
    body = json_in(response)
    if response.status_code == 300:
        return _several(body)
    if isinstance(body, Mapping) and isinstance(body.get("error"), str):
        said = str(body.get("error_description") or body["error"])
        return AuthError(f"Salesforce refused the log-in: {said}.", hint=LET_IN)
    errors = [one for one in body if isinstance(one, Mapping)] if isinstance(body, list) else []
    if not errors:
        return None
    return _error(errors[0], code_of(errors[0]))


def _error(error: Mapping[str, Any], code: str) -> ConnectorError | None:
    message = str(error.get("message") or code)
    if code == "REQUEST_LIMIT_EXCEEDED":
        return BusyError(
            "All the requests that Salesforce takes in 24 hours are used, by all apps together.",
            hint="The recipe goes on by its schedule once there are some again. Let it run less "
            "often, ask for fewer records, or buy more in Salesforce.",
            after=NEXT_HOUR,
        )
    if code in NOT_LET_IN:
        return AuthError(NOT_LET_IN[code], hint=LET_IN)
    if code in PASSING:
        return RetryableError(f"Salesforce is busy: {message}", hint="Try again later.")
    if not code:
        return None
    row = refused_record([error])
    return InputError(row.reason, hint=row.hint, code=row.code, field=row.field)


def refused_record(errors: Iterable[Any]) -> Rejected:
    """Explain why Salesforce did not take one record; of several reasons, the first that is known."""
    given = [one for one in errors if isinstance(one, Mapping)]
    if not given:
        return LEFT_OUT
    error = next((one for one in given if code_of(one) in TEXTS), given[0])
    code, message = code_of(error), str(error.get("message") or code_of(error)).strip()
    fields = [str(one) for one in error.get("fields") or ()]
    names = ", ".join(f"'{one}'" for one in fields) or "a field"
    sentence, hint = TEXTS.get(code, ("Salesforce refused this record: {message}", ""))
    return Rejected(
        ended(sentence.format(message=message.rstrip("."), fields=names).rstrip(".")),
        code=code.lower() or "refused",
        field=f"fields.{fields[0]}" if fields else None,
        hint=hint,
    )


def passing(errors: Iterable[Any]) -> bool:
    """Say whether a record was refused for something that passes, such as another's lock."""
    return any(code_of(one) in PASSING for one in errors)


def code_of(error: Any) -> str:
    """Return Salesforce's word for what went wrong; it calls it by two names."""
    if not isinstance(error, Mapping):
        return ""
    return str(error.get("errorCode") or error.get("statusCode") or "")


def _several(body: Any) -> InputError:
    found = ", ".join(str(one).rpartition("/")[2] for one in body) if isinstance(body, list) else ""
    return InputError(
        f"Salesforce has several records with this external id{f': {found}' if found else ''}.",
        hint="Merge or correct them there; an external id field can be made unique in Setup.",
        code="several_matches",
        field="external_id",
    )


def ended(sentence: str) -> str:
    """Return a sentence with its stop, unless its last words, which are Salesforce's, end it."""
    return sentence if sentence.endswith(("!", "?")) else f"{sentence}."
