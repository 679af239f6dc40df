"""What may follow ``is`` in a condition: ``matter.client is blank``."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Undefined

from engine.recipe.filters.errors import is_blank, is_nothing


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
