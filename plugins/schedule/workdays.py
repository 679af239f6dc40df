"""Which days people work: Monday to Friday, or as the holidays of a country and region say.

Holidays come from the package ``holidays``, which knows those of 200 countries; it is loaded only
for recipes that name one.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from engine.sdk import Context, Option, SetupError

#: Names of holidays are in English where the package has them so.
LANGUAGE = "en_US"


class Workdays:
    """The working days of a place; without a country, Monday to Friday."""

    def __init__(self, country: str | None = None, region: str | None = None) -> None:
        self._known = None if country is None else _holidays(country.upper(), region)
        if country is None and region is not None:
            raise SetupError("There is a region without a country.", hint="Name the country, too.")

    def is_workday(self, day: date) -> bool:
        if self._known is not None:
            return bool(self._known.is_working_day(day))
        return day.isoweekday() < 6

    def holiday(self, day: date) -> str | None:
        """Return the name of the holiday that a day is; None where it is none."""
        found = None if self._known is None else self._known.get(day)
        return None if found is None else str(found)

    def first_of_month(self, day: date) -> int | None:
        return next((n for n in self._days_of(day)), None)

    def last_of_month(self, day: date) -> int | None:
        return next((n for n in reversed(list(self._days_of(day)))), None)

    def _days_of(self, day: date) -> Iterator[int]:
        for number in range(1, monthrange(day.year, day.month)[1] + 1):
            if self.is_workday(day.replace(day=number)):
                yield number


def countries(ctx: Context) -> Iterator[Option]:
    """Offer the countries whose holidays are known."""
    import holidays  # here, because it takes 0.1 s and few recipes need it

    for code in holidays.list_supported_countries(include_aliases=False):
        yield Option(code, code)


@cache
def _holidays(country: str, region: str | None) -> Any:
    """Return a country's holidays; they are worked out year by year as they are asked for.

    :raises SetupError: they aren't known, or it has no such region.
    """
    import holidays  # here, because it takes 0.1 s and few recipes need it

    known = holidays.list_supported_countries()
    if country not in known:
        raise SetupError(
            f"There are no holidays for the country '{country}'.",
            hint="Write its two letters (ISO 3166), such as US, CA, GB or DE.",
        )
    if region is not None and region not in known[country]:
        raise SetupError(
            f"'{country}' has no region '{region}' with holidays of its own.",
            hint=f"There are: {', '.join(known[country])}." if known[country] else "Leave it out.",
        )
    return holidays.country_holidays(country, subdiv=region, language=LANGUAGE)
