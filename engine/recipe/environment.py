"""The sandbox in which a recipe's templates run: records are plain values, blanks are explicit.

Three rules differ from Jinja's own and are kept here in one place. A record's field comes before
any method (``invoice.items`` is the field), and records have no methods. Reading on from an empty
field gives a :class:`Blank` that remembers nothing is there: it is false, equals None, and can't
be put into text. Only the filters and tests that Bridgework lists exist.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

#: The longest text or list that multiplication may make.
LARGEST_PRODUCT = 100_000


class Blank(StrictUndefined):
    """Nothing is there: a field the record doesn't have, or one of an empty field."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]  # Jinja's always raise
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]  # as above
        return other is None or isinstance(other, Undefined)

    def __ne__(self, other: object) -> bool:  # type: ignore[override]  # as above
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # equal to None, so it must not be a key


class RecipeEnvironment(ImmutableSandboxedEnvironment):
    """Jinja's immutable sandbox with records as plain values."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                return Blank(obj=obj, name=attribute)
        if obj is None:
            return Blank(obj=obj, name=attribute)
        if isinstance(obj, Undefined):
            return obj
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else Blank(obj=obj, name=attribute)
        if isinstance(obj, list | tuple):
            return Blank(obj=obj, name=attribute)
        found = super().getattr(obj, attribute)
        # Values have no methods: the ones of text make text of any size out of a short template.
        return Blank(obj=obj, name=attribute) if callable(found) else found

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, list | tuple) and isinstance(argument, int):
            return obj[argument] if -len(obj) <= argument < len(obj) else Blank(name=str(argument))
        if isinstance(obj, list | tuple | str) and isinstance(argument, slice):
            return obj[argument]
        return self.getattr(obj, str(argument))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            raise SecurityError("text can't be formatted with '%'; write it with {{ }} instead")
        if operator == "**" and (abs(left) > LARGEST_PRODUCT or abs(right) > 100):
            raise SecurityError("this power is too large")
        if operator == "*":
            for sized, times in ((left, right), (right, left)):
                if isinstance(sized, str | list | tuple) and len(sized) * times > LARGEST_PRODUCT:
                    raise SecurityError("this multiplication makes too much text")
        return super().call_binop(context, operator, left, right)


def build_environment(
    filters: Mapping[str, Callable[..., Any]], tests: Mapping[str, Callable[..., Any]]
) -> RecipeEnvironment:
    """Return an environment in which exactly these filters and tests exist, and no globals."""
    environment = RecipeEnvironment(undefined=Blank, autoescape=False, optimized=True)
    environment.globals.clear()
    environment.filters = dict(filters)
    environment.filters["joined_text"] = joined_text
    environment.tests = dict(tests)
    return environment


def joined_text(parts: tuple[Any, ...]) -> str:
    """Return the parts of a template as one text.

    :raises ValueError: as :func:`as_text`.
    """
    try:
        return "".join(parts)  # of texts alone, as almost always: a quarter of the time
    except TypeError:
        return "".join(map(as_text, parts))


def as_text(value: Any) -> str:
    """Return what a value prints as inside text: null as nothing, true and false as words.

    :raises ValueError: a list or a record, which has no text of its own.
    """
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        kind = "a record" if isinstance(value, dict) else "a list"
        raise ValueError(f"{kind} can't be put into text as it is")
    return str(value)
