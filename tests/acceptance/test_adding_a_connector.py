"""Adding a connector to Bridgework touches no file outside its folder but the entry-point list."""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

import engine

ROOT = Path(engine.__file__).parents[1]
FOLDERS = ("engine", "plugins", "web", "recipes", "docs", "examples", "tests")
ENTRY_POINTS = '[project.entry-points."bridgework.connectors"]\n'


def changed(copy: Path) -> set[str]:
    """Return the files of the copy that aren't as they are here."""
    found = set()
    for path in copy.rglob("*"):
        name = path.relative_to(copy)
        if path.is_dir() or "__pycache__" in name.parts or name.parts[0].endswith(".egg-info"):
            continue
        if not (ROOT / name).is_file() or not filecmp.cmp(ROOT / name, path, shallow=False):
            found.add(name.as_posix())
    return found


def test_a_new_connector_is_its_folder_and_one_line(tmp_path: Path) -> None:
    copy = tmp_path / "bridgework"
    for folder in FOLDERS:
        shutil.copytree(
            ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "acceptance")
        )
    for file in ("pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(ROOT / file, copy)
    environment = {**os.environ, "PYTHONPATH": str(copy)}

    def python(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    home = ("--home", str(tmp_path / "home"))
    python("-m", "engine.cli", "connectors", "new", "lighthouse", "--to", "plugins", *home)
    declared = (copy / "pyproject.toml").read_text("utf-8")
    assert ENTRY_POINTS in declared
    line = ENTRY_POINTS + 'lighthouse = "plugins.lighthouse"\n'
    (copy / "pyproject.toml").write_text(declared.replace(ENTRY_POINTS, line), "utf-8")
    python("-c", "from setuptools import setup; setup()", "-q", "egg_info")  # as installing does

    found = python("-m", "engine.cli", "connectors", "list", *home)
    assert "lighthouse" in found
    tests = ("tests/test_architecture.py", "tests/plugins/test_contracts.py", "tests/docs")
    said = python("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", CHOSEN)
    assert "passed" in said
    touched = changed(copy)
    assert {file for file in touched if not file.startswith("plugins/lighthouse/")} == {
        "pyproject.toml"
    }
    assert "plugins/lighthouse/__init__.py" in touched


#: The new connector's contract, the layout, and the pages about connectors.
CHOSEN = "Lighthouse or lighthouse or test_architecture or connector"
