"""What may follow ``is`` in a condition: ``matter.client is blank``."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Undefined

from engine.recipe.filters.dates import moment_of
from engine.recipe.filters.errors import ArgumentError, FilterError, is_blank, is_nothing
from engine.recipe.filters.patterns import fitting
from engine.recipe.filters.periods import is_day
from engine.recipe.filters.phones import phone as phone_of
from engine.recipe.templates.coerce import EMAIL


def blank(value: Any) -> bool:
    """Whether it is missing, null or empty text.

    >>> {{ '' is blank }}
    true
    """
    return is_blank(value)


def none(value: Any) -> bool:
    """Whether it is missing or null.

    >>> {{ '' is none }}
    false
    """
    return is_nothing(value)


def defined(value: Any) -> bool:
    """Whether the record has the field at all, even if it is null.

    >>> {{ none is defined }}
    true
    """
    return not isinstance(value, Undefined)


def undefined(value: Any) -> bool:
    """Whether the record doesn't have the field.

    >>> {{ 'x' is undefined }}
    false
    """
    return isinstance(value, Undefined)


def number(value: Any) -> bool:
    """Whether it is a number; the text '12' is not.

    >>> {{ 12 is number }}
    true
    """
    return isinstance(value, int | float) and not isinstance(value, bool)


def text(value: Any) -> bool:
    """Whether it is text.

    >>> {{ '12' is text }}
    true
    """
    return isinstance(value, str)


def list_(value: Any) -> bool:
    """Whether it is a list.

    >>> {{ ['vip'] is list }}
    true
    """
    return isinstance(value, list | tuple)


def record(value: Any) -> bool:
    """Whether it is a record with fields.

    >>> {{ {'name': 'Dana'} is record }}
    true
    """
    return isinstance(value, Mapping)


def true(value: Any) -> bool:
    """Whether it is true itself; the text 'true' is not.

    >>> {{ 'true' is true }}
    false
    """
    return value is True


def false(value: Any) -> bool:
    """Whether it is false itself; nothing is not.

    >>> {{ false is false }}
    true
    """
    return value is False


def starting_with(value: Any, start: str) -> bool:
    """Whether text begins so.

    >>> {{ '+12125550142' is starting_with('+1') }}
    true
    """
    return isinstance(value, str) and value.startswith(start)


def ending_with(value: Any, end: str) -> bool:
    """Whether text ends so.

    >>> {{ 'dana@harborlaw.example' is ending_with('.example') }}
    true
    """
    return isinstance(value, str) and value.endswith(end)


def containing(value: Any, part: Any) -> bool:
    """Whether text holds the part, or a list the entry.

    >>> {{ ['vip', 'new'] is containing('vip') }}
    true
    """
    if isinstance(value, str):
        return isinstance(part, str) and part in value
    return isinstance(value, list | tuple) and part in value


def one_of(value: Any, *choices: Any) -> bool:
    """Whether it is one of these.

    >>> {{ 'open' is one_of('open', 'pending') }}
    true
    """
    return not is_nothing(value) and value in choices


def containing_any(value: Any, *parts: Any) -> bool:
    """Whether text holds one of the parts, or a list one of the entries.

    >>> {{ ['vip', 'new'] is containing_any('vip', 'press') }}
    true
    """
    return any(containing(value, part) for part in parts)


def written_like(value: Any, pattern: str) -> bool:
    """Whether text is written like a pattern, in which each `{name}` stands for some text.

    >>> {{ 'PI-2024-117' is written_like('{area}-{year}-{number}') }}
    true
    """
    return isinstance(value, str) and fitting(value, pattern) is not None


def email(value: Any) -> bool:
    """Whether it is an e-mail address.

    >>> {{ 'dana at harborlaw' is email }}
    false
    """
    return isinstance(value, str) and EMAIL.fullmatch(value.strip()) is not None


def phone(value: Any, country: str = "US") -> bool:
    """Whether it is a phone number; `country` says where numbers without a country code are from.

    >>> {{ '555-0142' is phone }}
    false
    """
    return _readable(phone_of, value, country)


def date(value: Any, order: str | None = None) -> bool:
    """Whether it is a date that is certain; 03/04/2024 is one only with an `order`.

    >>> {{ '4 March 2024' is date }}
    true
    """
    return not is_blank(value) and _readable(moment_of, value, order, "date")


def earlier_than(value: Any, day: Any) -> bool:
    """Whether a date is before another, however the two are written. Nothing is not.

    >>> {{ '4 March 2024' is earlier_than('2024-03-05') }}
    true
    """
    return not is_blank(value) and not is_blank(day) and _order(value, day) < 0


def later_than(value: Any, day: Any) -> bool:
    """Whether a date is after another, however the two are written. Nothing is not.

    >>> {{ '2024-03-04T09:00:00Z' is later_than('2024-03-04') }}
    false
    """
    return not is_blank(value) and not is_blank(day) and _order(value, day) > 0


def business_day(value: Any) -> bool:
    """Whether a date is a Monday to Friday.

    >>> {{ '2024-03-09' is business_day }}
    false
    """
    return not is_blank(value) and moment_of(value, None, "business_day").weekday() < 5


def _readable(read: Callable[..., Any], value: Any, *arguments: Any) -> bool:
    try:
        return read(value, *arguments) is not None
    except ArgumentError:
        raise
    except FilterError:
        return False


def _order(value: Any, other: Any) -> float:
    """Return below 0 where the value comes first; days where one has no time of day."""
    one, two = (moment_of(each, None, "earlier_than") for each in (value, other))
    if is_day(value) or is_day(other) or (one.tzinfo is None) != (two.tzinfo is None):
        return (one.date() - two.date()).days
    return (one - two).total_seconds()
