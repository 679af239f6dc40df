"""What all checks share: which operations a check is for, how it fails, how records are compared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn, TypeVar

import pytest

from engine.errors import BridgeworkError
from engine.fields import Record
from engine.fitting import misfit as misfit
from engine.operations import Action, Trigger
from engine.testing.rig import Rig
from engine.testing.subject import AnyOperation, Subject

C = TypeVar("C", bound=Callable[..., None])
Select = Callable[[Subject], Sequence[AnyOperation]]

#: JSON's names of Python types, in the order they are tried (True is an int, too).
KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number"),
    (str, "text"),
    (Mapping, "an object"),
    (list, "a list"),
)


class Checks:
    """Base of the groups of checks; ``connector_suite`` puts them together.

    :cvar subject: what is tested.
    """

    subject: ClassVar[Subject]


def each(select: Select) -> Callable[[C], C]:
    """Run a check for each operation that ``select`` returns: its one parameter."""

    def mark(check: C) -> C:
        check.__dict__["operations"] = select
        return check

    return mark


def fail(message: str) -> NoReturn:
    """End a check with a sentence instead of a traceback."""
    pytest.fail(message, pytrace=False)


# -- which operations ------------------------------------------------------------------------------


def triggers(subject: Subject) -> list[Trigger]:
    return [trigger for trigger in subject.triggers if subject.can_be_tried(trigger)]


def triggers_with_cursor(subject: Subject) -> list[Trigger]:
    return [trigger for trigger in triggers(subject) if trigger.cursor]


def triggers_in_order(subject: Subject) -> list[Trigger]:
    return [trigger for trigger in triggers_with_cursor(subject) if trigger.sorted]


def triggers_with_fetch(subject: Subject) -> list[Trigger]:
    return [trigger for trigger in triggers(subject) if trigger.fetch]


def actions(subject: Subject) -> list[Action]:
    return [action for action in subject.actions if subject.can_be_tried(action)]


def live_actions(subject: Subject) -> list[Action]:
    return [action for action in actions(subject) if action.live_functions]


def batch_actions(subject: Subject) -> list[Action]:
    return [action for action in actions(subject) if action.kind == "batch"]


def operations(subject: Subject) -> list[AnyOperation]:
    return [*subject.triggers, *subject.actions]


def repeatable_actions(subject: Subject) -> list[Action]:
    return [action for action in batch_actions(subject) if action.idempotent]


def findable_actions(subject: Subject) -> list[Action]:
    return [action for action in actions(subject) if action.find is not None]


def keyed_actions(subject: Subject) -> list[Action]:
    return [action for action in actions(subject) if action.idempotency_key]


def operations_to_try(subject: Subject) -> list[AnyOperation]:
    return [*triggers(subject), *actions(subject)]


def remote_operations(subject: Subject) -> list[AnyOperation]:
    """Return the operations that can be tried against the practice server."""
    return [] if subject.server is None else operations_to_try(subject)


def remote_triggers(subject: Subject) -> list[Trigger]:
    return [] if subject.server is None else triggers(subject)


# -- comparing -------------------------------------------------------------------------------------


def unlike(sample: Mapping[str, Any], records: Iterable[Record]) -> list[str]:
    """Return what a sample says of records that no record shows."""
    kinds: dict[str, set[str]] = {}
    for record in records:
        for name, value in record.items():
            kinds.setdefault(name, set()).add(kind(value))
    problems = []
    for name, value in sample.items():
        if name not in kinds:
            problems.append(f"no record has its {name!r}")
        elif kind(value) not in kinds[name]:
            found = " or ".join(sorted(kinds[name]))
            problems.append(f"its {name!r} is {kind(value)}, but records have {found}")
    return problems


def kind(value: Any) -> str:
    return next((words for type_, words in KINDS if isinstance(value, type_)), "null")


def outcome(rig: Rig, operation: AnyOperation) -> BridgeworkError | None:
    """Try an operation out; return the error a person would read, or None when it went well."""
    try:
        rig.try_out(operation)
    except BridgeworkError as error:
        return error
    return None
