"""One request of an API's description, with all that is referred to put in its place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.fields import Schema
from engine.scaffold.design import Input
from engine.scaffold.names import free, snake
from engine.scaffold.schemas import ReferenceProblem, Schemas, fits

METHODS = ("get", "post", "put", "patch", "delete")
#: Headers that the engine sends by itself.
OWN_HEADERS = frozenset({"accept", "content-type", "authorization", "user-agent"})
IDEMPOTENCY = frozenset({"idempotency-key"})


#: Some APIs end their paths in the form of the answer: ``/contacts.json``, ``/contacts/{id}.json``.
ENDING = re.compile(r"\.(json|xml)$")


def key_at_end(path: str) -> str:
    """Return the name of the parameter that a path ends in; empty where it doesn't."""
    found = re.fullmatch(r"\{([^{}]+)\}", ENDING.sub("", path.rstrip("/").rpartition("/")[2]))
    return found[1] if found else ""


class LeftOut(ValueError):
    """A request can't be turned into an operation, and why."""


@dataclass(frozen=True)
class Asked:
    """One request.

    :param query: the schemas of its query, by name.
    :param constants: headers that always have the same value.
    :param keyed: it takes an idempotency key.
    """

    method: str
    path: str
    called: str
    summary: str
    operation: Mapping[str, Any]
    inputs: tuple[Input, ...] = ()
    query: Mapping[str, Schema] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    keyed: bool = False

    @property
    def source(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def segments(self) -> list[str]:
        return [part for part in self.path.split("/") if part]

    @property
    def last_word(self) -> str:
        """The last part of the path that is no parameter."""
        plain = [part for part in self.segments if "{" not in part]
        return ENDING.sub("", plain[-1]) if plain else "record"

    @property
    def ends_in_key(self) -> str:
        """The name of the parameter that the path ends in; empty where it doesn't."""
        return key_at_end(self.path)

    @property
    def collection(self) -> str:
        """The path without its last parameter; parameters by their place alone."""
        whole = self.segments[:-1] if self.ends_in_key else self.segments
        return "/".join("{}" if "{" in part else ENDING.sub("", part) for part in whole)


def requests_of(document: Mapping[str, Any], schemas: Schemas) -> Iterator[Asked | tuple[str, str]]:
    """Yield the requests there are; a pair is one that can't be read, with the reason."""
    for path, item in document["paths"].items():
        try:
            methods, _ = schemas.followed(item)
        except ReferenceProblem as error:
            yield str(path), str(error)
            continue
        for method in METHODS:
            operation = methods.get(method)
            if not isinstance(operation, Mapping):
                continue
            try:
                yield _asked(str(path), method, operation, methods.get("parameters"), schemas)
            except (LeftOut, ReferenceProblem) as error:
                yield f"{method.upper()} {path}", str(error)


def _asked(
    path: str, method: str, operation: Mapping[str, Any], shared: Any, schemas: Schemas
) -> Asked:
    if operation.get("deprecated") is True:
        raise LeftOut("it is deprecated")
    if not path.startswith("/") or any(part.count("{") > 1 for part in path.split("/")):
        raise LeftOut("its path isn't understood")
    inputs: list[Input] = []
    taken: set[str] = set()
    query: dict[str, Schema] = {}
    constants: dict[str, str] = {}
    keyed = False
    for parameter in _parameters(shared, operation.get("parameters"), schemas):
        name, place = str(parameter.get("name") or ""), parameter.get("in")
        required = parameter.get("required") is True or place == "path"
        schema = _schema_of(parameter, schemas)
        if place == "header":
            if name.lower() in IDEMPOTENCY:
                keyed = True
            elif required and name.lower() not in OWN_HEADERS:
                constants[name] = _constant(name, parameter, schema)
            continue
        if place not in ("path", "query"):
            if required:
                raise LeftOut(f"it needs the {place} {name!r}")
            continue
        if place == "path" and f"{{{name}}}" not in path:
            continue
        flat = _flat(parameter, schema)
        if not flat and required:
            raise LeftOut(f"its parameter {name!r} is a list or map within an address")
        if place == "query":
            query[name] = schema
        if not flat:
            continue
        argument = free(snake(name), taken)
        taken.add(argument)
        about = str(parameter.get("description") or "")
        if about:
            schema = {**schema, "description": about}
        shown = _example(parameter, schema)
        inputs.append(Input(name, argument, schema, required, place, shown))
    for part in path.split("/"):
        name = key_at_end(part)
        if "{" in part and not name:
            raise LeftOut(f"its path has a parameter within {part!r}")
        if name and not any(one.name == name and one.place == "path" for one in inputs):
            raise LeftOut(f"nothing describes {{{name}}} in its path")
    words = operation.get("summary") or operation.get("description") or ""
    called = str(operation.get("operationId") or "")
    return Asked(
        method, path, called, str(words), operation, tuple(inputs), query, constants, keyed
    )


def _parameters(shared: Any, own: Any, schemas: Schemas) -> list[Mapping[str, Any]]:
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for listed in (shared, own):
        for one in listed if isinstance(listed, list) else ():
            parameter, _ = schemas.followed(one)
            found[str(parameter.get("name")), str(parameter.get("in"))] = parameter
    return list(found.values())


def _schema_of(parameter: Mapping[str, Any], schemas: Schemas) -> Schema:
    content = parameter.get("content")
    if isinstance(content, Mapping) and content:
        return {"type": "object"}  # JSON within an address
    return schemas.plain(parameter.get("schema", {}), "sent")


def _flat(parameter: Mapping[str, Any], schema: Schema) -> bool:
    """Say whether a parameter is one value, or a list whose values are repeated (RFC 6570)."""
    kinds = {one.get("type") for one in schema.get("anyOf", [schema])}
    if "object" in kinds:
        return False
    if "array" in kinds:
        form = parameter.get("style", "form") == "form"
        return parameter.get("in") == "query" and form and parameter.get("explode", True) is True
    return True


def _example(parameter: Mapping[str, Any], schema: Schema) -> Any:
    examples = parameter.get("examples")
    shown = [parameter.get("example")]
    if isinstance(examples, Mapping):
        shown += [one.get("value") for one in examples.values() if isinstance(one, Mapping)]
    shown += schema.get("examples", [])
    return next((value for value in shown if value is not None and fits(value, schema)), None)


def _constant(name: str, parameter: Mapping[str, Any], schema: Schema) -> str:
    choices = schema.get("enum") or schema.get("examples") or [_example(parameter, schema)]
    if len(choices) == 1 and isinstance(choices[0], str | int):
        return str(choices[0])
    raise LeftOut(f"it needs the header {name!r}, which has no value of its own")
