"""Fields known only once connected, as they were read last: what lets checks know them offline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from engine.fields import Schema


@dataclass(frozen=True)
class ReadFields:
    """What an app said of its fields.

    :param asked: the connector's function that asked, e.g. ``merge_fields``.
    :param parameters: what it was given, e.g. the audience.
    :param problem: why they could not be read the last time; what was read before stays.
    :param read_at: when they were read; None where they never were.
    """

    connection: str
    asked: str
    parameters: Mapping[str, Any]
    schema: Schema | None
    read_at: datetime | None
    problem: str = ""

    @property
    def words(self) -> str:
        """What people call it: ``merge fields (audience: Clients)``."""
        given = ", ".join(
            f"{name}: {value}"
            for name, value in self.parameters.items()
            if value not in (None, False)
        )
        name = self.asked.replace("_", " ")
        return f"{name} ({given})" if given else name


class LiveFields(Protocol):
    """Where it is looked up; nobody asks an app for it."""

    def known(
        self, connection: str, asked: str, parameters: Mapping[str, Any]
    ) -> ReadFields | None: ...

    def everything(self) -> list[ReadFields]: ...


class NothingRead:
    """Where there is no store: then nothing is claimed of such fields."""

    def known(
        self, connection: str, asked: str, parameters: Mapping[str, Any]
    ) -> ReadFields | None:
        return None

    def everything(self) -> list[ReadFields]:
        return []
