"""``translate``: looking a value up in one of the recipe's own tables."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.recipe.filters.errors import FilterError, is_blank, quoted, text_of
from engine.recipe.tables import Table

NOT_GIVEN: Any = object()


def translator(tables: Mapping[str, Mapping[str, str]]) -> Callable[..., Any]:
    """Return the filter ``translate`` over a recipe's ``translate:`` tables."""
    # Capitals and spaces around differ from system to system, and within one ("Open", "open").
    loose = {
        name: {source.strip().casefold(): target for source, target in table.items()}
        for name, table in tables.items()
    }

    def translate(value: Any, table: str, default: Any = NOT_GIVEN) -> Any:
        """Look the value up in a table of the recipe; ``default`` is used where it isn't listed.

        Capitals don't matter. Without a default, a value that isn't listed fails.

        >>> {{ 'Family' | translate('areas') }}
        Family Law
        """
        if is_blank(value):
            return None
        text = value if type(value) is str else text_of(value, "translate")
        try:
            exact = tables[table]
        except KeyError:
            raise FilterError(
                f"The recipe has no table {quoted(table)}.",
                code="unknown_table",
                hint="Tables stand under `translate:` at the end of the recipe.",
            ) from None
        found = exact.get(text)
        if found is None:
            found = loose[table].get(text.strip().casefold(), default)
        if found is not NOT_GIVEN:
            return found
        raise FilterError(
            f"{quoted(text)} is not in the table {quoted(table)}.",
            code="not_in_table",
            hint=exact.remedy(text)
            if isinstance(exact, Table)
            else f"Add {quoted(text)} to the table {quoted(table)} in the recipe.",
        )

    return translate
