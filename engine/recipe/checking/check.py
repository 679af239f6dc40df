"""Checking a recipe against the installed connectors: all mistakes at once, one finding a cause."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engine.errors import RecipeError
from engine.host import Host
from engine.operations import Action
from engine.recipe.called import INPUTS, Called, is_called
from engine.recipe.checking.answers import check_answers
from engine.recipe.checking.asks import check_unread
from engine.recipe.checking.calls import check_called
from engine.recipe.checking.limits import check_limits
from engine.recipe.checking.notes import check_notes
from engine.recipe.checking.steps import StepChecker
from engine.recipe.checking.tables import note_tables
from engine.recipe.checking.templates import TemplateChecker, Watch
from engine.recipe.checking.triggers import TriggerChecker
from engine.recipe.checking.two_way import check_two_way
from engine.recipe.checking.uses import UseChecker
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.findings import EnoughFindings, Finding, Findings
from engine.recipe.load import read_called, read_recipe
from engine.recipe.model import Blueprint, Recipe
from engine.recipe.steps import Step, every_step
from engine.recipe.templates.environment import build_environment
from engine.recipe.yaml.nodes import split_lines
from engine.recipe.yaml.source import read_text


def check_file(
    path: Path, host: Host, connections: Collection[str] | None = None, *, hints: bool = False
) -> list[Finding]:
    """Return all findings of a recipe file, those of its YAML and those of its meaning together.

    :param connections: names of the connections there are; None leaves them unchecked.
    :param hints: include what could be written better but works; see :attr:`Finding.level`.
    :raises SetupError: there is no such file, or it can't be read.
    """
    try:
        text = read_text(path)
    except RecipeError as error:
        return list(error.findings)
    return check_text(text, path, host, connections, hints=hints)


def check_text(
    text: str,
    path: Path,
    host: Host,
    connections: Collection[str] | None = None,
    *,
    hints: bool = False,
) -> list[Finding]:
    """Return what :func:`check_file` does, of a text that was read from ``path``."""
    meaning: Sequence[Finding]
    if is_called(text):
        called, findings = read_called(text, path)
        if called is None:
            return findings
        meaning = _check_called(called, host, connections, hints)
    else:
        recipe, findings = read_recipe(text, path)
        if recipe is None:
            return findings
        meaning = check_recipe(recipe, host, connections, hints=hints)
    # What is wrong with a line may have left its meaning in pieces; one finding a line will do.
    findings += [found for found in meaning if not _follows(found, findings)]
    return sorted(findings, key=lambda found: (found.position.line, found.position.column))


def _follows(found: Finding, read: list[Finding]) -> bool:
    """Return whether a finding is there only because the text could not be read as it stands."""
    if any(found.position.line == other.position.line for other in read):
        return True
    if found.level == "hint" and read:
        return True  # what is unused may be used in what couldn't be read
    if found.code == "unknown-name":
        return any(other.code == "bad-name" for other in read)
    return found.code == "missing-field" and any(
        found.step == other.step
        and (other.code in {"bad-field", "wrong-kind"} or "with:" in other.corrected)
        for other in read
    )


def check_recipe(
    recipe: Recipe, host: Host, connections: Collection[str] | None = None, *, hints: bool = False
) -> list[Finding]:
    """Return all findings of a loaded recipe, in the order of its lines.

    :param connections: names of the connections there are; None leaves them unchecked.
    :param hints: include what could be written better but works; see :attr:`Finding.level`.
    """
    checker = _RecipeChecker(recipe, host, connections, hints)
    with suppress(EnoughFindings):
        checker.check()
    found = [found for found in checker.findings if hints or found.level == "mistake"]
    return found if recipe.blueprint is None else _at_blueprint(found, recipe, recipe.blueprint)


#: What is no mistake where an input made a text constant.
DUE_TO_INPUTS = frozenset({"always-true", "never-true", "never-equal"})


def _at_blueprint(found: list[Finding], recipe: Recipe, blueprint: Blueprint) -> list[Finding]:
    """Return findings of a blueprint's lines as ones of the line that names it."""
    lines = split_lines(recipe.text.removeprefix("\ufeff"))
    place = blueprint.name.position
    return [
        replace(
            one,
            file=str(recipe.path),
            recipe=recipe.name,
            position=place,
            message=f"In line {one.position.line} of the blueprint: {one.message}",
            source=lines[place.line - 1] if place.line <= len(lines) else "",
            corrected="",
        )
        for one in found
        if one.level == "mistake" and one.code not in DUE_TO_INPUTS
    ]


def _check_called(
    called: Called,
    host: Host,
    connections: Collection[str] | None,
    hints: bool,
    watch: Watch | None = None,
) -> list[Finding]:
    nothing = Findings(called.path, [])
    templates = TemplateChecker(build_environment({}, {}), nothing, {})
    checker = StepChecker(UseChecker(host, connections, nothing), templates, hints)
    found, _ = check_called(checker, called, watch)
    return [one for one in found if hints or one.level == "mistake"]


def watch_names(
    recipe: Recipe,
    host: Host,
    watch: Watch,
    *,
    in_blueprint: bool = False,
) -> None:
    """Tell ``watch`` of each text that may read names, with their schemas where it stands.

    :param watch: is given the text, the names, and whether the text is a bare expression.
    :param in_blueprint: also of a recipe made from a blueprint, whose texts stand in that file.
    """
    if recipe.blueprint is not None and not in_blueprint:
        return
    checker = _RecipeChecker(recipe, host, None, hints=False)
    checker.templates.watch = watch
    with suppress(EnoughFindings):
        checker.check()


def watch_called(called: Called, host: Host, watch: Watch) -> None:
    """Tell ``watch`` what :func:`watch_names` does, of a recipe that others call."""
    with suppress(EnoughFindings):
        _check_called(called, host, None, False, watch)


class _RecipeChecker:
    """Walks a recipe in the order of its run."""

    def __init__(
        self, recipe: Recipe, host: Host, connections: Collection[str] | None, hints: bool
    ) -> None:
        self.recipe = recipe
        self.host = host
        self.hints = hints
        written = recipe.text if recipe.blueprint is None else recipe.blueprint.text
        self.findings = Findings(recipe.path, split_lines(written.removeprefix("\ufeff")))
        environment = build_environment(filters_for(recipe.tables), TESTS)
        self.environment = environment
        self.uses = UseChecker(host, connections, self.findings)
        self.templates = TemplateChecker(environment, self.findings, recipe.tables)
        self.steps = StepChecker(self.uses, self.templates, hints)
        self.templates.hints = hints

    def check(self) -> None:
        recipe = self.recipe
        self.templates.absent = {
            step.id.value: f"'{step.id.value}' has no result yet here."
            for step in every_step(recipe.steps)
        }
        if recipe.inputs is not None:
            self.steps.names[INPUTS] = recipe.inputs.readable
        self.templates.absent["error"] = "'error' is known only to the steps under `otherwise`."
        TriggerChecker(recipe, self.host, self.uses, self.templates, self.steps.names).check()
        for rule in recipe.skip:
            self.templates.condition(rule.condition, self.steps.names, hints=self.hints)
            self.templates.template(rule.reason, self.steps.names)
        self.steps.check(recipe.steps)
        self._unread_searches()
        note_tables(recipe.tables, self.templates.used_tables, self.findings)
        check_unread(recipe, self.templates.used, self.findings)
        if self.hints:
            check_notes(recipe, self.uses, self.templates.used, self.findings)
        check_limits(recipe, self.uses, self.environment, self.findings)
        check_two_way(recipe, self.findings)
        check_answers(recipe, self.host, self.findings)

    def _unread_searches(self) -> None:
        for step in every_step(self.recipe.steps):
            if not isinstance(step, Step):
                continue
            operation = self.uses.find(step.use.value)
            if not isinstance(operation, Action) or operation.kind != "search":
                continue
            says = step.if_none is not None or step.creates
            if not says and step.id.value and step.id.value not in self.templates.used:
                self.findings.about(
                    step.id,
                    "unread-step",
                    f"Nothing reads what the search '{step.id.value}' finds.",
                    "Read its result in a later step, say what happens `if_none`, or remove it.",
                    step=step.id.value,
                )
