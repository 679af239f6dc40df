"""Names out of other people's words: for Python, for classes, for people."""

import keyword
import re
import unicodedata
from collections.abc import Container

from anyascii import anyascii

from engine.nouns import plural as several

#: What an operation's parameters can't be called: the engine fills some in, others are used within.
TAKEN = frozenset({"ctx", "since", "rows", "self", "answers", "sent", "reply", "cast", "int"})
#: What the written modules call things by: an operation of such a name would stand in their way.
CALLED = frozenset({"str", "int", "float", "bool", "list", "dict", "datetime"})
#: Words that end in s and aren't plural.
SINGULAR = frozenset({"news", "status", "address", "series", "species", "sms", "gps", "dns"})
IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman"}

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words(text: str) -> list[str]:
    """Split ``getContactById`` or ``First-name`` into small words."""
    plain = anyascii(unicodedata.normalize("NFC", text))
    return [word.lower() for word in _WORD.findall(plain)]


def snake(text: str, default: str = "value") -> str:
    """Return a name for Python and recipes: ``first_name``; never a keyword."""
    name = "_".join(words(text))[:60].strip("_") or default
    if name[0].isdigit():
        name = f"n_{name}"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in TAKEN or name in "lOI":
        name += "_"
    return name


def operation_name(text: str, default: str = "do") -> str:
    """Return an operation's name: as :func:`snake`, but no ``_`` at its end."""
    name = snake(text, default)
    if name in CALLED:
        name += "_"
    return f"{name}do" if name.endswith("_") else name


def camel(text: str, default: str = "Record") -> str:
    """Return a class's name: ``ContactInput``."""
    name = "".join(word.capitalize() for word in words(text))[:60] or default
    name = f"N{name}" if name[0].isdigit() else name
    return f"{name}Record" if keyword.iskeyword(name) or name in RESERVED else name


#: Names that the written modules import.
RESERVED = frozenset(
    {"Annotated", "Any", "Literal", "Iterator", "Context", "Field", "Record", "TypedDict"}
    | {"NotRequired", "RemoteError", "Connector", "Examples", "Offset", "PageNumber"}
    | {"NextLink", "NextToken", "Accepted", "Settings", "None", "True", "False", "Path"}
)


def singular(text: str) -> str:
    """Return what one of ``contacts`` is called; English, and only roughly."""
    head, _, last = text.rpartition(" ")
    low = last.lower()
    if low in IRREGULAR:
        one = IRREGULAR[low]
    elif low in SINGULAR or low.endswith(("ss", "us", "is")):
        one = last
    elif low.endswith("ies") and len(low) > 4:
        one = last[:-3] + "y"
    elif low.endswith(("sses", "uses", "xes", "ches", "shes")):
        one = last[:-2]
    else:
        one = last[:-1] if low.endswith("s") and len(low) > 2 else last
    return f"{head} {one}".strip()


def plural(one: str, candidate: str = "") -> str:
    """Return what several are called: the candidate, if it is that."""
    if candidate and candidate != one and singular(candidate) == one:
        return candidate
    return several(one)


def free(name: str, taken: Container[str]) -> str:
    """Return ``name``, or ``name_2`` and so on where it is taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def sentence(text: object, default: str = "") -> str:
    """Return the first sentence of a description, on one line, fit for a docstring."""
    plain = re.sub(r"<[^>]*>|[\\`*#\"]", " ", str(text or ""))
    plain = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    plain = re.split(r"(?<=[.!?])\s", plain, maxsplit=1)[0][:200].strip()
    plain = plain or default
    if not plain:
        return ""
    plain = plain[0].upper() + plain[1:]
    if plain.lower().startswith("this "):
        plain = f"It: {plain[5:]}"
    return plain if plain[-1] in ".!?" else f"{plain}."


def quoted(text: str) -> str:
    """Return text for a docstring: on one line, and nothing in it ends that or begins an escape."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(plain.replace("\\", " ").replace('"', "'").split())
