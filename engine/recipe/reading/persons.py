"""Reading ``person:``, what a step says to the person who does it by hand."""

from engine.recipe.person import ByPerson
from engine.recipe.reading.asks import AskReader
from engine.recipe.reading.keys import BY_PERSON
from engine.recipe.yaml.nodes import Node, Scalar

UNDONE = ("reject", "skip")


class PersonReader(AskReader):
    """Reads what is said to people who do steps."""

    def by_person(self, node: Node) -> ByPerson | None:
        """Return what stands under `person:`; a text alone is the note."""
        if isinstance(node, Scalar):
            return ByPerson(note=self.text(node, "person"))
        parts = self.entries(node, BY_PERSON)
        otherwise = None
        if "otherwise" in parts:
            otherwise = self.choice(parts["otherwise"], "otherwise", UNDONE)
            if "within" not in parts:
                self.wrong(
                    parts["otherwise"].position,
                    "misplaced-key",
                    "'otherwise' says what happens when time is up, and this task has no 'within'.",
                    "Add e.g. `within: 3 days`, or remove it.",
                )
        return ByPerson(
            note=self.optional_text(parts, "note"),
            people=self.people(parts["of"]) if "of" in parts else (),
            within=self.within(parts["within"]) if "within" in parts else None,
            otherwise="skip" if otherwise == "skip" else "reject",
        )
