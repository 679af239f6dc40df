"""How far a run has come."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a run has come; told after every chunk.

    :param read: records read.
    :param counts: settled records by outcome.
    """

    read: int
    counts: Mapping[str, int]
