"""From requests that work to an API's description; secrets that were pasted stay out of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from engine.fields import Schema
from engine.scaffold.curl import Pasted
from engine.scaffold.design import Design
from engine.scaffold.names import free, singular, snake, words
from engine.scaffold.openapi import design_of
from engine.scaffold.samples import value_of
from engine.scaffold.values import schema_of_value

#: Words in the names of headers, parameters and fields that hold secrets.
SECRET = frozenset(
    {"key", "apikey", "token", "secret", "auth", "authorization", "password", "passwd", "pwd"}
    | {"credential", "credentials", "signature", "session", "cookie", "csrf", "xsrf", "jwt", "pin"}
    | {"keys", "tokens", "secrets", "passwords", "signatures", "sessions", "cookies", "otp", "sig"}
    | {"passphrase", "cvc", "cvv"}
)
#: Headers that say which form of the API is meant, and so are part of every request.
VERSION = re.compile(r"(^|-)(version|api-version)$")
#: Parts of a path that name one thing: numbers, UUIDs, long ids.
ONE_THING = re.compile(
    r"\d+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|(?=[^.]*\d)[A-Za-z0-9_.:\-]{12,}|(?=.*\d)[A-Z0-9]{8,}|\w{24,}|[<{:\[].*"
)


def design_of_requests(pasted: Sequence[Pasted], name: str, title: str = "") -> Design:
    """Return the connector that requests make, as far as they show it."""
    secrets: list[str] = []
    remarks: list[str] = []
    login = _login(pasted, secrets, remarks)
    origin = urlsplit(pasted[0].url)
    prefix = _common_prefix([urlsplit(one.url).path for one in pasted])
    paths: dict[str, dict[str, Any]] = {}
    left_out: list[tuple[str, str]] = []
    for one in pasted:
        parts = urlsplit(one.url)
        if parts.netloc != origin.netloc:
            left_out.append((f"{one.method} {parts.netloc}", f"it isn't at {origin.netloc}"))
            continue
        path, parameters = _path(parts.path[len(prefix) :] or "/", secrets)
        operation = _operation(one, parameters, secrets, remarks)
        if isinstance(operation, str):
            left_out.append((f"{one.method} {path}", operation))
            continue
        paths.setdefault(path, {})[one.method.lower()] = operation
    for option in dict.fromkeys(option for one in pasted for option in one.ignored):
        remarks.append(f"The option `{option}` of curl means nothing here.")
    document = {
        "openapi": "3.1.0",
        "info": {"title": title or name.replace("_", " ").capitalize()},
        "servers": [{"url": f"{origin.scheme}://{origin.netloc}{prefix}"}],
        "paths": paths,
        **login,
    }
    design = design_of(document, name, title)
    if any(one.body for one in design.sendings):
        remarks.append(
            "Which fields may be left out isn't known: every field that was sent is required. "
            "Give the others `| None` and `= None` in actions.py."
        )
    return replace(
        design,
        origin="requests that were pasted (curl)",
        left_out=(*design.left_out, *left_out),
        remarks=(*design.remarks, *remarks),
        withheld=tuple(dict.fromkeys(text for text in secrets if len(text) >= 4)),
    )


# -- log-in ----------------------------------------------------------------------------------------


def _login(pasted: Iterable[Pasted], secrets: list[str], remarks: list[str]) -> dict[str, Any]:
    scheme: dict[str, str] | None = None
    for one in pasted:
        if one.user is not None:
            secrets += [text for text in one.user if text]
            scheme = scheme or {"type": "http", "scheme": "basic"}
        for header, value in one.headers.items():
            if header == "cookie":
                secrets += [part.partition("=")[2].strip() for part in value.split(";")]
                remarks.append("A browser's cookie is no log-in for programs; it is left out.")
            elif _sounds_secret(header):
                scheme = _of_header(header, value, secrets) or scheme
    if scheme is None:
        return {}
    return {
        "components": {"securitySchemes": {"login": scheme}},
        "security": [{"login": []}],
    }


def _of_header(header: str, value: str, secrets: list[str]) -> dict[str, str] | None:
    word, space, rest = value.partition(" ")
    secrets.append(rest.strip() if space else value)
    if not value or "csrf" in header or "xsrf" in header:
        return None
    if header != "authorization":
        spelled = "-".join(part.capitalize() for part in header.split("-"))
        return {"type": "apiKey", "in": "header", "name": spelled}
    match word.lower() if space else "":
        case "bearer":
            return {"type": "http", "scheme": "bearer"}
        case "basic":
            secrets += _of_basic(rest)
            return {"type": "http", "scheme": "basic"}
        case "":
            return {"type": "apiKey", "in": "header", "name": "Authorization"}
    return {"type": "apiKey", "in": "header", "name": "Authorization", "x-prefix": f"{word} "}


def _of_basic(encoded: str) -> list[str]:
    import base64

    try:
        return base64.b64decode(encoded, validate=True).decode().split(":", 1)
    except ValueError:
        return []


def _sounds_secret(name: str) -> bool:
    said = set(words(name))
    return bool(said & SECRET) or any(word.endswith(("token", "apikey")) for word in said)


# -- requests --------------------------------------------------------------------------------------


def _common_prefix(paths: Sequence[str]) -> str:
    """Return what all paths begin with and is no thing of its own: ``/api/v2``."""
    shared: list[str] = []
    for parts in zip(*(path.strip("/").split("/")[:-1] for path in paths), strict=False):
        plain = re.fullmatch(r"api|rest|v?\d+([._]\d+)*|v\d+\w*|public|services?|json", parts[0])
        if len(set(parts)) > 1 or plain is None:
            break
        shared.append(parts[0])
    return "".join(f"/{part}" for part in shared)


def _path(path: str, secrets: list[str]) -> tuple[str, list[dict[str, Any]]]:
    """Return a path with its ids as parameters, and what those are."""
    found: list[str] = []
    parameters: list[dict[str, Any]] = []
    taken: set[str] = set()
    for part in (unquote(one) for one in path.strip("/").split("/") if one):
        if not ONE_THING.fullmatch(part) and "{" not in part:
            found.append(part)
            continue
        before = singular(" ".join(words(found[-1]))) if found and found[-1].isalpha() else ""
        name = free(f"{snake(before)}_id" if before else "id", taken)
        taken.add(name)
        found.append(f"{{{name}}}")
        if not part.isdecimal() and len(part) >= 16:
            secrets.append(part)  # ids are often all that is needed, e.g. of a webhook
        kind = "integer" if part.isdecimal() else "string"
        parameters.append({"name": name, "in": "path", "required": True, "schema": {"type": kind}})
    return "/" + "/".join(found), parameters


def _operation(
    one: Pasted, parameters: list[dict[str, Any]], secrets: list[str], remarks: list[str]
) -> dict[str, Any] | str:
    if one.method not in ("GET", "POST", "PUT", "PATCH"):
        return f"{one.method} isn't turned into an operation"
    if one.method == "GET" and one.answer is None:
        return "what it answers isn't known; put the answer's JSON below the command, in a file"
    parameters = list(parameters)
    for name, value in one.query:
        if _sounds_secret(name):
            secrets.append(value)
            remarks.append(
                f"The parameter {name!r} is a secret within the address, where logs would show it; "
                "it is left out."
            )
            continue
        schema = schema_of_value([_value(value)])
        parameters.append({"name": name, "in": "query", "schema": schema})
    for header, value in one.headers.items():
        if VERSION.search(header) and len(value) < 40:
            spelled = "-".join(part.capitalize() for part in header.split("-"))
            schema = {"type": "string", "enum": [value]}
            parameters.append({"name": spelled, "in": "header", "required": True, "schema": schema})
    operation: dict[str, Any] = {"parameters": parameters, "responses": {"200": {}}}
    if one.body is not None:
        kind = "application/x-www-form-urlencoded" if one.form else "application/json"
        body = _without_secrets(one.body, secrets)
        if one.form:
            body = {name: _value(value) for name, value in body.items()}
        operation["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": schema_of_value([body])}},
        }
    if one.answer is not None:
        answer = _without_secrets(one.answer, secrets)
        schema = _open(schema_of_value([answer]))
        operation["responses"] = {
            "200": {"content": {"application/json": {"schema": schema, "example": answer}}}
        }
    return operation


def _value(text: str) -> Any:
    """Return a text of a query or form as the kind of value it looks like."""
    if re.fullmatch(r"-?(0|[1-9]\d{0,14})", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text)


def _open(schema: Schema) -> Schema:
    """Return an answer's schema without required fields: one answer shows what may be there."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [_open(one) for one in schema["anyOf"]]}
    found = {name: part for name, part in schema.items() if name != "required"}
    if "properties" in found:
        found["properties"] = {n: _open(part) for n, part in found["properties"].items()}
    if "items" in found:
        found["items"] = _open(found["items"])
    return found


def _without_secrets(value: Any, secrets: list[str]) -> Any:
    """Return a body in which made-up values stand in the place of secrets."""
    if isinstance(value, list):
        return [_without_secrets(one, secrets) for one in value]
    if not isinstance(value, Mapping):
        return value
    found: dict[str, Any] = {}
    for name, item in value.items():
        if _sounds_secret(str(name)):
            found[str(name)] = _made_up(item, str(name), secrets)
        else:
            found[str(name)] = _without_secrets(item, secrets)
    return found


def _made_up(value: Any, name: str, secrets: list[str]) -> Any:
    """Return a secret, or what holds some, with made-up values in their place."""
    if isinstance(value, Mapping):
        return {str(inner): _made_up(item, str(inner), secrets) for inner, item in value.items()}
    if isinstance(value, list):
        return [_made_up(one, name, secrets) for one in value]
    if value in (None, "") or isinstance(value, bool):
        return value
    secrets.append(str(value))
    kind = "string" if isinstance(value, str) else "integer"
    return value_of({"type": kind}, name, 0)
