"""What an API says when it refuses: its own message, found where APIs usually put it."""

from collections.abc import Mapping
from typing import Any

import httpx2

from engine.sdk import AuthError, ConnectorError, InputError, json_in

#: Where messages stand, the most telling first: RFC 6749 and 9457, and what many APIs do.
MESSAGES = (
    *("error_description", "detail", "message", "error_message", "errorMessage", "msg", "reason"),
    *("description", "userMessage", "title"),
)
WITHIN = ("error", "errors", "fault", "Error", "Errors", "details", "detail", "data")
FIELDS = ("field", "param", "parameter", "property", "attribute", "pointer", "path", "loc")
#: Characters of a message that are passed on.
LONGEST = 200
DEPTH = 4


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Return what an error answer means; None leaves it to the engine's table."""
    status, host = response.status_code, _called(response.url.host)
    said = message_in(_document(response))
    words = f": {said}" if said else f" (answer {status})."
    match status:
        case 401:
            return AuthError(
                f"{host} does not accept this connection's log-in{words}",
                hint="Connect it again, with a key that is valid.",
            )
        case 403:
            return ConnectorError(
                f"{host} does not allow this{words}",
                hint="The log-in may lack a permission or scope; ask whoever manages it there.",
            )
        case 404 | 410:
            return InputError(
                f"{host} has nothing at '{response.url.path}'{words}",
                hint="Check the path, and that the record is still there.",
                code="not_found",
            )
        case 405 | 406 | 415 | 501:
            return ConnectorError(
                f"{host} does not take a {response.request.method} like this{words}",
                hint="Check method, path and whether it wants JSON or a form.",
            )
        case _ if status in (408, 425, 429) or status >= 500:
            return None
        case _ if 300 <= status < 400:
            return _moved(response)
        case _:
            code = "conflict" if status == 409 else "too_large" if status == 413 else "refused"
            return InputError(
                f"{host} refused this{words}",
                hint="Correct the record where it comes from, or the fields in the recipe.",
                field=field_in(_document(response)) or None,
                code=code,
            )


def _called(host: str) -> str:
    """Return what people call whoever answered: a bare number says nothing to them."""
    return "The API" if host.replace(".", "").isdigit() or ":" in host else host


def _moved(response: httpx2.Response) -> ConnectorError:
    """Tell of a redirect, which is not followed: a key would go along to wherever it leads."""
    there = httpx2.URL(response.headers.get("Location", ""))
    where = f" to {there.host}" if there.host and there.host != response.url.host else ""
    return ConnectorError(
        f"{response.url.host} says that '{response.url.path}' has moved{where} "
        f"(answer {response.status_code}).",
        hint="Correct the path, or the connection's address: redirects are not followed.",
    )


def message_in(document: Any, depth: int = 0) -> str:
    """Return the sentence that an error document holds; empty where it holds none."""
    if isinstance(document, str):
        return sentence(document)
    if depth > DEPTH:
        return ""
    if isinstance(document, list):
        found = [said for one in document[:3] if (said := message_in(one, depth + 1))]
        return " ".join(dict.fromkeys(found))[:LONGEST]
    if not isinstance(document, Mapping):
        return ""
    inner = [document[name] for name in WITHIN if name in document]
    # `error` is often a mere code beside a message, and often what holds the message.
    for part in inner:
        if isinstance(part, Mapping | list) and (said := message_in(part, depth + 1)):
            return said
    for name in MESSAGES:
        if isinstance(document.get(name), str) and (said := sentence(document[name])):
            return said
    for part in inner:
        if said := message_in(part, depth + 1):
            return said
    lists = [part for part in document.values() if isinstance(part, list) and part]
    if depth and lists and all(isinstance(one, str) for one in lists[0]):  # {"email": ["is taken"]}
        name = next(name for name, part in document.items() if part is lists[0])
        return sentence(f"{name} {lists[0][0]}")
    return ""


def field_in(document: Any, depth: int = 0) -> str:
    """Return the field that an error document complains about; empty where it names none."""
    if depth > DEPTH:
        return ""
    if isinstance(document, list):
        return field_in(document[0], depth + 1) if document else ""
    if not isinstance(document, Mapping):
        return ""
    for name in FIELDS:
        value = document.get(name)
        if isinstance(value, str) and value.strip() and "://" not in value and len(value) < 100:
            return value.strip().strip("/").replace("/", ".")
        if isinstance(value, list) and value and all(isinstance(part, str | int) for part in value):
            return ".".join(str(part) for part in value)[:100]
    for name in (*WITHIN, "source"):
        if name in document and (found := field_in(document[name], depth + 1)):
            return found
    return ""


def sentence(text: str) -> str:
    """Return a message as one sentence of bounded length."""
    words = " ".join(text.split())
    if not words or words[:1] == "<":
        return ""
    cut = words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"
    return cut if cut[-1] in ".!?…" else f"{cut}."


def _document(response: httpx2.Response) -> Any:
    found = json_in(response)
    if found is None and response.headers.get("Content-Type", "").startswith("text/plain"):
        return response.text[:LONGEST]
    return found
