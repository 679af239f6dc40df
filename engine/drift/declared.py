"""What connectors declare, and what a new version of one declares otherwise."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from engine.connector import Connector
from engine.drift.differences import declared_words
from engine.drift.shape import ENTRY, Path, written
from engine.fields import Schema, result_schema
from engine.host import ENTRY_POINT_GROUP
from engine.store.declarations import Declared

#: What of a schema matters to recipes.
MATTERS = ("type", "required", "properties", "items", "anyOf", "enum", "const", "format")
Kind = Literal[
    "operation gone", "no longer taken", "now required", "takes another type",
    "no longer given", "gives another type",
]  # fmt: skip


@dataclass(frozen=True)
class DeclaredChange:
    """One thing that a connector declares otherwise.

    :param path: the field, as recipes write it; empty where it is about the operation.
    """

    operation: str
    kind: Kind
    path: str = ""
    before: str = ""
    after: str = ""

    @property
    def breaks(self) -> bool:
        """Whether a recipe that has to do with it can't do what it was written for."""
        return self.kind not in ("takes another type", "gives another type")

    @property
    def sentence(self) -> str:
        match self.kind:
            case "operation gone":
                return f"'{self.operation}' is no longer there."
            case "no longer taken":
                return f"'{self.operation}' no longer takes '{self.path}'."
            case "now required":
                return f"'{self.operation}' needs '{self.path}' now."
            case "no longer given":
                return f"The records of '{self.operation}' no longer have '{self.path}'."
            case "takes another type":
                said = f"'{self.operation}' takes {self.after} for '{self.path}' now"
            case _:
                said = f"'{self.path}' of the records of '{self.operation}' is {self.after} now"
        return f"{said}; it was {self.before}."


def declared_by(
    connector: Connector, only: Collection[str] | None = None, *, with_version: bool = True
) -> Declared:
    """Return what a connector declares of its operations, without the words for people.

    :param only: full names of the operations that matter; default: all.
    """
    operations: dict[str, Any] = {}
    for kind, found in (("trigger", connector.triggers), ("action", connector.actions)):
        for operation in found.values():
            if only is not None and operation.full_name not in only:
                continue
            gives = result_schema(operation.function)  # what is guessed of a sample is no promise
            operations[operation.full_name] = {
                "kind": kind,
                "takes": _bare(operation.inputs),
                "gives": None if gives is None else _bare(gives),
            }
    return Declared(connector.name, version_of(connector) if with_version else "", operations)


def declared_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[DeclaredChange]:
    """Yield what recipes may stumble over: what was taken away, or is needed or of another type."""
    for name, earlier in before.items():
        later = now.get(name)
        if later is None:
            yield DeclaredChange(name, "operation gone")
            continue
        taken, takes = dict(_fields(earlier["takes"])), dict(_fields(later["takes"]))
        for path, part in taken.items():
            if path not in takes:
                if path[:-1] not in taken or path[:-1] in takes:
                    yield DeclaredChange(name, "no longer taken", written(path))
            elif (words := declared_words(takes[path])) != declared_words(part):
                yield DeclaredChange(
                    name, "takes another type", written(path), declared_words(part), words
                )
        for path in _required(later["takes"]):
            if path not in set(_required(earlier["takes"])):
                yield DeclaredChange(name, "now required", written(path))
        if earlier["gives"] is None or later["gives"] is None:
            continue
        given, gives = dict(_fields(earlier["gives"])), dict(_fields(later["gives"]))
        for path, part in given.items():
            if path not in gives:
                if path[:-1] not in given or path[:-1] in gives:
                    yield DeclaredChange(name, "no longer given", written(path))
            elif (words := declared_words(gives[path])) != declared_words(part):
                yield DeclaredChange(
                    name, "gives another type", written(path), declared_words(part), words
                )


def version_of(connector: Connector) -> str:
    """Return the version of what a connector was installed from; empty where it has none."""
    operations = [*connector.triggers.values(), *connector.actions.values()]
    module = operations[0].function.__module__ if operations else ""
    for point in _plugins():
        if f"{module}.".startswith(f"{point.value}."):
            return "" if point.dist is None else point.dist.version
    return ""


@cache
def _plugins() -> tuple[EntryPoint, ...]:
    """Return what installed packages register; of each, its version is read from a file anew."""
    return tuple(entry_points(group=ENTRY_POINT_GROUP))


def _bare(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {name: part for name, part in schema.items() if name in MATTERS}
    if isinstance(kept.get("properties"), Mapping):
        parts = kept.pop("properties")
        return {**_bare(kept), "properties": {name: _bare(part) for name, part in parts.items()}}
    return {name: _bare(part) for name, part in kept.items()}


def _fields(schema: Schema, above: Path = ()) -> Iterator[tuple[Path, Schema]]:
    for option in schema.get("anyOf", [schema]):
        for name, part in option.get("properties", {}).items():
            yield (*above, name), part
            yield from _fields(part, (*above, name))
        if isinstance(option.get("items"), Mapping):
            yield from _fields(option["items"], (*above, ENTRY))


def _required(schema: Schema) -> Iterator[Path]:
    """Yield the fields that must be given; those within optional records are checked with these."""
    for name in schema.get("required", ()):
        yield (name,)
        yield from ((name, *path) for path in _required(schema.get("properties", {}).get(name, {})))
