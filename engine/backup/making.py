"""Makes a backup while everything goes on, and puts it in its place when it is whole."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import select

from engine.backup.container import PIECE, Writer
from engine.backup.last import LastBackup, note_backup
from engine.backup.manifest import FORMAT, Manifest, settings_now
from engine.backup.snapshot import take_snapshot
from engine.backup.trees import Tree, compressed, pack
from engine.errors import SetupError
from engine.store.database import REVISION, Store
from engine.store.keys import KeyRing
from engine.store.locks import exclusive
from engine.store.tables import canary

DATABASE_PART = "database.sqlite.gz"
RECIPES_PART = "recipes.tar.gz"
KEYS_PART = "keys.tar.gz"
#: Folders of the home, by the part they are in.
HOME_PARTS = {
    "plugins.tar.gz": "plugins",
    "files.tar.gz": "files",
    "kept-files.tar.gz": "kept-files",
}
#: Where a backup is written until it is whole: beside its place, so that it only has to be renamed.
_DRAFT = ".bridgework-backup-"
#: Seconds that a key rotation is waited for.
PATIENCE = 60


@dataclass(frozen=True)
class Made:
    """What was saved.

    :param left_out: what was no plain file, could not be read, or was cut off meanwhile.
    """

    file: Path
    size: int
    manifest: Manifest
    left_out: tuple[Path, ...]


def make_backup(
    store: Store,
    recipes: Path,
    file: Path,
    *,
    with_keys: bool = False,
    replace: bool = False,
) -> Made:
    """Save a home and its recipes in one file, readable by its owner alone.

    Whatever moment this ends at, ``file`` is there whole or as it was before.

    :param recipes: the folder of recipes; it may be missing.
    :param with_keys: put the encryption keys in, too.
    :param replace: a file that is there already may be replaced.
    :raises SetupError: it can't be written, or is there already.
    """
    if replace and file.exists() and not file.is_file():
        raise SetupError(
            f"'{file}' is no file that could be replaced.", hint="Choose another name."
        )
    if not replace and file.exists():
        raise SetupError(
            f"'{file}' is there already.",
            hint="Choose another name, name a folder, or replace it with --force.",
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _clear_up(file.parent)
        # No new key meanwhile: it would encrypt files again after the database was saved.
        with _draft(file.parent) as draft, exclusive(store, "keys", PATIENCE):
            made = draft / "backup"
            manifest, left_out = _write(store, recipes, draft, made, with_keys=with_keys)
            size = made.stat().st_size
            if replace:
                made.replace(file)
            else:
                _put(made, file)
            _flush(file.parent)
        with suppress(OSError):  # the home's disk may be full, and the backup is made
            note_backup(store.home, LastBackup(manifest.made_at, size))
    except FileExistsError:
        raise SetupError(
            f"'{file}' came there meanwhile.", hint="Run it again with another name."
        ) from None
    except OSError as error:
        raise SetupError(
            f"The backup can't be written to '{file}': {error.strerror or error}.",
            hint="Check the folder's rights and the disk's space. It needs room for the backup and, "
            "while it is made, for a copy of the database.",
        ) from error
    return Made(file, size, manifest, left_out)


def _write(
    store: Store, recipes: Path, draft: Path, made: Path, *, with_keys: bool
) -> tuple[Manifest, tuple[Path, ...]]:
    ring = KeyRing(store.home / "keys").read()
    left_out: list[Path] = []
    snapshot = draft / "database"
    made_at = datetime.now(UTC)
    with store.reading() as connection:
        home = connection.execute(select(canary.c.made_at)).scalar_one().isoformat()
    # The database first: the files that its rows name were all there before.
    rows = take_snapshot(store, snapshot)
    with made.open("xb") as file:
        made.chmod(0o600)
        writer = Writer(file)
        with writer.part(DATABASE_PART) as part, snapshot.open("rb") as source:
            part.files, part.unpacked = 1, snapshot.stat().st_size
            with compressed(part) as packed:
                shutil.copyfileobj(source, packed, PIECE)
        snapshot.unlink()
        for tree in _trees(store.home, recipes, draft):
            with writer.part(tree.part) as part:
                pack(tree, part, left_out.append)
        if with_keys:
            folder = draft / "keys"
            folder.mkdir(mode=0o700)
            for number, key in enumerate(reversed(ring), 1):
                name = key.file.name if key.file else f"{number:04}.key"
                (folder / name).write_bytes(key.secret)
            with writer.part(KEYS_PART) as part:
                pack(Tree(KEYS_PART, folder), part, left_out.append)
        manifest = Manifest(
            format=FORMAT,
            bridgework=version("bridgework"),
            home=home,
            migration=REVISION,
            made_at=made_at,
            database="sqlite" if store.engine.dialect.name == "sqlite" else "postgresql",
            keys=[key.id for key in ring],
            keys_included=with_keys,
            rows=rows,
            settings=settings_now(),
            parts=writer.parts,
        )
        writer.finish(manifest)
        file.flush()
        os.fsync(file.fileno())
    return manifest, tuple(left_out)


def _trees(home: Path, recipes: Path, draft: Path) -> Iterator[Tree]:
    yield Tree(RECIPES_PART, recipes, links=True, besides=home, backups=draft.parent)
    for part, folder in HOME_PARTS.items():
        yield Tree(part, home / folder, links=folder == "plugins", backups=draft.parent)


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """Yield a folder to write in, which is locked while its writer lives and gone afterwards."""
    draft, held = _new_draft(folder)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        os.close(held)


def _new_draft(folder: Path) -> tuple[Path, int]:
    """Make a folder to write in and lock it; another process may clear it up before it is locked."""
    while True:
        draft = folder / f"{_DRAFT}{secrets.token_hex(6)}"
        draft.mkdir(mode=0o700)
        with suppress(FileNotFoundError):
            held = os.open(draft, os.O_RDONLY)
            with suppress(OSError):  # a network's folder may know no locks: then nobody clears up
                fcntl.flock(held, fcntl.LOCK_EX)
            if draft.exists():
                return draft, held
            os.close(held)


def _clear_up(folder: Path) -> None:
    """Take away what was being written when its writer died."""
    for draft in folder.glob(f"{_DRAFT}*"):
        with suppress(OSError):
            held = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(draft)
            finally:
                os.close(held)


def _put(made: Path, file: Path) -> None:
    """Give the backup its name, never over a file that came there meanwhile."""
    try:
        os.link(made, file)
    except FileExistsError:
        raise
    except OSError:  # a network's folder or a stick, that knows no second names
        file.open("xb").close()
        made.replace(file)


def _flush(folder: Path) -> None:
    """Write a folder's names through to the disk, so that a power cut doesn't lose a new one."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
