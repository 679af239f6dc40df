"""Reading steps whose records wait, are tried in rounds, go several ways or end up in one message."""

import re
from datetime import timedelta
from math import ceil
from typing import cast

from engine.recipe.durable_steps import (
    LONGEST_WAIT,
    MOST_COLLECTED,
    CollectStep,
    IfNever,
    ParallelStep,
    UntilStep,
    WaitStep,
)
from engine.recipe.reading.flow import FlowReader
from engine.recipe.reading.keys import COLLECT, KINDS, PARALLEL, UNTIL, WAIT, WAIT_UNTIL, WAY
from engine.recipe.schedule.durations import DurationError, parse_duration
from engine.recipe.steps import Steps
from engine.recipe.texts import FieldSet, Text
from engine.recipe.yaml.nodes import ListNode, MapNode, Node

IF_NEVER = ("reject", "continue")
TIMES = re.compile(r"(\d{1,6})(?: *(?:times?|rounds?|x))?", re.IGNORECASE)
#: From the end of a round to the next, and how many there are, where the recipe doesn't say.
USUAL_PAUSE, USUAL_ROUNDS = timedelta(seconds=10), 20
SHORTEST_PAUSE = timedelta(seconds=1)
MOST_ROUNDS = 1000
#: Each branch makes calls of its own at the same time.
MOST_BRANCHES = 8


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

    def until_step(self, node: MapNode) -> UntilStep | None:
        parts = self.entries(node, UNTIL)
        id = self.flow_id(parts, node, "until")
        done = self.optional_text(parts, "until")
        every = self.length(parts["every"], "every") if "every" in parts else None
        within = self.length(parts["within"], "within") if "within" in parts else None
        at_most = self._times(parts["at_most"]) if "at_most" in parts else None
        never = "reject"
        if "if_never" in parts:
            never = self.choice(parts["if_never"], "if_never", IF_NEVER) or never
        every = every or USUAL_PAUSE
        if every < SHORTEST_PAUSE:
            self.wrong(
                parts["every"].position,
                "bad-duration",
                "Rounds are a second apart at least.",
                "Write e.g. `every: 10 seconds`.",
            )
        if at_most is None:
            at_most = USUAL_ROUNDS if within is None else ceil(within / every) + 1
        self._bounded(node, every, at_most)
        if done is None:
            return None
        return UntilStep(
            id=id,
            done=done,
            steps=self.block(parts["steps"], "steps") if "steps" in parts else (),
            every=every,
            at_most=at_most,
            within=within,
            if_never=cast(IfNever, never),
            condition=self.optional_text(parts, "if"),
            position=node.position,
        )

    def _times(self, node: Node) -> int | None:
        text = self.text(node, "at_most")
        if text is None:
            return None
        found = TIMES.fullmatch(text.value.strip())
        if found is None or not int(found[1]):
            self.wrong(
                text.position,
                "bad-number",
                f"'{text.value}' is no number of times.",
                "Write it like `20 times`.",
            )
            return None
        return int(found[1])

    def _bounded(self, node: MapNode, every: timedelta, at_most: int) -> None:
        """See to it that rounds come to an end that somebody lives to see."""
        if at_most > MOST_ROUNDS:
            self.wrong(
                node.position,
                "too-many",
                f"These are up to {at_most:,} rounds, and there are {MOST_ROUNDS:,} at most.",
                "Let more time pass between them with `every`.",
            )
        elif every * at_most > LONGEST_WAIT:
            self.wrong(
                node.position,
                "bad-duration",
                f"{at_most:,} rounds take longer than a year, and nothing waits for so long.",
                "Write fewer with `at_most`, or let less time pass with `every`.",
            )

    def parallel_step(self, node: MapNode) -> ParallelStep:
        parts = self.entries(node, PARALLEL)
        id = self.flow_id(parts, node, "parallel")
        written = self.items(parts["parallel"], "parallel") if "parallel" in parts else ()
        branches = [steps for way in written if (steps := self._way(way)) is not None]
        if isinstance(parts.get("parallel"), ListNode) and not 2 <= len(written) <= MOST_BRANCHES:
            few = len(written) < 2
            self.wrong(
                parts["parallel"].position,
                "no-value" if few else "too-many",
                "'parallel' needs two branches at least."
                if few
                else f"These are {len(written)} branches, and there are {MOST_BRANCHES} at most.",
                "Write each as a list of steps, or as `steps:` with its own list."
                if few
                else "Put steps that may follow each other into one branch.",
            )
        return ParallelStep(
            id=id,
            branches=tuple(branches),
            condition=self.optional_text(parts, "if"),
            position=node.position,
        )

    def _way(self, node: Node) -> Steps | None:
        """Return a branch: a list of steps, `steps:` with one, or one step alone."""
        if not isinstance(node, MapNode):
            return self.block(node, "parallel")
        if self.names(node).keys() & (KINDS.keys() - {"steps"}):
            step = self.one_step(node)
            return () if step is None else (step,)
        inner = self.entries(node, WAY)
        return self.block(inner["steps"], "steps") if "steps" in inner else None

    def collect_step(self, node: MapNode) -> CollectStep:
        parts = self.entries(node, COLLECT)
        id = self.flow_id(parts, node, "collect")
        written = parts.get("collect")
        value, fields = None, FieldSet()
        if isinstance(written, MapNode):
            fields = self.fields(written, "collect")
        elif written is not None:
            value = self.text(written, "collect")
        size = self._size(parts["size"]) if "size" in parts else None
        return CollectStep(
            id=id,
            fields=fields,
            value=value,
            size=size or MOST_COLLECTED,
            steps=self.block(parts["steps"], "steps") if "steps" in parts else (),
            condition=self.optional_text(parts, "if"),
            position=node.position,
        )

    def _size(self, node: Node) -> int | None:
        text = self.text(node, "size")
        if text is None:
            return None
        number = text.value.strip()
        if not number.isdecimal() or not 0 < int(number) <= MOST_COLLECTED:
            self.wrong(
                text.position,
                "bad-number",
                f"'{number}' is no number of records for one message.",
                f"Write one from 1 to {MOST_COLLECTED:,}, e.g. `size: 100`.",
            )
            return None
        return int(number)

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
