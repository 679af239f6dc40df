"""Keeps secrets out of logs, reports and errors: values once known are replaced wherever shown."""

import logging
from collections.abc import Mapping
from typing import Any

#: Shorter values would blank out ordinary words.
SHORTEST = 6

_known: set[str] = set()


def register(value: Any) -> None:
    """Remember every text within ``value`` (a text, map or list) as secret."""
    if isinstance(value, str):
        if len(value) >= SHORTEST:
            _known.add(value)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name not in {"token_type", "expires_in", "expires_at", "obtained_at", "scope"}:
                register(item)
    elif isinstance(value, list | tuple):
        for item in value:
            register(item)


def redact(text: str) -> str:
    """Return ``text`` with every known secret replaced."""
    # Longest first: one may begin with another. Sorted, as other threads may add to the set meanwhile.
    for secret in sorted(_known, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, "•••")
    return text


class RedactingFormatter(logging.Formatter):
    """Formats a log record, traceback included, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
