"""Secrets at rest: a ring of Fernet keys; the first encrypts, all decrypt."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from engine.errors import SetupError
from engine.store import plain
from engine.store.keys import KEYS_VARIABLE, KeyRing

log = logging.getLogger("bridgework.vault")


class _Fernets:
    """The keys of one moment, ready for use; replaced as a whole, since other threads use them."""

    def __init__(self, secrets: Sequence[bytes], stamp: object) -> None:
        fernets = [Fernet(secret) for secret in secrets]
        self.secrets, self.stamp = tuple(secrets), stamp
        self.first, self.all = fernets[0], MultiFernet(fernets)


class Vault:
    """Encrypts JSON values. A running program learns of a key that another one made.

    :param keys: Fernet keys, newest first.
    :param kept: where they came from, to be read again when they change there.
    """

    def __init__(self, keys: Sequence[bytes], kept: KeyRing | None = None) -> None:
        self._kept = kept
        # A stamp like no other: the first value sealed reads the keys again, as they may have
        # changed since ``keys`` were read.
        self._now = _Fernets(keys, stamp=object() if kept else None)

    def seal(self, value: Any) -> bytes:
        """Encrypt with the newest key there is."""
        return self._current().first.encrypt(plain.dump(value))

    def open(self, sealed: bytes) -> Any:
        """Return the value.

        :raises SetupError: it was sealed with a key that is not in the ring.
        """
        return plain.load(self._decrypted(sealed))

    def seal_bytes(self, data: bytes) -> bytes:
        """Encrypt bytes as they are, e.g. a piece of a file."""
        return self._current().first.encrypt(data)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Return what :meth:`seal_bytes` encrypted.

        :raises SetupError: it was sealed with a key that is not in the ring.
        """
        return self._decrypted(sealed)

    @staticmethod
    def sealed_size(size: int) -> int:
        """Return how many bytes ``size`` bytes are when they are encrypted (Fernet's format)."""
        return -(-(1 + 8 + 16 + (size // 16 + 1) * 16 + 32) // 3) * 4

    def is_newest(self, sealed: bytes) -> bool:
        """Say whether it was sealed with the key that encrypts now."""
        try:
            self._current().first.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def renewed(self, sealed: bytes) -> bytes:
        """Return the same value sealed with the key that encrypts now.

        :raises SetupError: it was sealed with a key that is not in the ring.
        """
        return self._current().first.encrypt(self._decrypted(sealed))

    def _current(self) -> _Fernets:
        if self._kept is not None and self._kept.stamp() != self._now.stamp:
            self._reload()
        return self._now

    def _decrypted(self, sealed: bytes) -> bytes:
        try:
            return self._now.all.decrypt(sealed)
        except InvalidToken:
            pass
        if self._reload():
            try:
                return self._now.all.decrypt(sealed)
            except InvalidToken:
                pass
        raise SetupError(
            "Something stored here was encrypted with another key.",
            hint=f"Put the key back into the folder 'keys' or into {KEYS_VARIABLE}; "
            "nothing was changed.",
        )

    def _reload(self) -> bool:
        """Read the keys again; say whether one of them was unknown."""
        if self._kept is None:
            return False
        stamp, known = self._kept.stamp(), self._now.secrets
        try:
            found = [key.secret for key in self._kept.read()]
        except (SetupError, OSError) as error:  # work under way goes on with the keys it has
            log.warning("The keys could not be read again: %s", error)
            found = []
        # Keys that are gone still open what was on its way when they were retired.
        self._now = _Fernets(list(dict.fromkeys([*found, *known])), stamp)
        return not set(found) <= set(known)


def open_vault(folder: Path, *, sealed_before: bool) -> Vault:
    """Return the vault whose keys are in ``BRIDGEWORK_KEYS`` (comma-separated) or in ``folder``.

    A first key is made only while nothing has been encrypted yet.

    :param sealed_before: whether the database already holds encrypted values.
    :raises SetupError: keys are missing or damaged; nothing is ever reset.
    """
    kept = KeyRing(folder)
    keys = kept.read()
    if not keys:
        if sealed_before:
            raise SetupError(
                f"The encryption key is missing from '{folder}'.",
                hint=f"Restore the folder from a backup, copy it from the computer that has it, or "
                f"set {KEYS_VARIABLE}; without it the saved connections can't be read.",
            )
        keys = kept.first()
    return Vault([key.secret for key in keys], kept)
