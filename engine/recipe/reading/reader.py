"""Reading nodes as what the grammar expects; what doesn't fit becomes a finding, not an exception.

Every function returns None, or an empty value, where it had to add a finding, so that reading goes
on and all mistakes are found at once.
"""

import re
from collections import Counter
from collections.abc import Mapping
from keyword import iskeyword

from engine.recipe.findings import Findings
from engine.recipe.reading.foreign_keys import OTHERWISE, SAME_KEY
from engine.recipe.reading.keys import (
    ALL_KEYS,
    CALL,
    FROM_BLUEPRINT,
    KINDS,
    PLACES,
    STEP,
    TRIGGER,
    Place,
)
from engine.recipe.run_names import RUN_NAMES
from engine.recipe.suggest import did_you_mean, nearest, surely
from engine.recipe.texts import Position, Text
from engine.recipe.yaml.lines import quote
from engine.recipe.yaml.nodes import ListNode, MapNode, Node, Scalar

#: Names that templates understand as something else.
TAKEN_NAMES = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "true",
        "false",
        "none",
        "loop",
        "self",
        "super",
        "caller",
        "trigger",
        "step",
        "steps",
        *RUN_NAMES,
    ]
)
NAME_RULE = "A name is made of letters, digits and _, and starts with a letter."


class Reader:
    """Reads one recipe's nodes; ``step`` names what is being read in the findings it adds."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.step = ""
        #: How many steps of a kind had no id so far.
        self.unnamed: Counter[str] = Counter()

    def wrong(
        self, position: Position, code: str, message: str, hint: str = "", corrected: str = ""
    ) -> None:
        self.findings.add(position, code, message, hint=hint, corrected=corrected, step=self.step)

    # -- maps ----------------------------------------------------------------------------------

    def names(self, node: MapNode) -> dict[str, tuple[Text, Node]]:
        """Return a map's entries by name; a name written twice counts once, with a finding."""
        found: dict[str, tuple[Text, Node]] = {}
        for key, value in node.pairs:
            if not isinstance(key, Scalar):
                self.wrong(
                    key.position, "wrong-kind", "A name has to stand here, not a list or a map."
                )
                continue
            name = key.text.value
            if name in found:
                self.wrong(
                    key.position,
                    "duplicate-key",
                    f"'{name}' is written twice here, first in line {found[name][0].position.line}.",
                    "Keep one of them.",
                )
                continue
            found[name] = (key.text, value)
        return found

    def entries(self, node: Node, place: Place) -> dict[str, Node]:
        """Return the known keys of one of the recipe's maps, with findings for all others."""
        if not isinstance(node, MapNode):
            self.wrong(
                node.position,
                "wrong-kind",
                f"{capital(kind_of(node))} stands where {place.name} should be.",
                "Remove one of the two hyphens."
                if isinstance(node, ListNode) and place in KINDS.values()
                else "Several triggers stand under `triggers:`, one entry of the list each."
                if isinstance(node, ListNode) and place is TRIGGER
                else f"Write it as `name: value` lines: {', '.join(place.required or place.keys)}.",
            )
            return {}
        names = self.names(node)
        known = {name: value for name, (_, value) in names.items() if name in place.keys}
        meant: set[str] = set()
        for name, (text, _) in names.items():
            if name not in place.keys:
                instead = self._unknown(text, place, known, names[name][1])
                meant.add(instead)
                if instead in place.keys:  # read on, so that all mistakes are found at once
                    known.setdefault(instead, names[name][1])
        for name in place.required:
            if name not in known and name not in meant:
                self._missing(node, place, name)
        return known

    def _unknown(self, text: Text, place: Place, known: dict[str, Node], value: Node) -> str:
        """Add a finding for a key that doesn't belong here; return the key it was meant to be.

        :param value: what the key has.
        """
        name = text.value
        free = [key for key in place.keys if key not in known]
        usual = re.sub(r"[\s-]+", "_", name.strip().lower())
        meanings = SAME_KEY.get(name, (usual,) if usual != name and usual in ALL_KEYS else ())
        called = next((key for key in meanings if key in place.keys), None)
        if called is None and place in KINDS.values():
            called = next((k for k in meanings if k in KINDS and k != "steps"), None)
        if name in OTHERWISE and place is STEP:
            called = None  # `otherwise` of a step isn't the `else` of a choice
        kind = called or name
        if (
            place in KINDS.values()
            and kind in KINDS
            and kind not in ("for_each", "steps", *place.keys)
        ):
            self.wrong(
                text.position,
                "misplaced-key",
                f"'{name}' is a step of its own."
                if name == kind
                else f"'{name}' is called '{kind}' here, and is a step of its own.",
                f"Write it before or after this step, beginning with `- {kind}:`.",
            )
            return name
        if called in known:
            self.wrong(
                text.position,
                "unknown-key",
                f"{capital(place.name)} has no '{name}'; it is called '{called}' here, and there "
                "is one already.",
                "Keep one of them.",
            )
            return name
        near = called or nearest(name, free)
        places = [other.name for other in PLACES if name in other.keys]
        elsewhere = " or ".join(places) if len(places) <= 3 else "a step"
        if place is CALL and near is None and not places:
            self.wrong(
                text.position,
                "unknown-key",
                f"A call has no '{name}'.",
                f"What the other recipe is given stands under `with:`, e.g. `with: {{{name}: …}}`.",
            )
            return name
        if called is None and places and name not in OTHERWISE:
            self.wrong(
                text.position,
                "misplaced-key",
                f"'{name}' doesn't belong to {place.name}.",
                "The blueprint says it. Change it there, or make it one of the blueprint's inputs."
                if place is FROM_BLUEPRINT
                else f"It belongs to {elsewhere}.",
            )
            return name
        if near is None and "id" in free and isinstance(value, Scalar) and value.missing:
            self.wrong(
                text.position,
                "unknown-key",
                f"The name of a step is written `id: {name}`.",
                "",
                self.findings.with_word(text.position, f"{name}:", f"id: {name}"),
            )
            known["id"] = Scalar(text)
            return name
        better = called or surely(name, near, free)
        if called is None and not better and name in OTHERWISE:
            near, hint = "use" if name == "type" else "", OTHERWISE[name]
        else:
            hint = f"Did you mean '{near}'?" if near else did_you_mean(name, place.keys)
        message = f"{capital(place.name)} has no '{name}'"
        self.wrong(
            text.position,
            "unknown-key",
            f"{message}; it is called '{called}' here." if called else f"{message}.",
            "" if called else hint,
            self.findings.with_word(text.position, name, better) if better else "",
        )
        return near or name

    def _missing(self, node: MapNode, place: Place, name: str) -> None:
        self.wrong(
            node.position,
            "missing-key",
            f"{capital(place.name)} needs '{name}', and it isn't there.",
            EXAMPLES_OF.get((place.name, name)) or EXAMPLES.get(name, ""),
        )

    # -- single values -------------------------------------------------------------------------

    def text(self, node: Node, name: str, *, filled: bool = True) -> Text | None:
        """Return one text.

        :param filled: empty text is a mistake.
        """
        if not isinstance(node, Scalar):
            self.wrong(
                node.position, "wrong-kind", f"'{name}' takes one value, not {kind_of(node)}."
            )
            return None
        if node.missing or (filled and not node.text.value.strip()):
            self._no_value(node, name)
            return None
        self._hash_after(node)
        return node.text

    def optional_text(self, parts: Mapping[str, Node], name: str) -> Text | None:
        return self.text(parts[name], name) if name in parts else None

    def items(self, node: Node, name: str) -> tuple[Node, ...]:
        if isinstance(node, ListNode):
            return node.items
        self.wrong(
            node.position,
            "wrong-kind",
            f"'{name}' is a list.",
            "Begin each of its entries with `- `.",
        )
        return (node,) if isinstance(node, MapNode) else ()

    def _no_value(self, node: Scalar, name: str) -> None:
        line = self.findings.line(node.position.line)
        comment = re.search(r"#\S.*", line[node.position.column - 1 :])
        if comment is not None and node.missing:
            place = Position(node.position.line, line.rindex(comment.group()) + 1)
            self._comment(place, line, comment.group())
            return
        hint = "Write a value after the colon, or remove the line."
        self.wrong(node.position, "no-value", f"'{name}' has no value.", hint)

    def choice(self, node: Node, name: str, choices: tuple[str, ...]) -> str | None:
        text = self.text(node, name)
        if text is None or text.value in choices:
            return text.value if text else None
        better = surely(text.value, nearest(text.value, choices), choices)
        self.wrong(
            text.position,
            "unknown-choice",
            f"'{name}' can't be '{text.value}'.",
            did_you_mean(text.value, choices, "It is one of"),
            self.findings.with_word(text.position, text.value, better) if better else "",
        )
        return None

    def name(self, text: Text, what: str) -> Text | None:
        """Return a name that templates can use, or None with a finding."""
        value = text.value
        if value in TAKEN_NAMES or iskeyword(value):
            self.wrong(
                text.position,
                "bad-name",
                f"{what} can't be called '{value}': templates use that word themselves.",
                "Choose another name.",
            )
            return None
        if value.isidentifier() and not value.startswith("_"):
            return text
        better = re.sub(r"\W+", "_", value).strip("_")
        good = better.isidentifier() and better not in TAKEN_NAMES
        self.wrong(
            text.position,
            "bad-name",
            f"{what} can't be called '{value}'. {NAME_RULE}",
            f"Write '{better}', and use that name in templates." if good else "",
            self.findings.with_word(text.position, value, better) if good else "",
        )
        return None

    def _hash_after(self, node: Scalar) -> None:
        """Add a finding where `` #12`` after a text was read as a comment."""
        line = self.findings.line(node.position.line)
        start = node.position.column - 1
        end = start + len(node.text.value)
        if node.text.quoted or line[start:end] != node.text.value:
            return  # in quotes, over several lines, or on a corrected line
        rest = line[end:]
        if re.match(r"\s+#\S", rest):
            place = Position(node.position.line, end + 1 + rest.index("#"))
            self._comment(place, line, line[start:])

    def _comment(self, position: Position, line: str, value: str) -> None:
        start = line.rindex(value)
        number = re.match(r"#\d", line[position.column - 1 :])
        quoted = line[:start] + quote(value.rstrip())
        self.wrong(
            position,
            "hash-in-text",
            "Everything after a space and # is a comment, so this part would be lost.",
            "If it is meant as a comment, put a space after the #."
            + ("" if number else f" If it is text, write `{quoted.strip()}`."),
            quoted if number else "",
        )


EXAMPLES = {
    "name": "Write what the recipe does, e.g. `name: New contacts to the newsletter`.",
    "trigger": "Say where records come from: `trigger:` and below it `use: connector.trigger`.",
    "steps": "Say what happens to each record: `steps:` and below it `- use: connector.action`.",
    "use": "Name what to use, e.g. `use: clio.matter_changed`.",
    "if": "Say for which records, e.g. `if: not matter.client`.",
    "reason": "Say why the record is left out; the report shows it.",
    "id": "Later steps read it by that name, e.g. `id: about`.",
}
EXAMPLES_OF = {
    ("a loop", "steps"): "Say what is done for each entry: `steps:` and below it `- use: …`.",
    ("a branch", "steps"): "Say what is done then: `steps:` and below it `- use: …`.",
    ("a branch", "if"): "Say when it is taken, e.g. `if: matter.status == 'open'`; what is left "
    "goes under `otherwise:`.",
}


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def kind_of(node: Node) -> str:
    if isinstance(node, ListNode):
        return "a list"
    return "a map of names" if isinstance(node, MapNode) else "a single text"
