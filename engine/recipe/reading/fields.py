"""Reading what stands under ``with:``: nested maps, dotted names and lists, as one flat set."""

from dataclasses import dataclass, field

from engine.recipe.reading.reader import Reader, kind_of
from engine.recipe.texts import FieldPath, FieldSet, Position, Records, Text, Value
from engine.recipe.yaml.nodes import ListNode, MapNode, Node, Scalar


class FieldReader(Reader):
    """Reads fields besides what :class:`~engine.recipe.reading.reader.Reader` reads."""

    def fields(self, node: Node, name: str) -> FieldSet:
        """Return what stands under ``with:``, nested maps and dotted names alike."""
        if isinstance(node, MapNode):
            found = _Fields()
            self._flatten(node, (), found)
            return FieldSet(found.values, found.positions)
        self.wrong(
            node.position,
            "wrong-kind",
            f"'{name}' takes `field: value` lines, not {kind_of(node)}.",
            "Remove the hyphens." if isinstance(node, ListNode) else "",
        )
        return FieldSet()

    def _flatten(self, node: MapNode, above: FieldPath, found: "_Fields") -> None:
        for key, child in self.names(node).values():
            path = self.field_path(key, above)
            if path is None:
                continue
            if isinstance(child, MapNode):
                if not child.pairs:
                    self.wrong(key.position, "no-value", f"'{'.'.join(path)}' has no fields in it.")
                found.positions.setdefault(path, key.position)
                self._flatten(child, path, found)
                continue
            value = self._field_value(child, ".".join(path))
            if value is not None and not self._clashes(path, key, found):
                found.add(path, value, key.position)

    def field_path(self, key: Text, above: FieldPath) -> FieldPath | None:
        """Return the field's path; dots divide a name unless it is in quotes."""
        if "{{" in key.value:
            self.wrong(key.position, "bad-field", "A field's name can't be a template.")
            return None
        parts = (key.value,) if key.quoted else tuple(key.value.split("."))
        if not all(part.strip() for part in parts):
            self.wrong(key.position, "bad-field", f"'{key.value}' is not the name of a field.")
            return None
        return above + parts

    def _field_value(self, node: Node, name: str) -> Value | None:
        if isinstance(node, ListNode):
            if node.items and all(isinstance(item, MapNode) for item in node.items):
                return Records(tuple(self.fields(item, name) for item in node.items))
            odds = [item for item in node.items if not isinstance(item, Scalar)]
            lists = [item for item in odds if isinstance(item, ListNode)]
            odd = next(iter([*lists, *odds]), None)
            if odd is not None:
                self.wrong(
                    odd.position,
                    "wrong-kind",
                    f"'{name}' is a list with a list in it."
                    if isinstance(odd, ListNode)
                    else f"'{name}' is a list of texts and of records.",
                    "A list holds texts and templates, or records: `- name: …`.",
                )
                return None
            texts = [self.text(item, name, filled=False) for item in node.items]
            return tuple(text for text in texts if text is not None)
        return self.text(node, name, filled=False)

    def _clashes(self, path: FieldPath, key: Text, found: "_Fields") -> bool:
        other = found.clash(path)
        if other is None:
            return False
        line = found.positions[other].line
        this = ".".join(path)
        self.wrong(
            key.position,
            "duplicate-key",
            f"'{this}' is written twice, first in line {line}."
            if other == path
            else f"'{this}' and '{'.'.join(other)}' (line {line}) can't both be given: one is part "
            "of the other.",
            "Keep one of them.",
        )
        return True


@dataclass
class _Fields:
    """The fields read so far; ``groups`` names one field below each path that has some."""

    values: dict[FieldPath, Value] = field(default_factory=dict)
    positions: dict[FieldPath, Position] = field(default_factory=dict)
    groups: dict[FieldPath, FieldPath] = field(default_factory=dict)

    def add(self, path: FieldPath, value: Value, position: Position) -> None:
        self.values[path] = value
        self.positions[path] = position
        for length in range(1, len(path)):
            self.groups.setdefault(path[:length], path)

    def clash(self, path: FieldPath) -> FieldPath | None:
        """Return a field that can't be given beside ``path``: itself, above or below it."""
        for length in range(1, len(path) + 1):
            if path[:length] in self.values:
                return path[:length]
        return self.groups.get(path)
