"""Plugins that are dropped in, imported without a package that knows of them."""

import importlib
import shutil
from pathlib import Path

from engine.dropped_in import import_path


def plugin(folder: Path, says: str) -> Path:
    """Write a plugin called ``birds``, of which a part is imported later; return its place."""
    place = folder / "birds"
    place.mkdir(parents=True)
    (place / "__init__.py").write_text("")
    (place / "later.py").write_text(f"SAYS = {says!r}\n")
    return place


def test_plugins_of_one_name_in_two_homes_keep_apart(tmp_path: Path) -> None:
    first = import_path(plugin(tmp_path / "one", "heron"))
    second = import_path(plugin(tmp_path / "two", "egret"))
    shutil.rmtree(tmp_path / "two")
    assert first.__name__ != second.__name__
    assert importlib.import_module(f"{first.__name__}.later").SAYS == "heron"


def test_a_plugin_imported_anew_is_as_its_files_are_now(tmp_path: Path) -> None:
    place = plugin(tmp_path, "heron")
    name = import_path(place).__name__
    assert importlib.import_module(f"{name}.later").SAYS == "heron"
    (place / "later.py").write_text("SAYS = 'a great egret'\n")
    assert import_path(place).__name__ == name
    assert importlib.import_module(f"{name}.later").SAYS == "a great egret"
