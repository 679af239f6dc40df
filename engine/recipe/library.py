"""The folder of recipes: which there are, and each of them loaded."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SetupError
from engine.recipe.beside import named_files
from engine.recipe.called import is_called_file
from engine.recipe.load import load_recipe
from engine.recipe.model import Recipe
from engine.recipe.suggest import did_you_mean
from engine.recipe.yaml.source import LARGEST_FILE, read_bytes

ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True)
class Library:
    """Recipes are the YAML files that stand directly in ``folder``; a recipe's name is its stem.

    Some are only called by others, and can't run by themselves.
    """

    folder: Path

    def names(self) -> list[str]:
        """Return the names of the recipes that run."""
        return sorted({file.stem for file in self._files() if not is_called_file(file)})

    def called(self) -> list[str]:
        """Return the names of the recipes that others call."""
        return sorted({file.stem for file in self._files() if is_called_file(file)})

    def everything(self) -> list[str]:
        """Return the names of all recipes, whether they run or are called."""
        return sorted({file.stem for file in self._files()})

    def callers(self, name: str) -> list[str]:
        """Return the names of the recipes that call a recipe, as far as they can be read."""
        asked = {f"{name}{ending}" for ending in ENDINGS}
        found = set()
        for file in self._files():
            with suppress(OSError):
                text = read_bytes(file, LARGEST_FILE).decode("utf-8", errors="replace")
                if asked & set(named_files(text)):
                    found.add(file.stem)
        return sorted(found)

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [file for file in self.folder.iterdir() if file.suffix in ENDINGS and file.is_file()]

    def path(self, name_or_path: str) -> Path:
        """Return the recipe's file.

        :raises SetupError: there is none of that name in the folder and no such file.
        """
        given = Path(name_or_path)
        candidates = [given] if given.suffix in ENDINGS else []
        candidates += [self.folder / f"{name_or_path}{ending}" for ending in ENDINGS]
        for candidate in candidates:
            if candidate.is_file():
                return candidate
        names = self.names()
        raise SetupError(
            f"There is no recipe {name_or_path!r}.",
            hint=did_you_mean(given.stem, names) or f"'{self.folder}' holds none.",
        )

    def load(self, name_or_path: str) -> Recipe:
        """Return the recipe.

        :raises RecipeError: with every finding, when it can't be loaded.
        :raises SetupError: there is no such recipe.
        """
        return load_recipe(self.path(name_or_path))
