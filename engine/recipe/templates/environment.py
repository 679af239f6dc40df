"""The sandbox in which a recipe's templates run: records are plain values, blanks are explicit.

Three rules differ from Jinja's own and are kept here in one place. A record's field comes before
any method (``invoice.items`` is the field), and records have no methods. Reading on from an empty
field gives a :class:`Blank` that remembers nothing is there: it is false, equals None, and can't
be put into text. Only the filters and tests that Bridgework lists exist.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType, NoneType
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.files import is_file
from engine.recipe.templates.sizes import is_small

#: The longest text that multiplication may make, and the longest list that addition may.
LARGEST_PRODUCT = 100_000
#: The longest text that may be put together of others: room for a document within a text.
LONGEST_JOINED = 10_000_000
#: More binary digits than Python makes text of.
MOST_BITS = 14_000
TOO_MUCH_TEXT = f"it makes a text of more than {LONGEST_JOINED:,} characters"
#: The largest number that may be calculated; money of all the world in cents has 17 digits.
LARGEST_NUMBER = 10**300


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

    #: What names stand for that are no field of a record.
    constants: Mapping[str, str] = MappingProxyType({})

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

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
        return self.getattr(obj, str(argument))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            return self.binop_table[operator](left, right)  # which says what is empty
        try:
            _check_size(operator, left, right)
            result = self.binop_table[operator](left, right)
        except OverflowError:
            raise SecurityError("this number is too large") from None
        except TypeError:
            kinds = f"{_kind(left)} and {_kind(right)}"
            raise TypeError(f"'{operator}' can't be used with {kinds}") from None
        if isinstance(result, complex):
            raise SecurityError("a negative number has no such root")
        if isinstance(result, int | float) and not -LARGEST_NUMBER <= result <= LARGEST_NUMBER:
            raise SecurityError("this number is too large")
        return result


def _check_size(operator: str, left: Any, right: Any) -> None:
    """Refuse a calculation whose result is too large, before it is made."""
    if operator == "%" and isinstance(left, str):
        raise SecurityError("text can't be formatted with '%'; write it with {{ }} instead")
    if operator == "**" and (abs(left) > LARGEST_PRODUCT or abs(right) > 100):
        raise SecurityError("this power is too large")
    if operator == "*":
        for sized, times in ((left, right), (right, left)):
            if isinstance(sized, list | tuple):
                raise SecurityError("lists can't be multiplied")
            if isinstance(sized, str) and len(sized) * times > LARGEST_PRODUCT:
                raise SecurityError("this multiplication makes too much text")
    if operator == "+" and isinstance(left, str | list | tuple) and type(left) is type(right):
        most = LONGEST_JOINED if isinstance(left, str) else LARGEST_PRODUCT
        if len(left) + len(right) > most:
            raise SecurityError("this addition makes too much")


def _kind(value: Any) -> str:
    """Return what people call such a value."""
    kinds = {str: "text", list: "a list", tuple: "a list", dict: "a record", NoneType: "nothing"}
    return "true or false" if isinstance(value, bool) else kinds.get(type(value), "a number")


def build_environment(
    filters: Mapping[str, Callable[..., Any]],
    tests: Mapping[str, Callable[..., Any]],
    constants: Mapping[str, str] | None = None,
) -> RecipeEnvironment:
    """Return an environment in which exactly these filters and tests exist, and no globals.

    :param constants: what some names stand for, whichever record is read.
    """
    environment = RecipeEnvironment(undefined=Blank, autoescape=False, optimized=False)
    environment.globals.clear()
    environment.filters = dict(filters)
    environment.filters.update(OWN_RULES)
    environment.tests = dict(tests)
    environment.constants = dict(constants or {})
    return environment


def joined_text(parts: tuple[Any, ...]) -> str:
    """Return the parts of a template as one text.

    :raises ValueError: as :func:`as_text`, or the text is too long.
    """
    if len(parts) > 20 and sum(len(part) for part in parts if type(part) is str) > LONGEST_JOINED:
        raise ValueError(TOO_MUCH_TEXT)  # before there are two of it
    try:
        text = "".join(parts)  # of texts alone, as almost always: a quarter of the time
    except TypeError:
        text = "".join(map(as_text, parts))
    if len(text) > LONGEST_JOINED:
        raise ValueError(TOO_MUCH_TEXT)
    return text


def part(value: Any, start: Any, stop: Any, step: Any) -> Any:
    """Return ``value[start:stop:step]``; a part of nothing is nothing.

    :raises ValueError: the value is neither text nor a list.
    """
    if value is None or isinstance(value, Undefined):
        return value
    if not isinstance(value, str | list | tuple):
        raise ValueError(f"{_kind(value)} has no parts to take out")
    return value[start:stop:step]


def given_fields(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record that a recipe writes out, without the fields that are empty."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            value = given_fields(value)
        empty = not value.strip() if isinstance(value, str) else value is None or value == {}
        if not empty and not isinstance(value, Undefined):
            found[name] = value
    return found


def sized(value: Any) -> Any:
    """Return a value that a template put together, unless it is too large for what comes next.

    :raises ValueError: it is.
    """
    if isinstance(value, list | tuple | dict) and not is_small(value):
        raise ValueError(f"it makes {_kind(value)} of too many values")
    return value


#: What templates do in another way than Jinja: called as filters, by names that no recipe may use.
OWN_RULES: Mapping[str, Callable[..., Any]] = {
    "joined_text": joined_text,
    "part": part,
    "sized": sized,
    "given_fields": given_fields,
}


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
        kind = "a file" if is_file(value) else kind
        raise ValueError(f"{kind} can't be put into text as it is")
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise ValueError("a number of so many digits can't be put into text")
    return str(value)
