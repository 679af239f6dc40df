"""The one error of filters, and how they see nothing, text and quotes."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from jinja2 import Undefined

P = ParamSpec("P")
R = TypeVar("R")

#: The longest text that a filter may make.
LONGEST_TEXT = 1_000_000
#: What an error quotes of a value.
QUOTED_LENGTH = 60


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


def is_nothing(value: Any) -> bool:
    """Return whether nothing is there: null, or a field the record doesn't have."""
    return value is None or isinstance(value, Undefined)


def is_blank(value: Any) -> bool:
    """Return whether nothing is there, or only empty text."""
    if isinstance(value, str):
        return not value.strip()
    return is_nothing(value)


def quoted(value: Any) -> str:
    """Return the value in quotes for an error, cut to a readable length."""
    text = value if isinstance(value, str) else repr(value)
    return repr(text if len(text) <= QUOTED_LENGTH else text[: QUOTED_LENGTH - 1] + "…")


def text_of(value: Any, filter_name: str) -> str:
    """Return a scalar's text.

    :raises FilterError: it is a list or a record.
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
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
