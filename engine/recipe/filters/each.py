"""``each``: one filter for every entry of a list."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.recipe.filters.errors import ArgumentError, quoted
from engine.recipe.filters.kinds import Listed
from engine.recipe.filters.lists import items


def each_with(filters: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    """Return the filter ``each`` over these filters."""

    def each(value: Listed, name: str, *arguments: Any, **named: Any) -> list[Any]:
        """Pass every entry of a list through another filter.

        >>> {{ [' vip ', 'new'] | each('trim') }}
        ["vip", "new"]
        >>> {{ ['(212) 555-0142', '617 555 0188'] | each('phone', 'US') }}
        ["+12125550142", "+16175550188"]
        """
        function = filters.get(name)
        if function is None:
            raise ArgumentError(f"There is no filter {quoted(name)}.", code="unknown_filter")
        return [function(item, *arguments, **named) for item in items(value, "each")]

    return each
