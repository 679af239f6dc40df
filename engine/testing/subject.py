"""What a suite tests: a connector, its practice server, and examples to try its operations with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.connector import Connector
from engine.operations import Action, Operation, Trigger
from engine.practice.server import PracticeServer

Rows = Sequence[Mapping[str, Any]]
AnyOperation = Trigger | Action


@dataclass(frozen=True)
class Subject:
    """One connector under test.

    :param server: makes a fresh practice server; None for a connector that talks to no server.
    :param parameters: by operation: the parameters to call it with.
    :param rows: by action: rows to send; for a single action or search, the rest of its parameters.
    :param files: by name: what is in the files that parameters and rows name.
    """

    connector: Connector
    server: Callable[[], PracticeServer] | None
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)

    @property
    def triggers(self) -> list[Trigger]:
        return list(self.connector.triggers.values())

    @property
    def actions(self) -> list[Action]:
        return list(self.connector.actions.values())

    def parameters_of(self, operation: Operation) -> dict[str, Any]:
        given = self.parameters.get(operation.full_name, self.parameters.get(operation.name, {}))
        return dict(given)

    def rows_of(self, action: Action) -> list[dict[str, Any]]:
        given = self.rows.get(action.full_name, self.rows.get(action.name, ()))
        return [dict(row) for row in given]

    def missing(self, operation: AnyOperation) -> list[str]:
        """Return the required fields that no example gives."""
        given = set(self.parameters_of(operation))
        if isinstance(operation, Action):
            rows = [set(row) for row in self.rows_of(operation)]
            given |= set.intersection(*rows) if rows else set()
        return [name for name in operation.inputs.get("required", []) if name not in given]

    def can_be_tried(self, operation: AnyOperation) -> bool:
        return not self.missing(operation)
