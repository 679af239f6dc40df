"""Reading the steps of a recipe: which kind each is, and those that use a connector."""

from collections import Counter
from collections.abc import Collection, Mapping

from engine.recipe.reading.answers import AnswerReader
from engine.recipe.reading.calls import CallReader
from engine.recipe.reading.durable import DurableReader
from engine.recipe.reading.foreign_keys import SAME_KEY
from engine.recipe.reading.joins import JoinReader
from engine.recipe.reading.keys import KINDS, STEP
from engine.recipe.reading.on_error import OnErrorReader
from engine.recipe.reading.persons import PersonReader
from engine.recipe.reading.trigger import TriggerReader
from engine.recipe.steps import (
    USUAL,
    AnyStep,
    Blank,
    IfNone,
    Step,
    Steps,
    every_step,
)
from engine.recipe.texts import FieldPath, FieldSet, Text
from engine.recipe.yaml.nodes import ListNode, MapNode, Node, Scalar

BLANKS: Mapping[str, Blank] = {
    "leave alone": "leave alone",
    "clear": "clear",
    "reject": "reject",
}


class StepReader(
    CallReader,
    DurableReader,
    JoinReader,
    AnswerReader,
    OnErrorReader,
    PersonReader,
    TriggerReader,
):
    """The grammar of steps: one method a kind; those of control flow are the FlowReader's."""

    def all_steps(self, node: Node, records: Collection[str]) -> Steps:
        """Return a recipe's steps.

        :param records: what the recipe calls its triggers' records.
        """
        steps = self.block(node, "steps")
        self._ids_differ(steps, records)
        return steps

    def one_step(self, node: Node) -> AnyStep | None:
        if not isinstance(node, MapNode):
            self.entries(node, STEP)
            return None
        self.step = _written_id(node)
        step = getattr(self, READERS[_kind_of(node)])(node)
        self.step = ""
        assert step is None or isinstance(step, AnyStep)
        return step

    def use_step(self, node: MapNode) -> Step:
        parts = self.entries(node, STEP)
        use = self.use(parts)
        written = self.optional_text(parts, "id")
        id = self.name(written, "A step") if written else _id_from(use)
        self.step = id.value if id else self.step
        blank, blanks = self.blank(parts["blank"]) if "blank" in parts else (None, FieldSet())
        none = parts.get("if_none")
        creates = none is not None and _holds_steps(none)
        return Step(
            id=id or Text("", node.position),
            use=use,
            connection=self.optional_text(parts, "connection"),
            person=self.by_person(parts["person"]) if "person" in parts else None,
            fields=self.fields(parts["with"], "with") if "with" in parts else FieldSet(),
            key=self.optional_text(parts, "key"),
            condition=self.optional_text(parts, "if"),
            blank=blank or "leave alone",
            blanks=blanks,
            if_none=self.if_none(none) if none is not None and not creates else None,
            creates=self.block(none, "if_none") if none is not None and creates else (),
            on_error=self.on_error(parts["on_error"]) if "on_error" in parts else USUAL,
            otherwise=self.block(parts["otherwise"], "otherwise") if "otherwise" in parts else (),
            position=node.position,
        )

    def blank(self, node: Node) -> tuple[Blank | None, FieldSet]:
        """Return what empty fields do: all of them, and single ones."""
        if not isinstance(node, MapNode):
            word = self.choice(node, "blank", tuple(BLANKS))
            return BLANKS[word] if word else None, FieldSet()
        found: dict[FieldPath, tuple[Text, Text]] = {}
        self._blanks(node, (), found)
        all_others = found.pop(("otherwise",), None)
        positions = {path: text.position for path, (text, _) in found.items()}
        words = {path: word for path, (_, word) in found.items()}
        blank = BLANKS[all_others[1].value] if all_others else None
        return blank, FieldSet(words, positions)

    def _blanks(
        self, node: MapNode, above: FieldPath, found: dict[FieldPath, tuple[Text, Text]]
    ) -> None:
        """Note each field's name and word; a name and one within it may both stand there."""
        for key, child in self.names(node).values():
            path = self.field_path(key, above)
            if path is None:
                continue
            name = ".".join(path)
            if path in found:
                self.wrong(
                    key.position,
                    "duplicate-key",
                    f"'{name}' is written twice, first in line {found[path][0].position.line}.",
                    "Keep one of them.",
                )
            elif isinstance(child, MapNode):
                self._blanks(child, path, found)
            elif isinstance(child, Scalar) and self.choice(child, name, tuple(BLANKS)):
                found[path] = key, child.text
            elif not isinstance(child, Scalar):
                self.text(child, name)

    def if_none(self, node: Node) -> IfNone | None:
        if isinstance(node, MapNode):
            names = self.names(node)
            if len(names) == 1:
                word, (text, value) = next(iter(names.items()))
                then = self.choice(Scalar(text), "if_none", ("reject", "skip"))
                reason = self.text(value, word)
                if then is None or reason is None:
                    return None
                return IfNone("reject" if then == "reject" else "skip", reason)
            self.wrong(
                node.position,
                "wrong-kind",
                "'if_none' says one thing only.",
                "Write `if_none: {reject: The reason.}`, `{skip: The reason.}` or `continue`, or "
                "a step that makes one: `{use: …, with: …}`.",
            )
            return None
        match self.choice(node, "if_none", ("reject", "skip", "continue")):
            case "reject":
                return IfNone("reject")
            case "skip":
                return IfNone("skip")
            case "continue":
                return IfNone("continue")
        return None

    def _ids_differ(self, steps: Steps, records: Collection[str]) -> None:
        named = [step for step in every_step(steps) if step.id.value]
        counted = Counter(step.id.value for step in named)
        first: dict[str, AnyStep] = {}
        for step in named:
            id = step.id
            self.step = id.value
            if id.value in records:
                self.wrong(
                    id.position,
                    "duplicate-id",
                    f"The step is called '{id.value}', and so is the trigger's record.",
                    "Give the step another `id`, or the record another name with `as`.",
                )
            elif id.value in first:
                self.wrong(
                    id.position,
                    "duplicate-id",
                    f"{counted[id.value]} steps are called '{id.value}'; the first is in line "
                    f"{first[id.value].position.line}.",
                    "Give each an `id` of its own.",
                )
            first.setdefault(id.value, step)
        self.step = ""


#: The method that reads each kind of step, by the key that tells the kind.
READERS: Mapping[str, str] = {
    "use": "use_step",
    "ask": "ask_step",
    "for_each": "each_step",
    "choose": "choose_step",
    "set": "set_step",
    "reject": "end_step",
    "skip": "end_step",
    "stop": "end_step",
    "call": "call_step",
    "wait": "wait_step",
    "until": "until_step",
    "parallel": "parallel_step",
    "collect": "collect_step",
    "join": "join_step",
    "answer": "answer_step",
    "steps": "group_step",
}


def _kind_of(node: MapNode) -> str:
    """Return the key that tells which kind of step it is; ``use`` where none does."""
    written = {key.text.value for key, _ in node.pairs if isinstance(key, Scalar)}
    meant = {key for word in written for key in SAME_KEY.get(word, ())} - {"steps"}
    return next((kind for words in (written, meant) for kind in KINDS if kind in words), "use")


def _written_id(node: MapNode) -> str:
    """Return the step's id as it stands in the file, for the findings of the step."""
    for key, value in node.pairs:
        if isinstance(key, Scalar) and isinstance(value, Scalar) and key.text.value == "id":
            return value.text.value
    return ""


def _id_from(use: Text) -> Text | None:
    """Return the operation's name, which a step without an id goes by."""
    connector, dot, operation = use.value.partition(".")
    if not dot or not operation.isidentifier():
        return None
    return Text(operation, use.at(len(connector) + 1))


def _holds_steps(node: Node) -> bool:
    """Return whether an ``if_none`` is steps that make what isn't found."""
    if isinstance(node, ListNode):
        return True
    if not isinstance(node, MapNode):
        return False
    written = {key.text.value for key, _ in node.pairs if isinstance(key, Scalar)}
    return len(written) > 1 and bool(written & KINDS.keys())
