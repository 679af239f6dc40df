"""Recipes as they were when a run was asked for: each distinct text is kept once."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, insert, select

from engine.store.database import Store
from engine.store.tables import recipe_versions
from engine.store.tokens import digest_of


@dataclass(frozen=True)
class Version:
    """A recipe's text as it was when a run was asked for."""

    id: int
    recipe: str
    path: Path
    text: str


def save_version(connection: Connection, recipe: str, path: Path, text: str) -> int:
    """Keep a recipe's text, once per distinct text; return the version's id."""
    digest = digest_of(text)
    table = recipe_versions.c
    found = connection.execute(
        select(table.id).where(table.recipe == recipe, table.digest == digest)
    ).scalar()
    if found is not None:
        return int(found)
    result = connection.execute(
        insert(recipe_versions).values(
            recipe=recipe, digest=digest, path=str(path), text=text, saved_at=datetime.now(UTC)
        )
    )
    return int(cast(Any, result.inserted_primary_key)[0])


def get_version(store: Store, version_id: int) -> Version:
    table = recipe_versions.c
    with store.reading() as connection:
        row = connection.execute(select(recipe_versions).where(table.id == version_id)).one()
    return Version(row.id, row.recipe, Path(row.path), row.text)
