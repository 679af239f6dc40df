"""The layout as it is meant: imports go down, files stay readable, names say what they hold."""

import ast
import csv
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("engine", "plugins", "web")
#: A longer file is asked why: it holds more than one idea.
LONGEST_FILE = 350
#: Names that say nothing of what is inside.
EMPTY_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "misc",
    "common",
    "data",
}

MODULES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)


def imports_of(path: Path) -> set[str]:
    """Return the full names of what a module imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(PACKAGES)


@pytest.mark.parametrize("path", [p for p in MODULES if "engine" in p.parts], ids=name_of)
def test_the_engine_knows_neither_pages_nor_connectors(path) -> None:
    tops = {name.partition(".")[0] for name in imports_of(path)}
    assert not tops & {"web", "plugins", "flask"}


@pytest.mark.parametrize("path", [p for p in MODULES if "plugins" in p.parts], ids=name_of)
def test_a_connector_sees_the_engine_through_its_one_door(path) -> None:
    own = ".".join(path.relative_to(ROOT).parts[:2])
    for name in imports_of(path):
        top = name.partition(".")[0]
        if top == "engine":
            assert name == "engine.sdk" or name.startswith("engine.sdk.")
        if top == "plugins":
            assert name == "plugins" or name == own or name.startswith((f"{own}.", "plugins."))
            assert name.split(".")[1:2] in ([], [path.relative_to(ROOT).parts[1]])
        assert top != "web"


@pytest.mark.parametrize("path", [p for p in MODULES if "plugins" in p.parts], ids=name_of)
def test_a_connectors_annotations_are_there_when_it_runs(path) -> None:
    """Field schemas are read from them."""
    imported = imports_of(path)
    assert "__future__.annotations" not in imported
    assert "typing.TYPE_CHECKING" not in imported


def test_only_the_door_is_listed_for_the_sdk() -> None:
    """engine.sdk holds no logic: imports and the list of names."""
    tree = ast.parse((ROOT / "engine" / "sdk.py").read_text())
    kinds = (ast.ImportFrom, ast.Assign, ast.Expr)
    assert all(isinstance(node, kinds) for node in tree.body)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_file_holds_one_idea_and_says_which(path) -> None:
    source = path.read_text("utf-8")
    lines = source.count("\n")
    assert lines <= LONGEST_FILE, f"{name_of(path)} has {lines} lines; split it by idea"
    if source.strip():
        assert ast.get_docstring(ast.parse(source)), f"{name_of(path)} doesn't say what it is for"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_names_of_modules_and_folders_say_what_they_hold(path) -> None:
    names = {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    assert not names & EMPTY_NAMES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_ignore_has_its_reason(path) -> None:
    with path.open("rb") as file:
        comments = [
            token.string
            for token in tokenize.tokenize(file.readline)
            if token.type == tokenize.COMMENT
        ]
    for comment in comments:
        for mark in ("# noqa", "# type: ignore"):
            if comment.startswith(mark):
                assert "[" in comment or ":" in comment[2:], f"a bare ignore: {comment}"
                after = comment.split("]" if mark == "# type: ignore" else "-", 1)[-1]
                assert after.strip(), f"no reason given: {comment}"


def test_the_csv_connector_does_not_hide_pythons_csv() -> None:
    assert csv.__file__ is not None
    assert Path(csv.__file__).parent == Path(ast.__file__).parent
    assert (ROOT / "plugins" / "__init__.py").is_file()
    assert not any(Path(entry or ".").resolve() == ROOT / "plugins" for entry in sys.path)
