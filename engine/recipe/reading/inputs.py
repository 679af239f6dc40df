"""Reading ``inputs:``: what a recipe takes, with types, defaults and choices."""

from typing import Any

import jsonschema_rs

from engine.recipe.inputs import TYPES, Input
from engine.recipe.reading.keys import INPUT
from engine.recipe.reading.reader import Reader
from engine.recipe.suggest import did_you_mean, nearest, surely
from engine.recipe.templates.coerce import CoerceError, coercer
from engine.recipe.texts import Text
from engine.recipe.yaml.nodes import ListNode, MapNode, Node, Scalar

#: What else people call a type.
ALSO = {
    "string": "text",
    "str": "text",
    "int": "whole number",
    "integer": "whole number",
    "float": "number",
    "boolean": "yes/no",
    "bool": "yes/no",
    "email": "e-mail",
    "options": "choice",
    "array": "list",
    "object": "record",
}
YES_NO = ("yes", "no", "true", "false")


class InputReader(Reader):
    """Reads inputs besides what :class:`~engine.recipe.reading.reader.Reader` reads."""

    def inputs(self, node: Node) -> tuple[Input, ...]:
        if not isinstance(node, MapNode):
            self.wrong(
                node.position,
                "wrong-kind",
                "'inputs' holds the inputs by name.",
                "Write `name: type` lines, e.g. `email: e-mail`.",
            )
            return ()
        found = []
        for text, about in self.names(node).values():
            name = self.name(text, "An input")
            if name is not None:
                found.append(self._input(name, about))
        return tuple(found)

    def _input(self, name: Text, node: Node) -> Input:
        if isinstance(node, Scalar):
            written = self.text(node, name.value)
            return Input(name, self._kind(written) if written else "text")
        parts = self.entries(node, INPUT)
        choices = self._choices(parts["choices"]) if "choices" in parts else ()
        written = self.optional_text(parts, "type")
        kind = self._kind(written) if written else "choice" if choices else "text"
        if kind == "choice" and not choices:
            self.wrong(
                written.position if written else name.position,
                "missing-key",
                f"The input '{name.value}' is a choice, so it needs 'choices'.",
                "Write e.g. `choices: [small, large]`.",
            )
            kind = "text"
        about = self.optional_text(parts, "description")
        default = self._default(parts["default"], kind, choices) if "default" in parts else None
        of = self.optional_text(parts, "of")
        pick = self.optional_text(parts, "pick")
        if pick is not None and pick.value.count(".") != 2:
            self.wrong(
                pick.position,
                "bad-pick",
                f"'{pick.value}' names no field of an operation.",
                "Write connector, operation and field, e.g. `mailchimp.upsert_members.audience`.",
            )
        required = default is None and "default" not in parts
        if "required" in parts:
            required = self.choice(parts["required"], "required", YES_NO) in {"yes", "true"}
        return Input(
            name,
            kind,
            required,
            default,
            about.value if about else "",
            choices,
            of.value if of else "",
            pick.value if pick else "",
        )

    def _kind(self, written: Text) -> str:
        word = written.value.strip().lower()
        kind = ALSO.get(word, word)
        if kind in TYPES:
            return kind
        better = surely(word, nearest(word, TYPES))
        self.wrong(
            written.position,
            "unknown-choice",
            f"An input can't be a '{written.value}'.",
            did_you_mean(word, list(TYPES), "It is one of"),
            self.findings.with_word(written.position, written.value, better) if better else "",
        )
        return "text"

    def _choices(self, node: Node) -> tuple[str, ...]:
        texts = [self.text(item, "choices") for item in self.items(node, "choices")]
        return tuple(text.value for text in texts if text is not None)

    def _default(self, node: Node, kind: str, choices: tuple[str, ...]) -> Any:
        schema = Input(Text("", node.position), kind, choices=choices).schema
        written: Any
        if isinstance(node, ListNode) and kind == "list":
            texts = [self.text(item, "default", filled=False) for item in node.items]
            written = [text.value for text in texts if text is not None]
        else:
            text = self.text(node, "default", filled=False)
            if text is None or not text.value.strip():
                return None
            written = text.value
            if "{{" in written:
                self.wrong(text.position, "bad-default", "A default can't be a template.")
                return None
        try:
            value = coercer(schema)(written)
        except CoerceError as error:
            self.wrong(node.position, "wrong-value", f"'default': {error.message}", error.hint)
            return None
        if not jsonschema_rs.validator_for(schema).is_valid(value):
            self.wrong(
                node.position,
                "wrong-value",
                f"'default' can't be '{written}'.",
                did_you_mean(str(written), list(choices), "It is one of") if choices else "",
            )
            return None
        return value
