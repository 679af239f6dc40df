"""Checking ``blank:`` field by field: that each is a field of the step, and may be empty."""

from engine.fields import Schema
from engine.recipe.checking.scopes import NoSuchField, field_of, kinds, options
from engine.recipe.findings import Findings
from engine.recipe.steps import Step
from engine.recipe.suggest import did_you_mean, nearest, surely
from engine.recipe.texts import FieldPath

#: What people write for all fields that aren't named.
ALL_OTHERS = frozenset({"others", "other", "default", "else", "rest", "all", "any", "*"})


def check_blanks(step: Step, inputs: Schema, findings: Findings) -> None:
    """Add a finding for each name under ``blank`` that says nothing, or what can't be."""
    fields = step.fields.values
    for path, word in step.blanks.values.items():
        name, position = ".".join(path), step.blanks.positions[path]
        if not any(field[: len(path)] == path for field in fields):
            known = [".".join(field) for field in fields]
            if name in ALL_OTHERS:
                findings.add(
                    position,
                    "unknown-field",
                    f"All others are called `otherwise`, not '{name}'.",
                    corrected=findings.with_word(position, name, "otherwise"),
                    step=step.id.value,
                )
                continue
            near = nearest(name, known)
            better = surely(name, near)
            findings.add(
                position,
                "unknown-field",
                f"Nothing under `with:` is called '{name}', so it can't be empty.",
                hint=f"Did you mean '{near}'?" if near else did_you_mean(name, known, "There is"),
                corrected=findings.with_word(position, name, better) if better else "",
                step=step.id.value,
            )
        elif path in fields and str(word) != "reject":
            why = _never(inputs, path, clears=str(word) == "clear")
            if why:
                findings.add(
                    position,
                    "never-blank",
                    f"'{name}' {why}.",
                    hint="Write `reject`, or remove the line.",
                    step=step.id.value,
                )


def _never(schema: Schema, path: FieldPath, clears: bool) -> str:
    """Return why a field can't be left alone or emptied; empty where it can."""
    required = True
    for name in path:
        required = required and any(name in part.get("required", ()) for part in options(schema))
        try:
            schema = field_of(schema, name)
        except NoSuchField:
            return ""
    if required:
        return "is required: a record without it is always rejected"
    if not clears or any(part.get("type") == "null" for part in schema.get("anyOf", [schema])):
        return ""
    free = kinds(schema) == {"string"} and not any(
        key in part for part in options(schema) for key in ("format", "enum", "const")
    )
    return "" if free else "can't be emptied: it has to have a value once it has one"
