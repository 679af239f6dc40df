"""Printing where not every letter can be shown, as in old terminals and pipes on Windows."""

import codecs
import sys
from io import TextIOWrapper

#: What stands for marks of ours; anything else becomes a question mark.
LOOKS_LIKE = {
    "─": "-",
    "·": "-",
    "–": "-",
    "→": ">",
    "…": "...",
    "•": "*",
    "✓": "v",
    "“": '"',
    "”": '"',
}

_NAME = "bridgework.lookalike"


def show_what_can_be_shown() -> None:
    """Have letters that the terminal or pipe lacks replaced, where they would end the command."""
    codecs.register_error(_NAME, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_NAME)


def all_letters(stream: object) -> bool:
    """Return whether a stream takes every letter there is."""
    return str(getattr(stream, "encoding", "utf-8")).lower().startswith("utf")


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(LOOKS_LIKE.get(letter, "?") for letter in lacking), error.end
