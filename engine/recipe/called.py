"""A recipe that other recipes call: inputs, steps and outputs, and no trigger of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine.recipe.inputs import Inputs
from engine.recipe.steps import Steps
from engine.recipe.tables import Table
from engine.recipe.yaml.source import LARGEST_FILE, read_bytes

#: Calls within calls.
DEEPEST_CALL = 5
#: What its templates read the inputs by, and the step that works out the outputs.
INPUTS = "inputs"
OUTPUTS = "outputs"

_KEY = re.compile(r"^(?:\ufeff)?(inputs|outputs|trigger|triggers|blueprint)\s*:", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Called:
    """A recipe to be called, loaded.

    :param steps: the last one is the ``set`` that works out the outputs, where there are any.
    """

    name: str
    title: str
    description: str
    inputs: Inputs
    steps: Steps
    tables: Mapping[str, Table]
    text: str
    path: Path


def is_called(text: str) -> bool:
    """Return whether a recipe's text is one to be called: it has inputs or outputs, no trigger."""
    return bool({"inputs", "outputs"} & set(_KEY.findall(text))) and not runs_by_itself(text)


def runs_by_itself(text: str) -> bool:
    """Return whether a recipe's text has a trigger, or is made from a blueprint that has one."""
    return bool({"trigger", "triggers", "blueprint"} & set(_KEY.findall(text)))


def called_beside(path: Path) -> list[str]:
    """Return the names of the recipes to be called in the folder of a recipe."""
    files = (file for file in path.parent.glob("*.y*ml") if file.is_file())
    return sorted(file.stem for file in files if is_called_file(file))


def is_called_file(path: Path) -> bool:
    """Return whether a file holds a recipe to be called; read anew only when it changes."""
    try:
        state = path.stat()
    except OSError:
        return False
    return _is_called_file(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2000)
def _is_called_file(path: Path, changed: int, size: int) -> bool:
    try:
        return is_called(read_bytes(path, LARGEST_FILE).decode("utf-8", errors="replace"))
    except OSError:
        return False
