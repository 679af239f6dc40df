"""What is written is as tidy as what is written by hand: its author changes it from then on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.scaffold.written import plugins

OWN_RULES = Path(__file__).parents[3] / "pyproject.toml"

#: With an author's own settings, and as if it stood beside the connectors that come with Bridgework.
SETTINGS = [("--isolated",), ("--config", str(OWN_RULES))]


def run(*command: str) -> str:
    """Run a tool over all that was written; return what it says, empty if all is well."""
    pytest.importorskip(command[0])
    ended = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=plugins(),
        # Types of what is installed to be edited aren't found otherwise.
        env={**os.environ, "MYPYPATH": str(OWN_RULES.parent)},
        capture_output=True,
        text=True,
    )
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


@pytest.mark.parametrize("settings", SETTINGS, ids=["of their own", "of Bridgework"])
def test_ruff_has_nothing_to_say(settings: tuple[str, ...]) -> None:
    assert run("ruff", "check", *settings, ".") == ""


@pytest.mark.parametrize("settings", SETTINGS, ids=["of their own", "of Bridgework"])
def test_the_formatter_changes_nothing(settings: tuple[str, ...]) -> None:
    assert run("ruff", "format", "--diff", *settings, ".") == ""


def test_every_type_is_known() -> None:
    names = sorted(path.name for path in plugins().iterdir() if (path / "__init__.py").exists())
    cache = OWN_RULES.parent / ".mypy_cache"
    rules = ("--config-file", str(OWN_RULES))  # for the libraries that Bridgework itself uses
    assert run("mypy", "--strict", *rules, "--cache-dir", str(cache), *names) == ""


def test_nothing_is_left_to_do_in_the_code() -> None:
    for path in plugins().rglob("*.py"):
        assert "TODO" not in path.read_text(), path
