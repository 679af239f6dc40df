"""Which fields a recipe reads, of its records and of what its searches find, read off its templates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes

from engine.fields import WITHOUT, Schema
from engine.host import Host
from engine.operations import Trigger
from engine.recipe.checking.check import watch_names
from engine.recipe.checking.expressions import Names
from engine.recipe.checking.records import records_of
from engine.recipe.checking.scopes import (
    ANYTHING,
    GUESSED,
    NoSuchField,
    field_of,
    items_of,
    options,
)
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.filters.lists import ENTRY_FIELDS
from engine.recipe.model import Recipe
from engine.recipe.steps import AnyStep, ChooseStep, EachStep, Step, every_step
from engine.recipe.templates.environment import RecipeEnvironment, build_environment
from engine.recipe.templates.places import ENTRY as ENTRY
from engine.recipe.templates.places import TAKE_ONE, place_of
from engine.recipe.templates.places import Place as Place
from engine.recipe.templates.syntax import Mistake, parse_expression, parse_template
from engine.recipe.texts import Position, Text

#: Filters that change only how a text is spelt: what it is compared with may stand in the field.
SPELLING = frozenset({"lower", "upper", "trim", "title", "capitalize"})


@dataclass
class Used:
    """A field that a recipe reads.

    :param reads: the first text that reads it; None where only a record it belongs to is read.
    :param position: where that text stands in the recipe's file.
    :param steps: the steps that read it, but for their conditions, which are read sooner.
    :param filters: the filters its value goes through.
    :param tables: the ``translate`` tables it is looked up in.
    :param literals: values it is compared with.
    :param keyed: writing steps whose ``key`` reads it.
    :param labels: names that ``first_of`` looks for in it.
    :param guessed: nobody declared its schema, so anything may be missing.
    :param only_text: its record never says null, so what is missing there is empty text.
    :param discriminates: it isn't read, but says of which kind its record is.
    :param twin: a record that is an entry of this list, and which the recipe reads instead.
    """

    place: Place
    schema: Schema
    position: Position
    step: str = ""
    steps: set[str] = field(default_factory=set)
    filters: set[str] = field(default_factory=set)
    tables: list[str] = field(default_factory=list)
    literals: list[Any] = field(default_factory=list)
    twin: Place | None = None
    discriminates: bool = False
    labels: tuple[str, ...] = ()
    keyed: set[str] = field(default_factory=set)
    guessed: bool = False
    only_text: bool = False

    @property
    def path(self) -> str:
        """The field as a recipe writes it: ``matter.clients[].email``."""
        return ".".join(self.place).replace(f".{ENTRY}", ENTRY)


def fields_used(recipe: Recipe, host: Host) -> tuple[dict[Place, Used], dict[str, Schema]]:
    """Return the fields a recipe reads, in the order it reads them, and the schemas of its names.

    Where it has several triggers, these are the fields of the one that is meant.
    """
    reader = _Reader(recipe)
    if recipe.further:  # its triggers may call their records alike, and each has other fields
        trigger = host.operation(recipe.trigger.use.value)
        assert isinstance(trigger, Trigger)
        folder = recipe.path.parent
        reader.names[reader.record] = records_of(
            host, trigger, recipe.trigger.fields, folder, recipe.trigger.connection_name
        )
    watch_names(recipe, host, reader.watch, in_blueprint=True)
    found = reader.used
    for place in list(found):
        _add_what_filters_read(found, found[place])
    ordered: dict[Place, Used] = {}
    for place, used in found.items():
        for length in range(2, len(place)):
            above = place[:length]
            if above[-1] != ENTRY and above not in ordered and above not in found:
                schema = schema_at(reader.names, above)
                ordered[above] = Used(above, schema, used.position, used.step, set(used.steps))
        ordered.setdefault(place, used)
    for place in list(ordered):
        _add_kinds_of_record(ordered, reader.names, place)
    for place, used in ordered.items():
        root = reader.names.get(place[0], ANYTHING)
        records = [schema_at(reader.names, place[:length]) for length in range(1, len(place))]
        used.guessed = any(not schema or schema.get(GUESSED) for schema in records)
        used.only_text = place[0] == reader.record and not (used.guessed or _has_null(root))
    return ordered, reader.names


def _has_null(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        return schema.get("type") == "null" or any(map(_has_null, schema.values()))
    return isinstance(schema, list) and any(map(_has_null, schema))


class _Reader:
    """Notes what the texts of a recipe read, as ``check`` goes through them."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.environment: RecipeEnvironment = build_environment(filters_for(recipe.tables), TESTS)
        self.used: dict[Place, Used] = {}
        self.names: dict[str, Schema] = {}
        self.record = recipe.trigger.record.value
        self.aliases: dict[str, Place] = {}
        steps = list(every_step(recipe.steps))
        self.roots = {self.record} | {s.id.value for s in steps if isinstance(s, Step)}
        self._steps: dict[Position, str] = {
            text.position: step.id.value
            for step in steps
            for text in (*step.templates, *step.expressions)
        }
        self._conditions = {
            text.position
            for step in steps
            for text in (step.condition, *_branch_conditions(step))
            if text is not None
        }
        self._keys = {s.key.position: s.id.value for s in steps if isinstance(s, Step) and s.key}
        for step in steps:
            if isinstance(step, EachStep):
                node = self._parsed(step.items, bare=True)
                items = self._place(node[0]) if node else None
                if items is not None:
                    self.aliases[step.item.value] = (*items, ENTRY)
        self._text: Text | None = None

    def watch(self, text: Text, names: Names, bare: bool) -> None:
        for name, schema in names.items():
            self.names.setdefault(name, schema)
        self._text = text
        for node in self._parsed(text, bare=bare):
            self._visit(node)

    def _parsed(self, text: Text, *, bare: bool) -> list[nodes.Expr]:
        try:
            if bare:
                return [parse_expression(self.environment, text.value)]
            return parse_template(self.environment, text.value)
        except Mistake:
            return []

    def _visit(self, node: nodes.Node) -> None:
        match node:
            case nodes.Name() | nodes.Getattr() | nodes.Getitem():
                place = self._place(node)
                if place is not None:
                    self._note(place)
                    return
            case nodes.Filter(node=nodes.Expr() as inner):
                self._filter(node, inner)
            case nodes.Compare():
                self._compare(node)
            case nodes.Test(name="one_of", node=nodes.Expr() as inner):
                for argument in node.args:
                    self._literals(inner, argument)
        for child in node.iter_child_nodes():
            self._visit(child)

    def _note(self, place: Place) -> Used | None:
        if len(place) < 2 or place[0] not in self.roots:
            return None
        assert self._text is not None
        found = self.used.get(place)
        if found is None:
            step = self._steps.get(self._text.position, "")
            schema = schema_at(self.names, place)
            found = self.used[place] = Used(place, schema, self._text.position, step)
        if self._text.position not in self._conditions:
            found.steps.add(self._steps.get(self._text.position, ""))
        if self._text.position in self._keys:
            found.keyed.add(self._keys[self._text.position])
        return found

    def _filter(self, node: nodes.Filter, inner: nodes.Expr) -> None:
        place = self._source(inner)
        used = self._note(place) if place else None
        if used is None:
            return
        used.filters.add(node.name)
        arguments = [a.value for a in node.args if isinstance(a, nodes.Const)]
        if node.name == "first_of":
            used.labels = tuple(str(argument) for argument in arguments)
        if node.name == "translate" and arguments and arguments[0] in self.recipe.tables:
            used.tables.append(arguments[0])
        elif node.name in ("map", "where", "sum") and arguments and place:
            self._note((*place, ENTRY, str(arguments[0])))

    def _source(self, node: nodes.Expr) -> Place | None:
        """Return the field whose value goes into a filter, through the filters before it."""
        while isinstance(node, nodes.Filter) and isinstance(node.node, nodes.Expr):
            if node.name in ("map", *TAKE_ONE):
                return self._place(node)
            node = node.node
        return self._place(node)

    def _compare(self, node: nodes.Compare) -> None:
        for operand in node.ops:
            self._literals(node.expr, operand.expr)
            self._literals(operand.expr, node.expr)

    def _literals(self, node: nodes.Expr, other: nodes.Expr) -> None:
        while isinstance(node, nodes.Filter) and node.name in SPELLING:
            assert isinstance(node.node, nodes.Expr)
            node = node.node
        place = self._place(node)
        if place is None:
            return
        consts = other.items if isinstance(other, nodes.List | nodes.Tuple) else [other]
        values = [c.value for c in consts if isinstance(c, nodes.Const)]
        used = self._note(place) if values else None
        if used is not None:
            used.literals += [v for v in values if v is not None and v not in used.literals]

    def _place(self, node: nodes.Node) -> Place | None:
        return place_of(node, self.aliases)


def _branch_conditions(step: AnyStep) -> list[Text]:
    return [b.condition for b in step.branches] if isinstance(step, ChooseStep) else []


def schema_at(names: Mapping[str, Schema], place: Place) -> Schema:
    """Return the schema of a field; anything where it isn't known."""
    schema = names.get(place[0], ANYTHING)
    for part in place[1:]:
        if not schema:
            return ANYTHING
        try:
            schema = items_of(schema) if part == ENTRY else field_of(schema, part)
        except NoSuchField:
            return ANYTHING
    return schema


def properties_of(schema: Mapping[str, Any]) -> Iterator[tuple[str, Schema]]:
    """Yield the fields of a record's schema."""
    for option in options(schema):
        yield from option.get("properties", {}).items()


def _add_what_filters_read(found: dict[Place, Used], used: Used) -> None:
    """Add the fields that ``first_of`` reads of a list's entries by itself."""
    if "first_of" not in used.filters:
        return
    known = dict(properties_of(items_of(used.schema)))
    for name in ("name", *ENTRY_FIELDS):
        place = (*used.place, ENTRY, name)
        if name in known and place not in found:
            found[place] = Used(
                place,
                known[name],
                used.position,
                used.step,
                set(used.steps),
                filters=used.filters - {"first_of"} if name != "name" else set(),
                labels=used.labels if name == "name" else (),
            )


def _add_kinds_of_record(
    found: dict[Place, Used], names: Mapping[str, Schema], place: Place
) -> None:
    """Add the field that says of which kind a record is, where other fields depend on it."""
    used = found[place]
    for above in (place[:-1], place):
        for name, schema in properties_of(schema_at(names, above)):
            if WITHOUT in schema and (*above, name) not in found:
                found[*above, name] = Used(
                    (*above, name),
                    schema,
                    used.position,
                    used.step,
                    set(used.steps),
                    discriminates=True,
                )
