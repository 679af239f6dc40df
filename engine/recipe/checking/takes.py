"""What is checked alike: whatever takes fields."""

from dataclasses import dataclass
from typing import Protocol

from engine.fields import Schema


class Takes(Protocol):
    """What takes fields: an operation, or a recipe that is called."""

    @property
    def full_name(self) -> str: ...

    @property
    def inputs(self) -> Schema: ...


@dataclass(frozen=True)
class Entry:
    """What an entry of a list of records takes."""

    full_name: str
    inputs: Schema
