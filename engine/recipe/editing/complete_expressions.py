"""What may be written inside ``{{ }}``: names, fields, filters and tests."""

import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from engine.fields import Schema
from engine.recipe.checking.scopes import NoSuchField, choices, field_of, items_of, options
from engine.recipe.editing.completion import Completion, Kind, in_words
from engine.recipe.filters import FILTERS, TESTS

#: The word at the end of an expression, and the record it is a field of.
LAST = re.compile(r"(?P<record>[A-Za-z_]\w*(?:\.\w+|\[[^\]]*\])*\.)?(?P<word>\w*)$")
STEP = re.compile(r"\.(\w+)|\[([^\]]*)\]")
TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")


def expression_completions(
    expression: str, names: Mapping[str, Schema], tables: Collection[str]
) -> Iterator[Completion]:
    """Yield what may stand at the end of an expression that is being written.

    A completion's ``start`` is how many characters before the cursor it begins.

    :param names: what may be read here, with its schema.
    :param tables: the recipe's ``translate:`` tables.
    """
    text = _open_text(expression)
    if text is not None:
        if re.search(r"\|\s*translate\(\s*['\"][^'\"]*$", expression):
            for name in tables:
                yield Completion(label=name, kind="table", insert=name, start=len(text))
        return
    found = LAST.search(expression)
    assert found is not None  # it takes nothing, too
    before, word = expression[: found.start()].rstrip(), len(found["word"])
    if found["record"]:
        yield from _fields(found["record"][:-1], names, word)
    elif before.endswith("|"):
        yield from _functions(FILTERS, "filter", word)
    elif re.search(r"\bis(\s+not)?$", before):
        yield from _functions(TESTS, "test", word)
    else:
        for name, schema in names.items():
            yield Completion(
                label=name,
                kind="name",
                detail=in_words(schema),
                documentation=_about(schema),
                insert=name,
                start=word,
            )


def _open_text(expression: str) -> str | None:
    """Return what is written of a text in quotes that isn't closed yet; None outside of quotes."""
    left = TEXT.sub("", expression)
    found = re.search(r"['\"]([^'\"]*)$", left)
    return None if found is None else found[1]


def _fields(record: str, names: Mapping[str, Schema], word: int) -> Iterator[Completion]:
    schema = _schema_of(record, names)
    if schema is None:
        return
    for option in options(schema):
        for name, part in option.get("properties", {}).items():
            yield Completion(
                label=name,
                kind="field",
                detail=in_words(part),
                documentation=_about(part),
                insert=name,
                start=word,
            )


def _schema_of(record: str, names: Mapping[str, Schema]) -> Schema | None:
    """Return the schema of what a path such as ``matter.client`` reads; None where unknown."""
    first = re.match(r"\w+", record)
    schema = names.get(first[0]) if first else None
    if first is None or schema is None:
        return None
    for step in STEP.finditer(record, first.end()):
        try:
            if step[1] is not None:
                schema = field_of(schema, step[1])
            elif step[2].strip("'\"") != step[2]:
                schema = field_of(schema, step[2].strip("'\""))
            else:
                schema = items_of(schema)
        except NoSuchField:
            return None
    return schema


def _functions(
    known: Mapping[str, Callable[..., Any]], kind: Kind, word: int
) -> Iterator[Completion]:
    for name, function in known.items():
        said = inspect.getdoc(function) or ""
        first, _, _ = said.partition("\n\n")
        needs = [
            parameter
            for parameter in list(inspect.signature(function).parameters.values())[1:]
            if parameter.default is parameter.empty
            and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]
        yield Completion(
            label=name,
            kind=kind,
            detail=", ".join(parameter.name for parameter in needs),
            documentation=" ".join(first.split()),
            insert=f"{name}(" if needs else name,
            start=word,
        )


def _about(schema: Schema) -> str:
    said = str(schema.get("description") or schema.get("title") or "")
    allowed = ", ".join(str(choice) for choice in choices(schema)[:12])
    return f"{said} One of: {allowed}.".strip() if allowed else said
