"""The files that a recipe reads beside itself: which they are, and their texts.

They are kept with the recipe's own text, so that a run goes on with what it began with.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from engine.recipe.yaml.nodes import ListNode, MapNode, Node, Scalar, YamlMistake, compose
from engine.recipe.yaml.source import read_bytes

#: Files that one recipe may read, those that these read included.
MOST_FILES = 50
#: Bytes of one of them.
LARGEST_BESIDE = 1_000_000
TABLE_ENDINGS = (".csv", ".yaml", ".yml")
RECIPE_ENDINGS = (".yaml", ".yml")
#: The folder of blueprints, beside the recipes made from them.
BLUEPRINTS = "blueprints"
#: What a recipe that reads files has in its text.
_WORDS = ("translate:", "call:", "blueprint:")


@dataclass(frozen=True)
class Beside:
    """What stands in files beside a recipe.

    :param texts: by the files' names.
    :param problems: why others can't be read, one sentence each, by their names.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def is_inside(name: str) -> bool:
    """Return whether a name is one of a file in the recipe's folder, or in a folder within it.

    Hidden ones are none: with the home in the recipe's folder, they hold the keys.
    """
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") for part in path.parts)
    return bool(name) and not path.is_absolute() and not hidden and "\\" not in name


def read_beside(text: str, path: Path) -> Beside:
    """Return the files that a recipe reads beside itself, as they are now."""
    texts: dict[str, str] = {}
    problems: dict[str, str] = {}
    waiting = list(named_files(text))
    while waiting and len(texts) + len(problems) < MOST_FILES:
        name = waiting.pop(0)
        if name in texts or name in problems or not is_inside(name):
            continue
        if not name.lower().endswith(TABLE_ENDINGS):
            continue  # no table and no recipe: nothing that a version should hold
        try:
            texts[name] = _read(path.parent, name)
        except OSError:
            continue  # who needs it says that it isn't there
        except ValueError as error:
            problems[name] = str(error)
        else:
            if name.endswith(RECIPE_ENDINGS):
                folder = name.rpartition("/")[0]
                waiting += [f"{folder}/{one}".lstrip("/") for one in named_files(texts[name])]
    return Beside(texts, problems)


@lru_cache(maxsize=512)
def named_files(text: str) -> tuple[str, ...]:
    """Return the names of the files that a recipe's text asks for."""
    if not any(word in text for word in _WORDS):
        return ()
    try:
        root = compose(text.removeprefix("\ufeff"))
    except YamlMistake:
        return ()  # the recipe's own mistakes come first
    return tuple(dict.fromkeys(_named(root)))


def _named(root: Node | None) -> Iterator[str]:
    for key, value in _entries(root):
        if key == "translate":
            for _, table in _entries(value):
                yield from _table_file(table)
        elif key == "blueprint" and isinstance(value, Scalar):
            yield from (f"{BLUEPRINTS}/{value.text.value}{ending}" for ending in RECIPE_ENDINGS)
        elif key == "steps":
            for called in _calls(value):
                yield from (f"{called}{ending}" for ending in RECIPE_ENDINGS)


def _calls(node: Node) -> Iterator[str]:
    """Yield the names of the recipes that are called somewhere in a recipe's steps."""
    for key, value in _entries(node):
        if key == "call" and isinstance(value, Scalar):
            yield value.text.value
        else:
            yield from _calls(value)


def _table_file(table: Node) -> Iterator[str]:
    if isinstance(table, Scalar):
        yield table.text.value
    for key, value in _entries(table):
        if key == "file" and isinstance(value, Scalar):
            yield value.text.value


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, MapNode):
        for key, value in node.pairs:
            if isinstance(key, Scalar):
                yield key.text.value, value
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _entries(item)


def _read(folder: Path, name: str) -> str:
    """Return a file's text.

    :raises OSError: there is none, or it can't be read.
    :raises ValueError: it is too large, or no text; the sentence says so.
    """
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"'{name}' leads out of the recipe's folder.")
    data = read_bytes(file, LARGEST_BESIDE)
    if len(data) > LARGEST_BESIDE:
        raise ValueError(f"'{name}' is larger than {LARGEST_BESIDE:,} bytes.")
    text = _decoded(data)
    if "\0" in text:
        raise ValueError(f"'{name}' is not a text file.")
    return text


def _decoded(data: bytes) -> str:
    """Return text as spreadsheets save it: UTF-8, UTF-16 with its mark, or Windows-1252."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
