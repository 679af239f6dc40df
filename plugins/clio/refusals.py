"""What Clio says when it refuses, in plain sentences."""

import textwrap

import httpx2

from engine.sdk import AuthError, ConnectorError, InputError, RemoteError, dig, json_in
from plugins.clio.asking import NOT_UNDERSTOOD
from plugins.clio.connection import HOSTS, VERSION

#: Characters of Clio's own words that are passed on.
LONGEST_SENTENCE = 300


class NotAllowed(AuthError):
    """Something that the app's permissions or the user's role doesn't cover."""

    code = "not_allowed"


class NotUnderstood(RemoteError):
    """A field or parameter that Clio doesn't know."""

    code = NOT_UNDERSTOOD


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Pass on what Clio said about an error; rate limits and outages are left to the engine."""
    said = _sentence(response)
    match response.status_code:
        case 401:
            return AuthError(
                f"Clio no longer accepts this connection{said}",
                hint=f"Connect Clio again, in the region where the firm's account is kept"
                f"{_region(response)}",
            )
        case 403:
            return NotAllowed(
                f"Clio does not let this connection do that{said}",
                hint="Check the app's permissions in Clio's developer portal and the user's role "
                "in Clio, then connect again.",
            )
        case 404:
            return InputError(
                f"Clio has no such record{said}",
                hint="It was deleted, or the connected user may not see it.",
                code="not_found",
            )
        case 412:
            return InputError(
                f"The record was changed in Clio at the same moment{said}",
                hint="Try again.",
                code="edited_meanwhile",
            )
        case 422:
            return InputError(
                f"Clio refused this{said}", hint="Correct it in the recipe or in Clio."
            )
        case 410:
            return RemoteError(
                f"Clio has no version {VERSION} of its API any more{said}",
                hint="Look for a newer version of Bridgework.",
            )
        case 400:  # a field or parameter that Clio doesn't know: no record's fault
            return NotUnderstood(
                f"Clio did not understand the question{said}",
                hint="Its API may have changed: look for a newer version of Bridgework.",
            )
    return None


def _region(response: httpx2.Response) -> str:
    """Return which region was asked, as far as its host tells: a token of another isn't known there."""
    host = response.request.url.host
    return next(
        (
            f": this connection asks '{region}' ({host}), where tokens of other regions aren't known."
            for region, known in HOSTS.items()
            if known == host
        ),
        ".",
    )


def _sentence(response: httpx2.Response) -> str:
    """Return ": " and Clio's own words, or a full stop where it said nothing readable.

    The API answers ``{"error": {"type", "message"}}`` (spec), the log-in ``{"error": "…",
    "error_description": "…"}`` (documented), for requests of the API with a bad token too.
    """
    body = json_in(response)
    words = dig(body, "error.message") or dig(body, "error_description") or dig(body, "error")
    if not isinstance(words, str) or not words.strip():
        return "."
    # An answer may quote the request, and with it the token.
    token = response.request.headers.get("Authorization", "").rpartition(" ")[2]
    text = words.strip().replace(token, "•••") if token else words.strip()
    text = textwrap.shorten(text, LONGEST_SENTENCE, placeholder=" …")
    return f": {text}" if text.endswith((".", "…", "!", "?")) else f": {text}."
