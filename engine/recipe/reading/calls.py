"""Reading ``call:``: a step that has another recipe's steps done."""

from pathlib import Path

from engine.recipe.beside import is_inside
from engine.recipe.called import DEEPEST_CALL, Called, called_beside
from engine.recipe.reading.fields import FieldReader
from engine.recipe.reading.keys import CALL
from engine.recipe.steps import CallStep
from engine.recipe.suggest import nearest
from engine.recipe.texts import FieldSet, Text
from engine.recipe.yaml.nodes import MapNode


class CallReader(FieldReader):
    """Reads calls; whoever reads a whole recipe knows the recipes that are called."""

    #: Names of the recipes whose calls led here, the outermost first.
    callers: tuple[str, ...] = ()
    #: The recipe's file.
    path: Path

    def called(self, name: str) -> tuple[Called | None, str]:
        """Return a recipe to be called, or None and one sentence that says why there is none."""
        raise NotImplementedError

    def call_step(self, node: MapNode) -> CallStep | None:
        parts = self.entries(node, CALL)
        name = self.optional_text(parts, "call")
        written = self.optional_text(parts, "id")
        id = self.name(written, "A step") if written else None
        if name is None:
            return None
        id = id or _id_from(name)
        self.step = id.value
        return CallStep(
            id=id,
            recipe=name,
            fields=self.fields(parts["with"], "with") if "with" in parts else FieldSet(),
            called=self._called(name),
            condition=self.optional_text(parts, "if"),
            position=node.position,
        )

    def _called(self, name: Text) -> Called | None:
        word = name.value
        found: Called | None = None
        hint = ""
        if "/" in word or not is_inside(word) or word.endswith((".yaml", ".yml")):
            problem = f"'{word}' is not the name of a recipe in this folder."
            hint = "Write its file's name without the ending, e.g. `call: send-letter`."
        elif word in self.callers:
            way = " → ".join([*self.callers[self.callers.index(word) :], word])
            problem = f"These recipes call each other in a circle: {way}."
            hint = "Let one of them do without the other."
        elif len(self.callers) > DEEPEST_CALL:
            problem = f"Recipes call each other more than {DEEPEST_CALL} deep here."
            hint = "Put the steps of some of them together."
        else:
            found, problem = self.called(word)
            if found is None:
                near = nearest(word, called_beside(self.path))
                hint = f"Did you mean '{near}'?" if near not in (None, word) else ""
        if problem:
            self.wrong(name.position, "bad-call", problem, hint)
        return found


def _id_from(name: Text) -> Text:
    """Return the recipe's name as templates can read it: ``send-letter`` is ``send_letter``."""
    word = name.value.replace("-", "_")
    return Text(word if word.isidentifier() else f"call {word}", name.position)
