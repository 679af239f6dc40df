"""Where a recipe's files are, and which of them it names itself."""

import os
from pathlib import Path

from engine.context import Folders
from engine.recipe.model import Recipe
from engine.recipe.texts import texts_of


def folders_of(recipe: Recipe, home: Path) -> Folders:
    """Return the folders of a recipe: its own, that of the command, and ``files`` in the home.

    A file is written elsewhere only where the recipe says so in its own words. What a template
    makes of a record may name a file in ``files``, or in the folder written before the template.
    """
    files = home / "files"
    written = _written(recipe)
    return Folders(
        search=(recipe.path.parent, Path.cwd(), files),
        output=files,
        named=frozenset(text for text in written if "{{" not in text),
        roots=tuple(root for text in written if (root := _folder_before(text)) is not None),
    )


def _written(recipe: Recipe) -> list[str]:
    found: list[str] = []
    for fields in (
        *(use.fields for use in recipe.triggers),
        *(step.fields for step in recipe.uses),
    ):
        for value in fields.values.values():
            found += [text.value for text in texts_of(value)]
    return found


def _folder_before(text: str) -> Path | None:
    """Return the folder that a template begins with, as in ``/srv/exports/{{ … }}.csv``."""
    before, braces, _ = text.partition("{{")
    folder = Path(os.path.expanduser(before.rpartition("/")[0] + "/"))  # noqa: PTH111 - as Folders does
    return folder if braces and "/" in before and folder.is_absolute() else None
