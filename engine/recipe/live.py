"""What a recipe's operations take and give at the accounts it names, as far as these were asked."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from engine.calls import guarded
from engine.context import Context, Folders, Http
from engine.errors import BridgeworkError, SetupError
from engine.fields import Schema
from engine.host import Host
from engine.live import ReadFields
from engine.operations import PERSON, Action, Operation, Trigger
from engine.parameters import parameters_of
from engine.recipe.choices import takes, written_out
from engine.recipe.model import Recipe
from engine.recipe.steps import Step
from engine.recipe.templates.coerce import CoerceError, coercer
from engine.recipe.texts import FieldPath, FieldSet, Records, Text, texts_of

Op = TypeVar("Op", Trigger, Action)


@dataclass(frozen=True)
class Question:
    """What an app is asked for, to know some of its fields.

    :param connector: whose function asks; ``connection`` is the account.
    :param chosen: what a recipe chose, where choices are asked for.
    """

    connection: str
    connector: str
    function: Callable[..., Schema]
    parameters: Mapping[str, Any]
    chosen: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        return self.function.__name__

    def known(self, host: Host) -> ReadFields | None:
        """Return what was read, if anything."""
        return host.live.known(self.connection, self.asked, self.parameters)

    def is_refused(self, host: Host) -> bool:
        """Return whether a choice of the recipe isn't among those that were read last."""
        known = self.known(host)
        return (
            known is not None
            and known.schema is not None
            and not all(takes(known.schema, one) for one in self.chosen)
        )


def connected(
    host: Host, operation: Op, connection: str, fields: FieldSet, folder: Path | None = None
) -> Op:
    """Return an operation with what is known of its fields: an account said it, or a file shows it.

    :param connection: the account a recipe names for it.
    :param fields: what the recipe gives it; the account may have been asked for some of that.
    :param folder: the recipe's; None: files are left alone.
    """
    if not _is_live(host, operation) or _is_said_by_recipe(operation, fields):
        try:
            gives = without_account(host, operation, connection, fields, folder)
        except BridgeworkError:  # the run says what is wrong; a file may only be there then
            gives = None
        return operation if gives is None else replace(operation, gives=gives)
    live: dict[str, Schema] = {}
    for name, function in operation.live_functions.items():
        if (schema := _schema(host, operation, function, connection, fields)) is not None:
            live[name] = schema
    gives = (
        None
        if operation.schema is None
        else _schema(host, operation, operation.schema, connection, fields)
    )
    choices = {
        name: schema
        for name, function in operation.choice_functions.items()
        if (schema := _schema(host, operation, function, connection, fields)) is not None
    }
    if gives is None and not live and not choices:
        return operation
    return replace(operation, live=live, choices=choices, gives=gives)


def without_account(
    host: Host,
    operation: Trigger | Action,
    connection: str,
    fields: FieldSet,
    folder: Path | None = None,
) -> Schema | None:
    """Return what an operation gives where no account need be asked: the recipe or a file says it.

    :param folder: where files are; None: they are left alone.
    :returns: None where it can't be told, as templates give what it depends on.
    :raises BridgeworkError: what it reads isn't there, or is something else.
    """
    if operation.schema is None:
        return None
    if operation.connector != PERSON and not _is_said_by_recipe(operation, fields):
        elsewhere = connection != operation.connector  # such as files of a server
        if _is_live(host, operation) or folder is None or elsewhere:
            return None
    question = _question(operation, operation.schema, connection, fields)
    if question is None:
        return None
    search = () if folder is None else (folder, Path.cwd())
    nobody = Context(http=cast(Http, None), now=datetime.now(UTC), folders=Folders(search=search))
    with guarded(operation.connector, operation.name):
        return operation.schema(nobody, **question.parameters)


def _is_said_by_recipe(operation: Operation, fields: FieldSet) -> bool:
    """Return whether the recipe has a sample of the records, so that there is nobody to ask."""
    return bool(operation.pasted) and (operation.pasted,) in fields.values


def live_titles(host: Host, step: Step) -> dict[FieldPath, str]:
    """Return what an account calls its own fields that a step fills, as far as it was asked."""
    try:
        operation = host.operation(step.use.value)
    except SetupError:
        return {}
    if not isinstance(operation, Action):
        return {}
    live = connected(host, operation, step.connection_name, step.fields).live
    return {
        (name, field): str(part["title"])
        for name, schema in live.items()
        for field, part in schema.get("properties", {}).items()
        if part.get("title")
    }


def questions_of(host: Host, recipe: Recipe) -> list[Question]:
    """Return what is to be asked so that all fields of a recipe are known; each thing once."""
    found: dict[tuple[str, str, str], Question] = {}
    for use in (*recipe.triggers, *(step for step in recipe.uses if not step.by_person)):
        try:
            operation = host.operation(use.use.value)
        except SetupError:
            continue
        chosen: dict[Callable[..., Schema], list[str]] = {}
        for name, function in operation.choice_functions.items():
            chosen.setdefault(function, []).extend(written_out(use.fields, name))
        for function in functions_of(host, operation):
            if function in chosen and not chosen[function]:
                continue  # templates give what is chosen, or nothing does
            question = _question(operation, function, use.connection_name, use.fields)
            if question is not None:
                question = replace(question, chosen=tuple(chosen.get(function, ())))
                key = (
                    question.connection,
                    question.asked,
                    repr(sorted(question.parameters.items())),
                )
                earlier = found.get(key, question)
                found[key] = replace(question, chosen=(*earlier.chosen, *question.chosen))
    return list(found.values())


def functions_of(host: Host, operation: Operation) -> Iterator[Callable[..., Schema]]:
    """Yield the functions that ask an account for what an operation takes and gives."""
    if _is_live(host, operation):
        yield from operation.asking


def asks_for_nothing(function: Callable[..., Schema]) -> bool:
    """Return whether a function can ask without knowing anything of a recipe."""
    return all(
        parameter.default is not parameter.empty or parameter.kind is parameter.VAR_KEYWORD
        for parameter in _parameters(function).values()
    )


def _is_live(host: Host, operation: Operation) -> bool:
    if operation.connector == PERSON:
        return False
    return bool(operation.asking) and host.connectors[operation.connector].needs_connection


def _schema(
    host: Host,
    operation: Trigger | Action,
    function: Callable[..., Schema],
    connection: str,
    fields: FieldSet,
) -> Schema | None:
    question = _question(operation, function, connection, fields)
    known = None if question is None else question.known(host)
    return None if known is None else known.schema


def _question(
    operation: Trigger | Action,
    function: Callable[..., Schema],
    connection: str,
    fields: FieldSet,
) -> Question | None:
    """Return what to ask; None where a template gives what it depends on."""
    properties = operation.parameters.get("properties", {})
    wanted = _parameters(function)
    parameters: dict[str, Any] = {}
    takes_all = any(one.kind is one.VAR_KEYWORD for one in wanted.values())
    for name in properties if takes_all else wanted:
        if not any(path[0] == name for path in fields.values):
            if "default" in properties.get(name, {}):
                parameters[name] = properties[name]["default"]
            elif not takes_all and wanted[name].default is inspect.Parameter.empty:
                return None
            continue
        try:
            parameters[name] = literal(properties.get(name, {}), fields, name)
        except CoerceError:
            return None
    return Question(connection, operation.connector, function, parameters)


def literal(schema: Schema, fields: FieldSet, name: str) -> Any:
    """Return a parameter's value where it is written out.

    :raises CoerceError: a template gives it, or it is not of its type.
    """
    value = fields.values.get((name,))
    if value is None or isinstance(value, Records):
        raise CoerceError("It is known only when the recipe runs.")
    texts = texts_of(value)
    if any("{{" in text.value for text in texts):
        raise CoerceError("It is known only when the recipe runs.")
    return coercer(schema)(value.value if isinstance(value, Text) else [t.value for t in texts])


def _parameters(function: Callable[..., Schema]) -> dict[str, inspect.Parameter]:
    """Return what a function wants to be given besides the context."""
    return dict(list(parameters_of(function).items())[1:])
