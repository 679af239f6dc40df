"""The errors of filters, what stands in for them, and how they see nothing, text and quotes."""

import inspect
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from functools import wraps
from math import inf
from reprlib import Repr
from typing import Any, Concatenate, ParamSpec, TypeVar

from jinja2 import Undefined

from engine.recipe.templates.environment import MOST_BITS
from engine.recipe.templates.sizes import is_small

P = ParamSpec("P")
R = TypeVar("R")

#: The longest text that a filter may make.
LONGEST_TEXT = 1_000_000
#: What an error quotes of a value.
QUOTED_LENGTH = 60
NOT_GIVEN: Any = object()


_SHORT = Repr()
_SHORT.maxlevel, _SHORT.maxdict, _SHORT.maxlist, _SHORT.maxtuple = 3, 8, 8, 8
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = QUOTED_LENGTH


class FilterError(ValueError):
    """A filter can't do its work on this value.

    :param message: one sentence that quotes the value.
    :param code: short stable word; records that failed alike are grouped by it.
    :param hint: what to do about it.
    """

    def __init__(self, message: str, *, code: str = "wrong_value", hint: str = "") -> None:
        self.message = message
        self.code = code
        self.hint = hint
        super().__init__(message)


class ArgumentError(FilterError):
    """What a filter was told in its brackets is wrong, whatever the value; no default hides that."""


def is_nothing(value: Any) -> bool:
    """Return whether nothing is there: null, or a field the record doesn't have."""
    return value is None or isinstance(value, Undefined)


def is_blank(value: Any) -> bool:
    """Return whether nothing is there, or only empty text."""
    if isinstance(value, str):
        return not value or value.isspace()
    return is_nothing(value)


def quoted(value: Any) -> str:
    """Return the value in quotes for an error, cut to a readable length."""
    return repr(shortened(value if isinstance(value, str) else shown(value)))


def shown(value: Any) -> str:
    """Return a value as Python writes it, of large ones only the beginning."""
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return "a number of thousands of digits"
    return shortened(_SHORT.repr(value) if isinstance(value, list | tuple | dict) else repr(value))


def shortened(text: str) -> str:
    """Return a text cut to what an error quotes."""
    return text if len(text) <= QUOTED_LENGTH else text[: QUOTED_LENGTH - 1] + "…"


def check_size(value: Any, filter_name: str) -> None:
    """Refuse what holds so much that going through all of it would take long.

    :raises FilterError: it does; see :func:`engine.recipe.templates.sizes.is_small`.
    """
    if not is_small(value):
        raise FilterError(
            f"The filter '{filter_name}' was given too much at once.", code="too_long"
        )


def text_of(value: Any, filter_name: str) -> str:
    """Return a scalar's text.

    :raises FilterError: it is a list or a record.
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise FilterError("The number has too many digits.", code="too_long")
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    kind = "record" if isinstance(value, dict) else "list"
    raise FilterError(
        f"The filter '{filter_name}' takes text, not a {kind}.",
        code="not_text",
        hint="Name the field of the record that is meant, or join a list with `| join(', ')`.",
    )


def on_text(
    function: Callable[Concatenate[str, P], R],
) -> Callable[Concatenate[Any, P], R | None]:
    """Make a filter of text: nothing stays nothing, numbers and dates count as their text."""
    name = function.__name__.rstrip("_")

    @wraps(function)
    def filter_text(value: Any, /, *args: P.args, **kwargs: P.kwargs) -> R | None:
        if type(value) is str:
            return function(value, *args, **kwargs)
        if is_nothing(value):
            return None
        return function(text_of(value, name), *args, **kwargs)

    return filter_text


def may_default(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a filter take ``default=``: what it gives for nothing, and where it would fail."""
    own = inspect.signature(function)
    parameters = list(own.parameters.values())
    several = any(one.kind is one.VAR_POSITIONAL for one in parameters)
    place = len(parameters) - 1  # of the default among the arguments that have no name
    kind = inspect.Parameter.KEYWORD_ONLY if several else inspect.Parameter.POSITIONAL_OR_KEYWORD
    given = inspect.Parameter("default", kind, default=NOT_GIVEN, annotation=Any)

    @wraps(function)
    def filter_or_default(value: Any, /, *args: Any, **named: Any) -> Any:
        if "default" in named:
            default = named.pop("default")
        elif several or len(args) <= place:
            return function(value, *args, **named)
        else:
            args, default = args[:place], args[place]
        try:
            found = function(value, *args, **named)
        except ArgumentError:
            raise
        except FilterError:
            return default
        return default if is_nothing(found) else found

    filter_or_default.__dict__["own"] = (function, inf if several else place)
    filter_or_default.__dict__["__signature__"] = own.replace(parameters=[*parameters, given])
    return filter_or_default


def without_default(function: Callable[..., Any], given: int, named: Collection[str]) -> Any:
    """Return the function that does a filter's work where it is given no default: a call less.

    :param given: how many arguments without a name it is given, besides the value.
    :param named: the names of the others.
    """
    own, places = getattr(function, "own", (function, inf))
    return own if given <= places and "default" not in named else function
