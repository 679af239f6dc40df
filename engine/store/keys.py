"""The ring of keys: files in the home's folder ``keys``, or a variable; the newest comes first.

A key is named by the first characters of its hash, which give nothing of it away.
"""

import hashlib
import logging
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

from cryptography.fernet import Fernet

from engine.errors import SetupError

KEYS_VARIABLE = "BRIDGEWORK_KEYS"

log = logging.getLogger("bridgework.keys")


@dataclass(frozen=True)
class Key:
    """One Fernet key.

    :param file: where it is kept; None where it came from :data:`KEYS_VARIABLE`.
    """

    secret: bytes = field(repr=False)
    file: Path | None = None

    @property
    def id(self) -> str:
        return hashlib.sha256(self.secret).hexdigest()[:8]


@dataclass(frozen=True)
class KeyRing:
    """Where the keys of a home are kept.

    :param folder: the home's; not looked at where :data:`KEYS_VARIABLE` is set.
    """

    folder: Path

    @property
    def in_variable(self) -> bool:
        return bool(_given())

    def read(self) -> tuple[Key, ...]:
        """Return the keys, the one that encrypts first; none where none was made yet.

        Files that others on this computer could read are closed to them, and the log says so.

        :raises SetupError: a key is damaged, unreadable, or open to others and not ours to close.
        """
        given = _given()
        if given:
            return tuple(_checked(Key(secret)) for secret in given)
        if not self.folder.is_dir():
            return ()
        _keep_private(self.folder)
        files = sorted(self.folder.glob("*.key"), reverse=True)
        return tuple(_checked(_read(file)) for file in files)

    def stamp(self) -> object:
        """Return something that is another once the keys on disk have changed; takes a microsecond."""
        if self.in_variable:
            return None
        try:
            found = self.folder.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_ino)

    def first(self) -> tuple[Key, ...]:
        """Make the first key, unless another process does so at this very moment."""
        self._make("0001.key")
        return self.read()

    def add(self) -> Key:
        """Make a new key; it encrypts from now on, in every running Bridgework of this home.

        :raises SetupError: the folder can't be written to.
        """
        while True:
            files = sorted(self.folder.glob("*.key"))
            stem = files[-1].stem if files else "0000"
            if not stem.isdigit():
                raise SetupError(
                    f"The key file '{files[-1]}' has another name than Bridgework gives.",
                    hint="Name the files 0001.key, 0002.key and so on, the newest highest.",
                )
            if self._make(f"{int(stem) + 1:04}.key"):
                return self.read()[0]

    def touch(self) -> None:
        """Let every running Bridgework of this home read the keys afresh."""
        os.utime(self.folder)

    def remove(self, key: Key) -> None:
        assert key.file is not None
        key.file.unlink(missing_ok=True)

    def _make(self, name: str) -> bool:
        """Write a new key under a name that is free; a crash never leaves half a key there."""
        draft = self.folder / f".{name}.{token_hex(4)}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, self.folder / name)
            except FileExistsError:
                return False
            finally:
                draft.unlink()
        except OSError as error:
            raise SetupError(
                f"No key can be made in '{self.folder}': {error.strerror}.",
                hint="Check that the folder belongs to you and can be written to.",
            ) from error
        return True


def _given() -> Sequence[bytes]:
    given = os.environ.get(KEYS_VARIABLE, "")
    return [key.strip().encode() for key in given.split(",") if key.strip()]


def _read(file: Path) -> Key:
    _keep_private(file)
    try:
        return Key(file.read_bytes().strip(), file)
    except OSError as error:
        raise SetupError(
            f"The key file '{file}' can't be read: {error.strerror}.",
            hint="Run Bridgework as the user the file belongs to.",
        ) from error


def _checked(key: Key) -> Key:
    try:
        Fernet(key.secret)
    except ValueError:
        where = f"The key file '{key.file}'" if key.file else f"A key in {KEYS_VARIABLE}"
        raise SetupError(
            f"{where} is damaged.",
            hint="A key is 44 characters of base64; restore it from a backup.",
        ) from None
    return key


def _keep_private(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o077:
        return
    try:
        path.chmod(mode & 0o700)
    except OSError as error:
        raise SetupError(
            f"Others on this computer can read '{path}', which holds encryption keys.",
            hint=f"Close it to them with `chmod go= '{path}'`, or give the keys in {KEYS_VARIABLE}.",
        ) from error
    log.warning(
        "Others on this computer could read '%s'; it is closed to them now. If it stood open for "
        "long, make a new key with `bridgework keys rotate`.",
        path,
    )
