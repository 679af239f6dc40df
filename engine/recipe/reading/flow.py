"""Reading steps that guide a record's way: loops, choices, values, and where the way ends."""

from typing import cast

from engine.recipe.reading.asks import AskReader
from engine.recipe.reading.keys import BRANCH, CHOOSE, EACH, GROUP, KINDS, SET
from engine.recipe.steps import (
    AnyStep,
    Branch,
    ChooseStep,
    EachStep,
    EndStep,
    IfItemFails,
    SetStep,
    Steps,
)
from engine.recipe.texts import FieldSet, Text
from engine.recipe.yaml.nodes import ListNode, MapNode, Node, Scalar

IF_ITEM_FAILS = ("reject", "continue")


class FlowReader(AskReader):
    """Reads the steps that hold other steps, or end a way, besides questions."""

    def one_step(self, node: Node) -> AnyStep | None:
        raise NotImplementedError

    def block(self, node: Node, name: str) -> Steps:
        """Return a list of steps; one step alone may stand where only one is meant."""
        outer = self.step
        items = node.items if isinstance(node, ListNode) else ()
        if isinstance(node, MapNode) and name in {"otherwise", "if_none"}:
            items = (node,)
        elif not isinstance(node, ListNode):
            items = self.items(node, name)
        if isinstance(node, ListNode) and not items:
            self.wrong(node.position, "no-value", f"'{name}' has no step in it.")
        steps = tuple(step for item in items if (step := self.one_step(item)) is not None)
        self.step = outer
        return steps

    def each_step(self, node: MapNode) -> EachStep | None:
        node = _around_its_step(node)
        parts = self.entries(node, EACH)
        items = self.optional_text(parts, "for_each")
        item = self.optional_text(parts, "as")
        fails = "reject"
        if "if_item_fails" in parts:
            fails = self.choice(parts["if_item_fails"], "if_item_fails", IF_ITEM_FAILS) or fails
        if items is None:
            return None
        return EachStep(
            id=self.flow_id(parts, node, "for each"),
            items=items,
            item=(self.name(item, "The entry") if item else None) or Text("item", node.position),
            key=self.optional_text(parts, "key"),
            condition=self.optional_text(parts, "if"),
            steps=self.block(parts["steps"], "steps") if "steps" in parts else (),
            if_item_fails=cast(IfItemFails, fails),
            position=node.position,
        )

    def choose_step(self, node: MapNode) -> ChooseStep:
        parts = self.entries(node, CHOOSE)
        branches = []
        for branch in self.items(parts["choose"], "choose") if "choose" in parts else ():
            inner = self.entries(branch, BRANCH)
            condition = self.optional_text(inner, "if")
            if condition is not None and "steps" in inner:
                branches.append(Branch(condition, self.block(inner["steps"], "steps")))
        return ChooseStep(
            id=self.flow_id(parts, node, "choose"),
            branches=tuple(branches),
            otherwise=self.block(parts["otherwise"], "otherwise") if "otherwise" in parts else (),
            condition=self.optional_text(parts, "if"),
            position=node.position,
        )

    def group_step(self, node: MapNode) -> ChooseStep | None:
        parts = self.entries(node, GROUP)
        condition = self.optional_text(parts, "if")
        steps = self.block(parts["steps"], "steps")
        if condition is None:
            return None
        return ChooseStep(
            id=self.flow_id(parts, node, "steps"),
            branches=(Branch(condition, steps),),
            otherwise=self.block(parts["otherwise"], "otherwise") if "otherwise" in parts else (),
            position=node.position,
        )

    def set_step(self, node: MapNode) -> SetStep:
        parts = self.entries(node, SET)
        return SetStep(
            id=self.flow_id(parts, node, "set"),
            fields=self.fields(parts["set"], "set") if "set" in parts else FieldSet(),
            condition=self.optional_text(parts, "if"),
            position=node.position,
        )

    def end_step(self, node: MapNode) -> EndStep | None:
        names = self.names(node)
        kind = next(word for word in ("reject", "skip", "stop") if word in names)
        parts = self.entries(node, KINDS[kind])
        reason = self.optional_text(parts, kind)
        if reason is None:
            return None
        return EndStep(
            id=self.flow_id(parts, node, kind),
            ending=kind,
            reason=reason,
            condition=self.optional_text(parts, "if"),
            position=node.position,
        )

    def flow_id(self, parts: dict[str, Node], node: MapNode, kind: str) -> Text:
        """Return the step's id; without one it is called like its kind, which can't be read."""
        written = self.optional_text(parts, "id")
        id = self.name(written, "A step") if written else None
        if id is None:
            # A space in it: templates can't read it by accident.
            self.unnamed[kind] += 1
            id = Text(f"{kind} {self.unnamed[kind]}", node.position)
        self.step = id.value
        return id


#: What a loop has of its own where its one step stands in the same map.
LOOP_KEYS = frozenset({"for_each", "as", "id", "if_item_fails"})


def _around_its_step(node: MapNode) -> MapNode:
    """Return a loop with ``steps:``; its one step may be written beside ``for_each:``."""
    written = {key.text.value for key, _ in node.pairs if isinstance(key, Scalar)}
    if "steps" in written or not written & (KINDS.keys() - {"for_each", "steps"}):
        return node
    own: list[tuple[Node, Node]] = []
    inner: list[tuple[Node, Node]] = []
    for pair in node.pairs:
        key = pair[0]
        loop = isinstance(key, Scalar) and key.text.value in LOOP_KEYS
        (own if loop else inner).append(pair)
    block = ListNode((MapNode(tuple(inner), node.position),), node.position)
    return MapNode((*own, (Scalar(Text("steps", node.position)), block)), node.position)
