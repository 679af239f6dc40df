"""The layout as it is meant: imports go down, files stay readable, names say what they hold."""

import ast
import csv
import sys
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
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
ENGINE = [path for path in MODULES if "engine" in path.parts]
#: A connector's own test may stand in its folder; it sees engine.testing, as any author's does.
PLUGINS = [
    path for path in MODULES if "plugins" in path.parts and not path.name.startswith("test_")
]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Return the full names of what a module imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def imported_by(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield every file with every name it imports."""
    return ((name_of(path), name) for path in paths for name in sorted(imports_of(path)))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def top_of(name: str) -> str:
    return name.partition(".")[0]


def test_there_is_something_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(PACKAGES)
    assert len(ENGINE) > 100
    assert {path.parent.name for path in PLUGINS} > {"casestatus", "clio", "csv", "mailchimp"}
    assert ("engine/store/database.py", "sqlalchemy.Engine") in set(imported_by(ENGINE))


def test_the_engine_knows_neither_pages_nor_connectors() -> None:
    forbidden = {"web", "plugins", "flask"}
    assert [pair for pair in imported_by(ENGINE) if top_of(pair[1]) in forbidden] == []


def test_a_connector_sees_the_engine_through_its_one_door() -> None:
    others = [pair for pair in imported_by(PLUGINS) if top_of(pair[1]) == "engine"]
    assert [
        (file, name)
        for file, name in others
        if name != "engine.sdk" and not name.startswith("engine.sdk.")
    ] == []
    assert others != []


def test_a_connector_knows_neither_pages_nor_another_connector() -> None:
    wrong = []
    for file, name in imported_by(PLUGINS):
        own = file.split("/")[1]
        other = top_of(name) == "plugins" and name.split(".")[1:2] not in ([], [own])
        if other or top_of(name) == "web":
            wrong.append((file, name))
    assert wrong == []


def test_a_connectors_annotations_are_there_when_it_runs() -> None:
    """Field schemas are read from them."""
    delayed = {"__future__.annotations", "typing.TYPE_CHECKING"}
    assert [pair for pair in imported_by(PLUGINS) if pair[1] in delayed] == []


def test_only_the_door_is_listed_for_the_sdk() -> None:
    """engine.sdk holds no logic: imports and lists of names; of some, when they are asked for."""
    tree = ast.parse((ROOT / "engine" / "sdk.py").read_text())
    kinds = (ast.ImportFrom, ast.Assign, ast.Expr)
    others = [node for node in tree.body if not isinstance(node, kinds)]
    for_types, when_asked = [node.body for node in others if isinstance(node, ast.If)]
    assert len(others) == 2
    assert all(isinstance(node, ast.ImportFrom) for node in for_types)
    assert [node.name for node in when_asked if isinstance(node, ast.FunctionDef)] == [
        "__getattr__"
    ]
    assert len(when_asked) == 1


def test_a_file_holds_one_idea() -> None:
    lengths = {name_of(path): path.read_text("utf-8").count("\n") for path in MODULES}
    too_long = {file: lines for file, lines in lengths.items() if lines > LONGEST_FILE}
    assert too_long == {}, "split them by idea"


def test_a_file_says_what_it_is_for() -> None:
    assert [
        name_of(path)
        for path in MODULES
        if path.read_text("utf-8").strip() and not ast.get_docstring(parsed(path))
    ] == []


def test_names_of_modules_and_folders_say_what_they_hold() -> None:
    assert [
        name_of(path)
        for path in MODULES
        if EMPTY_NAMES & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    ] == []


def test_every_ignore_has_its_reason() -> None:
    assert [
        (name_of(path), comment)
        for path in MODULES
        if "# noqa" in (source := path.read_text("utf-8")) or "# type: ignore" in source
        for comment in comments_of(path)
        if is_bare(comment)
    ] == []


def comments_of(path: Path) -> list[str]:
    with path.open("rb") as file:
        tokens = tokenize.tokenize(file.readline)
        return [token.string for token in tokens if token.type == tokenize.COMMENT]


def is_bare(comment: str) -> bool:
    """Return whether a comment switches a check off without saying which, or why."""
    for mark, which, reason in (("# noqa", ":", "-"), ("# type: ignore", "[", "]")):
        if comment.startswith(mark):
            said = comment.removeprefix(mark)
            return which not in said or not said.partition(reason)[2].strip()
    return False


@pytest.mark.parametrize(
    ("comment", "bare"),
    [
        ("# noqa", True),
        ("# noqa: S101 - an invariant", False),
        ("# noqa: S101 -", True),
        ("# noqa: S101", True),
        ("# type: ignore", True),
        ("# type: ignore[misc]", True),
        ("# type: ignore[misc] the library has no types", False),
        ("# what this is for", False),
    ],
)
def test_an_ignore_without_reason_is_found(comment: str, bare: bool) -> None:
    assert is_bare(comment) == bare


def test_the_csv_connector_does_not_hide_pythons_csv() -> None:
    assert csv.__file__ is not None
    assert Path(csv.__file__).parent == Path(ast.__file__).parent
    assert (ROOT / "plugins" / "__init__.py").is_file()
    assert not any(Path(entry or ".").resolve() == ROOT / "plugins" for entry in sys.path)
