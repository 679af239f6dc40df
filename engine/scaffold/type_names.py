"""Python's types for plain schemas: TypedDicts for objects, Literals for choices, each defined once."""

import json
from collections.abc import Iterable
from typing import Any

from engine.fields import Schema
from engine.scaffold.design import NAME
from engine.scaffold.layout import Code, Glued, call, flat, group, laid_out, text
from engine.scaffold.names import camel, free, sentence, snake
from engine.scaffold.schemas import inner

#: Formats of texts that fields know.
FORMATS = frozenset({"email", "date", "date-time", "uri", "phone"})
#: Longer choices get a name of their own.
LONGEST_LITERAL = 40
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


class Types:
    """The types that a connector's operations name.

    :ivar defined: by name: the text of its definition, those it needs before it.
    """

    def __init__(self) -> None:
        self.defined: dict[str, str] = {}
        self._by_shape: dict[str, str] = {}

    def annotation(self, schema: Schema, hint: str) -> str:
        """Return the type of what fits ``schema``, as text.

        :param hint: what a type without a name of its own may be called.
        """
        if "anyOf" in schema:
            options = [self.annotation(one, hint) for one in schema["anyOf"]]
            options.sort(key=lambda one: one == "None")
            joined = " | ".join(dict.fromkeys(options))
            return "Any" if "Any" in options or len(joined) > 2 * LONGEST_LITERAL else joined
        if schema.get("enum") and schema.get("type") != "number":
            return self._choices(schema["enum"], hint)
        match schema.get("type"):
            case "object" if schema.get("properties"):
                return self._typed_dict(schema, hint)
            case "object":
                return "dict[str, Any]"
            case "array":
                return f"list[{self.annotation(schema.get('items', {}), hint)}]"
            case str() as kind:
                return SCALARS[kind]
        return "Any"

    def field(
        self,
        schema: Schema,
        hint: str,
        *,
        title: str = "",
        optional: bool = False,
    ) -> Code:
        """Return the type of a field with its :class:`~engine.fields.Field`, if it needs one."""
        kind = self.annotation(schema, hint)
        if optional and kind not in ("Any", "None") and not kind.endswith("| None"):
            kind += " | None"
        core = inner(schema)
        format = core.get("format") if core.get("type") == "string" else None
        help = sentence(schema.get("description"))
        if help.rstrip(".").lower() == title.lower():
            help = ""
        texts = [text(title), *([text(help)] if help else [])] if title else []
        named: Code | None = text(format) if format in FORMATS else None
        if not texts and named is None:
            return kind
        return group("Annotated[", [kind, call("Field", *texts, format=named)], "]")

    def _choices(self, values: Iterable[Any], hint: str) -> str:
        shown = [text(value) if isinstance(value, str) else repr(value) for value in values]
        literal = group("Literal[", shown, "]")
        if len(flat(literal)) <= LONGEST_LITERAL:
            return flat(literal)
        return self._define(
            f"literal {shown}", hint, lambda name: laid_out(Glued(f"{name} = ", literal))
        )

    def _typed_dict(self, schema: Schema, hint: str) -> str:
        shape = json.dumps(_shape(schema), sort_keys=True, default=str)
        return self._define(
            shape, str(schema.get(NAME) or hint), lambda name: self._class(name, schema)
        )

    def _define(self, shape: str, wanted: str, define: Any) -> str:
        if shape not in self._by_shape:
            name = free(camel(wanted), self.defined).replace("_", "")
            self.defined[name] = ""  # it is taken, also for those that it is made of
            written = define(name)
            del self.defined[name]
            self.defined[name] = written
            self._by_shape[shape] = name
        return self._by_shape[shape]

    def _class(self, name: str, schema: Schema) -> str:
        required = set(schema.get("required", ()))
        fields: list[tuple[str, Code]] = []
        for field, part in schema["properties"].items():
            kind = self.field(part, f"{name} {field}")
            if field not in required:
                kind = group("NotRequired[", [kind], "]")
            fields.append((field, kind))
        about = sentence(schema.get("description"), f"{sentence(name_in_words(name))}")
        if all(_is_plain(field) for field, _ in fields):
            lines = [laid_out(Glued(f"{field}: ", kind), 4) for field, kind in fields]
            return "\n".join([f"class {name}(TypedDict):", f'    """{about}"""', "", *lines])
        entries = [Glued(f"{text(field)}: ", kind) for field, kind in fields]
        return laid_out(
            Glued(f"{name} = ", call("TypedDict", text(name), group("{", entries, "}")))
        )


def name_in_words(name: str) -> str:
    return snake(name).replace("_", " ")


def _is_plain(field: str) -> bool:
    """Say whether a field can be written as a class's attribute, in the usual spelling."""
    named_so = field.isidentifier() and field == snake(field)
    return named_so and field not in ("list", "dict", "str", "int", "float", "bool")


def _shape(schema: Any) -> Any:
    """Return what of a schema decides its type and its fields' texts."""
    if isinstance(schema, dict):
        return {k: _shape(v) for k, v in schema.items() if k not in ("examples", NAME)}
    return [_shape(one) for one in schema] if isinstance(schema, list) else schema
