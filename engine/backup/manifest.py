"""What stands first in a backup: what made it, when, and what each of its parts must be."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal

import orjson
from pydantic import TypeAdapter, ValidationError

from engine.errors import SetupError
from engine.store.database import REVISION

#: Grows when a newer Bridgework writes files that older ones can't read.
FORMAT = 1

#: Settings that tell a new computer how the old one was set up. Only these, by name: others hold keys
#: and passwords.
SETTINGS = (
    "BRIDGEWORK_PUBLIC_URL",
    "BRIDGEWORK_TRUSTED_PROXY",
    "BRIDGEWORK_TIMEZONE",
    "BRIDGEWORK_ANSWER_SECONDS",
    "BRIDGEWORK_KEEP_DAYS",
    "BRIDGEWORK_KEEP_FILES_DAYS",
    "BRIDGEWORK_LARGEST_FILE_MB",
    "BRIDGEWORK_SILENCE_SECONDS",
)


@dataclass(frozen=True)
class Part:
    """One file within the backup.

    :param size: its bytes there, which ``sha256`` is of.
    :param unpacked: bytes on the disk once it is unpacked.
    :param files: how many files that makes.
    """

    name: str
    sha256: str
    size: int
    unpacked: int
    files: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup says of itself.

    :param bridgework: the version that made it.
    :param home: tells its home from others; a restored one goes on with its name.
    :param migration: the newest of the database's migrations.
    :param database: what the database was kept in.
    :param keys: short names of the encryption keys it needs, the one that encrypts first.
    :param keys_included: they are in it.
    :param rows: how many rows each table has.
    :param settings: environment variables that were set; none that hold secrets.
    """

    format: int
    bridgework: str
    home: str
    migration: str
    made_at: datetime
    database: Literal["sqlite", "postgresql"]
    keys: Sequence[str]
    keys_included: bool
    rows: Mapping[str, int]
    settings: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[Part] = ()

    @property
    def unpacked(self) -> int:
        return sum(part.unpacked for part in self.parts)

    def as_json(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)


def settings_now() -> dict[str, str]:
    """Return what the environment says of this installation, secrets left out."""
    return {name: os.environ[name] for name in SETTINGS if os.environ.get(name)}


def read_manifest(text: bytes) -> Manifest:
    """Return what a backup says of itself.

    :raises SetupError: it says nothing sensible, or a newer Bridgework made it.
    """
    try:
        said = orjson.loads(text)
        newer = isinstance(said, dict) and isinstance(said.get("format"), int)
        if newer and said["format"] > FORMAT:
            raise _newer(str(said.get("bridgework"))[:20])
        manifest = TypeAdapter(Manifest).validate_python(said)
    except (orjson.JSONDecodeError, ValidationError):
        raise SetupError(
            "This is no backup of Bridgework, or it is damaged.",
            hint="Its manifest can't be read. Take another backup.",
        ) from None
    if manifest.migration > REVISION:
        raise _newer(manifest.bridgework)
    return manifest


def _newer(version: str) -> SetupError:
    return SetupError(
        f"This backup was made by a newer version of Bridgework ({version}).",
        hint="Install that version or a newer one, then restore it. Nothing was changed.",
    )
