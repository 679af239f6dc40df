"""One request: its path within the connection's address, its body, and what came back."""

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote, unquote

import httpx2

from engine.sdk import Context, InputError, RemoteError
from plugins.http.connection import fixed_headers

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

PLACE = re.compile(r"\{(\w+)\}")
#: Characters of an answer that isn't JSON which later steps can read.
LONGEST_TEXT = 100_000


def ask(
    ctx: Context,
    method: str,
    path: str,
    *,
    in_path: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    harmless: bool = False,
) -> httpx2.Response:
    """Send a request and return the answer, which is no refusal by its status.

    :param harmless: sent again where the answer is lost, as it does no harm.
    :raises ConnectorError: it was refused, or there was no answer.
    """
    target = path_of(path, in_path or {})
    more: dict[str, Any] = {"params": query or None, "headers": headers_for(ctx, headers or {})}
    http = ctx.http
    if method == "GET":
        return http.get(target, **more)
    if method == "DELETE":
        return http.delete(target, **more)
    more |= {"json": body, "data": form}
    if method == "PUT":
        return http.put(target, **more)
    if method == "PATCH":
        return http.patch(target, **more)
    return http.post(target, idempotent=harmless, **more)


def headers_for(ctx: Context, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a request's headers: the connection's, and what the recipe adds."""
    fixed: dict[str, str] = ctx.kept.once("headers", lambda: fixed_headers(ctx))
    return {**fixed, **(more or {})}


def path_of(path: str, values: Mapping[str, str]) -> str:
    """Return a path with its ``{names}`` filled in.

    :raises InputError: it leads elsewhere than below the connection's address.
    """
    written = path.strip()
    if "://" in written or written.startswith("//"):
        raise _bad_path(
            f"'{path}' is a whole address.",
            "Give what follows the connection's address, e.g. /v1/orders.",
        )
    if "?" in written or "#" in written:
        raise _bad_path(
            f"The path '{path}' holds a ? or #.",
            "Write what follows a ? under `query:`; values of records go under `in_path:`.",
        )

    def value(match: re.Match[str]) -> str:
        text = str(values.get(match[1], "")).strip()
        if text in ("", ".", ".."):
            raise InputError(
                f"The path '{path}' needs a value for '{match[1]}'.",
                hint=f"Give it under `in_path:`, e.g. `{match[1]}: ...`.",
                field="in_path",
                code="missing_value",
            )
        try:
            return quote(text, safe="")
        except UnicodeEncodeError:
            raise InputError(
                f"The value for '{match[1]}' in the path '{path}' holds half a character.",
                hint="Correct the record where it comes from.",
                field="in_path",
                code="unsendable",
            ) from None

    filled = PLACE.sub(value, written)
    parts = unquote(filled).replace("\\", "/").split("/")
    if not filled.isprintable() or any(part in (".", "..") for part in parts):
        raise _bad_path(
            f"The path '{path}' can't be asked for.", "It leads out of the connection's address."
        )
    return filled


def _bad_path(message: str, hint: str) -> InputError:
    return InputError(message, hint=hint, field="path", code="bad_path")


def content_of(response: httpx2.Response) -> Any:
    """Return what an answer says: JSON, plain text, or None where it says nothing.

    :raises RemoteError: it is a web page, or JSON that can't be read.
    """
    host = response.url.host
    if response.status_code in (204, 205) or not response.content.strip():
        return None
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    begins = response.content.lstrip()[:1]
    if kind in ("text/html", "application/xhtml+xml") or begins == b"<":
        what = (
            "a web page" if "html" in kind or b"<html" in response.content[:500].lower() else "XML"
        )
        raise RemoteError(
            f"{host} answered {what} instead of JSON.",
            hint="Check the path and the connection's address; a log-in or error page may have "
            "answered. Some APIs want `/api` in the address, or the header `Accept`.",
        )
    try:
        return response.json()
    except ValueError:
        if "json" in kind or begins in (b"{", b"["):
            raise RemoteError(
                f"{host} answered JSON that can't be read.", hint="Try again later."
            ) from None
    if kind.startswith("text/"):
        return response.text[:LONGEST_TEXT]
    raise RemoteError(
        f"{host} answered something that is neither JSON nor text ({kind or 'of no type'}).",
        hint="Files are got with `http.download_file`.",
    )


def text_of(value: Any) -> str:
    """Return what tells things apart as text; records and lists don't."""
    if value is None or isinstance(value, Mapping | list | bool):
        return ""
    return str(value).strip()


def put_at(document: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path, making what is above it."""
    *above, last = path.split(".")
    for name in above:
        inner = document.get(name)
        document[name] = inner = dict(inner) if isinstance(inner, Mapping) else {}
        document = inner
    document[last] = value
