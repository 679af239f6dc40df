"""Reading a step that asks a person: the question, what may be answered, and what if nobody does."""

from datetime import timedelta
from typing import cast

from engine.recipe.reading.fields import FieldReader
from engine.recipe.reading.keys import ASK
from engine.recipe.reading.reader import kind_of
from engine.recipe.schedule.durations import DurationError, parse_duration
from engine.recipe.steps import NO, YES_OR_NO, AnswerKind, AskStep, OnNo
from engine.recipe.texts import Text
from engine.recipe.yaml.nodes import ListNode, MapNode, Node, Scalar

#: What may stand behind `answer:` instead of choices.
TYPED = ("text", "number", "date")
ON_NO = ("skip", "reject", "continue")
#: More buttons than this are a form, not a question.
MOST_CHOICES = 12
LONGEST_CHOICE = 60


class AskReader(FieldReader):
    """Reads questions besides what :class:`~engine.recipe.reading.fields.FieldReader` reads."""

    def ask_step(self, node: MapNode) -> AskStep:
        """Return the question that a step with `ask:` is."""
        if any(isinstance(key, Scalar) and key.text.value == "use" for key, _ in node.pairs):
            self.wrong(
                node.position,
                "use-and-ask",
                "A step either uses an app or asks a person, not both.",
                "Make two steps of it: `ask` first, then `use`.",
            )
            pairs = tuple(pair for pair in node.pairs if _name(pair[0]) in ASK.keys)
            node = MapNode(pairs, node.position)
        parts = self.entries(node, ASK)
        asked = self.optional_text(parts, "ask")
        written = self.optional_text(parts, "id")
        id = self.name(written, "A step") if written else Text("ask", node.position)
        self.step = id.value if id else self.step
        kind, choices = self._answers(parts)
        within = self.within(parts["within"]) if "within" in parts else None
        step = AskStep(
            id=id or Text("", node.position),
            text=asked or Text("", node.position),
            details=self._details(parts["details"]) if "details" in parts else {},
            kind=kind,
            choices=choices,
            people=self.people(parts["of"]) if "of" in parts else (),
            within=within,
            otherwise=self._otherwise(parts, kind, choices),
            on_no=self._on_no(parts["on_no"], choices) if "on_no" in parts else "skip",
            condition=self.optional_text(parts, "if"),
            position=node.position,
        )
        self.step = ""
        return step

    def _details(self, node: Node) -> dict[str, Text]:
        if not isinstance(node, MapNode):
            self.wrong(
                node.position,
                "wrong-kind",
                f"'details' takes `label: value` lines, not {kind_of(node)}.",
            )
            return {}
        read = {label: self.text(value, label) for label, (_, value) in self.names(node).items()}
        return {label: text for label, text in read.items() if text is not None}

    def _answers(self, parts: dict[str, Node]) -> tuple[AnswerKind, tuple[str, ...]]:
        """Return what an answer is, and the choices there are."""
        if "answer" in parts:
            kind = self.choice(parts["answer"], "answer", TYPED)
            if "choices" in parts:
                self.wrong(
                    parts["choices"].position,
                    "choices-and-answer",
                    "A question is answered by a choice or by something typed, not both.",
                    "Keep 'choices' or 'answer'.",
                )
            return cast(AnswerKind, kind or "text"), ()
        return "choice", self._choices(parts["choices"]) if "choices" in parts else YES_OR_NO

    def _choices(self, node: Node) -> tuple[str, ...]:
        found: list[str] = []
        for item in self.items(node, "choices"):
            text = self.text(item, "choices")
            if text is None:
                continue
            value = text.value.strip()
            if "{{" in value:
                self.wrong(text.position, "bad-choice", "A choice can't be a template.")
            elif len(value) > LONGEST_CHOICE:
                self.wrong(
                    text.position,
                    "bad-choice",
                    f"A choice has at most {LONGEST_CHOICE} characters.",
                    "Say the rest in the question.",
                )
            elif value in found:
                self.wrong(text.position, "bad-choice", f"'{value}' stands here twice.")
            else:
                found.append(value)
        if len(found) > MOST_CHOICES:
            self.wrong(
                node.position,
                "bad-choice",
                f"These are {len(found)} choices; a question has at most {MOST_CHOICES}.",
                "Write `answer: text` instead, or ask in two steps.",
            )
        elif isinstance(node, ListNode) and not node.items:
            self.wrong(node.position, "no-value", "'choices' has no choice in it.")
        return tuple(found) or YES_OR_NO

    def people(self, node: Node) -> tuple[Text, ...]:
        items = (node,) if isinstance(node, Scalar) else self.items(node, "of")
        people = [text for item in items if (text := self.text(item, "of")) is not None]
        for text in people:
            if "{{" not in text.value and "@" not in text.value:
                self.wrong(
                    text.position,
                    "not-an-address",
                    f"'{text.value}' is not an e-mail address.",
                    "Name people by the address they log in with, or by a template.",
                )
        return tuple(people)

    def within(self, node: Node) -> timedelta | None:
        text = self.text(node, "within")
        if text is None:
            return None
        try:
            length = parse_duration(text.value)
        except DurationError as error:
            self.wrong(text.position, "bad-duration", error.message, error.hint)
            return None
        if not length:
            self.wrong(
                text.position,
                "bad-duration",
                "Nobody can do it within no time.",
                "Write a length of time such as `3 days`, or remove the line: it then waits.",
            )
            return None
        return length

    def _otherwise(self, parts: dict[str, Node], kind: AnswerKind, choices: tuple[str, ...]) -> str:
        if "otherwise" not in parts:
            return "reject"
        if "within" not in parts:
            self.wrong(
                parts["otherwise"].position,
                "misplaced-key",
                "'otherwise' says what happens when time is up, and this question has no 'within'.",
                "Add e.g. `within: 3 days`, or remove it.",
            )
        return (
            self.choice(parts["otherwise"], "otherwise", ("reject", "skip", *choices)) or "reject"
        )

    def _on_no(self, node: Node, choices: tuple[str, ...]) -> OnNo:
        if NO not in choices:
            self.wrong(
                node.position,
                "misplaced-key",
                f"'on_no' is for questions that can be answered with '{NO}'.",
                "Remove it; later steps can read the answer in their `if`.",
            )
        return cast(OnNo, self.choice(node, "on_no", ON_NO) or "skip")


def asks(node: MapNode) -> bool:
    """Return whether a step is a question."""
    return any(_name(key) == "ask" for key, _ in node.pairs)


def _name(key: Node) -> str:
    return key.text.value if isinstance(key, Scalar) else ""
