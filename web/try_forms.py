"""The form for trying an operation: a field for each that it takes, typed as a recipe would write it."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from markupsafe import escape
from wtforms import BooleanField, Field, SelectField, StringField, SubmitField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from engine.authoring.trying import changes_something
from engine.operations import Action, Trigger
from engine.recipe.schema.fields import FieldLine, field_lines
from engine.reference.words import options_of

#: Fields are called so, with their number: their own names hold dots, and may be any word.
PREFIX = "field_"
LONGEST = 20_000


class TryForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF brings no types
    """What is asked before an operation is tried; subclasses have a field per parameter."""

    lines: tuple[FieldLine, ...] = ()

    @property
    def written(self) -> list[str]:
        """Return what was filled in as ``field=value``, for engine.authoring.values."""
        found = []
        for number, line in enumerate(self.lines):
            data = (self._fields[f"{PREFIX}{number}"].data or "").strip()
            if data:
                found.append(f"{line.name}={data}")
        return found

    @property
    def asked(self) -> list[Field]:
        """Return the fields of the operation itself."""
        return [self._fields[f"{PREFIX}{number}"] for number in range(len(self.lines))]


def try_form(
    operation: Trigger | Action, connections: Sequence[str], *, needed: bool, app: str
) -> TryForm:
    """Return the form for an operation.

    :param connections: those of its app.
    :param needed: it can't be tried without one.
    :param app: its title.
    """
    lines = tuple(field_lines(operation.inputs))
    fields: dict[str, Any] = {"lines": lines}
    if connections or needed:
        empty = [] if needed else [SelectChoice("", "None")]
        fields["connection"] = SelectField(
            "Connection",
            choices=[*empty, *(SelectChoice(name, name) for name in connections)],
            validators=[InputRequired()] if needed else [Optional()],
        )
    for number, line in enumerate(lines):
        fields[f"{PREFIX}{number}"] = _field(line)
    if isinstance(operation, Trigger) and operation.takes_since:
        fields["since"] = StringField(
            "Only what changed since",
            description="A day such as 2026-01-31, or a length such as “2 days”.",
            validators=[Optional(), Length(max=40)],
        )
    if changes_something(operation):
        fields["sure"] = BooleanField(
            f"Really do it: it changes something at {app}",
            validators=[InputRequired("Tick this: trying it changes something at the app.")],
        )
    fields["submit"] = SubmitField("Try it")
    form: TryForm = type("Form", (TryForm,), fields)()
    return form


def _field(line: FieldLine) -> Field:
    schema = line.schema
    label = str(schema.get("title") or line.name)
    asked: dict[str, Any] = {
        "label": label if _same(label, line.name) else f"{label} ({line.name})",
        "description": escape(str(schema.get("description") or "").replace("`", "")),
        "validators": [InputRequired(f"Fill in “{label}”.") if line.required else Optional()],
    }
    options = options_of(schema)
    kinds = {option.get("type") for option in options}
    choices = [
        SelectChoice(str(choice), str(choice))
        for option in options
        for choice in (option.get("enum") or [option[key] for key in ("const",) if key in option])
        if choice is not None
    ]
    if kinds == {"boolean"}:
        choices = [SelectChoice("yes", "Yes"), SelectChoice("no", "No")]
    if choices and len(options) == 1:
        empty = [] if line.required else [SelectChoice("", "Not said")]
        return SelectField(**asked, choices=[*empty, *choices])
    asked["validators"].append(Length(max=LONGEST))
    asked["render_kw"] = {"autocomplete": "off", "spellcheck": "false"}
    if kinds & {"array", "object"}:
        as_json = "As JSON, e.g. " + ('["one", "two"]' if "array" in kinds else '{"name": "value"}')
        asked["description"] = f"{asked['description']} {as_json}".strip()
        return TextAreaField(**asked)
    return StringField(**asked)


def _same(label: str, name: str) -> bool:
    return label.lower().replace(" ", "_") == name
