"""``translate``: looking a value up in one of the recipe's own tables."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.recipe.filters.errors import (
    ArgumentError,
    FilterError,
    is_blank,
    may_default,
    quoted,
    text_of,
)
from engine.recipe.filters.kinds import Textual
from engine.recipe.tables import Table


def translator(tables: Mapping[str, Mapping[str, str]]) -> Callable[..., Any]:
    """Return the filter ``translate`` over a recipe's ``translate:`` tables."""
    # Capitals and spaces around differ from system to system, and within one ("Open", "open").
    loose = {
        name: {source.strip().casefold(): target for source, target in table.items()}
        for name, table in tables.items()
    }

    @may_default
    def translate(value: Textual, table: str) -> str | None:
        """Look the value up in a table of the recipe. Fails when it isn't listed.

        Capitals and spaces around it don't matter.

        >>> {{ 'Family' | translate('areas') }}
        Family Law
        """
        if is_blank(value):
            return None
        text = value if type(value) is str else text_of(value, "translate")
        try:
            exact = tables[table]
        except KeyError:
            raise ArgumentError(
                f"The recipe has no table {quoted(table)}.",
                code="unknown_table",
                hint="Tables stand under `translate:` at the end of the recipe.",
            ) from None
        found = exact.get(text)
        if found is None:
            found = loose[table].get(text.strip().casefold())
        if found is not None:
            return found
        raise FilterError(
            f"{quoted(text)} is not in the table {quoted(table)}.",
            code="not_in_table",
            hint=exact.remedy(text)
            if isinstance(exact, Table)
            else f"Add {quoted(text)} to the table {quoted(table)} in the recipe.",
        )

    return translate
