"""Steps that a person does: what is asked of them, compiled, and what of the result later steps read."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, cast

from jinja2 import nodes

from engine.context import Context, Http
from engine.fields import Record, Schema
from engine.files import is_file
from engine.operations import PERSON, Action
from engine.recipe.checking.scopes import NoSuchField, field_of, kinds, options, result_of
from engine.recipe.person import ByPerson
from engine.recipe.steps import AnyStep, Step, every_step
from engine.recipe.templates.environment import RecipeEnvironment
from engine.recipe.templates.template import Expression, compile_template
from engine.run.people.ask import shown_value
from engine.store.connections import Connection
from engine.store.tasks import ResultField, TaskField

#: Characters of a field's value that are shown.
LONGEST_VALUE = 20_000

ID = "id"
Path = tuple[str, ...]


@dataclass(frozen=True)
class PlannedPerson:
    """What a person is told who does a step, compiled.

    :param results: what later steps read of the result.
    :param asks_id: whether an id belongs to the result; ``needs_id``: not without it.
    """

    note: Expression | None
    people: tuple[Expression, ...]
    within: timedelta | None
    otherwise: str
    results: tuple[ResultField, ...]
    asks_id: bool
    needs_id: bool


def plan_person(
    environment: RecipeEnvironment, step: Step, action: Action, steps: Iterable[AnyStep]
) -> PlannedPerson:
    """Compile what a person is told.

    :param steps: all those of the recipe, which may read its result.
    """
    said = step.person or ByPerson()
    result = result_of(action)
    properties = [name for option in options(result) for name in option.get("properties", {})]
    search, own = action.kind == "search", action.connector == PERSON
    read: set[Path] = {()} if own else read_of(environment, steps, step)
    if search and ID in properties:
        read.add((ID,))
    results = tuple(
        field
        for field in result_fields(result, read, optional=not (search or own))
        if search or field.name != ID
    )
    return PlannedPerson(
        note=None
        if said.note is None
        else compile_template(environment, said.note.value, "person.note"),
        people=tuple(compile_template(environment, one.value, "person.of") for one in said.people),
        within=said.within,
        otherwise=said.otherwise if said.within is not None else "",
        results=results,
        asks_id=not search and (ID in properties or not (properties or own)),
        needs_id=not search and ID in properties,
    )


def by_nobody(operation: Action) -> tuple[Connection, Context]:
    """Return what stands for the account of a step that a person does: nobody can be asked."""
    connection = Connection(name=PERSON, connector=operation.connector)
    return connection, Context(http=cast(Http, None), now=datetime.now(UTC))


def salt_of(action: Action, connection: Connection) -> blake2b:
    """Return what tells apart fingerprints of the same row sent elsewhere: how they all begin."""
    # A connection made anew may be another account: what was sent to the old one says nothing.
    elsewhere = f"{action.full_name}\n{connection.name}\n{connection.created_at}\n"
    return blake2b(elsewhere.encode(), digest_size=16)


# -- what is read of the result --------------------------------------------------------------------


def read_of(environment: RecipeEnvironment, steps: Iterable[AnyStep], step: Step) -> set[Path]:
    """Return the paths that templates read of a step's result; an empty one is all of it."""
    every = list(every_step(steps))
    names = {step.id.value} | {
        one.id.value
        for one in every
        if isinstance(one, Step) and one.creates and one.creates[-1].id.value == step.id.value
    }
    found: set[Path] = set()
    for one in every:
        templates = [text.value for text in one.templates if "{{" in text.value]
        for source in (*templates, *("{{" + text.value + "}}" for text in one.expressions)):
            found.update(_paths(environment.parse(source), names))
    return found


def _paths(node: nodes.Node, names: Collection[str]) -> Iterator[Path]:
    path: list[str] = []
    inner = node
    while True:
        if isinstance(inner, nodes.Getattr):
            path.insert(0, inner.attr)
        elif (
            isinstance(inner, nodes.Getitem)
            and isinstance(inner.arg, nodes.Const)
            and isinstance(inner.arg.value, str)
        ):
            path.insert(0, inner.arg.value)
        else:
            break
        inner = inner.node
    if isinstance(inner, nodes.Name):
        if inner.name in names:
            yield tuple(path)
        return
    for child in node.iter_child_nodes():
        yield from _paths(child, names)


def result_fields(result: Schema, read: Collection[Path], *, optional: bool) -> list[ResultField]:
    """Return the fields to be filled in, in the order of the schema where all of it is read.

    Lists of records can't be typed and are left out.
    """
    found: dict[str, ResultField] = {}
    for path in sorted(read):
        schema, required = _at(result, path)
        for inner, part, needed in _leaves(schema, path, required):
            name = ".".join(inner)
            must = needed and not (optional and not path)
            found.setdefault(
                name, ResultField(name=name, title=_title(part, inner), schema=part, required=must)
            )
    return list(found.values())


def _at(schema: Schema, path: Path) -> tuple[Schema, bool]:
    required = bool(path)
    for name in path:
        needed = any(name in option.get("required", ()) for option in options(schema))
        try:
            schema = field_of(schema, name)
        except NoSuchField:
            return {}, False
        null = any(option.get("type") == "null" for option in schema.get("anyOf", ()))
        required = required and needed and not null
    return schema, required


def _leaves(schema: Schema, path: Path, required: bool) -> Iterator[tuple[Path, Schema, bool]]:
    found = kinds(schema)
    if found == {"object"} or (not found and not path):
        for option in options(schema):
            for name in option.get("properties", {}):
                part, needed = _at(schema, (name,))
                yield from _leaves(part, (*path, name), needed and (required or not path))
    elif "array" in found:
        items = [kinds(option.get("items", {})) for option in options(schema)]
        if not any(one & {"object", "array"} for one in items):
            yield path, schema, required
    else:
        yield path, schema, required


# -- what is shown ---------------------------------------------------------------------------------


def shown_fields(inputs: Schema, values: Record) -> tuple[TaskField, ...]:
    """Return a row as a person reads and copies it; secrets are left out."""
    return tuple(_shown(inputs, values, ()))


def _shown(schema: Schema, values: Mapping[str, Any], above: Path) -> Iterator[TaskField]:
    for name, value in values.items():
        path = (*above, name)
        try:
            part = field_of(schema, name)
        except NoSuchField:
            part = {}
        if part.get("writeOnly"):
            continue
        if isinstance(value, Mapping) and not is_file(value):
            yield from _shown(part, value, path)
            continue
        files = value if isinstance(value, list) and value and all(map(is_file, value)) else [value]
        for one in files:
            yield TaskField(
                name=".".join(path),
                title=_title(part, path),
                value=str(one["name"]) if is_file(one) else _text(one),
                file=dict(one) if is_file(one) else None,
            )


def _text(value: Any) -> str:
    if isinstance(value, list) and not any(isinstance(one, Mapping | list) for one in value):
        return "\n".join(shown_value(one) for one in value)[:LONGEST_VALUE]
    return shown_value(value)[:LONGEST_VALUE]


def _title(schema: Schema, path: Path) -> str:
    own = schema.get("title") or path[-1].replace("_", " ").capitalize()
    return str(own)
