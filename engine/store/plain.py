"""JSON as it is stored: fast, and never refused for a value that other systems let through."""

import json
from typing import Any

import orjson

SORTED = orjson.OPT_SORT_KEYS


def dump(value: Any) -> bytes:
    """Return ``value`` as JSON with sorted keys; what JSON has no word for becomes text."""
    try:
        return orjson.dumps(value, option=SORTED, default=str)
    except TypeError:  # all of it rare, and slower
        pass
    try:
        return orjson.dumps(value, option=SORTED | orjson.OPT_NON_STR_KEYS, default=str)
    except TypeError:  # half a character (a lone surrogate), or a number of more than 64 bits
        return json.dumps(value, default=str).encode()


def load(stored: bytes) -> Any:
    """Return what :func:`dump` stored."""
    try:
        return orjson.loads(stored)
    except orjson.JSONDecodeError:
        return json.loads(stored)
