"""What may be written at a place in a recipe: for the web editor, and any editor that asks.

Keys and values come from the recipe's JSON Schema; names and fields inside ``{{ }}`` are those that
the check knows at that place.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from engine.fields import Schema
from engine.host import Host
from engine.operations import PERSON
from engine.recipe.called import is_called
from engine.recipe.checking.check import watch_called, watch_names
from engine.recipe.editing.complete_beside import blueprint_names, called_names, given_inputs
from engine.recipe.editing.complete_expressions import expression_completions
from engine.recipe.editing.completion import Completion, in_words
from engine.recipe.editing.cursor import MARK, Spot, find_spot
from engine.recipe.filters.dates import zone_names
from engine.recipe.load import read_called, read_recipe
from engine.recipe.run_names import RUN_NAMES
from engine.recipe.schema.places import offered_keys, schemas_at
from engine.recipe.schema.schema import recipe_schema
from engine.recipe.texts import Text
from engine.recipe.yaml.nodes import split_lines

__all__ = ["Completion", "Hover", "completions", "hover"]

#: Time zones are hundreds: they are offered once their beginning is written.
ZONE_LETTERS = 2
#: What a word is made of: a name, or several with dots between them.
NAME, DOTTED = re.compile(r"\w*"), re.compile(r"[\w.]*")


@dataclass(frozen=True)
class Hover:
    """What is to be said of a word.

    :param start: column of its first character; ``end`` is that after its last one.
    """

    title: str
    text: str
    line: int
    start: int
    end: int


@dataclass(frozen=True)
class _Scope:
    """What an expression may read where it stands.

    :param bare: the text is an expression as a whole, without braces.
    """

    names: Mapping[str, Schema]
    tables: Collection[str]
    bare: bool


def completions(
    text: str,
    path: Path,
    line: int,
    column: int,
    host: Host,
    connections: Collection[str] | None = None,
) -> list[Completion]:
    """Return what may be written at a place, the likeliest first; those that begin as the word does.

    :param text: the recipe as it is written so far, mistakes and all.
    :param path: of its file; what it reads beside itself is looked for there.
    :param line: counts from 1; so does ``column``, before whose character the cursor stands.
    :param connections: names of the connections there are.
    """
    written = _line(text, line)[: column - 1]
    return [
        found
        for found in _offered(text, path, line, column, host, connections or ())
        if _begins_as(found.label, written[found.start - 1 :])
    ]


def hover(
    text: str,
    path: Path,
    line: int,
    column: int,
    host: Host,
    connections: Collection[str] | None = None,
) -> Hover | None:
    """Return what is to be said of the word at a place; None where there is nothing.

    The arguments are those of :func:`completions`.
    """
    written = _line(text, line)
    for word in (NAME, DOTTED):
        rest = word.match(written, min(column - 1, len(written)))
        assert rest is not None  # it takes nothing, too
        end = rest.end() + 1
        for found in _offered(text, path, line, end, host, connections or ()):
            if found.label == written[found.start - 1 : end - 1]:
                title = f"{found.label}: {found.detail}" if found.detail else found.label
                return Hover(title, found.documentation, line, found.start, end)
    return None


def _line(text: str, number: int) -> str:
    lines = split_lines(text.removeprefix("\ufeff"))
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _begins_as(label: str, word: str) -> bool:
    """Return whether the label, or what stands behind its dot, begins as what is written."""
    bare, name = word.strip("\"'").casefold(), label.casefold()
    parts = name.split(".")[1:] if len(bare) > 1 else []
    return any(part.startswith(bare) for part in (name, *parts))


def _offered(
    text: str, path: Path, line: int, column: int, host: Host, connections: Collection[str]
) -> Iterator[Completion]:
    """Yield everything that may stand in the place of the word before the cursor."""
    spot = find_spot(text, path, line, column)
    if spot is None:
        return
    expression = spot.template
    if expression is not None or spot.key is not None:
        scope = _scope(spot.text, path, host)
        if scope is not None and expression is None and scope.bare:
            expression = _line(text, line)[spot.start - 1 : column - 1]
        if expression is not None:
            if scope is not None:
                for found in expression_completions(
                    expression, {**scope.names, **RUN_NAMES}, scope.tables
                ):
                    yield replace(found, start=column - found.start, end=spot.end)
            return
    root = recipe_schema(host)
    value = _value_at(spot.recipe, spot.path)
    place: Iterable[Completion]
    if isinstance(value, list):
        place = _values(schemas_at(root, (*spot.path, 0), spot.recipe), value)
    elif spot.key is not None:
        place = _values_of_key(spot, root, path, connections)
    else:
        schemas = schemas_at(root, spot.path, spot.recipe)
        keys = {**_fields_above(spot, root), **offered_keys(schemas, value)}
        keys.update(given_inputs(spot, path))
        place = [*_keys(keys, value), *_values(schemas, ())]
    for found in place:
        yield replace(found, start=spot.start, end=spot.end)


def _scope(text: str, path: Path, host: Host) -> _Scope | None:
    """Return what may be read where the mark stands; None where nothing is."""
    seen: list[_Scope] = []
    tables: Collection[str] = ()

    def watch(written: Text, names: Mapping[str, Schema], bare: bool) -> None:
        if MARK in written.value:
            seen.append(_Scope(dict(names), tables, bare))

    if is_called(text):
        called, _ = read_called(text, path)
        if called is not None:
            tables = tuple(called.tables)
            watch_called(called, host, watch)
    else:
        recipe, _ = read_recipe(text, path)
        if recipe is not None:
            tables = tuple(recipe.tables)
            watch_names(recipe, host, watch)
    return seen[0] if seen else None


# -- keys and values -----------------------------------------------------------------------------


def _keys(offered: Mapping[str, tuple[Schema, bool]], value: Any) -> Iterator[Completion]:
    written = value if isinstance(value, Mapping) else {}
    for needed in (True, False):
        for name, (schema, required) in offered.items():
            if required is needed and name not in written:
                yield Completion(
                    label=name,
                    kind="key",
                    detail="required" if required else in_words(schema),
                    documentation=_about(schema),
                    insert=f"{name}:" if _holds_more(schema) else f"{name}: ",
                )


def _fields_above(spot: Spot, root: Schema) -> dict[str, tuple[Schema, bool]]:
    """Return the fields of a nested map under ``with:``, which the schema knows by dotted names."""
    if "with" not in spot.path:
        return {}
    above = spot.path.index("with") + 1
    inner = [str(part) for part in spot.path[above:]]
    if not inner:
        return {}
    prefix = ".".join(inner) + "."
    fields = offered_keys(schemas_at(root, spot.path[:above], spot.recipe), {})
    return {
        name.removeprefix(prefix): found
        for name, found in fields.items()
        if name.startswith(prefix)
    }


def _values_of_key(
    spot: Spot, root: Schema, path: Path, connections: Collection[str]
) -> Iterator[Completion]:
    key = spot.key or ""
    if key in ("call", "blueprint"):
        names = called_names(path) if key == "call" else blueprint_names(path)
        yield from (Completion(label=name, kind="value", insert=name) for name in names)
        return
    if key == "connection":
        yield from (Completion(label=name, kind="value", insert=name) for name in connections)
        if "steps" in spot.path:
            by_hand = "a person does this step by hand"
            yield Completion(label=PERSON, kind="value", detail=by_hand, insert=PERSON)
        return
    if key == "timezone" and len(spot.word) >= ZONE_LETTERS:
        yield from (Completion(label=name, kind="value", insert=name) for name in zone_names())
        return
    fields = {**_fields_above(spot, root), **given_inputs(spot, path)}
    if key in fields:
        yield from _values([fields[key][0]], ())
    else:
        yield from _values(schemas_at(root, (*spot.path, key), spot.recipe), ())


def _values(schemas: Iterable[Schema], written: Collection[Any]) -> Iterator[Completion]:
    """Yield the values that schemas name: choices, constants and examples."""
    offered: dict[str, Completion] = {}
    for schema in schemas:
        about: list[tuple[Any, str, str]] = [
            *((value, "", "") for value in schema.get("enum", ())),
            *(
                (one["const"], one.get("title", ""), one.get("description", ""))
                for one in (*schema.get("oneOf", ()), schema)
                if "const" in one
            ),
            *((value, "for example", "") for value in schema.get("examples", ())),
        ]
        if schema.get("type") == "boolean":
            about += [("true", "", ""), ("false", "", "")]
        for value, title, description in about:
            name = value if isinstance(value, str) else str(value).lower()
            kind: Literal["operation", "value"] = "operation" if title and description else "value"
            offered.setdefault(
                name,
                Completion(
                    label=name, kind=kind, detail=title, documentation=description, insert=name
                ),
            )
    yield from (found for name, found in offered.items() if name not in written)


def _about(schema: Schema) -> str:
    said = schema.get("description") or schema.get("title") or ""
    default = schema.get("default")
    shown = isinstance(default, str | int | float) and not isinstance(default, bool)
    return f"{said} Default: {default}.".strip() if shown and default != "" else str(said)


def _holds_more(schema: Schema) -> bool:
    """Return whether what belongs to the key stands below it."""
    return schema.get("type") in ("object", "array")


def _value_at(recipe: Any, path: Iterable[str | int]) -> Any:
    for part in path:
        if isinstance(recipe, Mapping):
            recipe = recipe.get(str(part))
        elif isinstance(recipe, list) and isinstance(part, int) and part < len(recipe):
            recipe = recipe[part]
        else:
            return None
    return recipe
