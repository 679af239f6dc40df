"""Checking what a recipe names outside itself: connectors, their operations, and connections."""

from collections.abc import Collection

from engine.errors import SetupError
from engine.host import Host
from engine.operations import PERSON, Action, Trigger
from engine.recipe.findings import Findings
from engine.recipe.suggest import did_you_mean, nearest, surely
from engine.recipe.texts import Text


class UseChecker:
    """Looks up what ``use:`` and ``connection:`` name, with findings for what isn't there.

    :param connections: names of the connections there are; None leaves them unchecked.
    """

    def __init__(self, host: Host, connections: Collection[str] | None, findings: Findings) -> None:
        self.host = host
        self.connections = connections
        self.findings = findings
        self.unknown_connections: set[str] = set()

    def find(self, full_name: str) -> Trigger | Action | None:
        try:
            return self.host.operation(full_name)
        except SetupError:
            return None

    def operation(self, use: Text, step: str) -> Trigger | Action | None:
        """Return the operation; None, with a finding, where there is none of that name."""
        if not use.value:
            return None  # the loader has said so
        found = self.find(use.value)
        if found is not None:
            return found
        connector_name, _, name = use.value.partition(".")
        connector = self.host.connectors.get(connector_name)
        if connector is None:
            broken = next((p for p in self.host.problems if connector_name in p.plugin), None)
            near = surely(
                connector_name,
                nearest(connector_name, self.host.connectors),
                self.host.connectors,
            )
            self.findings.about(
                use,
                "unknown-connector",
                f"There is no connector '{connector_name}'.",
                f"It could not be loaded: {broken}"
                if broken is not None
                else did_you_mean(connector_name, self.host.connectors),
                step=step,
                better=f"{near}.{name}" if near and broken is None else "",
            )
            return None
        wanted = connector.triggers if step == "trigger" else connector.actions
        near = surely(name, nearest(name, wanted), wanted)
        self.findings.about(
            use,
            "unknown-operation",
            f"{connector.title} has no {'trigger' if step == 'trigger' else 'action'} '{name}'.",
            did_you_mean(name, wanted) or f"{connector.title} has none.",
            step=step,
            better=f"{connector_name}.{near}" if near else "",
        )
        return None

    def others(self, connector_name: str, *, triggers: bool) -> str:
        connector = self.host.connectors[connector_name]
        names = connector.triggers if triggers else connector.actions
        what = "triggers" if triggers else "actions"
        if not names:
            return f"{connector.title} has no {what}."
        return f"{connector.title} has these {what}: {', '.join(names)}."

    def connection(
        self, operation: Trigger | Action, written: Text | None, use: Text, step: str
    ) -> None:
        """Check that the connection is there; a step without one uses its connector's name.

        A person can do any step, and no trigger.
        """
        if (written.value if written else operation.connector) == PERSON:
            if isinstance(operation, Trigger):
                self.findings.about(
                    written or use,
                    "person-trigger",
                    "A person can do steps; what starts a recipe has to be an app.",
                    "Name an account here, and write `connection: person` at a step.",
                    step=step,
                )
            return
        if operation.connector == PERSON:
            self.findings.about(
                written or use,
                "needless-connection",
                f"{operation.full_name} is always done by a person, and needs no account.",
                "Remove this line.",
                step=step,
            )
            return
        connector = self.host.connectors[operation.connector]
        asked = connector.needs_connection or (written and connector.may_have_connection)
        if self.connections is None or not asked:
            return
        name = written.value if written else connector.name
        if name in self.connections or name in self.unknown_connections:
            return
        self.unknown_connections.add(name)
        near = nearest(name, self.connections)
        add = f"`bridgework connections add {name} --connector {connector.name}` makes one."
        self.findings.about(
            written or use,
            "unknown-connection",
            f"There is no connection '{name}'.",
            f"Did you mean '{near}'?" if near else add,
            step=step,
            better=surely(name, near, self.connections) if written else "",
        )
