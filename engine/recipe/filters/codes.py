"""Filters between values and the codes that programs exchange: JSON, fingerprints, Base64, addresses."""

import base64 as base64_module
import binascii
import hashlib
import json as json_module
import uuid as uuid_module
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from typing_extensions import TypedDict

from engine.recipe.filters.errors import (
    ArgumentError,
    FilterError,
    check_size,
    is_blank,
    is_nothing,
    may_default,
    on_text,
    quoted,
)
from engine.recipe.filters.kinds import Textual

#: MD5 and SHA-1 are no protection; they are the names under which some systems keep records.
KINDS_OF_HASH = ("sha256", "md5", "sha1", "sha512")


class UrlParts(TypedDict):
    """What a web address is made of."""

    scheme: str
    host: str
    port: int | None
    path: str
    file: str
    query: dict[str, str]


def hash_(value: Any, kind: str = "sha256") -> str | None:
    """Give a fingerprint that is always the same for the same text: SHA-256, or ``kind``.

    The kinds are ``sha256``, ``md5``, ``sha1`` and ``sha512``.

    >>> {{ 'matter 42' | hash | left(8) }}
    4040c709
    >>> {{ 'dana@harborlaw.example' | hash('md5') }}
    6252e1d9caf1a5a5f1b8ba1c21511c1d
    """
    if is_nothing(value):
        return None
    text = value if isinstance(value, str) else json(value)
    if kind == "sha256":
        return hashlib.sha256(text.encode()).hexdigest()
    return hashlib.new(check_hash(kind), text.encode(), usedforsecurity=False).hexdigest()


def check_hash(kind: str) -> str:
    """Return the name of a kind of fingerprint.

    :raises ArgumentError: it is none that is known.
    """
    if kind in KINDS_OF_HASH:
        return kind
    raise ArgumentError(
        f"{quoted(kind)} is not a kind of fingerprint.",
        hint=f"Write one of {', '.join(map(repr, KINDS_OF_HASH))}.",
    )


def uuid(value: Any) -> str | None:
    """Give an identifier (UUID) that is always the same for the same text.

    >>> {{ 'matter 42' | uuid }}
    79918bec-7a9a-519e-a41f-34378b8c29da
    """
    if is_blank(value):
        return None
    text = value if isinstance(value, str) else json(value)
    return str(uuid_module.uuid5(uuid_module.NAMESPACE_URL, text))


def json(value: Any) -> str:
    """Write a value as JSON, e.g. a whole record into a note.

    >>> {{ ['vip', 3, none] | json }}
    ["vip", 3, null]
    """
    plain = None if is_nothing(value) else value
    check_size(plain, "json")
    return json_module.dumps(plain, ensure_ascii=False, default=_json_text)


@may_default
def from_json(value: Textual) -> Any:
    """Read JSON out of text, e.g. out of a field that holds a whole record.

    >>> {{ ('{"name": "Dana", "tags": ["vip"]}' | from_json).name }}
    Dana
    """
    if not isinstance(value, str):
        return None if is_nothing(value) else value
    if not value.strip():
        return None
    try:
        found = json_module.loads(value, parse_constant=_no_number, parse_int=_whole_number)
        json_module.dumps(found, allow_nan=False)
    except (ValueError, RecursionError):
        raise FilterError(f"{quoted(value)} is not JSON.", code="not_json") from None
    return found


@on_text
def base64(text: str) -> str:
    """Write text in Base64.

    >>> {{ 'Harbor Law' | base64 }}
    SGFyYm9yIExhdw==
    """
    return base64_module.b64encode(text.encode()).decode()


@may_default
@on_text
def text_of_base64(text: str) -> str:
    """Read the text that is written in Base64.

    >>> {{ 'SGFyYm9yIExhdw==' | text_of_base64 }}
    Harbor Law
    """
    try:
        return base64_module.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        raise FilterError(f"{quoted(text)} is not text in Base64.", code="not_base64") from None


@on_text
def url_encode(text: str) -> str:
    """Make text fit to stand in a web address.

    >>> {{ 'Whitfield & Sons/2024' | url_encode }}
    Whitfield%20%26%20Sons%2F2024
    """
    return quote(text, safe="")


@may_default
@on_text
def url_parts(text: str) -> UrlParts | None:
    """Take a web address apart: ``scheme``, ``host``, ``port``, ``path``, ``file`` and ``query``.

    >>> {{ ('https://app.harborlaw.example/docs/lease.pdf?v=2' | url_parts).file }}
    lease.pdf
    >>> {{ ('https://app.harborlaw.example/docs/lease.pdf?v=2' | url_parts).query.v }}
    2
    """
    if not text.strip():
        return None
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        host, port, query = None, None, {}
    if not host:
        raise FilterError(
            f"{quoted(text)} is not a web address.",
            code="not_an_address",
            hint="Web addresses begin with https://.",
        )
    return {
        "scheme": parts.scheme,
        "host": host,
        "port": port,
        "path": parts.path,
        "file": parts.path.rpartition("/")[2],
        "query": query,
    }


def _json_text(value: Any) -> Any:
    return None if is_nothing(value) else str(value)


def _no_number(word: str) -> Any:
    raise ValueError(word)


def _whole_number(digits: str) -> int:
    if len(digits) > 30:
        raise ValueError(digits)
    return int(digits)
