"""Reading a recipe's trigger: where the records come from, and when."""

from collections.abc import Mapping
from datetime import timedelta

from engine.recipe.model import Missed, TriggerUse
from engine.recipe.reading.fields import FieldReader
from engine.recipe.reading.keys import TRIGGER
from engine.recipe.schedule.durations import DurationError, parse_duration, parse_span
from engine.recipe.texts import FieldSet, Text
from engine.recipe.yaml.nodes import MapNode, Node, Scalar
from engine.recipe.yaml.source import START

DEFAULT_OVERLAP = timedelta(minutes=10)
MISSED: Mapping[str, Missed] = {"run once late": "run once late", "skip": "skip"}
#: Longer ones would make a time of day meaningless.
LONGEST_JITTER = timedelta(hours=6)


class TriggerReader(FieldReader):
    """The trigger's part of the grammar, and what steps share with it."""

    def triggers(self, parts: Mapping[str, Node]) -> tuple[TriggerUse, ...]:
        """Return what starts the recipe: one trigger, or several that tell themselves apart."""
        if "triggers" not in parts:
            found = self.trigger(parts["trigger"]) if "trigger" in parts else None
            return () if found is None else (found,)
        items = self.items(parts["triggers"], "triggers")
        read = [trigger for item in items if (trigger := self.trigger(item)) is not None]
        if not items:
            self.wrong(parts["triggers"].position, "no-value", "'triggers' has no trigger in it.")
        seen: dict[str, TriggerUse] = {}
        for trigger in read:
            first = seen.setdefault(trigger.id.value, trigger)
            if first is not trigger and trigger.id.value:
                self.wrong(
                    trigger.id.position,
                    "duplicate-id",
                    f"Two triggers are called '{trigger.id.value}'; the first is in line "
                    f"{first.position.line}.",
                    "Give each an `id` of its own.",
                )
        return tuple(read)

    def both(self, root: Node) -> None:
        """Say that one trigger and several don't go together."""
        assert isinstance(root, MapNode)
        key = next(
            key for key, _ in root.pairs if isinstance(key, Scalar) and key.text.value == "trigger"
        )
        self.wrong(
            key.position,
            "misplaced-key",
            "A recipe has either 'trigger' or 'triggers'.",
            "Move the one under `trigger:` into the list under `triggers:`.",
        )

    def trigger(self, node: Node) -> TriggerUse | None:
        self.step = "trigger"
        parts = self.entries(node, TRIGGER)
        record = self.optional_text(parts, "as")
        record = self.name(record, "The record") if record else None
        use = self.use(parts)
        written = self.optional_text(parts, "id")
        id = self.name(written, "A trigger") if written else _id_from(use)
        missed = self.choice(parts["missed"], "missed", tuple(MISSED)) if "missed" in parts else ""
        trigger = TriggerUse(
            id=id or Text("", node.position),
            named=written is not None,
            use=use,
            connection=self.optional_text(parts, "connection"),
            fields=self.fields(parts["with"], "with") if "with" in parts else FieldSet(),
            record=record or Text("record", node.position),
            schedule=self.schedule(parts["schedule"], node)
            if "schedule" in parts
            else Text("manual", node.position),
            timezone=self.optional_text(parts, "timezone") or Text("UTC", node.position),
            missed=MISSED[missed] if missed else "run once late",
            jitter=self.jitter(parts["jitter"]) if "jitter" in parts else timedelta(),
            first_run=self.span(parts["first_run"]) if "first_run" in parts else None,
            overlap=self.overlap(parts["overlap"]) if "overlap" in parts else DEFAULT_OVERLAP,
            position=node.position,
        )
        self.step = ""
        return trigger if isinstance(node, MapNode) else None

    def schedule(self, node: Node, trigger: Node) -> Text:
        """Return the schedule's words; ``{cron: …}`` is the same as ``cron: …`` in quotes."""
        if isinstance(node, MapNode) and len(node.pairs) == 1:
            key, value = node.pairs[0]
            if isinstance(key, Scalar) and key.text.value == "cron":
                expression = self.text(value, "cron")
                if expression is not None:
                    return Text(f"cron: {expression.value}", expression.position)
        return self.text(node, "schedule") or Text("manual", trigger.position)

    def span(self, node: Node) -> timedelta | None:
        text = self.text(node, "first_run")
        try:
            return parse_span(text.value) if text else None
        except DurationError as error:
            assert text is not None
            self.wrong(text.position, "bad-duration", error.message, error.hint)
            return None

    def overlap(self, node: Node) -> timedelta:
        return self.duration(node, "overlap", DEFAULT_OVERLAP)

    def jitter(self, node: Node) -> timedelta:
        jitter = self.duration(node, "jitter", timedelta())
        if jitter > LONGEST_JITTER:
            self.wrong(
                node.position,
                "bad-duration",
                "A jitter is at most 6 hours.",
                "Write it like `10 minutes`.",
            )
        return min(jitter, LONGEST_JITTER)

    def duration(self, node: Node, name: str, default: timedelta) -> timedelta:
        text = self.text(node, name)
        try:
            return parse_duration(text.value) if text else default
        except DurationError as error:
            assert text is not None
            self.wrong(text.position, "bad-duration", error.message, error.hint)
            return default

    # -- what steps have too -------------------------------------------------------------------

    def use(self, parts: Mapping[str, Node]) -> Text:
        """Return ``connector.operation``; empty text where it can't be one."""
        text = self.optional_text(parts, "use")
        if text is None:
            return Text("", START)
        if "{{" in text.value:
            self.wrong(
                text.position,
                "bad-use",
                "'use' can't be a template: a recipe always uses the same app.",
                "Write one step for each app, and give each an `if:`.",
            )
            return Text("", text.position)
        connector, dot, operation = text.value.partition(".")
        if dot and connector and operation and "." not in operation:
            return text
        self.wrong(
            text.position,
            "bad-use",
            f"'{text.value}' names no trigger or action.",
            "Write the connector, a point and the operation, e.g. `clio.matter_changed`.",
        )
        return Text("", text.position)


def _id_from(use: Text) -> Text:
    """Return the operation's name, which a trigger without an id goes by."""
    connector, _, operation = use.value.partition(".")
    return Text(operation, use.at(len(connector) + 1))
