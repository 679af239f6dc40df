"""Notes on what works and may yet not be meant: rows added again and again, values nobody reads."""

from collections.abc import Collection

from engine.operations import Action, Trigger
from engine.recipe.checking.uses import UseChecker
from engine.recipe.durable_steps import CollectStep
from engine.recipe.findings import Findings
from engine.recipe.model import Recipe
from engine.recipe.steps import SetStep, Step, every_step


def check_notes(
    recipe: Recipe, uses: UseChecker, used: Collection[str], findings: Findings
) -> None:
    """Add the notes on a recipe's steps.

    :param used: the ids that some template reads.
    """
    trigger = uses.find(recipe.trigger.use.value)
    # What is done once for what was collected adds a row of its own, for no single record.
    of_messages = {
        inner.id.value
        for step in every_step(recipe.steps)
        if isinstance(step, CollectStep)
        for inner in every_step(step.steps)
    }
    for step in every_step(recipe.steps):
        match step:
            case Step() if step.id.value in of_messages:
                continue
            case Step() if isinstance(trigger, Trigger) and trigger.cursor is not None:
                _added_again(step, trigger, uses, findings)
            case SetStep() if step.id.value and step.id.value not in used:
                findings.add(
                    step.id.position,
                    "unread-step",
                    f"Nothing reads the values of '{step.id.value}'.",
                    hint=f"Read them in a later step, e.g. `{{{{ {step.id.value}.… }}}}`, or remove "
                    "them.",
                    step=step.id.value,
                    level="hint",
                )


def _added_again(step: Step, trigger: Trigger, uses: UseChecker, findings: Findings) -> None:
    """Note that a record that changed is added once more, where its row could be kept up to date."""
    action = uses.find(step.use.value)
    if not isinstance(action, Action) or not action.once or action.updates:
        return
    siblings = uses.host.connectors[action.connector].actions.values()
    instead = next((a for a in siblings if a.noun == action.noun and _adds_once(a)), None)
    if instead is not None:
        findings.add(
            step.use.position,
            "added-again",
            f"Each time a {trigger.noun.one} changes, {action.full_name} adds one more "
            f"{action.noun.one} for it.",
            hint=f"Where there is to be one {action.noun.one} a {trigger.noun.one}, use "
            f"`{instead.full_name}`.",
            step=step.id.value,
            level="hint",
        )


def _adds_once(action: Action) -> bool:
    """Say whether an action adds what isn't there yet, and leaves it at one."""
    changes_only = action.name.startswith("update_")  # of things whose ids are known
    return action.idempotent and action.kind != "search" and not changes_only
