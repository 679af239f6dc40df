"""From a recipe's file to a :class:`~engine.recipe.model.Recipe`, or to all of its mistakes.

Every scalar stays text with its place in the file; the connector's schemas give types much later.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from engine.recipe.findings import Finding, Findings
from engine.recipe.keys import RECIPE, SKIP, STEP
from engine.recipe.model import (
    USUAL,
    AskStep,
    Blank,
    FieldSet,
    IfNone,
    Recipe,
    ReportRule,
    SkipRule,
    Step,
    Text,
    TriggerUse,
)
from engine.recipe.nodes import ListNode, MapNode, Node, Scalar, split_lines
from engine.recipe.read_asks import AskReader, asks
from engine.recipe.read_on_error import OnErrorReader
from engine.recipe.read_report import ReportReader
from engine.recipe.read_trigger import TriggerReader
from engine.recipe.repair import compose_repaired
from engine.recipe.source import LARGEST_FILE, START, read_text, recipe_error

BLANKS: Mapping[str, Blank] = {
    "leave alone": "leave alone",
    "clear": "clear",
    "reject": "reject",
}
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
    recipe, findings = _read(text, path, None if beside is None else tuple(sorted(beside.items())))
    return recipe, list(findings)


@lru_cache(maxsize=REMEMBERED)
def _read(
    text: str, path: Path, beside: tuple[tuple[str, str], ...] | None
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
    recipe = _Loader(reading, text, path, None if beside is None else dict(beside)).recipe(root)
    # On a corrected line columns have moved, and the correction may not be what was meant.
    later = [found for found in reading if found.position.line not in repaired]
    merged = sorted([*findings, *later], key=lambda f: (f.position.line, f.position.column))
    return recipe, tuple(merged)


class _Loader(AskReader, OnErrorReader, TriggerReader, ReportReader):
    """The grammar: one method a part of the recipe."""

    def __init__(
        self, findings: Findings, text: str, path: Path, beside: Mapping[str, str] | None
    ) -> None:
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
        steps = self.steps(parts["steps"], trigger) if "steps" in parts else ()
        tables = self.tables(parts["translate"]) if "translate" in parts else {}
        report = self.report(parts["report"]) if "report" in parts else ReportRule()
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
            beside=self.beside or {},
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

    # -- steps ---------------------------------------------------------------------------------

    def steps(self, node: Node, trigger: TriggerUse | None) -> tuple[Step | AskStep, ...]:
        items = self.items(node, "steps")
        if isinstance(node, ListNode) and not items:
            self.wrong(node.position, "no-value", "'steps' has no step in it.")
        steps = [step for item in items if (step := self.one_step(item)) is not None]
        self._ids_differ(steps, trigger.record.value if trigger else "")
        return tuple(steps)

    def one_step(self, node: Node) -> Step | AskStep | None:
        if not isinstance(node, MapNode):
            self.entries(node, STEP)
            return None
        self.step = _written_id(node)
        if asks(node):
            return self.ask_step(node)
        parts = self.entries(node, STEP)
        use = self.use(parts)
        written = self.optional_text(parts, "id")
        id = self.name(written, "A step") if written else _id_from(use)
        self.step = id.value if id else self.step
        blank = self.choice(parts["blank"], "blank", tuple(BLANKS)) if "blank" in parts else None
        step = Step(
            id=id or Text("", node.position),
            use=use,
            connection=self.optional_text(parts, "connection"),
            fields=self.fields(parts["with"], "with") if "with" in parts else FieldSet(),
            key=self.optional_text(parts, "key"),
            condition=self.optional_text(parts, "if"),
            blank=BLANKS[blank] if blank else "leave alone",
            if_none=self.if_none(parts["if_none"]) if "if_none" in parts else None,
            on_error=self.on_error(parts["on_error"]) if "on_error" in parts else USUAL,
            position=node.position,
        )
        self.step = ""
        return step

    def if_none(self, node: Node) -> IfNone | None:
        if isinstance(node, MapNode):
            names = self.names(node)
            if len(names) == 1:
                word, (text, value) = next(iter(names.items()))
                then = self.choice(Scalar(text), "if_none", ("reject", "skip"))
                reason = self.text(value, word)
                if then is None or reason is None:
                    return None
                return IfNone("reject" if then == "reject" else "skip", reason)
            self.wrong(
                node.position,
                "wrong-kind",
                "'if_none' says one thing only.",
                "Write `if_none: {reject: The reason.}`, `{skip: The reason.}` or `continue`.",
            )
            return None
        match self.choice(node, "if_none", ("reject", "skip", "continue")):
            case "reject":
                return IfNone("reject")
            case "skip":
                return IfNone("skip")
            case "continue":
                return IfNone("continue")
        return None

    def _ids_differ(self, steps: list[Step | AskStep], record: str) -> None:
        counted = Counter(step.id.value for step in steps)
        first: dict[str, Step | AskStep] = {}
        for step in steps:
            id = step.id
            if not id.value:
                continue
            self.step = id.value
            if id.value == record:
                self.wrong(
                    id.position,
                    "duplicate-id",
                    f"The step is called '{id.value}', and so is the trigger's record.",
                    "Give the step another `id`, or the record another name with `as`.",
                )
            elif id.value in first:
                self.wrong(
                    id.position,
                    "duplicate-id",
                    f"{counted[id.value]} steps are called '{id.value}'; the first is in line "
                    f"{first[id.value].position.line}.",
                    "Give each an `id` of its own.",
                )
            first.setdefault(id.value, step)
        self.step = ""

    # -- translate tables ----------------------------------------------------------------------

    def tables(self, node: Node) -> dict[str, dict[str, str]]:
        if not isinstance(node, MapNode):
            self.wrong(
                node.position,
                "wrong-kind",
                "'translate' holds tables by name.",
                "Write `translate:`, below it the table's name, below that `from: to` lines.",
            )
            return {}
        tables: dict[str, dict[str, str]] = {}
        for name, (text, table) in self.names(node).items():
            if not isinstance(table, MapNode):
                self.wrong(
                    text.position,
                    "wrong-kind",
                    f"The table '{name}' is made of `from: to` lines.",
                )
                continue
            rows = {source: self.text(to, source) for source, (_, to) in self.names(table).items()}
            tables[name] = {source: to.value for source, to in rows.items() if to is not None}
        return tables


def _written_id(node: MapNode) -> str:
    """Return the step's id as it stands in the file, for the findings of the step."""
    for key, value in node.pairs:
        if isinstance(key, Scalar) and isinstance(value, Scalar) and key.text.value == "id":
            return value.text.value
    return ""


def _id_from(use: Text) -> Text | None:
    """Return the operation's name, which a step without an id goes by."""
    connector, dot, operation = use.value.partition(".")
    if not dot or not operation.isidentifier():
        return None
    return Text(operation, use.at(len(connector) + 1))
