"""Reading steps whose records wait, are tried in rounds, go several ways or end up in one message."""

from datetime import timedelta

from engine.recipe.durations import DurationError, parse_duration
from engine.recipe.keys import WAIT, WAIT_UNTIL
from engine.recipe.nodes import MapNode, Node
from engine.recipe.read_flow import FlowReader
from engine.recipe.steps import LONGEST_WAIT, WaitStep
from engine.recipe.texts import Text


class DurableReader(FlowReader):
    """Reads the steps that a record may stay at, besides those of the FlowReader."""

    def wait_step(self, node: MapNode) -> WaitStep | None:
        parts = self.entries(node, WAIT)
        id = self.flow_id(parts, node, "wait")
        length: timedelta | None = None
        until: Text | None = None
        written = parts.get("wait")
        if isinstance(written, MapNode):
            until = self.optional_text(self.entries(written, WAIT_UNTIL), "until")
        elif written is not None:
            length = self.length(written, "wait")
        if length is None and until is None:
            return None
        return WaitStep(
            id=id,
            length=length,
            until=until,
            condition=self.optional_text(parts, "if"),
            position=node.position,
        )

    def length(self, node: Node, name: str) -> timedelta | None:
        """Return a length of time, more than none and at most a year."""
        text = self.text(node, name)
        if text is None:
            return None
        try:
            length = parse_duration(text.value)
        except DurationError as error:
            hint = error.hint
            if "{{" in text.value:
                hint = 'Write `wait: {until: "{{ … }}"}` for a moment that the record names.'
            self.wrong(text.position, "bad-duration", error.message, hint)
            return None
        if not length or length > LONGEST_WAIT:
            self.wrong(
                text.position,
                "bad-duration",
                f"'{name}' needs a length of time."
                if not length
                else f"'{text.value}' is longer than a year, and nothing waits for so long.",
                "Write it like `10 minutes`, `2 hours` or `1 day`.",
            )
            return None
        return length
