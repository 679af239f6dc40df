"""A connector of somebody else: installed by itself, found by its entry point, kept to its contract, in recipes.

It is installed into a folder of its own, without a network: what builds it is in the extra `test`.
"""

import ast
import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from engine.cli.practice_process import stop_practice

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "bridgework-tickets"

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the distribution was installed."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"  # building leaves files behind
    shutil.copytree(
        EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    )
    made = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-build-isolation", "--no-index", "--no-compile"),
            *("--target", str(folder / "site"), str(source)),
        ],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return folder / "site"


@pytest.fixture
def bridgework(site: Path, tmp_path: Path) -> Command:
    """The command as users run it, where the distribution is installed."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]),
        "BRIDGEWORK_HOME": str(tmp_path / "home"),
    }

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "engine.cli", *arguments],
            capture_output=True,
            text=True,
            timeout=100,
            stdin=subprocess.DEVNULL,
            cwd=tmp_path,
            env=environment,
        )

    return run


def test_it_is_found_connected_and_its_recipe_runs(bridgework: Command, tmp_path: Path) -> None:
    listed = bridgework("connectors", "list", "--json")
    names = [row["name"] for row in json.loads(listed.stdout)]
    assert "tickets" in names
    assert "clio" in names

    made = bridgework("connections", "add", "tickets", "--connector", "tickets", "--practice")
    assert made.returncode == 0, made.stderr
    assert "Harbor Help" in made.stdout + made.stderr
    shutil.copytree(EXAMPLE / "recipes", tmp_path / "recipes")
    try:
        ran = bridgework("run", "open-tickets-to-csv")
    finally:
        assert stop_practice(tmp_path / "home", "tickets")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (written,) = (tmp_path).rglob("open-tickets.csv")
    rows = list(csv.DictReader(written.read_text("utf-8-sig").splitlines()))
    assert len(rows) == 40
    assert {row["number"] for row in rows} == {f"T-{number}" for number in range(3, 121, 3)}


def test_it_passes_the_checks_of_every_connector_and_has_a_page(bridgework: Command) -> None:
    checked = bridgework("connectors", "test", "tickets", "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    page = bridgework("connectors", "docs", "tickets").stdout
    assert page.startswith("# Ticketdesk\n")
    assert "| checked before it is saved | done: names the account |" in page
    assert "use: tickets.open_ticket" in page


def test_without_it_nothing_knows_of_it() -> None:
    names = {point.name for point in entry_points(group="bridgework.connectors")}
    assert "clio" in names
    assert "tickets" not in names


def test_it_imports_the_door_for_connectors_and_nothing_else_of_ours() -> None:
    files = sorted((EXAMPLE / "bridgework_tickets").rglob("*.py"))
    assert len(files) == 2
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
            elif isinstance(node, ast.Import):
                found.update(name.name for name in node.names)
    ours = {name for name in found if name.partition(".")[0] in ("engine", "plugins", "web")}
    assert ours == {"engine.sdk"}
