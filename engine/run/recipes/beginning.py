"""Beginning a recipe with an example: its text becomes a recipe of one's own, with what it reads."""

from pathlib import PurePosixPath

from engine.errors import SetupError
from engine.recipe.editing.writing import write_whole
from engine.recipe.gallery import Example
from engine.recipe.library import Library
from engine.run.recipes.editing import check_name, new_recipe
from engine.store.database import Store
from engine.store.versions import Version

NOTE = "From the gallery."


def begin_with(store: Store, library: Library, name: str, example: Example, *, by: str) -> Version:
    """Copy an example into the folder of recipes; return its first version.

    What it reads beside itself (recipes it calls, tables, sample rows) comes along, unless a file
    of that name is there already: that one stays, and the new recipe reads it.

    :raises SetupError: the name can't be used or is taken, or a file can't be written.
    """
    check_name(library, name)
    for beside, text in example.beside.items():
        path = library.folder / beside
        if path.exists():
            continue
        if PurePosixPath(beside).suffix == ".yaml" and path.parent == library.folder:
            if path.stem not in library.everything():
                new_recipe(store, library, path.stem, text, by=by, note=NOTE)
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text)
        except OSError as error:
            raise SetupError(f"The file '{path}' can't be written: {error.strerror}.") from error
    return new_recipe(store, library, name, example.text, by=by, note=NOTE)


def free_name(library: Library, name: str) -> str:
    """Return a name like this one that no recipe has."""
    taken = {*library.everything()}
    number, found = 2, name
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    return found
