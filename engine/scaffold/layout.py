"""Lays out Python as its formatters do: on one line if it fits, else an item a line."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

#: Columns; what is laid out for these is left alone by formatters set to more.
WIDTH = 88

Code = Union[str, "Group", "Glued"]


@dataclass(frozen=True)
class Group:
    """Things in brackets, separated by commas."""

    open: str
    items: tuple[Code, ...]
    close: str


@dataclass(frozen=True)
class Glued:
    """Code with text right before and behind it."""

    before: str
    code: Code
    after: str = ""


def group(open: str, items: Iterable[Code], close: str) -> Group:
    return Group(open, tuple(items), close)


def flat(code: Code) -> str:
    """Return code on one line."""
    match code:
        case str():
            return code
        case Group(open, items, close):
            return f"{open}{', '.join(flat(item) for item in items)}{close}"
        case Glued(before, inner, after):
            return f"{before}{flat(inner)}{after}"


def laid_out(code: Code, indent: int = 0, *, room: int = 0, width: int = WIDTH) -> str:
    """Return code whose first line begins at column ``indent``.

    :param room: columns wanted behind it, e.g. for a comma.
    :param width: columns there are.
    """
    line = flat(code)
    if indent + len(line) + room <= width or isinstance(code, str):
        return " " * indent + line
    return " " * indent + _exploded(code, indent, width)


def _exploded(code: Code, indent: int, width: int) -> str:
    match code:
        case str():
            return code
        case Glued(before, inner, after):
            return f"{before}{_exploded(inner, indent, width)}{after}"
        case Group(open, (), close):
            return open + close
        case Group(open, items, close):
            alone = open.endswith("[") and len(items) == 1 and open != "["
            comma = "" if alone else ","
            inside = [
                laid_out(item, indent + 4, room=len(comma), width=width) + comma for item in items
            ]
            return "\n".join([open, *inside, " " * indent + close])


def literal(value: Any) -> Code:
    """Return a JSON value as Python."""
    match value:
        case str():
            return text(value)
        case Mapping():
            return group(
                "{", (Glued(f"{text(str(k))}: ", literal(v)) for k, v in value.items()), "}"
            )
        case list() | tuple():
            return group("[", (literal(one) for one in value), "]")
        case float() if value == int(value) and abs(value) < 1e15:
            return f"{value:.1f}"
    return repr(value)


def text(value: str) -> str:
    """Return a text as Python, in the quotes that formatters choose."""
    if value.isprintable() and "\\" not in value:
        return repr(value) if '"' in value and "'" not in value else _quoted(value)
    return _quoted(value)


def _quoted(value: str) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in written
    ).replace("\x7f", "\\x7f")


def call(name: str, /, *arguments: Code, **named: Code | None) -> Group:
    """Return a call; named arguments that are None are left out."""
    given = [Glued(f"{key}=", code) for key, code in named.items() if code is not None]
    return group(f"{name}(", [*arguments, *given], ")")


def function(name: str, parameters: Sequence[Code], returns: str, *, width: int = WIDTH) -> str:
    head = Glued(f"def {name}", group("(", parameters, ")"), f" -> {returns}:")
    return laid_out(head, width=width)
