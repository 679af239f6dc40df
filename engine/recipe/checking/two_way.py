"""Checking ``two_way:``: that there are two recipes, and that each names the other."""

from engine.errors import BridgeworkError
from engine.recipe.findings import Findings
from engine.recipe.load import load_recipe
from engine.recipe.model import Recipe
from engine.recipe.suggest import nearest


def check_two_way(recipe: Recipe, findings: Findings) -> None:
    """Add a finding where the other recipe can't be the one in the other direction."""
    named = recipe.two_way
    if named is None:
        return
    if recipe.further:
        findings.about(
            named,
            "not-two-way",
            "A recipe with several triggers can't be one of two directions.",
            "Give the trigger that has a way back a recipe of its own.",
        )
        return
    name, folder = named.value, recipe.path.parent
    if name == recipe.name:
        findings.about(
            named,
            "not-two-way",
            "A recipe can't be its own other direction.",
            "Name the recipe that bridges back.",
        )
        return
    others = sorted(path.stem for path in folder.glob("*.yaml") if path.stem != recipe.name)
    if name not in others:
        near = nearest(name, others)
        findings.about(
            named,
            "unknown-recipe",
            f"There is no recipe '{name}' beside this one.",
            f"Did you mean '{near}'?" if near else f"There are: {', '.join(others) or 'none'}.",
            better=near or "",
        )
        return
    try:
        other = load_recipe(folder / f"{name}.yaml")
    except BridgeworkError:
        findings.about(
            named,
            "not-two-way",
            f"The recipe '{name}' has mistakes.",
            f"See them with `bridgework check {folder / name}.yaml`.",
        )
        return
    if other.further or other.two_way is None or other.two_way.value != recipe.name:
        findings.about(
            named,
            "not-two-way",
            f"The recipe '{name}' does not name this one.",
            f"Write `two_way: {recipe.name}` there too.",
        )
    elif recipe.trigger.connection_name not in {step.connection_name for step in other.uses}:
        findings.about(
            named,
            "not-two-way",
            f"The recipe '{name}' writes nothing that this one reads.",
            f"One of its steps has to use the connection '{recipe.trigger.connection_name}'.",
        )
