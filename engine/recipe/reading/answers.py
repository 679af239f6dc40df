"""Reading ``answer``: the status, the body and the headers that a caller gets."""

from engine.recipe.answer_steps import AnswerStep
from engine.recipe.reading.fields import FieldReader
from engine.recipe.reading.keys import ANSWER, ANSWERED
from engine.recipe.texts import FieldSet, Text
from engine.recipe.yaml.nodes import MapNode, Node, Scalar

#: What the whole body is called among the fields.
BODY = "body"


class AnswerReader(FieldReader):
    """Reads answers besides what :class:`~engine.recipe.reading.fields.FieldReader` reads."""

    def flow_id(self, parts: dict[str, Node], node: MapNode, kind: str) -> Text:
        raise NotImplementedError

    def answer_step(self, node: MapNode) -> AnswerStep:
        parts = self.entries(node, ANSWER)
        id = self.flow_id(parts, node, "answer")
        given = self.entries(parts["answer"], ANSWERED) if "answer" in parts else {}
        return AnswerStep(
            id=id,
            condition=self.optional_text(parts, "if"),
            status=self.optional_text(given, "status"),
            body=self._body(given[BODY]) if BODY in given else FieldSet(),
            headers=self._headers(given["headers"]) if "headers" in given else FieldSet(),
            position=node.position,
        )

    def _body(self, node: Node) -> FieldSet:
        """Return the body as fields, all below one name: a text and a list have none of their own."""
        name = Scalar(Text(BODY, node.position))
        return self.fields(MapNode(((name, node),), node.position), "answer")

    def _headers(self, node: Node) -> FieldSet:
        found = self.fields(node, "headers")
        for path in found.values:
            if len(path) > 1 or not isinstance(found.values[path], Text):
                self.wrong(
                    found.positions[path],
                    "wrong-kind",
                    f"The header '{'.'.join(path)}' has one value, a text or a template.",
                )
        return found
