"""Reading a recipe as a whole, or one that others call: one method a part of the grammar."""

from pathlib import Path

from engine.recipe.beside import Beside
from engine.recipe.called import INPUTS, OUTPUTS, Called
from engine.recipe.findings import Findings
from engine.recipe.inputs import inputs_of
from engine.recipe.model import Limits, Recipe, ReportRule, SkipRule
from engine.recipe.reading.inputs import InputReader
from engine.recipe.reading.keys import CALLED, RECIPE, SKIP, Place
from engine.recipe.reading.limits import LimitsReader
from engine.recipe.reading.steps import StepReader
from engine.recipe.reading.tables import TableReader
from engine.recipe.steps import SetStep
from engine.recipe.texts import Text
from engine.recipe.yaml.nodes import Node


class RecipeReader(StepReader, LimitsReader, TableReader, InputReader):
    """Reads a file's root.

    :param text: the file, as the recipe keeps it.
    :param beside: the files it reads beside itself.
    :param callers: the recipes that call each other up to this one, itself included.
    """

    def __init__(
        self,
        findings: Findings,
        text: str,
        path: Path,
        beside: Beside,
        callers: tuple[str, ...] = (),
    ) -> None:
        super().__init__(findings)
        self.source = text
        self.path = path
        self.beside = beside
        self.callers = callers or (path.stem,)

    def recipe(self, root: Node, place: Place = RECIPE) -> Recipe | None:
        parts = self.entries(root, place)
        title = self.text(parts["name"], "name") if "name" in parts else None
        about = parts.get("description")
        description = self.text(about, "description", filled=False) if about else None
        skip = self.skip_rules(parts["skip"]) if "skip" in parts else ()
        triggers = self.triggers(parts)
        records = {trigger.record.value for trigger in triggers}
        steps = self.all_steps(parts["steps"], records) if "steps" in parts else ()
        tables = self.tables(parts["translate"]) if "translate" in parts else {}
        report = self.report(parts["report"]) if "report" in parts else ReportRule()
        mode = self.mode(parts["mode"]) if "mode" in parts else "single"
        limits = self.limits(parts["limits"]) if "limits" in parts else Limits()
        if not triggers:
            return None
        return Recipe(
            name=self.path.stem,
            title=title.value if title else self.path.stem,
            description=description.value if description else "",
            trigger=triggers[0],
            further=triggers[1:],
            skip=skip,
            steps=steps,
            tables=tables,
            text=self.source,
            path=self.path,
            report=report,
            beside=self.beside.texts,
            limits=limits,
            mode=mode,
            two_way=self.optional_text(parts, "two_way"),
        )

    def called_recipe(self, root: Node) -> Called | None:
        parts = self.entries(root, CALLED)
        title = self.text(parts["name"], "name") if "name" in parts else None
        about = parts.get("description")
        description = self.text(about, "description", filled=False) if about else None
        inputs = self.inputs(parts["inputs"]) if "inputs" in parts else ()
        steps = self.all_steps(parts["steps"], {INPUTS}) if "steps" in parts else ()
        if "outputs" in parts:
            place = parts["outputs"].position
            outputs = self.fields(parts["outputs"], "outputs")
            steps += (SetStep(id=Text(OUTPUTS, place), fields=outputs, position=place),)
        tables = self.tables(parts["translate"]) if "translate" in parts else {}
        name = title.value if title else self.path.stem
        return Called(
            name=self.path.stem,
            title=name,
            description=description.value if description else "",
            inputs=inputs_of(f"'{self.path.stem}'", inputs),
            steps=steps,
            tables=tables,
            text=self.source,
            path=self.path,
        )

    def skip_rules(self, node: Node) -> tuple[SkipRule, ...]:
        rules = []
        for item in self.items(node, "skip"):
            parts = self.entries(item, SKIP)
            condition = self.optional_text(parts, "if")
            reason = self.optional_text(parts, "reason")
            if condition is not None:
                rules.append(SkipRule(condition, reason or Text("", condition.position)))
        return tuple(rules)
