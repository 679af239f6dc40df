"""Which fields of which system's records each place of a recipe reads, read off its templates."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError

from engine.drift.shape import Path
from engine.recipe.answer_steps import AnswerStep
from engine.recipe.called import INPUTS, OUTPUTS
from engine.recipe.durable_steps import CollectStep, UntilStep
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.join_steps import JoinStep
from engine.recipe.model import Recipe
from engine.recipe.steps import (
    AnyStep,
    CallStep,
    ChooseStep,
    EachStep,
    EndStep,
    SetStep,
    Step,
    Steps,
    Use,
)
from engine.recipe.tables import Table
from engine.recipe.templates.environment import build_environment
from engine.recipe.templates.places import (
    ENTRY,
    Place,
    place_of,
    places_asked_for,
    places_read,
)
from engine.recipe.templates.trees import expression_node, value_node
from engine.recipe.texts import FieldPath, FieldSet, Text, Value, texts_of
from engine.store.shapes import Source

Field = tuple[Source, Path]
#: What comes of it where a field can't be had: it isn't sent, its records stop, or a text lacks it.
Effect = Literal["pauses", "stops", "blank"]
#: Characters of an operation's parameters that tell its records apart.
LONGEST_PARAMETERS = 200


@dataclass(frozen=True)
class Reading:
    """A place of a recipe that reads fields of records.

    :param step: the step's id, those of calls before it; ``skip`` for the rules of the recipe.
    :param field: which of its settings: a dotted field, or ``if``, ``key`` and so on.
    :param path: of the field, where it is one that an action takes or a ``set`` works out.
    :param reads: the fields, each with the words that read it: ``client.email``.
    :param texts: what is written there.
    :param surely: of the fields those that are surely read, and not a word that may mean one.
    """

    step: str
    field: str
    effect: Effect
    reads: Mapping[Field, str]
    texts: tuple[Text, ...]
    path: FieldPath = ()
    surely: frozenset[Field] = frozenset()


@dataclass(frozen=True)
class Meaning:
    """What a name in templates stands for.

    :param fields: the fields that its value is, or is made of.
    :param names: what is within it, where that is known apart.
    :param made: its value was worked out: reading within it reads all that it is made of.
    """

    fields: frozenset[Field] = frozenset()
    names: Mapping[str, "Meaning"] = field(default_factory=dict)
    made: bool = False

    def at(self, path: Path) -> "Meaning":
        """Return what stands at a place within."""
        if not path:
            return self
        within = self.names.get(path[0])
        if within is not None:
            return within.at(path[1:])
        if self.made:
            return Meaning(self.fields, made=True)
        return Meaning(frozenset((source, (*above, *path)) for source, above in self.fields))

    def every(self) -> Iterator[Field]:
        """Yield the fields that whoever reads the value as a whole reads."""
        yield from self.fields
        for within in self.names.values():
            yield from within.every()


def readings(recipe: Recipe) -> tuple[Reading, ...]:
    """Return all places of a recipe that read records, in the file's order.

    The recipe was checked: what can't be parsed reads nothing. A field of which a text, or the `if`
    around it, asks whether it is there (``row.phone is defined``) may be missing, and so isn't read.
    """
    reader = _Reader(recipe.tables)
    records: dict[str, set[Field]] = {}
    for use in recipe.triggers:
        source = source_of(use, use.fields)
        records.setdefault(use.record.value, set()).add((source, ()))
    reader.names = {name: Meaning(frozenset(fields)) for name, fields in records.items()}
    for rule in recipe.skip:
        reader.text("skip", "skip", rule.condition, "stops", bare=True)
        reader.text("skip", "reason", rule.reason, "blank")
    reader.steps(recipe.steps)
    return tuple(reader.found)


class _Reader:
    """Goes through steps in their order, and knows what names stand for at each."""

    def __init__(self, tables: Mapping[str, Table], calls: str = "") -> None:
        self.tables, self.calls = tables, calls
        self.environment = build_environment(filters_for(tables), TESTS)
        self.names: dict[str, Meaning] = {}
        self.found: list[Reading] = []
        self.may_be_missing: tuple[Place, ...] = ()

    def steps(self, steps: Steps) -> None:
        for step in steps:
            self._one(step)

    def text(
        self, step: str, name: str, text: Text | None, effect: Effect, *, bare: bool = False
    ) -> Meaning:
        """Note what a text reads; return what its value stands for."""
        return Meaning() if text is None else self._value(step, name, text, effect, bare=bare)

    def _value(
        self,
        step: str,
        name: str,
        value: Value,
        effect: Effect,
        path: FieldPath = (),
        *,
        bare: bool = False,
    ) -> Meaning:
        try:
            if bare:
                assert isinstance(value, Text)
                node = expression_node(self.environment, value.value)
            else:
                node = value_node(self.environment, value)
        except TemplateSyntaxError:
            return Meaning()
        reads = dict(self._reads(node, places_read(node)))
        if reads:
            surely = frozenset(dict(self._reads(node, places_read(node, surely=True))))
            self.found.append(
                Reading(self.calls + step, name, effect, reads, texts_of(value), path, surely)
            )
        place = place_of(node, {})
        known = None if place is None else self.names.get(place[0])
        if place is not None and known is not None:
            return known.at(place[1:])
        return Meaning(frozenset(reads), made=True)

    def _reads(self, node: nodes.Node, places: Iterable[Place]) -> Iterator[tuple[Field, str]]:
        missing = (*self.may_be_missing, *places_asked_for(node))
        for place in places:
            if any(place[: len(above)] == above for above in missing):
                continue
            meaning = self.names.get(place[0])
            if meaning is not None:
                for one in meaning.at(place[1:]).every():
                    yield one, _written(place)

    def _fields(self, step: str, fields: FieldSet, effect: Effect) -> Meaning:
        """Note what fields read; return the record that they make."""
        made: dict[str, Meaning] = {}
        for path, value in fields.values.items():
            meaning = self._value(step, ".".join(path), value, effect, path)
            above = made.get(path[0], Meaning())
            made[path[0]] = meaning if len(path) == 1 else _with(above, path[1:], meaning)
        return Meaning(names=made)

    def _one(self, step: AnyStep) -> None:
        self.text(step.id.value, "if", step.condition, "stops", bare=True)
        with self._where(step.condition):
            self._done(step)

    @contextmanager
    def _where(self, condition: Text | None) -> Iterator[None]:
        """Take fields for ones that may be missing of which a condition asks whether they are there."""
        outside = self.may_be_missing
        with suppress(TemplateSyntaxError):
            if condition is not None:
                node = expression_node(self.environment, condition.value)
                self.may_be_missing = (*outside, *places_asked_for(node))
        yield
        self.may_be_missing = outside

    def _done(self, step: AnyStep) -> None:
        id, own = step.id.value, self.text
        match step:
            case Step():
                own(id, "key", step.key, "stops", bare=True)
                self._fields(id, step.fields, "pauses")
                if step.if_none is not None:
                    own(id, "if_none", step.if_none.reason, "blank")
                source = source_of(step, step.fields)
                self.steps(step.creates)
                self.steps(step.otherwise)
                self.names[id] = Meaning(frozenset({(source, ())}))
            case SetStep():
                self.names[id] = self._fields(id, step.fields, "pauses")
            case EachStep():
                self._each(step)
            case ChooseStep():
                for branch in step.branches:
                    own(id, "if", branch.condition, "stops", bare=True)
                    with self._where(branch.condition):
                        self.steps(branch.steps)
                self.steps(step.otherwise)
            case UntilStep():
                self.steps(step.steps)
                own(id, "until", step.done, "stops", bare=True)
            case JoinStep():
                left = own(id, "left", step.left, "stops", bare=True).at((ENTRY,))
                right = own(id, "right", step.right, "stops", bare=True).at((ENTRY,))
                for entry, on in ((left, step.left_on), (right, step.right_on)):
                    by = dict.fromkeys(entry.at(tuple(on.value.split("."))).every(), on.value)
                    if by:
                        one = Reading(self.calls + id, "on", "stops", by, (on,), (), frozenset(by))
                        self.found.append(one)
                names = {**left.names, step.partner.value: right}
                self.names[id] = Meaning(names={ENTRY: Meaning(left.fields, names, left.made)})
            case CollectStep():
                value = (
                    self._fields(id, step.fields, "stops")
                    if step.value is None
                    else own(id, "collect", step.value, "stops")
                )
                outside = dict(self.names)
                self.names[id] = Meaning(names={ENTRY: value})
                self.steps(step.steps)
                self.names = outside
            case CallStep():
                self._call(step)
            case EndStep():
                own(id, "reason", step.reason, "blank")
            case AnswerStep():
                self._fields(id, step.body, "stops")
                self._fields(id, step.headers, "stops")
                own(id, "status", step.status, "stops")
            case _:
                for text in step.templates:
                    own(id, "ask" if len(step.templates) > 1 else "", text, "stops")
                for block in step.blocks:
                    self.steps(block)

    def _each(self, step: EachStep) -> None:
        id = step.id.value
        items = self.text(id, "for_each", step.items, "stops", bare=True)
        item, before = step.item.value, self.names.get(step.item.value)
        self.names[item] = items.at((ENTRY,))
        self.text(id, "key", step.key, "stops", bare=True)
        known = set(self.names)
        self.steps(step.steps)
        inner = {name: self.names[name] for name in self.names if name not in known}
        self.names[id] = Meaning(names={ENTRY: Meaning(names={"item": self.names[item], **inner})})
        del self.names[item]
        if before is not None:
            self.names[item] = before

    def _call(self, step: CallStep) -> None:
        inputs = self._fields(step.id.value, step.fields, "stops")
        if step.called is None:
            return
        within = _Reader(step.called.tables, f"{self.calls}{step.id.value}.")
        within.names = {INPUTS: inputs}
        within.steps(step.called.steps)
        self.found += within.found
        self.names[step.id.value] = within.names.get(OUTPUTS, Meaning())


def source_of(use: Use, fields: FieldSet) -> Source:
    """Return whose records an operation of a recipe gives.

    What the recipe writes for all records alike is part of it: another list has other fields.
    """
    same = [
        f"{'.'.join(path)}={', '.join(text.value for text in texts_of(value))}"
        for path, value in sorted(fields.values.items())
        if not any("{{" in text.value for text in texts_of(value))
    ]
    words = "; ".join(same)
    if len(words) > LONGEST_PARAMETERS:
        mark = blake2b(words.encode("utf-8", "replace"), digest_size=8).hexdigest()
        words = f"{words[: LONGEST_PARAMETERS - len(mark) - 1]}~{mark}"
    return Source(use.connection_name, use.use.value, words)


def broken_by(
    found: Iterable[Reading], gone: Iterable[Field]
) -> Iterator[tuple[Reading, Field, str]]:
    """Yield the places that read one of some fields, or what was within it, each once a field.

    :returns: each with the field, and the words that read it there.
    """
    lost = set(gone)
    for reading in found:
        broken: dict[Field, tuple[int, str]] = {}
        for (source, path), words in reading.reads.items():
            for length in range(len(path), 0, -1):
                field = source, path[:length]
                if field in lost:
                    # What goes through a filter is read as if it might have fields: the field
                    # itself says it best.
                    here = len(path), words
                    broken[field] = min(broken.get(field, here), here, key=lambda one: one[0])
                    break
        yield from ((reading, field, words) for field, (_, words) in broken.items())


def _with(meaning: Meaning, path: Path, value: Meaning) -> Meaning:
    """Return a record's meaning with one more field in it."""
    if len(path) > 1:
        value = _with(meaning.names.get(path[0], Meaning()), path[1:], value)
    return Meaning(names={**meaning.names, path[0]: value})


def _written(place: Place) -> str:
    return ".".join(place).replace(f".{ENTRY}", ENTRY)
