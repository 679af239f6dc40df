"""From a recipe's file to a :class:`~engine.recipe.model.Recipe`, or to all of its mistakes.

Every scalar stays text with its place in the file; the connector's schemas give types much later.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from engine.recipe.beside import Beside, read_beside
from engine.recipe.findings import Finding, Findings
from engine.recipe.keys import RECIPE, SKIP
from engine.recipe.model import Limits, Recipe, ReportRule, SkipRule
from engine.recipe.nodes import Node, split_lines
from engine.recipe.read_limits import LimitsReader
from engine.recipe.read_steps import StepReader
from engine.recipe.read_tables import TableReader
from engine.recipe.repair import compose_repaired
from engine.recipe.source import LARGEST_FILE, START, read_text, recipe_error
from engine.recipe.texts import Text

T = TypeVar("T")
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
    """
    recipe, findings = read_recipe(text, path, beside)
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


@lru_cache(maxsize=REMEMBERED)
def _read(
    text: str,
    path: Path,
    texts: tuple[tuple[str, str], ...],
    problems: tuple[tuple[str, str], ...],
) -> tuple[Recipe | None, tuple[Finding, ...]]:
    written = text.removeprefix("\ufeff")
    findings = Findings(path, split_lines(written))
    if len(text) > LARGEST_FILE:
        findings.add(START, "too-large", f"A recipe has at most {LARGEST_FILE:,} characters.")
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
    beside = Beside(dict(texts), dict(problems))
    recipe = _Loader(reading, text, path, beside).recipe(root)
    # On a corrected line columns have moved, and the correction may not be what was meant.
    later = [found for found in reading if found.position.line not in repaired]
    merged = sorted([*findings, *later], key=lambda f: (f.position.line, f.position.column))
    return recipe, tuple(merged)


class _Loader(StepReader, LimitsReader, TableReader):
    """The grammar: one method a part of the recipe."""

    def __init__(self, findings: Findings, text: str, path: Path, beside: Beside) -> None:
        super().__init__(findings)
        self.source = text
        self.path = path
        self.beside = beside

    def recipe(self, root: Node) -> Recipe | None:
        parts = self.entries(root, RECIPE)
        title = self.text(parts["name"], "name") if "name" in parts else None
        about = parts.get("description")
        description = self.text(about, "description", filled=False) if about else None
        skip = self.skip_rules(parts["skip"]) if "skip" in parts else ()
        trigger = self.trigger(parts["trigger"]) if "trigger" in parts else None
        record = trigger.record.value if trigger else ""
        steps = self.all_steps(parts["steps"], record) if "steps" in parts else ()
        tables = self.tables(parts["translate"]) if "translate" in parts else {}
        report = self.report(parts["report"]) if "report" in parts else ReportRule()
        limits = self.limits(parts["limits"]) if "limits" in parts else Limits()
        if trigger is None:
            return None
        return Recipe(
            name=self.path.stem,
            title=title.value if title else self.path.stem,
            description=description.value if description else "",
            trigger=trigger,
            skip=skip,
            steps=steps,
            tables=tables,
            text=self.source,
            path=self.path,
            report=report,
            beside=self.beside.texts,
            limits=limits,
        )

    # -- skip rules ----------------------------------------------------------------------------

    def skip_rules(self, node: Node) -> tuple[SkipRule, ...]:
        rules = []
        for item in self.items(node, "skip"):
            parts = self.entries(item, SKIP)
            condition = self.optional_text(parts, "if")
            reason = self.optional_text(parts, "reason")
            if condition is not None:
                rules.append(SkipRule(condition, reason or Text("", condition.position)))
        return tuple(rules)
