"""Where a case finds its work, and what it says of it when it is done."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent
CSV = "people.csv"
BATCH = 500


def environment() -> dict[str, str]:
    """Return the environment of what is started: nobody's own home or database is in it.

    Byte code is kept even where it is forbidden, as it is wherever Bridgework is installed: else
    all of it would be compiled anew in each process that is measured, and a hand-written loop not.
    """
    own = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("BRIDGEWORK_", "PYTHONDONTWRITEBYTECODE"))
    }
    return {**own, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}


@dataclass(frozen=True)
class Place:
    """What every case is given.

    :param folder: holds the CSV file, and Bridgework's home where that takes part.
    :param source: address of the API that is read; empty where none is.
    :param sink: address of the API that is posted to; empty where none is.
    """

    folder: Path
    source: str = ""
    sink: str = ""

    @property
    def csv(self) -> Path:
        return self.folder / CSV

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def arguments(self) -> list[str]:
        return [str(self.folder), self.source, self.sink]

    @classmethod
    def of(cls, arguments: list[str]) -> Self:
        folder, source, sink = arguments
        return cls(Path(folder), source, sink)


@dataclass(frozen=True)
class Done:
    """What a case did, by its own account.

    :param read: records read.
    :param cases: records mapped and delivered.
    :param first: the first of them; None where only the sink has seen it.
    :param chunks: seconds a record took, for each of Bridgework's chunks but the first.
    """

    read: int
    cases: int
    first: dict[str, Any] | None = None
    chunks: tuple[float, ...] = ()

    def told(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_told(cls, told: dict[str, Any]) -> Self:
        return cls(**{**told, "chunks": tuple(told["chunks"])})
