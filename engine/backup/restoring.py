"""Puts a backup back: all of it or, to whoever opens the home, nothing.

It is checked first, then unpacked within the home, brought up to date, and moved into place.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DatabaseError

from engine.backup.container import PIECE, Reader, damaged, open_backup
from engine.backup.making import DATABASE_PART, HOME_PARTS, KEYS_PART, RECIPES_PART
from engine.backup.manifest import Manifest
from engine.backup.moving import occupied, put_recipes, tidy_up, under_way
from engine.backup.rows import copy_rows
from engine.backup.settling import Settled, settle
from engine.backup.trees import uncompressed, unpack
from engine.errors import SetupError
from engine.files import size_words
from engine.store.database import (
    DATABASE,
    URL_VARIABLE,
    Store,
    database_url,
    migrate,
    open_engine,
)
from engine.store.keys import KEYS_VARIABLE, Key, KeyRing
from engine.store.locks import hold_home
from engine.store.sealed import prove
from engine.store.tables import canary, duties, metadata
from engine.store.vault import Vault

#: Bytes of the disk that stay free.
MARGIN = 50_000_000

_FOLDERS = {**HOME_PARTS, KEYS_PART: "keys", RECIPES_PART: "recipes"}


@dataclass(frozen=True)
class Restored:
    """What came back.

    :param recipes: where the recipes are now; not in their folder where that had others.
    :param moved_aside: where what was in the home before is now.
    """

    manifest: Manifest
    settled: Settled
    recipes: Path
    moved_aside: Path | None


def restore_backup(
    file: Path,
    home: Path,
    recipes: Path,
    *,
    url: str | None = None,
    replace: bool = False,
    resume: bool = False,
) -> Restored:
    """Check a backup, then put it into a home and a folder of recipes.

    :param url: of the database; default: as the environment says, else a file in the home.
    :param replace: what is in the home is moved aside, into a folder within it.
    :param resume: nothing has run since the backup: let everything go on.
    :raises SetupError: it is damaged, too new, or lacks its key; the home holds something already,
        is in use, or has no room. Nothing was changed then.
    """
    with open_backup(file) as backup, _told(home), _alone(home):
        cut_short = tidy_up(home)
        there = occupied(home)
        if there and not replace:
            raise SetupError(
                f"'{home}' holds something already: {', '.join(there[:5])}.",
                hint="Choose an empty folder with --home, or have it moved aside with --force.",
            )
        own = _own_keys(backup.manifest, home)
        _refuse_too_large(backup.manifest, home)
        backup.verify()
        this = next((p.sha256 for p in backup.manifest.parts if p.name == DATABASE_PART), "")
        with under_way(home, this) as move, _postgresql(home, url) as target:
            _unpack_all(backup, move.unpacked, keys=own is None)
            ring = KeyRing(move.unpacked / "keys").read() if own is None else own
            settled = _prepare(move.unpacked, ring, backup.manifest, resume=resume)
            with _filled(target, move.unpacked, again=cut_short == this):
                aside = move.put_aside(there)
                place = put_recipes(move.unpacked / "recipes", recipes, home)
                folders = [*HOME_PARTS.values(), *(["keys"] if own is None else [])]
                move.put_in(folders, last=DATABASE if target is None else "")
    return Restored(backup.manifest, settled, place, aside)


def check_backup(file: Path) -> Manifest:
    """Read a whole backup and compare it with its checksums.

    :raises SetupError: it is damaged, or a newer Bridgework made it.
    """
    with open_backup(file) as backup:
        backup.verify()
        return backup.manifest


@contextmanager
def _told(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SetupError(
            f"The backup can't be put into '{home}': {error.strerror or error}.",
            hint="Check the folder's rights and the disk's space, then run it again.",
        ) from error


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with hold_home(home):
        yield


@contextmanager
def _postgresql(home: Path, given: str | None) -> Iterator[Engine | None]:
    """Open the database where the rows go to; None where it is the file in the home.

    :raises SetupError: the address can't be used.
    """
    try:
        url = make_url(database_url(home, given))
        if url.get_backend_name() == "sqlite" and url.database == str(home / DATABASE):
            yield None
            return
        if url.get_backend_name() != "postgresql":
            raise ArgumentError  # noqa: TRY301 - told below, as an address of no kind at all is
        engine = open_engine(url.render_as_string(hide_password=False))
    except (ArgumentError, ImportError) as error:
        raise SetupError(
            f"The address in {URL_VARIABLE} can't be used.",
            hint="It looks like postgresql://user:password@host/database. Without it the database "
            "is a file in the home.",
        ) from error
    with _disposed(engine):
        yield engine


@contextmanager
def _disposed(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()


def _own_keys(manifest: Manifest, home: Path) -> tuple[Key, ...] | None:
    """Return the keys that are here, if they open the backup; None where it brings its own.

    :raises SetupError: neither is so.
    """
    ring = KeyRing(home / "keys")
    keys = ring.read()
    needed = next(iter(manifest.keys), "")
    if needed in {key.id for key in keys}:
        return keys
    if manifest.keys_included and not keys:
        return None
    others = f"The keys here are {', '.join(key.id for key in keys)}. " if keys else ""
    where = KEYS_VARIABLE if ring.in_variable else f"'{ring.folder}'"
    if manifest.keys_included:
        raise SetupError(
            f"The keys in {where} are others than those of the backup, which brings its own.",
            hint="Move them away first; nothing was changed.",
        )
    raise SetupError(
        f"The encryption key {needed}, which this backup was made with, is not in {where}.",
        hint=f"{others}Copy the folder 'keys' of the home that the backup is of to "
        f"'{ring.folder}', or set {KEYS_VARIABLE}, and run it again. Without the key nobody can "
        "read the connections' secrets or the records that wait. Nothing was changed.",
    )


def _refuse_too_large(manifest: Manifest, home: Path) -> None:
    free = shutil.disk_usage(home).free - MARGIN
    if any(part.unpacked < 0 for part in manifest.parts) or manifest.unpacked > free:
        raise SetupError(
            f"There is no room for this backup: it unpacks to {size_words(manifest.unpacked)}, and "
            f"'{home}' has {size_words(max(0, free))}.",
            hint="Make room, or choose a home on another disk. Nothing was changed.",
        )


def _unpack_all(backup: Reader, folder: Path, *, keys: bool) -> None:
    """Unpack every part into a folder of its own.

    :param keys: those of the backup, too.
    """
    for part in backup.manifest.parts:
        with backup.open(part.name) as data:
            if part.name == DATABASE_PART:
                with uncompressed(data) as packed, (folder / DATABASE).open("xb") as file:
                    (folder / DATABASE).chmod(0o600)
                    while piece := packed.read(PIECE):
                        file.write(piece)
                        if file.tell() > part.unpacked:
                            raise damaged(f"{part.name} holds more than it says")
            elif part.name in _FOLDERS:
                if part.name == KEYS_PART and not keys:
                    continue
                place = folder / _FOLDERS[part.name]
                place.mkdir(mode=0o700)
                unpack(data, part, place)
            else:
                raise damaged(f"it holds a part called '{part.name[:80]}'")
    if not (folder / DATABASE).exists():
        raise damaged("it has no database")


def _prepare(folder: Path, ring: tuple[Key, ...], manifest: Manifest, *, resume: bool) -> Settled:
    """Bring the unpacked database up to date and settle it; leave one file that nobody has open."""
    file = folder / DATABASE
    try:
        with closing(sqlite3.connect(file)) as found:
            kinds = {kind for (kind,) in found.execute("SELECT DISTINCT type FROM sqlite_master")}
            if not kinds <= {"table", "index"}:  # a trigger would act by itself
                raise damaged("its database holds what Bridgework never makes")
            if found.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise damaged("its database doesn't hold together")
        with _disposed(open_engine(f"sqlite:///{file}")) as engine:
            migrate(engine)
            if lacking := metadata.tables.keys() - set(inspect(engine).get_table_names()):
                raise damaged(f"its database lacks the table '{min(lacking)}'")
            vault = Vault([key.secret for key in ring])
            prove(engine, vault)
            settled = settle(Store(engine, vault, folder), manifest.made_at, resume=resume)
        with closing(sqlite3.connect(file)) as found:
            found.execute("PRAGMA journal_mode=DELETE")
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise damaged("its database can't be read") from error
    return settled


@contextmanager
def _filled(target: Engine | None, unpacked: Path, *, again: bool) -> Iterator[None]:
    """Take the rows over into PostgreSQL, if so, for good when the block has ended.

    :param again: a restore of the same backup was cut short, perhaps after that.

    :raises SetupError: the database holds something already, or is out of reach.
    """
    if target is None:
        yield
        return
    try:
        migrate(target)
        with (
            _disposed(open_engine(f"sqlite:///{unpacked / DATABASE}")) as source,
            source.connect() as rows,
            target.begin() as copy,
        ):
            if not (again and _hold_the_same(rows, copy)):
                _refuse_rows(copy)
                copy_rows(rows, copy)
            yield
    except DatabaseError as error:
        raise SetupError(
            f"The database can't be filled: {str(error.orig).strip().splitlines()[0]}.",
            hint=f"Check the address in {URL_VARIABLE}, then run it again.",
        ) from error


def _hold_the_same(*databases: Connection) -> bool:
    canaries = {one.execute(select(canary.c.sealed)).scalar() for one in databases}
    return len(canaries) == 1


def _refuse_rows(target: Connection) -> None:
    for table in (canary, duties):  # what a first look at a new database leaves in it
        target.execute(delete(table))
    for table in metadata.sorted_tables:
        if target.execute(select(table).limit(1)).first() is not None:
            raise SetupError(
                "The database holds something already, and stays as it is.",
                hint=f"Make a new one (createdb), and name it in {URL_VARIABLE}.",
            )
