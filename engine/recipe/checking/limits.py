"""Checking ``limits:``: whether a run can tell what is new."""

from jinja2 import TemplateSyntaxError, nodes

from engine.operations import Action
from engine.recipe.checking.uses import UseChecker
from engine.recipe.findings import Findings
from engine.recipe.model import Recipe
from engine.recipe.steps import Step
from engine.recipe.templates.environment import RecipeEnvironment


def check_limits(
    recipe: Recipe, uses: UseChecker, environment: RecipeEnvironment, findings: Findings
) -> None:
    """Add a finding where no step that writes tells which records are new.

    A record is new when its links don't know it; that is looked up before its first step.
    """
    position = recipe.limits.position
    if recipe.limits.new is None or position is None:
        return
    operations = [(step, uses.find(step.use.value)) for step in recipe.uses]
    if any(operation is None for _, operation in operations):
        return  # what it is can't be told yet
    writing = [
        step for step, found in operations if isinstance(found, Action) and found.kind != "search"
    ]
    records = {use.record.value for use in recipe.triggers}
    if not any(_known_at_once(step, records, environment) for step in writing):
        findings.add(
            position,
            "nothing-new",
            "No step tells at the beginning which records are new."
            if writing
            else "No step writes anything, so no record is ever new.",
            hint=f"Give one a `key` that reads `{recipe.trigger.record}` alone, or none."
            if writing
            else "Remove the limit.",
        )


def _known_at_once(step: Step, records: set[str], environment: RecipeEnvironment) -> bool:
    if step.key is None:
        return True
    try:
        tree = environment.parse("{{" + step.key.value + "}}")
    except TemplateSyntaxError:
        return True  # another finding says so
    return {name.name for name in tree.find_all(nodes.Name)} <= records
