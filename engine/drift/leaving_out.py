"""Whether an action can do without a field: then it is not sent, and the target keeps what it has."""

from collections.abc import Sequence

from engine.fields import Schema
from engine.operations import Action, Operation
from engine.recipe.steps import AnyStep, SetStep, Step
from engine.recipe.texts import FieldPath


def can_do_without(
    step: AnyStep, action: Operation | None, path: FieldPath, lost: set[FieldPath]
) -> bool:
    """Return whether a step may go on without what fills one of its fields.

    :param action: what the step uses, if it uses an app; ``lost`` has all fields that are left out.
    """
    if isinstance(step, SetStep):
        return True  # whatever reads the value is paused itself, or stops
    return (
        isinstance(step, Step)
        and isinstance(action, Action)
        and _may_be_left_out(action, step, path, lost)
    )


def _may_be_left_out(action: Action, step: Step, path: FieldPath, lost: set[FieldPath]) -> bool:
    """Return whether an action takes a row without a field.

    :param lost: all fields that are left out.
    """
    if action.kind == "search":
        return False  # it would look for something else
    own = action.parameters.get("properties", {})
    if action.row is not None and path[0] in own:
        return False  # it would go elsewhere
    words = [step.blanks.values.get(path[:length]) for length in range(len(path), 0, -1)]
    blank = next((str(word) for word in words if word is not None), step.blank)
    if blank == "reject":
        return False
    every = list(step.fields.values)
    if _is_whole(action.inputs, every, [other for other in every if other not in lost]):
        return True
    to_blame = [
        one for one in lost if not _is_whole(action.inputs, every, [p for p in every if p != one])
    ]
    return bool(to_blame) and path not in to_blame


def _is_whole(node: Schema, every: Sequence[FieldPath], given: Sequence[FieldPath]) -> bool:
    """Return whether a record with some of its fields has all that it must have.

    :param every: the fields that the recipe fills.
    """
    node = _record_of(node)
    names, filled = {path[0] for path in given}, {path[0] for path in every}
    if not names.issuperset(filled.intersection(node.get("required", ()))):
        return False
    for name in names:
        within = [path[1:] for path in given if path[0] == name and len(path) > 1]
        all_within = [path[1:] for path in every if path[0] == name and len(path) > 1]
        part = node.get("properties", {}).get(name, {})
        if within and not _is_whole(part, all_within, within):
            return False
    return True


def _record_of(node: Schema) -> Schema:
    for option in node.get("anyOf", ()):
        if option.get("type") == "object":
            found: Schema = option
            return found
    return node
