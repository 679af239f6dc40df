"""What may be written of the files beside a recipe: recipes to call, blueprints, and their inputs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import BridgeworkError
from engine.fields import Schema
from engine.recipe.beside import BLUEPRINTS
from engine.recipe.editing.cursor import Spot
from engine.recipe.inputs import Inputs
from engine.recipe.library import Library
from engine.recipe.load import read_called, read_recipe
from engine.recipe.yaml.source import read_text


def called_names(path: Path) -> list[str]:
    """Return the recipes that the one in ``path`` may call."""
    return [name for name in Library(path.parent).called() if name != path.stem]


def blueprint_names(path: Path) -> list[str]:
    """Return the blueprints that the recipe in ``path`` may be made from."""
    return Library(path.parent / BLUEPRINTS).everything()


def given_inputs(spot: Spot, path: Path) -> dict[str, tuple[Schema, bool]]:
    """Return what is given to the called recipe or the blueprint whose inputs are being written.

    Each has its schema and whether it can't be left out; empty anywhere else in a recipe.
    """
    inputs = _inputs(spot, path)
    if inputs is None:
        return {}
    return {
        entry.name.value: ({**entry.schema, "description": entry.description}, entry.required)
        for entry in inputs.entries
    }


def _inputs(spot: Spot, path: Path) -> Inputs | None:
    name = spot.recipe.get("blueprint") if isinstance(spot.recipe, Mapping) else None
    try:
        if spot.path == ("inputs",) and isinstance(name, str):
            file = Library(path.parent / BLUEPRINTS).path(name)
            recipe, _ = read_recipe(read_text(file), file)
            return recipe.inputs if recipe is not None else None
        step = _step_around(spot)
        if isinstance(step, Mapping) and isinstance(step.get("call"), str):
            file = Library(path.parent).path(step["call"])
            called, _ = read_called(read_text(file), file)
            return called.inputs if called is not None else None
    except BridgeworkError:  # there is no such file, or it is no text
        pass
    return None


def _step_around(spot: Spot) -> Any:
    """Return the step in whose ``with:`` something is being written."""
    if spot.path[-1:] != ("with",):
        return None
    found: Any = spot.recipe
    for part in spot.path[:-1]:
        try:
            found = found[part]
        except (KeyError, IndexError, TypeError):
            return None
    return found
