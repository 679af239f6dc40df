"""Secrets at rest: a ring of Fernet keys; the first encrypts, all decrypt."""

import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from engine.errors import SetupError
from engine.store import plain

KEYS_VARIABLE = "BRIDGEWORK_KEYS"


class Vault:
    """Encrypts JSON values.

    :param keys: Fernet keys, newest first.
    """

    def __init__(self, keys: list[bytes]) -> None:
        self._ring = MultiFernet([Fernet(key) for key in keys])

    def seal(self, value: Any) -> bytes:
        return self._ring.encrypt(plain.dump(value))

    def open(self, sealed: bytes) -> Any:
        """Return the value.

        :raises SetupError: it was sealed with a key that is not in the ring.
        """
        try:
            return plain.load(self._ring.decrypt(sealed))
        except InvalidToken:
            raise SetupError(
                "Something stored here was encrypted with another key.",
                hint=f"Put the key back into the folder 'keys' or into {KEYS_VARIABLE}; "
                "nothing was changed.",
            ) from None


def open_vault(folder: Path, *, sealed_before: bool) -> Vault:
    """Return the vault whose keys are in ``BRIDGEWORK_KEYS`` (comma-separated) or in ``folder``.

    A first key is made only while nothing has been encrypted yet.

    :param sealed_before: whether the database already holds encrypted values.
    :raises SetupError: keys are missing or damaged; nothing is ever reset.
    """
    given = os.environ.get(KEYS_VARIABLE, "")
    keys = [key.strip().encode() for key in given.split(",") if key.strip()]
    if not keys and folder.is_dir():
        files = sorted(folder.glob("*.key"), reverse=True)
        keys = [file.read_bytes().strip() for file in files]
    if not keys:
        if sealed_before:
            raise SetupError(
                f"The encryption key is missing from '{folder}'.",
                hint=f"Restore the folder from a backup or set {KEYS_VARIABLE}; "
                "without it the saved connections can't be read.",
            )
        keys = [_make_key(folder)]
    try:
        return Vault(keys)
    except ValueError:
        raise SetupError(
            f"A key in '{folder}' or {KEYS_VARIABLE} is damaged.",
            hint="A key is 44 characters of base64; restore it from a backup.",
        ) from None


def _make_key(folder: Path) -> bytes:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Fernet.generate_key()
    descriptor = os.open(folder / "0001.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    return key
