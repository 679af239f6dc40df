"""Puts a new connector's files where they belong; nothing that is there is written over."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SetupError
from engine.redaction import Secrets
from engine.scaffold import answers_text, connector_text, practice_data, practice_text, samples_text
from engine.scaffold.design import Design
from engine.scaffold.names import camel
from engine.scaffold.operations_text import OperationsText
from engine.scaffold.readme_text import readme_text
from engine.scaffold.type_names import Types

PYPROJECT = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "bridgework-{dashed}"
version = "0.1.0"
description = "{title} for Bridgework."
readme = "{package}/README.md"
requires-python = ">=3.11"
dependencies = ["bridgework"]

[project.entry-points."bridgework.connectors"]
{name} = "{package}"

[tool.setuptools]
packages = ["{package}", "{package}.practice"]

[tool.setuptools.package-data]
"*" = ["*.json", "*.md"]
"""


@dataclass(frozen=True)
class Written:
    """What was written.

    :param folder: the connector's own.
    :param root: that of its distribution, where it has one; else the same.
    """

    name: str
    folder: Path
    root: Path
    files: tuple[str, ...]


def files_of(design: Design) -> dict[str, str]:
    """Return a connector's files, by their paths within its folder."""
    types = Types()
    operations = OperationsText(design, types)
    files = {"__init__.py": connector_text.init_text(design)}
    if design.listings:
        files["triggers.py"] = operations.triggers()
    if design.lookups or design.sendings:
        files["actions.py"] = operations.actions()
    used = files.get("triggers.py", "") + files.get("actions.py", "")
    if "answers." in used:
        files["answers.py"] = answers_text.answers_text(design, used)
    if fields := connector_text.fields_text(design, types):
        files["fields.py"] = fields
    if connection := connector_text.connection_text(design):
        files["connection.py"] = connection
    files["samples.py"] = samples_text.samples_text(design)
    files["practice/__init__.py"] = practice_text.init_text(design)
    files["practice/server.py"] = practice_text.server_text(design)
    files["practice/examples.py"] = practice_data.examples_text(design)
    if design.kinds:
        files["practice/sample_data.json"] = practice_data.sample_data(design)
    if any(one.body for one in design.sendings):
        files["practice/bodies.json"] = practice_data.bodies(design)
    files[f"test_{design.name}.py"] = test_text(design)
    files["README.md"] = readme_text(design)
    return {name: _covered(name, content, design.withheld) for name, content in files.items()}


def _covered(name: str, content: str, withheld: Sequence[str]) -> str:
    """Return a file's content without secrets; a password such as ``connector`` stays a word of code."""
    covered = Secrets(withheld).redact(content)
    if covered == content or not name.endswith(".py") or _is_python(covered):
        return covered
    for secret in withheld:
        covered = Secrets([secret]).redact(content)
        content = covered if _is_python(covered) else content
    return content


def _is_python(content: str) -> bool:
    try:
        ast.parse(content)
    except SyntaxError:
        return False
    return True


def test_text(design: Design) -> str:
    """Return the test of the connector: three lines."""
    return (
        f'"""{camel(design.name)} keeps the contract of connectors."""\n\n'
        "from engine.testing import connector_suite\n\n"
        f'Test{camel(design.name)} = connector_suite("{design.name}")\n'
    )


def write(design: Design, place: Path, *, package: bool = False) -> Written:
    """Write a connector into a folder of its own within ``place``.

    :param package: as a distribution of its own, with an entry point.
    :raises SetupError: the folder is there already, or can't be written.
    """
    if not design.operations:
        why = "; ".join(f"{what}: {why}" for what, why in design.left_out[:3])
        raise SetupError(
            "Nothing of this can be turned into a connector.",
            hint=f"{why}." if why else "Give a request that works with `--from-curl`.",
        )
    named = f"bridgework_{design.name}" if package else design.name
    root = place / f"bridgework-{design.name.replace('_', '-')}" if package else place / named
    folder = root / named if package else root
    if root.exists():
        raise SetupError(
            f"'{root}' is there already, and nothing of it is written over.",
            hint="Take another name, another folder with `--to`, or remove it first.",
        )
    files = files_of(design)
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        if package:
            text = PYPROJECT.format(
                dashed=design.name.replace("_", "-"),
                title="".join(c for c in design.title if c.isprintable() and c not in '"\\'),
                package=named,
                name=design.name,
            )
            (root / "pyproject.toml").write_text(text, encoding="utf-8")
    except OSError as error:
        raise SetupError(
            f"'{folder}' can't be written: {error.strerror or error}.",
            hint="Choose another folder with `--to`.",
        ) from error
    return Written(design.name, folder, root, tuple(files))
