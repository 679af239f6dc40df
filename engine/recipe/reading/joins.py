"""Reading ``join``: two lists, and the field that tells which of their entries belong together."""

from collections.abc import Mapping

from engine.recipe.join_steps import JoinStep, Keep
from engine.recipe.reading.keys import JOIN, JOINED, JOINED_ON
from engine.recipe.reading.reader import Reader
from engine.recipe.texts import Text
from engine.recipe.yaml.nodes import MapNode, Node

KEEP: Mapping[str, Keep] = {"both": "both", "left": "left", "all": "all"}
#: What the right entry is called where the recipe doesn't say.
PARTNER = "right"


class JoinReader(Reader):
    """Reads joins besides what :class:`~engine.recipe.reading.reader.Reader` reads."""

    def flow_id(self, parts: dict[str, Node], node: MapNode, kind: str) -> Text:
        raise NotImplementedError

    def join_step(self, node: MapNode) -> JoinStep | None:
        parts = self.entries(node, JOIN)
        id = self.flow_id(parts, node, "join")
        partner = self.optional_text(parts, "as")
        partner = self.name(partner, "The right entry") if partner else None
        lists = self.entries(parts["join"], JOINED) if "join" in parts else {}
        left, right = self.optional_text(lists, "left"), self.optional_text(lists, "right")
        on = self._on(lists["on"]) if "on" in lists else None
        keep = self.choice(lists["keep"], "keep", tuple(KEEP)) if "keep" in lists else None
        if left is None or right is None or on is None:
            return None
        return JoinStep(
            id=id,
            condition=self.optional_text(parts, "if"),
            left=left,
            right=right,
            left_on=on[0],
            right_on=on[1],
            keep=KEEP[keep] if keep else "both",
            partner=partner or Text(PARTNER, node.position),
            position=node.position,
        )

    def _on(self, node: Node) -> tuple[Text, Text] | None:
        """Return the fields of both lists; one name stands for both."""
        if not isinstance(node, MapNode):
            field = self.text(node, "on")
            return None if field is None else (field, field)
        parts = self.entries(node, JOINED_ON)
        left, right = self.optional_text(parts, "left"), self.optional_text(parts, "right")
        return None if left is None or right is None else (left, right)
