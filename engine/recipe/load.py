"""From a recipe's file to a :class:`~engine.recipe.model.Recipe`, or to all of its mistakes.

Every scalar stays text with its place in the file; the connector's schemas give types much later.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from engine.errors import SetupError
from engine.recipe.beside import BLUEPRINTS, RECIPE_ENDINGS, Beside, read_beside
from engine.recipe.called import Called, is_called, runs_by_itself
from engine.recipe.findings import EnoughFindings, Finding, Findings
from engine.recipe.inputs import inputs_of
from engine.recipe.model import Blueprint, Recipe
from engine.recipe.reading.blueprints import BlueprintReader
from engine.recipe.reading.fill import fill
from engine.recipe.reading.keys import (
    BLUEPRINT,
    FROM_BLUEPRINT,
    RECIPE,
    SEVERAL,
)
from engine.recipe.reading.recipe import RecipeReader
from engine.recipe.yaml.nodes import MapNode, Node, Scalar, split_lines
from engine.recipe.yaml.repair import compose_repaired
from engine.recipe.yaml.source import (
    LARGEST_FILE,
    SMALLER,
    START,
    TOO_LARGE,
    read_text,
    recipe_error,
)

#: Texts whose reading is remembered: pages and duties look at all recipes again and again, and
#: reading one takes some milliseconds.
REMEMBERED = 512


def load_recipe(path: Path) -> Recipe:
    """Return the recipe in a file.

    :raises RecipeError: with all findings, when it is not a recipe.
    :raises SetupError: there is no such file, or it can't be read.
    """
    return parse_recipe(read_text(path), path)


def parse_recipe(text: str, path: Path, beside: Mapping[str, str] | None = None) -> Recipe:
    """Return the recipe that ``text`` is.

    :param path: names it in findings; its stem is the recipe's name.
    :param beside: texts of the files it reads beside itself, by the names written in it; default:
        they are read from the folder of ``path``.
    :raises RecipeError: with all findings, when it is not a recipe.
    :raises SetupError: it is a blueprint, which can't run.
    """
    recipe, findings = read_recipe(text, path, beside)
    if recipe is not None and recipe.inputs is not None:
        raise SetupError(
            f"'{path.stem}' is a blueprint: it needs its inputs before it can run.",
            hint=f"Make a recipe from it: `bridgework recipes new NAME --from {path.stem}`.",
        )
    if findings or recipe is None:
        raise recipe_error(path, findings)
    return recipe


def read_recipe(
    text: str, path: Path, beside: Mapping[str, str] | None = None
) -> tuple[Recipe | None, list[Finding]]:
    """Return the recipe as far as it can be read, and all findings.

    Where there are findings the recipe is only good for looking for more of them: what couldn't be
    read has its default, and a ``use`` that couldn't be read is empty.
    """
    found = read_beside(text, path) if beside is None else Beside(beside)
    texts, problems = tuple(found.texts.items()), tuple(found.problems.items())
    recipe, findings = _read(text, path, texts, problems)
    return recipe, list(findings)


def read_called(
    text: str, path: Path, beside: Mapping[str, str] | None = None
) -> tuple[Called | None, list[Finding]]:
    """Return a recipe to be called as far as it can be read, and all findings."""
    found = read_beside(text, path) if beside is None else Beside(beside)
    texts, problems = tuple(found.texts.items()), tuple(found.problems.items())
    called, findings = _read_called(text, path, texts, problems, (path.stem,))
    return called, list(findings)


Pairs = tuple[tuple[str, str], ...]
R = TypeVar("R")


@lru_cache(maxsize=REMEMBERED)
def _read(
    text: str, path: Path, texts: Pairs, problems: Pairs
) -> tuple[Recipe | None, tuple[Finding, ...]]:
    if is_called(text):
        findings = Findings(path, split_lines(text.removeprefix("\ufeff")))
        findings.add(
            START,
            "no-trigger",
            "This recipe can't run by itself: it has inputs or outputs and no trigger.",
            hint=f"Other recipes have its steps done with `call: {path.stem}`.",
        )
        return None, tuple(findings)
    beside = Beside(dict(texts), dict(problems))
    return _parsed(text, path, lambda found, root: _Loader(found, text, path, beside).any(root))


@lru_cache(maxsize=REMEMBERED)
def _read_called(
    text: str, path: Path, texts: Pairs, problems: Pairs, callers: tuple[str, ...]
) -> tuple[Called | None, tuple[Finding, ...]]:
    beside = Beside(dict(texts), dict(problems))
    return _parsed(
        text,
        path,
        lambda found, root: _Loader(found, text, path, beside, callers).called_recipe(root),
    )


def _parsed(
    text: str, path: Path, read: Callable[[Findings, Node], R | None]
) -> tuple[R | None, tuple[Finding, ...]]:
    """Return what ``read`` makes of a file's root, and its findings with those of the YAML."""
    findings = Findings(path, split_lines(text.removeprefix("\ufeff")))
    if len(text) > LARGEST_FILE:
        findings.add(START, "too-large", TOO_LARGE, hint=SMALLER)
        return None, tuple(findings)
    root, repaired = compose_repaired(findings)
    if root is None:
        if not findings:
            findings.add(
                START,
                "empty",
                "The file is empty.",
                hint="A recipe has `name:`, `trigger:` and `steps:`.",
            )
        return None, tuple(findings)
    reading = Findings(path, findings.lines)
    recipe = None
    with suppress(EnoughFindings):
        recipe = read(reading, root)
    # On a corrected line columns have moved, and the correction may not be what was meant.
    later = [found for found in reading if found.position.line not in repaired]
    merged = sorted([*findings, *later], key=lambda f: (f.position.line, f.position.column))
    return recipe, tuple(merged)


class _Loader(RecipeReader, BlueprintReader):
    """Reads whichever kind of recipe a file holds, and the files that it names."""

    def any(self, root: Node) -> Recipe | None:
        """Return a recipe, be it written out or made from a blueprint; or a blueprint itself."""
        words = {key.text.value for key, _ in _pairs(root) if isinstance(key, Scalar)}
        if "blueprint" in words:
            return self.from_blueprint(root)
        if "inputs" in words and "trigger" in words:
            return self.blueprint(root)
        if {"trigger", "triggers"} <= words:
            self.both(root)
            return None
        return self.recipe(root, SEVERAL if "triggers" in words else RECIPE)

    # -- blueprints ----------------------------------------------------------------------------

    def blueprint(self, root: Node) -> Recipe | None:
        """Return a blueprint as it is looked at by itself, with samples where templates can't be."""
        node = dict(self.names(root)).get("inputs") if isinstance(root, MapNode) else None
        entries = self.inputs(node[1]) if node is not None else ()
        if node is not None and self.path.parent.name != BLUEPRINTS:
            self.wrong(
                node[0].position,
                "misplaced-blueprint",
                "A recipe with a trigger and inputs is a blueprint.",
                f"Put it into the folder '{BLUEPRINTS}', and make recipes from it there.",
            )
        samples = {entry.name.value: entry.sample for entry in entries}
        recipe = self.recipe(fill(root, samples, plain_only=True), BLUEPRINT)
        if recipe is None:
            return None
        return replace(recipe, inputs=inputs_of(f"The blueprint '{self.path.stem}'", entries))

    def from_blueprint(self, root: Node) -> Recipe | None:
        parts = self.entries(root, FROM_BLUEPRINT)
        name = self.optional_text(parts, "blueprint")
        title = self.optional_text(parts, "name")
        about = parts.get("description")
        description = self.text(about, "description", filled=False) if about else None
        file = self.blueprint_file(name) if name is not None else None
        if name is None or file is None:
            return None
        path = self.path.parent / BLUEPRINTS / f"{file.name}.yaml"
        findings = Findings(path, split_lines(file.text.removeprefix("\ufeff")))
        inner = _Loader(findings, file.text, path, file.beside)
        written = compose_repaired(findings)[0]
        words = (
            {t.value: n for t, n in inner.names(written).values()}
            if isinstance(written, MapNode)
            else {}
        )
        if not {"inputs", "trigger"} <= words.keys() and not findings:
            self.wrong(
                name.position,
                "no-blueprint",
                f"'{name.value}' is not a blueprint: it has no `inputs:` or no `trigger:`.",
            )
            return None
        entries = inner.inputs(words["inputs"]) if "inputs" in words else ()
        values = self.given(entries, parts.get("inputs"), name)
        recipe = None
        if isinstance(written, MapNode) and not len(findings) and not len(self.findings):
            recipe = inner.recipe(fill(written, values), BLUEPRINT)
        for found in findings:
            self.wrong(
                name.position,
                found.code,
                f"In line {found.position.line} of the blueprint: {found.message}",
                found.hint,
            )
            break
        if recipe is None:
            return None
        return replace(
            recipe,
            name=self.path.stem,
            title=title.value if title else recipe.title,
            description=description.value if description else recipe.description,
            text=self.source,
            path=self.path,
            beside=self.beside.texts,
            blueprint=Blueprint(name, file.text, values),
        )

    # -- recipes that are called ---------------------------------------------------------------

    def called(self, name: str) -> tuple[Called | None, str]:
        texts = self.beside.texts
        file = next((f"{name}{end}" for end in RECIPE_ENDINGS if f"{name}{end}" in texts), "")
        path = self.path.parent / (file or f"{name}.yaml")
        if not file:
            problems = [self.beside.problems.get(f"{name}{end}", "") for end in RECIPE_ENDINGS]
            missing = f"There is no recipe '{name}' in this folder."
            return None, next(filter(None, problems), missing)
        if not is_called(texts[file]):
            return None, (
                f"The recipe '{name}' can't be called: it has a trigger, and runs by itself."
                if runs_by_itself(texts[file])
                else f"The recipe '{name}' can't be called: it has no `inputs:` and no `outputs:`."
            )
        pairs, problem_pairs = tuple(texts.items()), tuple(self.beside.problems.items())
        callers = (*self.callers, name)
        found, findings = _read_called(texts[file], path, pairs, problem_pairs, callers)
        if not findings:
            return found, ""
        first = findings[0]
        return None, (
            f"The recipe '{name}' has a mistake in line {first.position.line}: {first.message}"
        )


def _pairs(node: Node) -> tuple[tuple[Node, Node], ...]:
    return node.pairs if isinstance(node, MapNode) else ()
