"""What a new connector's modules import: the names that their code uses and doesn't define."""

import re
import symtable
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from engine import sdk
from engine.scaffold.layout import WIDTH, group, laid_out

#: Names of Python's own, by the modules they come from; a module stands for itself.
STANDARD = {
    "json": "json",
    "time": "time",
    "datetime": "datetime.datetime",
    "Callable": "collections.abc.Callable",
    "Iterator": "collections.abc.Iterator",
    "Path": "pathlib.Path",
    "Annotated": "typing.Annotated",
    "Any": "typing.Any",
    "ClassVar": "typing.ClassVar",
    "Literal": "typing.Literal",
    "cast": "typing.cast",
    "quote": "urllib.parse.quote",
}


def module(doc: str, *parts: str, own: Mapping[str, Iterable[str]] | None = None) -> str:
    """Return a whole module: its docstring, its imports, and what is in it.

    :param own: names that other modules of the connector define, by module, such as ``.fields``.
    """
    body = "\n\n\n".join(part.strip("\n") for part in parts if part.strip())
    head = imports(body, own or {})
    gap = "\n\n\n" if body.startswith(("def ", "class ", "@")) else "\n\n"
    return f'"""{doc}"""\n' + (f"\n{head}" if head else "") + (f"{gap}{body}\n" if body else "")


def imports(code: str, own: Mapping[str, Iterable[str]]) -> str:
    """Return the imports of code, sorted as ruff sorts them."""
    plain: set[str] = set()
    standard: defaultdict[str, set[str]] = defaultdict(set)
    offered: set[str] = set()
    local: defaultdict[str, set[str]] = defaultdict(set)
    places = {name: place for place, names in own.items() for name in names}
    for name in _free_names(code):
        place, _, _ = STANDARD.get(name, "").rpartition(".")
        if name in places:
            local[places[name]].add(name)
        elif place:
            standard[place].add(name)
        elif name in STANDARD:
            plain.add(name)
        elif name in sdk.__all__:
            offered.add(name)
    blocks = [
        [*(f"import {name}" for name in sorted(plain)), *_from_each(standard)],
        _from_each({"engine.sdk": offered} if offered else {}),
        _from_each(local),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _free_names(code: str) -> set[str]:
    """Return the names that code takes from elsewhere, Python's built-in ones among them."""
    whole = symtable.symtable(code, "<written>", "exec")
    defined = {one.get_name() for one in whole.get_symbols() if one.is_assigned()}
    return {
        symbol.get_name()
        for table in _tables(whole)
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table is whole or symbol.is_global())
    } - defined


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _from_each(names: Mapping[str, Iterable[str]]) -> list[str]:
    return [_from(module, some) for module, some in sorted(names.items())]


def _from(module: str, names: Iterable[str]) -> str:
    ordered = sorted(set(names), key=_import_order)
    one = f"from {module} import {', '.join(ordered)}"
    if len(one) <= WIDTH:
        return one
    return laid_out(group(f"from {module} import (", ordered, ")"))


def _import_order(name: str) -> tuple[int, list[tuple[int, str | int]]]:
    """Constants, classes, functions; numbers within names by their value."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    parts = re.findall(r"\d+|\D+", name.lower())
    return kind, [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]
