"""What an operation takes and gives: JSON Schemas derived from Python signatures by pydantic."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from itertools import islice
from typing import Any, NotRequired, Required, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, GetJsonSchemaHandler, TypeAdapter, create_model
from pydantic import Field as ModelField
from pydantic.errors import PydanticUserError
from pydantic_core import CoreSchema
from typing_extensions import get_type_hints as typed_hints
from typing_extensions import is_typeddict

from engine.files import File, is_file
from engine.parameters import LEFT_OUT, hints_of, parameters_of

#: Choices that are kept of a field that takes no other.
MOST_CHOICES = 2000
#: Where a schema keeps :attr:`Field.without`.
WITHOUT = "x-without"
#: One JSON object: what triggers yield and actions take.
Record = dict[str, Any]
Schema = dict[str, Any]


@dataclass(frozen=True)
class Option:
    """One choice in a picker: what is stored, and what a person reads.

    :param also: other ways to write it that the operation takes, e.g. its id.
    """

    value: str
    label: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """What a person sees of a parameter; used as ``Annotated[str, Field("E-mail", format="email")]``.

    :param title: the label.
    :param help: one sentence below it.
    :param format: a JSON Schema format: ``email``, ``date``, ``date-time``, ``uri``, ``phone``.
    :param options: a function of the context yielding :class:`Option`, for pickers.
    :param only: nothing but these options is taken, by value, label or another way to write them:
        a recipe that names something else is told so before it runs.
    :param schema: ``schema(ctx, …)`` returns a JSON Schema, for fields that are known only once
        connected (custom fields, merge fields); it may name parameters of the operation.
    :param secret: never shown again once entered; encrypted at rest.
    :param without: of a field that says of which kind its record is: by its values, the other
        fields that are empty then, e.g. ``{"Company": ("first_name", "last_name")}``. What-if
        tries such records.
    """

    title: str = ""
    help: str = ""
    format: str | None = None
    options: Callable[..., Iterator[Option]] | None = None
    only: bool = False
    schema: Callable[..., Schema] | None = None
    secret: bool = False
    without: Mapping[str, tuple[str, ...]] | None = None

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Schema:
        schema = dict(handler(core_schema))
        if self.title:
            schema["title"] = self.title
        if self.help:
            schema["description"] = self.help
        if self.format:
            schema["format"] = self.format
        if self.secret:
            schema["writeOnly"] = True
        if self.without:
            schema[WITHOUT] = {value: list(fields) for value, fields in self.without.items()}
        return schema


#: Parameters the engine fills in; everything else is a field.
ENGINE_PARAMETERS = frozenset({"ctx", "since", "rows"})


def parameters_schema(function: Callable[..., Any]) -> Schema:
    """JSON Schema (type object, closed) of the fields a recipe may give to ``function``.

    :raises TypeError: a parameter has no annotation or one that JSON Schema can't express.
    """
    hints = hints_of(function)
    fields: dict[str, Any] = {}
    for name, parameter in parameters_of(function).items():
        if name in ENGINE_PARAMETERS:
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(f"the parameter {name!r} stands for any number of values")
        if name not in hints:
            raise TypeError(f"the parameter {name!r} has no type annotation")
        # By alias: a model's own names, such as "json" or "copy", are fine names of parameters.
        given: Any = {"alias": name}
        if parameter.default is LEFT_OUT:
            given["default_factory"] = object  # it may be left out, and nothing stands for it
        elif parameter.default is not parameter.empty:
            given["default"] = parameter.default
        fields[f"field_{len(fields)}"] = (hints[name], ModelField(**given))
    try:
        model = create_model(function.__name__, __config__=ConfigDict(extra="forbid"), **fields)
        schema = model.model_json_schema()
    except PydanticUserError as error:
        raise TypeError(_first_sentence(error)) from error
    schema.pop("title", None)
    return inline_references(schema)


def row_schema(function: Callable[..., Any]) -> Schema:
    """JSON Schema of one row of a batch action: the TypedDict ``R`` of ``rows: list[R]``.

    :raises TypeError: there is no such parameter, or its items aren't a TypedDict.
    """
    hint = get_type_hints(function, include_extras=True).get("rows")
    items = get_args(hint)
    if get_origin(hint) is not list or not items or not is_typeddict(items[0]):
        raise TypeError("'rows' must be annotated as list[SomeTypedDict]")
    return closed(typeddict_schema(items[0]))


@cache
def result_schema(function: Callable[..., Any]) -> Schema | None:
    """JSON Schema of what ``function`` yields or returns, when that is a TypedDict; else None.

    ``Iterator[Row]``, ``Row | None`` and ``Iterator[Row | BadRecord]`` all say ``Row``.
    """
    candidates = [get_type_hints(function, include_extras=True).get("return")]
    for candidate in candidates:
        if is_typeddict(candidate):
            return typeddict_schema(candidate)
        candidates.extend(get_args(candidate))
    return None


@cache
def typeddict_schema(declared: Any) -> Schema:
    """JSON Schema of a TypedDict; the same object each time, so nobody writes into it.

    Without that, half the time of a check goes into asking pydantic for the same few types.

    :raises TypeError: pydantic can't express it; before Python 3.12 that includes the TypedDict of
        ``typing``, which is why engine.sdk offers the one of ``typing_extensions``.
    """
    try:
        return inline_references(TypeAdapter(declared).json_schema())
    except PydanticUserError as error:
        raise TypeError(_first_sentence(error)) from error


class Complete(dict[str, Any]):
    """A sample record that has every field its records can have.

    `bridgework check` takes other fields for mistakes; of a plain sample it only says that they may
    not be there. A record within it is as complete as it is said to be itself.
    """


def schema_of_sample(value: Any) -> Schema:
    """Guess a JSON Schema from a sample value; every key counts as known and optional."""
    match value:
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case str():
            return {"type": "string"}
        case Mapping() if is_file(value):
            return typeddict_schema(File)
        case Mapping():
            return {
                "type": "object",
                "properties": {key: schema_of_sample(item) for key, item in value.items()},
                **({"additionalProperties": False} if isinstance(value, Complete) else {}),
            }
        case list() | tuple():
            return {"type": "array", "items": schema_of_sample(value[0]) if value else {}}
    return {}


def inline_references(schema: Schema) -> Schema:
    """Replace ``$ref`` into ``$defs`` by what they point at, so that readers need no resolver."""
    definitions = schema.get("$defs", {})

    def inline(node: Any, inside: tuple[str, ...]) -> Any:
        if isinstance(node, list):
            return [inline(item, inside) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[-1]
            if name in inside:  # a type that holds itself: open at the second level
                return {"type": "object"}
            rest = {key: item for key, item in node.items() if key not in ("$ref", "$defs")}
            return {**inline(definitions[name], (*inside, name)), **rest}
        return {key: inline(item, inside) for key, item in node.items() if key != "$defs"}

    result: Schema = inline(schema, ())
    return result


def closed(schema: Schema) -> Schema:
    """Refuse unknown properties, so that a misspelt field is found and not silently dropped."""
    return {**schema, "additionalProperties": False}


def _first_sentence(error: PydanticUserError) -> str:
    """Return what is wrong; the rest is advice to users of pydantic."""
    return str(error).splitlines()[0].partition(". ")[0]


def live_fields(function: Callable[..., Any]) -> dict[str, Callable[..., Schema]]:
    """Return the functions that know fields of ``function`` or of its rows, by the fields' names."""
    fields = _fields_of(function)
    return {name: field.schema for name, field in fields.items() if field.schema is not None}


def only_options(function: Callable[..., Any]) -> dict[str, Callable[..., Schema]]:
    """Return the functions that know all choices of fields that take no other, by their names."""
    return {
        name: choices_of(field.options)
        for name, field in _fields_of(function).items()
        if field.only and field.options is not None
    }


@cache
def choices_of(options: Callable[..., Iterator[Option]]) -> Callable[..., Schema]:
    """Return a function of the same name that says a picker's choices as a JSON Schema."""

    @wraps(options)
    def choices(*given: Any, **named: Any) -> Schema:
        found = list(islice(options(*given, **named), MOST_CHOICES + 1))
        if len(found) > MOST_CHOICES:
            return {}  # then it can't be told what isn't among them
        return {
            "oneOf": [
                {"const": one.value, "title": one.label, "examples": list(one.also)}
                for one in found
            ]
        }

    return choices


def _fields_of(function: Callable[..., Any]) -> dict[str, Field]:
    """Return what people see of the fields of ``function`` and of its rows, by their names."""
    hints = hints_of(function)
    rows = get_args(hints.get("rows"))
    if rows and is_typeddict(rows[0]):
        hints |= typed_hints(rows[0], include_extras=True)
    found = ((name, _field(hint)) for name, hint in hints.items() if name not in ENGINE_PARAMETERS)
    return {name: field for name, field in found if field is not None}


def _field(hint: Any) -> Field | None:
    for extra in getattr(hint, "__metadata__", ()):
        if isinstance(extra, Field):
            return extra
    if get_origin(hint) in (NotRequired, Required):
        return _field(get_args(hint)[0])
    return None


def field_hints(function: Callable[..., Any], name: str) -> Field | None:
    """Return the :class:`Field` of parameter ``name``; None when it has none."""
    for extra in getattr(hints_of(function).get(name), "__metadata__", ()):
        if isinstance(extra, Field):
            return extra
    return None


def with_live(schema: Schema, live: Mapping[str, Schema]) -> Schema:
    """Return a schema with what an app said of its fields in the place of what is declared."""
    declared = schema.get("properties", {})
    if not live.keys() & declared.keys():
        return schema
    return {
        **schema,
        "properties": {name: _live_part(part, live.get(name)) for name, part in declared.items()},
    }


def _live_part(declared: Schema, live: Schema | None) -> Schema:
    if live is None:
        return declared
    about: Schema = {key: declared[key] for key in ("title", "description") if key in declared}
    if any(option.get("type") == "null" for option in declared.get("anyOf", ())):
        return {**about, "anyOf": [live, {"type": "null"}]}
    return {**about, **live}
