"""Changing recipes: each save is a version, and nobody's change is overwritten unseen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from engine.errors import BridgeworkError, SetupError
from engine.host import Host
from engine.recipe.beside import read_beside
from engine.recipe.editing.writing import write_whole
from engine.recipe.library import Library
from engine.recipe.yaml.nodes import LINE_END
from engine.recipe.yaml.source import LARGEST_FILE, read_text
from engine.run.recipes.switching import switch_off
from engine.run.traveller import storable
from engine.store.database import Store, take_turns
from engine.store.runs import active_run, list_runs
from engine.store.switches import switches
from engine.store.tokens import digest_of
from engine.store.versions import (
    Version,
    find_version,
    get_version,
    move_versions,
    newest_version,
    notice_version,
    save_version,
)

#: What a recipe may be called: its file goes by the name, addresses of pages hold it.
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


class ChangedMeanwhile(SetupError):
    """The recipe's file isn't what it was when it was opened.

    :param text: what it is now.
    """

    def __init__(self, name: str, text: str) -> None:
        self.text = text
        super().__init__(
            f"{name!r} was changed meanwhile.",
            hint="Look at the difference, then save again or leave it as it is now.",
        )


def present_version(store: Store, library: Library, name: str) -> Version | None:
    """Return the version that a recipe is now, keeping it where its file was changed outside.

    A recipe whose file is gone has its newest version; one that never had any has None.
    """
    try:
        path = library.path(name)
    except SetupError:
        return newest_version(store, name)
    try:
        text = read_text(path)
    except BridgeworkError:  # no text, or none that a version could hold
        return newest_version(store, name)
    if "\0" in text:
        return newest_version(store, name)
    return notice_version(
        store, path.stem, path.absolute(), text, beside=read_beside(text, path).texts
    )


@contextmanager
def noting(store: Store, library: Library, path: Path, *, by: str) -> Iterator[None]:
    """Keep what a command changes in a recipe's file within the block as a version by that command.

    Files that aren't recipes of the folder have no versions.
    """
    if path.absolute().parent != library.folder.absolute():
        yield
        return
    present_version(store, library, path.stem)
    yield
    text = read_text(path)
    if "\0" not in text:
        with store.writing() as connection:
            beside = read_beside(text, path).texts
            save_version(connection, path.stem, path.absolute(), text, beside=beside, by=by)


def save_recipe(
    store: Store, library: Library, name: str, text: str, *, seen: str, by: str, note: str = ""
) -> Version:
    """Write a recipe's file; return the version it is now.

    :param seen: the :func:`fingerprint` of what the writer began with.
    :param by: who saves it; ``note`` is what they say of it.
    :raises ChangedMeanwhile: the file isn't what they began with any more; nothing is written.
    :raises SetupError: there is no such recipe, or it can't be written.
    """
    path = library.path(name)
    with _alone(store, path.stem) as connection:
        now = read_text(path)
        if fingerprint(now) != seen:
            raise ChangedMeanwhile(path.stem, now)
        if "\0" not in now:
            save_version(
                connection, path.stem, path.absolute(), now, beside=read_beside(now, path).texts
            )
        kept = _write(connection, path, text, by, note)
    return get_version(store, kept)


def new_recipe(
    store: Store, library: Library, name: str, text: str, *, by: str, note: str = ""
) -> Version:
    """Write the file of a recipe that isn't there yet; return its version.

    :raises SetupError: the name can't be used or is taken, or the file can't be written.
    """
    check_name(library, name)
    with _alone(store, name) as connection:
        check_name(library, name)
        kept = _write(connection, library.folder / f"{name}.yaml", text, by, note)
    return get_version(store, kept)


def restore_version(store: Store, library: Library, name: str, number: int, *, by: str) -> Version:
    """Let a recipe be again what it was; that is a new version. One that was deleted comes back.

    :raises SetupError: there is no such version, or the file can't be written.
    """
    found = find_version(store, name, number)
    if found is None:
        raise SetupError(
            f"{name!r} has no version {number}.",
            hint=f"`bridgework recipes versions {name}` lists those it has.",
        )
    note = f"Version {number} again."
    present_version(store, library, name)
    with _alone(store, name) as connection:
        path = found.path if found.path.is_file() else library.folder / f"{name}.yaml"
        path = library.path(name) if name in library.everything() else path
        kept = _write(connection, path, found.text, by, note)
    return get_version(store, kept)


def rename_recipe(store: Store, library: Library, name: str, new: str) -> None:
    """Give a recipe another name, as long as nothing is remembered under the one it has.

    :raises SetupError: it has run, is on or is called by others, or the new name can't be used.
    """
    path = library.path(name)
    callers = library.callers(name)
    if callers:
        raise SetupError(
            f"{name!r} is called by {', '.join(callers)}.",
            hint="Make a copy under the new name, and let them call that.",
        )
    if switches(store).get(name) or list_runs(store, recipe=name, limit=1):
        raise SetupError(
            f"{name!r} keeps its name: what it brought over is remembered by it.",
            hint="People see the text behind `name:` at its top, which you can change at any time.",
        )
    check_name(library, new)
    with store.writing() as connection:
        for one in sorted((name, new)):
            take_turns(connection, f"versions of {one}")
        check_name(library, new)  # somebody else may have taken it just now
        move_versions(connection, name, new)
        try:
            path.rename(path.with_name(f"{new}{path.suffix}"))
        except OSError as error:
            raise _unwritable(path, error) from error


def delete_recipe(store: Store, host: Host, library: Library, name: str) -> None:
    """Delete a recipe's file and end its webhook; its versions, runs and reports stay.

    :raises SetupError: it is running, or the file can't be deleted.
    """
    path = library.path(name)
    if active_run(store, name) is not None:
        raise SetupError(f"{name!r} is running.", hint="Stop it first, or wait until it is done.")
    present_version(store, library, name)
    switch_off(store, host, name)
    try:
        path.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error


def check_name(library: Library, name: str) -> None:
    """Refuse a name that no new recipe can have.

    :raises SetupError: it is taken, or not made of small letters, digits, `-` and `_`.
    """
    if NAME.fullmatch(name) is None:
        raise SetupError(
            f"A recipe can't be called {name!r}.",
            hint="A name is made of small letters, digits, - and _, such as clio-matters.",
        )
    if name in {*library.names(), *library.called()}:
        raise SetupError(f"There is a recipe {name!r} already.", hint="Choose another name.")


def fingerprint(text: str) -> str:
    """Return what tells two texts of a recipe apart, whatever their lines end with."""
    return digest_of(LINE_END.sub("\n", text).removesuffix("\n"))


@contextmanager
def _alone(store: Store, name: str) -> Iterator[Connection]:
    """Open a transaction in which nobody else writes this recipe."""
    with store.writing() as connection:
        take_turns(connection, f"versions of {name}")
        yield connection


def _write(connection: Connection, path: Path, text: str, by: str, note: str) -> int:
    """Write the file, whole or not at all, and keep its version."""
    if len(text.encode()) > LARGEST_FILE:
        raise SetupError(f"The text is too long: a recipe has at most {LARGEST_FILE:,} bytes.")
    if "\0" in text:
        raise SetupError("The text holds a NUL, which no text may hold.", hint="Delete it.")
    target = path.resolve()  # a link stays one
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        ending = "\r\n" if target.exists() and b"\r\n" in target.read_bytes() else "\n"
        written = LINE_END.sub(ending, text.removesuffix("\n") + "\n")
        write_whole(target, written)
    except OSError as error:
        raise _unwritable(path, error) from error
    return save_version(
        connection,
        path.stem,
        path.absolute(),
        written,
        beside=read_beside(written, path).texts,
        by=by,
        note=storable(note.strip()),
    )


def _unwritable(path: Path, error: OSError) -> SetupError:
    return SetupError(
        f"The recipe file '{path}' can't be written: {error.strerror}.",
        hint="Check that the folder of recipes belongs to whoever runs Bridgework.",
    )
