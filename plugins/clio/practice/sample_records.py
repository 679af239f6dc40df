"""New records for the practice server: ids like Clio's, a version, and times as the API writes them."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any

Row = dict[str, Any]
Tables = dict[str, dict[int, Row]]


@lru_cache(4096)
def timestamp(moment: datetime) -> str:
    """Write a time as the API does (ISO 8601; that it is in UTC is unverified)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Records:
    """Records by kind and id, in the order of their ids."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.tables: Tables = {}
        self._found: dict[tuple[Any, ...], Row] = {}
        self._ids = {
            "accounts": count(70_110),
            "users": count(350_410_021, 17),
            "practice_areas": count(4_411_306),
            "matter_stages": count(912_045, 3),
            "contacts": count(2_110_045_003, 13),
            "matters": count(1_520_030_011, 7),
            "relationships": count(61_500_118, 11),
            "phone_numbers": count(2_805_003_100, 2),
            "email_addresses": count(2_604_007_300, 2),
            "addresses": count(2_703_001_010, 2),
            "custom_fields": count(3_310_501, 4),
            "custom_field_values": count(3_310_502, 4),
            "picklist_options": count(5_120_011, 3),
            "notes": count(702_400_013, 5),
            "communications": count(803_100_017, 9),
        }

    def add(self, kind: str, created: datetime, **values: Any) -> Row:
        """Add a record; it was last changed when it was made."""
        row = {**self._new(kind, created), **values}
        self.tables.setdefault(kind, {})[row["id"]] = row
        return row

    def entries(self, kind: str, field: str, named: Iterable[tuple[str, str]]) -> list[Row]:
        """Return a contact's list of telephone numbers or addresses; the first is the primary one."""
        return [
            {**self._new(kind, self.start), "name": name, field: value, "primary": place == 0}
            for place, (name, value) in enumerate(named)
        ]

    def entry(self, kind: str) -> Row:
        """Return an entry of a record's list that isn't a record of its own."""
        return self._new(kind, self.start)

    def find(self, kind: str, **values: Any) -> Row:
        """Return the first record with these values; it is remembered, so they must not change."""
        wanted = (kind, *values.items())
        if wanted not in self._found:
            self._found[wanted] = next(
                row
                for row in self.tables[kind].values()
                if all(row[name] == value for name, value in values.items())
            )
        return self._found[wanted]

    def _new(self, kind: str, created: datetime) -> Row:
        stamp = timestamp(created)
        return {
            "id": next(self._ids[kind]),
            "version": 1,
            "created_at": stamp,
            "updated_at": stamp,
        }
