"""Recipes' versions: every text a recipe had when it was saved, or when Bridgework noticed it.

A version never changes and is never deleted; runs keep the one they ran on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.engine import Row

from engine.store.database import Store, take_turns
from engine.store.tables import recipe_versions, runs

_NEWEST = select(recipe_versions).order_by(recipe_versions.c.number.desc()).limit(1)


@dataclass(frozen=True, kw_only=True)
class Version:
    """A recipe's text as it was once.

    :param number: counts a recipe's versions from 1.
    :param beside: texts of the files it reads beside itself, by the names written in it.
    :param saved_by: who saved it; empty where the file was changed outside Bridgework.
    :param note: what that person said of it.
    """

    id: int
    recipe: str
    number: int
    path: Path
    text: str
    beside: Mapping[str, str] = field(default_factory=dict)
    saved_at: datetime
    saved_by: str = ""
    note: str = ""

    @property
    def who(self) -> str:
        """Return who made it, for people."""
        if self.saved_by:
            return self.saved_by
        return "as it was found" if self.number == 1 else "changed outside Bridgework"


def save_version(
    connection: Connection,
    recipe: str,
    path: Path,
    text: str,
    *,
    beside: Mapping[str, str] | None = None,
    by: str = "",
    note: str = "",
) -> int:
    """Keep a recipe's text as its newest version, if it isn't that already; return the version's id.

    Going back to an earlier text makes a version, too: the history tells what was in force when.

    :param beside: see :class:`Version`; so are ``by`` and ``note``.
    """
    take_turns(connection, f"versions of {recipe}")
    kept = dict(beside or {})
    newest = connection.execute(_NEWEST.where(recipe_versions.c.recipe == recipe)).first()
    if newest is not None and (newest.text, newest.beside) == (text, kept):
        return int(newest.id)
    result = connection.execute(
        insert(recipe_versions).values(
            recipe=recipe,
            number=newest.number + 1 if newest else 1,
            path=str(path),
            text=text,
            beside=kept,
            saved_at=datetime.now(UTC),
            saved_by=by,
            note=note,
        )
    )
    return int(cast(Any, result.inserted_primary_key)[0])


def notice_version(
    store: Store, recipe: str, path: Path, text: str, *, beside: Mapping[str, str] | None = None
) -> Version:
    """Return the version that a recipe's file is now, keeping it where it was changed outside."""
    newest = newest_version(store, recipe)
    if newest is not None and (newest.text, newest.beside) == (text, dict(beside or {})):
        return newest
    with store.writing() as connection:
        kept = save_version(connection, recipe, path, text, beside=beside)
    return get_version(store, kept)


def get_version(store: Store, version_id: int) -> Version:
    table = recipe_versions.c
    with store.reading() as connection:
        return _version(
            connection.execute(select(recipe_versions).where(table.id == version_id)).one()
        )


def newest_version(store: Store, recipe: str) -> Version | None:
    """Return a recipe's newest version; None where it has none yet."""
    with store.reading() as connection:
        row = connection.execute(_NEWEST.where(recipe_versions.c.recipe == recipe)).first()
    return None if row is None else _version(row)


def find_version(store: Store, recipe: str, number: int) -> Version | None:
    table = recipe_versions.c
    with store.reading() as connection:
        row = connection.execute(
            select(recipe_versions).where(table.recipe == recipe, table.number == number)
        ).first()
    return None if row is None else _version(row)


def list_versions(store: Store, recipe: str, *, limit: int | None = None) -> list[Version]:
    """Return a recipe's versions, the newest first."""
    query = (
        select(recipe_versions)
        .where(recipe_versions.c.recipe == recipe)
        .order_by(recipe_versions.c.number.desc())
        .limit(limit)
    )
    with store.reading() as connection:
        return [_version(row) for row in connection.execute(query)]


def runs_per_version(store: Store, recipe: str) -> dict[int, int]:
    """Return how many of the runs that are still known ran on each version, by its id."""
    query = (
        select(runs.c.version_id, func.count())
        .where(runs.c.recipe == recipe)
        .group_by(runs.c.version_id)
    )
    with store.reading() as connection:
        return dict(connection.execute(query).all())


def version_numbers(store: Store, ids: Collection[int]) -> dict[int, int]:
    """Return the versions' numbers, by id."""
    query = select(recipe_versions.c.id, recipe_versions.c.number).where(
        recipe_versions.c.id.in_(ids)
    )
    with store.reading() as connection:
        return dict(connection.execute(query).all())


def move_versions(connection: Connection, recipe: str, new: str) -> None:
    """Let a recipe's versions go on under its new name, after those that name had before."""
    table = recipe_versions.c
    last = select(func.coalesce(func.max(table.number), 0)).where(table.recipe == new)
    already = int(connection.execute(last).scalar_one())
    connection.execute(
        update(recipe_versions)
        .where(table.recipe == recipe)
        .values(recipe=new, number=table.number + already)
    )


def _version(row: Row[Any]) -> Version:
    return Version(
        id=row.id,
        recipe=row.recipe,
        number=row.number,
        path=Path(row.path),
        text=row.text,
        beside=dict(row.beside),
        saved_at=row.saved_at,
        saved_by=row.saved_by,
        note=row.note,
    )
