"""Values for an operation's fields as they are typed: ``field=value``, each of the type its field has."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from engine.errors import SetupError
from engine.fields import Record, Schema
from engine.operations import Action, Trigger
from engine.recipe.templates.coerce import CoerceError, coercer


def read_values(
    operation: Trigger | Action, written: Sequence[str], *, some: bool = False
) -> Record:
    """Read ``FIELD=VALUE`` texts; ``a.b=…`` is a field within a field, ``[…]`` and ``{…}`` are JSON.

    :param some: required fields may be missing.
    :raises SetupError: a field that there isn't or that is missing, or a value that can't be.
    """
    given: Record = {}
    for item in written:
        name, equals, text = item.partition("=")
        if not equals:
            raise SetupError(
                f"{item!r} has no value.", hint=f"Write it as `--set {name or 'field'}=…`."
            )
        _put(given, name.split("."), _json(text))
    fields: Mapping[str, Schema] = operation.inputs.get("properties", {})
    for name in given:
        if name not in fields:
            near = difflib.get_close_matches(name, fields, n=1)
            known = f"Did you mean {near[0]!r}?" if near else f"It has: {', '.join(fields)}."
            raise SetupError(
                f"{operation.full_name} has no field {name!r}.",
                hint=known if fields else "It has no fields at all.",
            )
    missing = [name for name in operation.inputs.get("required", ()) if name not in given]
    if missing and not some:
        raise SetupError(
            f"{operation.full_name} needs the field {missing[0]!r}.",
            hint=f"Add {' '.join(f'`--set {name}=…`' for name in missing)}.",
        )
    return {name: _of_its_type(name, value, fields[name]) for name, value in given.items()}


def _json(text: str) -> Any:
    if text[:1] not in ("[", "{"):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _put(given: Record, path: list[str], value: Any) -> None:
    *outer, last = path
    for name in outer:
        within = given.setdefault(name, {})
        if not isinstance(within, dict):
            raise SetupError(f"The field {name!r} is given as a whole and in parts.")
        given = within
    given[last] = value


def _of_its_type(name: str, value: Any, schema: Schema) -> Any:
    try:
        found = coercer(schema)(value)
    except CoerceError as error:
        raise SetupError(f"The field {name!r}: {error.message}", hint=error.hint) from None
    options = schema.get("anyOf", [schema])
    choices = [one for option in options for one in option.get("enum", [option.get("const")])]
    choices = [one for one in choices if one is not None]
    if choices and found is not None and found not in choices:
        raise SetupError(
            f"The field {name!r} can't be {found!r}.",
            hint=f"It may be: {', '.join(map(str, choices))}.",
        )
    return found
