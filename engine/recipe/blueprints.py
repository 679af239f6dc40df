"""The folder of blueprints, and the small recipe files that are made from them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import BridgeworkError, SetupError
from engine.recipe.beside import BLUEPRINTS
from engine.recipe.inputs import Input
from engine.recipe.library import ENDINGS, Library
from engine.recipe.load import read_recipe
from engine.recipe.model import Recipe
from engine.recipe.suggest import nearest
from engine.recipe.yaml.source import read_text, recipe_error

#: What needs no quotes in YAML, wherever it stands.
PLAIN = re.compile(r"[A-Za-z0-9](?:[\w ./-]*[\w.])?")


@dataclass(frozen=True)
class BlueprintCard:
    """A blueprint as lists show it.

    :param problem: why it can't be used; empty where it can.
    """

    name: str
    title: str
    description: str = ""
    problem: str = ""


def folder_of(library: Library) -> Path:
    """Return where the blueprints of a folder of recipes are."""
    return library.folder / BLUEPRINTS


def blueprint_cards(library: Library) -> list[BlueprintCard]:
    """Return all blueprints, also those with mistakes."""
    cards = []
    for name in blueprint_names(library):
        try:
            found = load_blueprint(library, name)
        except BridgeworkError as error:
            cards.append(BlueprintCard(name, name, problem=str(error)))
        else:
            cards.append(BlueprintCard(name, found.title, found.description))
    return cards


def blueprint_names(library: Library) -> list[str]:
    folder = folder_of(library)
    if not folder.is_dir():
        return []
    return sorted({file.stem for file in folder.iterdir() if file.suffix in ENDINGS})


def load_blueprint(library: Library, name: str) -> Recipe:
    """Return a blueprint; its ``inputs`` are what a recipe gives to it.

    :raises RecipeError: it has mistakes.
    :raises SetupError: there is none of that name.
    """
    names = blueprint_names(library)
    if name not in names:
        near = nearest(name, names)
        listed = f"There are: {', '.join(names)}." if names else "There is none yet."
        raise SetupError(
            f"There is no blueprint {name!r}.",
            hint=f"Did you mean {near!r}?" if near else listed,
        )
    path = next(
        folder_of(library) / f"{name}{ending}"
        for ending in ENDINGS
        if (folder_of(library) / f"{name}{ending}").is_file()
    )
    recipe, findings = read_recipe(read_text(path), path)
    if recipe is None or findings:
        raise recipe_error(path, findings)
    if recipe.inputs is None:
        raise SetupError(f"{name!r} is a recipe without inputs, not a blueprint.")
    return recipe


def text_from(blueprint: str, values: Mapping[str, Any], *, title: str = "") -> str:
    """Return the file of a recipe that is made from a blueprint.

    :param values: by input, as a person gave them; empty ones are left out.
    """
    lines = [f"blueprint: {blueprint}"]
    if title:
        lines.append(f"name: {_written(title)}")
    given = {name: value for name, value in values.items() if value not in ("", None)}
    if given:
        lines.append("inputs:")
        lines += [f"  {name}: {_written(value)}" for name, value in given.items()]
    return "\n".join(lines) + "\n"


def _written(value: Any) -> str:
    """Return a text or a list of texts as YAML; JSON's quotes are YAML's too."""
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def check_given(blueprint: Recipe, given: Mapping[str, str]) -> None:
    """Refuse inputs that a blueprint hasn't.

    :raises SetupError: naming the first such input.
    """
    known = [entry.name.value for entry in entries_of(blueprint)]
    for name in given:
        if name not in known:
            near = nearest(name, known)
            raise SetupError(
                f"The blueprint {blueprint.name!r} has no input {name!r}.",
                hint=f"Did you mean {near!r}?" if near else f"It takes: {', '.join(known)}.",
            )


def entries_of(blueprint: Recipe) -> tuple[Input, ...]:
    """Return what a blueprint takes."""
    return () if blueprint.inputs is None else blueprint.inputs.entries
