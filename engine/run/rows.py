"""From a record to the row an action takes: render, leave blanks alone, coerce, validate."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol, cast

import jsonschema_rs
from jinja2 import nodes

from engine.errors import TemplateError
from engine.fields import Record, Schema
from engine.recipe.steps import Blank
from engine.recipe.templates.coerce import CoerceError, coercer, is_blank
from engine.recipe.templates.compiled import Fill
from engine.recipe.templates.environment import RecipeEnvironment
from engine.recipe.templates.template import Fields, Scope, compile_fields, parse_fields
from engine.recipe.templates.trees import value_node
from engine.recipe.texts import FieldPath, FieldSet, Value
from engine.run.traveller import Traveller


class Takes(Protocol):
    """What takes fields: an operation, or a recipe that is called."""

    @property
    def inputs(self) -> Schema: ...


class Refused(Exception):
    """A record that can't become a row; the parts are what its line in the report says."""

    def __init__(self, reason: str, *, code: str, field: str, how_to_fix: str = "") -> None:
        self.reason = reason
        self.code = code
        self.field = field
        self.how_to_fix = how_to_fix
        super().__init__(reason)

    def end(self, traveller: Traveller, step: str) -> None:
        """Settle the record that a step can't make a row of."""
        traveller.end(
            "rejected",
            code=self.code,
            reason=self.reason,
            how_to_fix=self.how_to_fix,
            step=step,
            field=self.field,
        )


_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field of a row, compiled.

    :param top: its name, where it is a field of the row itself; None where it is deeper.
    :param convert: to the type its schema asks for.
    :param takes_text: any text is of its type already.
    :param cleared: what empties it at the target: null, or empty text where null isn't allowed.
    :param blank: what it does when it is empty.
    """

    path: FieldPath
    top: str | None
    convert: Callable[[Any], Any]
    takes_text: bool
    required: bool
    cleared: Any
    blank: Blank

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @property
    def as_it_is(self) -> str | None:
        """Its name where any text is put into the row just as it is; else None."""
        return self.top if self.takes_text else None


@dataclass(frozen=True)
class RowBuilder:
    """Builds the rows of one step; compiled once a run.

    :param constants: values that no record changes, coerced already.
    :param app: the app's title, for sentences.
    :param purpose: what it needs the row for, e.g. ``to find the staff member``; empty: to write it.
    """

    fields: Fields
    leaves: tuple[Leaf, ...]
    constants: tuple[tuple[FieldPath, Any], ...]
    validator: Any
    app: str
    noun: str
    purpose: str = ""

    @cached_property
    def _fill(self) -> Fill:
        return self.fields.filling([leaf.as_it_is for leaf in self.leaves])

    def build(self, scope: Scope) -> Record:
        """Return the row of one record.

        :raises Refused: naming the field and what is wrong with it.
        """
        row: Record = {}
        try:
            self._fill(scope, row, self._put)
        except Refused:
            raise
        except Exception:  # whatever it was, the single field says it better
            row = self._field_by_field(scope)
        for path, value in self.constants:
            put(row, path, value)
        try:
            valid = self.validator.is_valid(row)
        except UnicodeEncodeError:
            raise Refused(
                f"A text of this {self.noun} holds half a character, which can't be sent.",
                code="not_text",
                field="",
                how_to_fix="Type that text anew at the source.",
            ) from None
        if not valid:
            raise self._invalid(row)
        return row

    def _field_by_field(self, scope: Scope) -> Record:
        try:
            values = self.fields.one_by_one(scope)
        except TemplateError as error:
            raise Refused(
                error.message, code=error.code, field=error.field, how_to_fix=error.hint
            ) from error
        row: Record = {}
        for number, value in enumerate(values):
            self._put(row, number, value, scope)
        return row

    def _put(self, row: Record, number: int, value: Any, scope: Scope) -> None:
        """Put a field's value into the row: converted, or what its being empty makes of it."""
        leaf = self.leaves[number]
        if is_blank(value):
            value = self._blank(leaf, scope)
            if value is _ABSENT:
                return
        else:
            try:
                value = leaf.convert(value)
            except CoerceError as error:
                raise Refused(
                    error.message,
                    code=error.code,
                    field=f"{leaf.name}.{error.within}".rstrip("."),
                    how_to_fix=error.hint,
                ) from error
        if leaf.top is not None:
            row[leaf.top] = value
        else:
            put(row, leaf.path, value)

    def _blank(self, leaf: Leaf, scope: Scope) -> Any:
        if leaf.blank == "reject":
            raise Refused(
                f"{leaf.name} is empty.",
                code="blank",
                field=leaf.name,
                how_to_fix="Fill it in at the source; this recipe says `blank: reject`.",
            )
        if leaf.required:
            raise self._missing(leaf.name, self.fields.empty_part(leaf.path, scope))
        if leaf.blank == "leave alone":
            return _ABSENT
        return leaf.cleared

    def _missing(self, name: str, source: str = "") -> Refused:
        where = f"{source} is empty" if source else f"this {self.noun} has none"
        needs = f"{self.app} needs {name} {self.purpose}".rstrip()
        return Refused(
            f"{needs}, but {where}.",
            code="missing",
            field=name,
            how_to_fix="Fill it in at the source, or let the recipe use another value there.",
        )

    def _invalid(self, row: Record) -> Refused:
        error = next(iter(self.validator.iter_errors(row)))
        while isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf):
            error = next(_not_null(error.kind.context), error.kind.context[0][0])
        path = ".".join(str(part) for part in error.instance_path)
        kind = error.kind
        if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
            return self._missing(f"{path}.{kind.property}".lstrip("."))
        if isinstance(kind, jsonschema_rs.ValidationErrorKind.Enum):
            options = ", ".join(str(option) for option in kind.options)
            return Refused(
                f"{error.instance!r} is not one of the values {self.app} knows for {path}.",
                code="not_an_option",
                field=path,
                how_to_fix=f"It takes: {options}.",
            )
        if isinstance(kind, jsonschema_rs.ValidationErrorKind.MaxLength):
            return Refused(
                f"The text for {path} has {len(error.instance)} characters, and {self.app} takes "
                f"{kind.limit} at most.",
                code="invalid",
                field=path,
                how_to_fix="Shorten it at the source, or let the recipe cut it, e.g. with "
                f"`| truncate({kind.limit})`.",
            )
        return Refused(
            f"{path}: {error.message}.",
            code="invalid",
            field=path,
            how_to_fix="Correct it at the source, or what the recipe makes of it.",
        )


def row_builder(
    environment: RecipeEnvironment,
    operation: Takes,
    fields: FieldSet,
    *,
    app: str,
    noun: str,
    purpose: str = "",
    blank: Blank = "leave alone",
    blanks: Mapping[FieldPath, Value] = MappingProxyType({}),
) -> RowBuilder:
    """Compile a step's fields against its action's schema.

    :param blank: what an empty field does; ``blanks`` says it of single ones, by their paths.

    :raises TemplateError: a constant can't be worked out.
    :raises CoerceError: a constant isn't of the field's type; ``check`` says where.
    """
    schema = operation.inputs
    constant: dict[FieldPath, Value] = {}
    varying: dict[FieldPath, Value] = {}
    for path, value in fields.values.items():
        kind = constant if _is_constant(value_node(environment, value)) else varying
        kind[path] = value
    compiled = parse_fields(environment, FieldSet(varying))
    constants = []
    fixed = compile_fields(environment, FieldSet(constant))
    for path, value in zip(fixed.paths, fixed.values({}), strict=True):
        leaf = _leaf(schema, path, blank)
        if not is_blank(value):
            constants.append((path, leaf.convert(value)))
    builder = RowBuilder(
        fields=compiled,
        leaves=tuple(
            _leaf(schema, path, _blank_of(path, blanks, blank)) for path in compiled.paths
        ),
        constants=tuple(constants),
        validator=jsonschema_rs.validator_for(schema),
        app=app,
        noun=noun,
        purpose=purpose,
    )
    _ = builder._fill  # now, so that what can't be compiled is known before any record comes
    return builder


def _is_constant(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const) or (
        isinstance(node, nodes.List) and all(isinstance(item, nodes.Const) for item in node.items)
    )


def _blank_of(path: FieldPath, blanks: Mapping[FieldPath, Value], otherwise: Blank) -> Blank:
    """Return what is said of a field, else of the nearest name above it, else of all."""
    for length in range(len(path), 0, -1):
        if (word := blanks.get(path[:length])) is not None:
            return cast(Blank, str(word))
    return otherwise


def _leaf(schema: Schema, path: FieldPath, blank: Blank) -> Leaf:
    node: Mapping[str, Any] = schema
    required = True
    for name in path:
        node = _object_part(node)
        required = required and name in node.get("required", ())
        extra = node.get("additionalProperties")
        node = node.get("properties", {}).get(name) or (extra if isinstance(extra, dict) else {})
    nullable = node.get("type") == "null" or any(
        option.get("type") == "null" for option in node.get("anyOf", ())
    )
    plain = node.get("type") == "string" and "format" not in node
    free = plain and "enum" not in node and "const" not in node
    cleared = None if nullable else "" if free else _ABSENT
    return Leaf(
        path=path,
        top=path[0] if len(path) == 1 else None,
        convert=coercer(node),
        takes_text=_keeps_text(node),
        required=required,
        cleared=cleared,
        blank=blank,
    )


def _keeps_text(schema: Mapping[str, Any]) -> bool:
    """Return whether any text is of a field's type as it is, so that nothing need be converted."""
    if "format" in schema:
        return False
    if "anyOf" in schema:
        options = [option for option in schema["anyOf"] if option.get("type") != "null"]
        return bool(options) and _keeps_text(options[0])
    return schema.get("type") == "string"


def _not_null(branches: list[list[jsonschema_rs.ValidationError]]) -> Iterator[Any]:
    """Yield what is wrong with each alternative but null: of those the first says it best."""
    for errors in branches:
        yield from (e for e in errors if getattr(e.kind, "types", None) != ["null"])


def _object_part(node: Mapping[str, Any]) -> Mapping[str, Any]:
    for option in node.get("anyOf", ()):
        if option.get("type") == "object":
            found: Mapping[str, Any] = option
            return found
    return node


def put(row: Record, path: FieldPath, value: Any) -> None:
    """Set a field of a row, or of a record within it."""
    for name in path[:-1]:
        row = row.setdefault(name, {})
    row[path[-1]] = value
