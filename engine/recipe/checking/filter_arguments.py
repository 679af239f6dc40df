"""The arguments of filters and tests that can be checked before any record is there."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.recipe.filters import codes, money, numbers, patterns, periods, phones, places
from engine.recipe.filters.dates import check_order, zone_by_name_or_place
from engine.recipe.filters.periods import check_unit

#: By the name of the filter or test and of its argument: a function that raises FilterError.
CHECKED: Mapping[tuple[str, str], Callable[[Any], Any]] = {
    ("phone", "country"): phones.check_country,
    ("phone", "format"): phones.check_phone_format,
    ("phone_country", "country"): phones.check_country,
    ("time_zone", "zone"): zone_by_name_or_place,
    ("datetime", "zone"): zone_by_name_or_place,
    ("from_timestamp", "zone"): zone_by_name_or_place,
    ("date", "order"): check_order,
    ("datetime", "order"): check_order,
    ("add", "length"): periods.check_length,
    ("subtract", "length"): periods.check_length,
    ("until", "unit"): check_unit,
    ("since", "unit"): check_unit,
    ("duration", "unit"): check_unit,
    ("start_of", "period"): periods.check_period,
    ("end_of", "period"): periods.check_period,
    ("timestamp", "unit"): periods.check_timestamp_unit,
    ("from_timestamp", "unit"): periods.check_timestamp_unit,
    ("money", "currency"): money.check_currency,
    ("cents", "currency"): money.check_currency,
    ("number", "locale"): numbers.check_locale,
    ("format_number", "locale"): numbers.check_locale,
    ("percent", "locale"): numbers.check_locale,
    ("money", "locale"): numbers.check_locale,
    ("round", "places"): numbers.check_places,
    ("round", "direction"): numbers.check_direction,
    ("format_number", "places"): numbers.check_places,
    ("percent", "places"): numbers.check_places,
    ("extract", "pattern"): patterns.check_pattern,
    ("written_like", "pattern"): patterns.check_pattern,
    ("hash", "kind"): codes.check_hash,
    ("country_name", "language"): places.check_language,
    **{
        (name, "country"): places.check_address_country
        for name in ("address_parts", "address_line", "postal_code", "region_code", "region_name")
    },
}
