"""Reading a recipe that is made from a blueprint: which one, and what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema_rs

from engine.recipe.beside import BLUEPRINTS, RECIPE_ENDINGS, Beside, is_inside
from engine.recipe.inputs import Input
from engine.recipe.reading.inputs import InputReader
from engine.recipe.suggest import did_you_mean, nearest
from engine.recipe.templates.coerce import CoerceError, coercer, is_blank
from engine.recipe.texts import Text
from engine.recipe.yaml.nodes import ListNode, MapNode, Node, Scalar


@dataclass(frozen=True)
class BlueprintFile:
    """A blueprint as it stands beside a recipe; ``beside`` is what stands beside itself."""

    name: str
    text: str
    beside: Beside


#: How values of some kinds are written.
FORMS: Mapping[str, str] = {
    "time": "Write a time of day, e.g. `20:30`.",
    "e-mail": "Write an e-mail address, e.g. `office@firm.example`.",
    "date": "Write a date, e.g. `2026-03-31`.",
    "yes/no": "Write `yes` or `no`.",
}


class BlueprintReader(InputReader):
    """Reads what a recipe gives to its blueprint."""

    beside = Beside()
    #: The recipe's file.
    path: Path

    def blueprint_file(self, name: Text) -> BlueprintFile | None:
        """Return the blueprint of that name, or None with a finding."""
        word, texts = name.value, self.beside.texts
        names = [f"{BLUEPRINTS}/{word}{ending}" for ending in RECIPE_ENDINGS]
        file = next((one for one in names if one in texts), "")
        if "/" in word or not is_inside(word) or not file:
            problem = next(filter(None, (self.beside.problems.get(one, "") for one in names)), "")
            there = sorted(one.stem for one in (self.path.parent / BLUEPRINTS).glob("*.y*ml"))
            stem = PurePosixPath(word).stem
            near = stem if stem in there else nearest(word, there)
            self.wrong(
                name.position,
                "no-blueprint",
                problem or f"There is no blueprint '{word}'.",
                f"Did you mean '{near}'?"
                if near
                else f"Blueprints are files in the folder '{BLUEPRINTS}' beside the recipes.",
                self.findings.with_word(name.position, word, near) if near == stem else "",
            )
            return None
        return BlueprintFile(word, texts[file], within(self.beside, BLUEPRINTS))

    def given(self, inputs: tuple[Input, ...], node: Node | None, place: Text) -> dict[str, Any]:
        """Return the value of every input: what is given, else its default, else None."""
        written = self.names(node) if isinstance(node, MapNode) else {}
        if node is not None and not isinstance(node, MapNode):
            self.wrong(
                node.position, "wrong-kind", "'inputs' takes `name: value` lines.", "Write them so."
            )
            return {}
        known = [entry.name.value for entry in inputs]
        for name, (text, _) in written.items():
            if name not in known:
                self.wrong(
                    text.position,
                    "unknown-input",
                    f"The blueprint '{place.value}' has no input '{name}'.",
                    did_you_mean(name, known, "It takes"),
                )
        values: dict[str, Any] = {}
        for entry in inputs:
            name = entry.name.value
            value = self._value(entry, written[name][1]) if name in written else None
            values[name] = entry.default if value is None else value
            if values[name] is None and entry.required and name not in written:
                self.wrong(
                    place.position,
                    "missing-input",
                    f"The blueprint '{place.value}' needs the input '{name}'.",
                    entry.description or f"Add `{name}: …` under `inputs:`.",
                )
        return values

    def _value(self, entry: Input, node: Node) -> Any:
        written = self._plain(node)
        if is_blank(written):
            if entry.required and entry.default is None:
                self.wrong(
                    node.position, "wrong-value", f"'{entry.name.value}' can't be empty.", ""
                )
            return None
        try:
            value = coercer(entry.schema)(written)
        except CoerceError as error:
            self.wrong(
                node.position,
                "wrong-value",
                f"'{entry.name.value}': {error.message}",
                FORMS.get(entry.kind, error.hint),
            )
            return None
        problem = next(iter(jsonschema_rs.validator_for(entry.schema).iter_errors(value)), None)
        if problem is not None:
            self.wrong(
                node.position,
                "wrong-value",
                f"'{entry.name.value}' can't be '{written}'.",
                did_you_mean(str(written), list(entry.choices), "It is one of")
                if entry.choices
                else FORMS.get(entry.kind, ""),
            )
            return None
        return value

    def _plain(self, node: Node) -> Any:
        if isinstance(node, Scalar):
            return node.text.value
        if isinstance(node, ListNode):
            return [self._plain(item) for item in node.items]
        return {name: self._plain(value) for name, (_, value) in self.names(node).items()}


def within(beside: Beside, folder: str) -> Beside:
    """Return the files in a folder beside a recipe, by their names there."""

    def inner(found: Mapping[str, str]) -> dict[str, str]:
        return {
            str(PurePosixPath(name).relative_to(folder)): text
            for name, text in found.items()
            if name.startswith(f"{folder}/")
        }

    return Beside(inner(beside.texts), inner(beside.problems))
