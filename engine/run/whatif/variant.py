"""One thing that a field may hold, and the columns of the grid in which such things stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The columns of the grid, with what they are called.
COLUMNS: Mapping[str, str] = {
    "nothing": "nothing there",
    "other": "another value",
    "several": "several",
    "same": "same twice",
    "foreign": "foreign",
    "badly": "badly written",
    "long": "very long",
    "far": "far off",
    "zone": "time zone",
}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One thing a field may hold.

    :param says: what is so then, for "If a matter …": ``has no {thing}``; ``{things}`` is its
        plural, ``{owner}`` what it belongs to.
    :param means: the value that should arrive, where it may be written in another way there.
    :param without: fields of the same record that are empty then.
    :param likely: it is worth a sentence of its own where it goes wrong.
    :param blank: nothing is there.
    :param of_kind: it makes the record one of another kind.
    """

    id: str
    column: str
    says: str
    value: Any
    means: str = ""
    without: tuple[str, ...] = ()
    likely: bool = True
    blank: bool = False
    of_kind: bool = False
