"""Triggers, actions and searches as values."""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from engine.fields import (
    Record,
    Schema,
    closed,
    live_fields,
    only_options,
    parameters_schema,
    result_schema,
    row_schema,
    schema_of_sample,
    with_live,
)
from engine.guard import guarded
from engine.nouns import Noun
from engine.parameters import named, parameters_of
from engine.results import Accepted, BadRecord

#: The name that no connection has: with it a person does a step, in the place of its app.
PERSON = "person"
#: By the place in a record where all fields are that there are: says in words what has no other.
CompleteAt = Mapping[str, Callable[..., str]]
NOWHERE: CompleteAt = MappingProxyType({})
#: What a repeat of a row does: no harm; none, as the other system knows it by its idempotency key;
#: or the same once more.
Repeat = Literal["harmless", "keyed", "again"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What triggers and actions have in common.

    :param schema: ``schema(ctx, …)`` gives the JSON Schema of its records, where that depends on
        the parameters (the columns of a file) or on the account (custom fields). It may name
        parameters of the operation.
    :param complete: where in its records all fields are that there are, be they empty: by the place
        (``""`` is the record, ``"custom_fields"`` and ``"rows[]"`` are places within it) a function
        that says what has no other, e.g. "The file 'clients.csv' has no column". It may name
        ``record``, and a trigger's also parameters of it.
    :param pasted: the parameter with which ``schema`` needs nobody to ask: a sample in the recipe.
    :param live: by field, the schemas that an app gave of fields known only once connected.
    :param choices: by field, the choices that an app gave of fields that take no other.
    :param gives: the schema of its records, as an app gave it.
    """

    connector: str
    function: Callable[..., Any]
    title: str
    noun: Noun
    sample: Mapping[str, Any] | None = None
    schema: Callable[..., Schema] | None = None
    complete: CompleteAt = field(default_factory=dict)
    pasted: str = ""
    live: Mapping[str, Schema] = field(default_factory=dict)
    choices: Mapping[str, Schema] = field(default_factory=dict)
    gives: Schema | None = None

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def full_name(self) -> str:
        return f"{self.connector}.{self.name}"

    @property
    def help(self) -> str:
        return inspect.getdoc(self.function) or ""

    @cached_property
    def parameters(self) -> Schema:
        """JSON Schema of the function's own parameters."""
        return with_live(parameters_schema(self.function), self.live)

    @cached_property
    def live_functions(self) -> Mapping[str, Callable[..., Schema]]:
        """By field, the functions that ask its app for fields known only once connected."""
        return live_fields(self.function)

    @cached_property
    def choice_functions(self) -> Mapping[str, Callable[..., Schema]]:
        """By field, the functions that ask its app for all choices of fields that take no other."""
        return only_options(self.function)

    @property
    def asking(self) -> tuple[Callable[..., Schema], ...]:
        """All functions that ask its app, or look at a file, for what it takes and gives."""
        own = () if self.schema is None else (self.schema,)
        return (*self.live_functions.values(), *self.choice_functions.values(), *own)

    @property
    def misasked(self) -> list[tuple[str, str]]:
        """Names of functions beside it that ask for what is no parameter, and what they ask for."""
        return [
            (function.__name__, one.name)
            for function in self.asking
            for one in list(parameters_of(function).values())[1:]
            if one.kind is not one.VAR_KEYWORD
            and one.name not in self.parameters.get("properties", {})
        ] + [
            (function.__name__, name)
            for function in self.complete.values()
            for name in parameters_of(function)
            if name not in ("record", *self.parameters.get("properties", {}))
        ]

    @cached_property
    def result(self) -> Schema:
        """JSON Schema of the records it yields or returns: declared, else guessed from the sample."""
        if self.gives is not None:
            return self.gives
        declared = result_schema(self.function)
        return declared if declared is not None else schema_of_sample(self.sample or {})


@dataclass(frozen=True)
class Upload:
    """How a trigger takes a file that a person uploads for a recipe.

    Each function may name parameters of the trigger, and is given them.

    :param schema: ``schema(ctx, uploaded, …)`` gives the JSON Schema of the file's records.
    :param read: ``read(ctx, uploaded, …)`` yields its records, of which the first few are shown.
    :param take: ``take(ctx, uploaded, …)`` puts it where the trigger reads next.
    """

    schema: Callable[..., Schema]
    read: Callable[..., Iterator[Record | BadRecord]]
    take: Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class Trigger(Operation):
    """Yields records.

    :param key: the field that tells two records apart.
    :param cursor: the field that says when a record changed; None where there is none.
    :param label: the field a person knows a record by; shown in reports.
    :param sorted: records come in the cursor's order, so that it may move as they are settled.
    :param upload: how people upload a file for it; None where it takes none.
    :param fetch: ``fetch(ctx, key)`` reads one record afresh for a retry; None when it is gone. It
        may name parameters of the trigger and is given them.
    :param lacks: where it depends on what a recipe gives: a function that names parameters of the
        trigger and returns which of ``cursor`` and ``fetch`` it does without then.
    """

    key: str
    cursor: str | None = None
    label: str | None = None
    sorted: bool = False
    upload: Upload | None = None
    fetch: Callable[..., Record | None] | None = None
    lacks: Callable[..., Collection[Literal["cursor", "fetch"]]] | None = None

    def as_given(self, values: Mapping[str, Any]) -> "Trigger":
        """Return the trigger as a recipe uses it, by the parameters it gives."""
        if self.lacks is None:
            return self
        with guarded(self.connector, f"{self.name} (lacks)"):
            missing = self.lacks(**named(self.lacks, values))
        nothing: dict[str, Any] = {str(name): None for name in missing}
        return replace(self, **nothing)

    @property
    def inputs(self) -> Schema:
        return self.parameters

    @cached_property
    def takes_since(self) -> bool:
        return "since" in parameters_of(self.function)


@dataclass(frozen=True, kw_only=True)
class Action(Operation):
    """Takes a row and settles it; a search only looks.

    :param kind: ``single`` rows, ``batch`` of rows, or ``search`` (changes nothing).
    :param size: rows in one call of a batch action.
    :param idempotent: sending the same row twice does no harm.
    :param find: ``find(ctx, …)`` looks whether a row has arrived whose answer never came: it names
        fields of the row, and ``since`` (a datetime) where it wants to know when it was sent, and
        returns what the other system has, or None.
    :param idempotency_key: the other system takes ``ctx.idempotency_key`` and does a request with
        the same key once only.
    :param updates: a record that comes again is changed by ``ctx.target_id``, not added once more.
    :param repeat: where it depends on what a recipe gives: a function that names parameters of the
        action and returns which of the two it is then, or neither (see :data:`Repeat`).
    """

    kind: Literal["single", "batch", "search"]
    size: int = 1
    idempotent: bool = False
    find: Callable[..., Record | Accepted | None] | None = None
    idempotency_key: bool = False
    updates: bool = False
    repeat: Callable[..., Repeat] | None = None

    def as_given(self, values: Mapping[str, Any]) -> "Action":
        """Return the action as a step uses it.

        :param values: those of its parameters that are the same for all records; the others count
            as not given.
        """
        if self.repeat is None:
            return self
        with guarded(self.connector, f"{self.name} (repeat)"):
            kind = self.repeat(**named(self.repeat, values))
        return replace(self, idempotent=kind == "harmless", idempotency_key=kind == "keyed")

    @property
    def once(self) -> bool:
        """Whether the same row must not be sent twice."""
        return self.kind != "search" and not self.idempotent

    @property
    def can_tell(self) -> bool:
        """Whether the other system can be asked about a row, or told that it is the same again."""
        return self.find is not None or self.idempotency_key

    @cached_property
    def find_takes(self) -> frozenset[str]:
        """What ``find`` wants to be given besides the context."""
        if self.find is None:
            return frozenset()
        return frozenset(list(parameters_of(self.find))[1:])

    @cached_property
    def row(self) -> Schema | None:
        """JSON Schema of one row of a batch action; None for the other kinds."""
        if self.kind != "batch":
            return None
        return with_live(row_schema(self.function), self.live)

    @cached_property
    def inputs(self) -> Schema:
        """Everything a recipe may write under ``with:``: parameters and row fields alike."""
        if self.row is None:
            return self.parameters
        own, row = self.parameters, self.row
        return closed(
            {
                "type": "object",
                "properties": {**own.get("properties", {}), **row.get("properties", {})},
                "required": [*own.get("required", []), *row.get("required", [])],
            }
        )
