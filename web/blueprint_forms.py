"""The form of a blueprint: a picker for every input, as its type asks for one."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, StringField, SubmitField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from engine.fields import Option
from engine.recipe.filters.dates import zone_names
from engine.recipe.inputs import Input
from engine.run.recipes.editing import NAME

#: Inputs' fields are called so, lest one named ``name`` or ``data`` meets a field of the form.
PREFIX = "input_"
LONGEST = 2_000


class BlueprintForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF brings no types
    """What is asked of whoever makes a recipe; subclasses have a field per input."""

    entries: tuple[Input, ...] = ()

    @property
    def given(self) -> dict[str, Any]:
        """Return the inputs as they are written into a recipe."""
        found: dict[str, Any] = {}
        for entry in self.entries:
            data = self._fields[PREFIX + entry.name.value].data
            if entry.kind == "yes/no":
                found[entry.name.value] = "yes" if data else "no"
            elif entry.kind == "list":
                lines = [line.strip() for line in (data or "").splitlines()]
                found[entry.name.value] = [line for line in lines if line]
            else:
                found[entry.name.value] = (data or "").strip()
        return {name: value for name, value in found.items() if value}


def blueprint_form(
    entries: tuple[Input, ...],
    *,
    name: str,
    title: str,
    connections: Mapping[str, Sequence[str]],
    options: Mapping[str, Sequence[Option]],
) -> BlueprintForm:
    """Return the form for a recipe made from a blueprint.

    :param name: proposed for the recipe's file.
    :param connections: names of the connections there are, by connector.
    :param options: what apps have to choose from, by input; others are typed.
    """
    fields: dict[str, Any] = {
        "entries": entries,
        "title": StringField(
            "What it is called",
            validators=[InputRequired(), Length(max=200)],
            default=title,
            description="Lists and reports show it.",
        ),
        "name": StringField(
            "Its file's name",
            validators=[
                InputRequired(),
                Regexp(f"{NAME.pattern}$", message="Use small letters, digits, - and _."),
            ],
            default=name,
            description="Small letters, digits, - and _. It can't be changed once it has run.",
        ),
    }
    for entry in entries:
        fields[PREFIX + entry.name.value] = _field(entry, connections, options)
    fields["submit"] = SubmitField("Make the recipe")
    form: BlueprintForm = type("Form", (BlueprintForm,), fields)()
    return form


def _field(
    entry: Input, connections: Mapping[str, Sequence[str]], options: Mapping[str, Sequence[Option]]
) -> Field:
    label = entry.name.value.replace("_", " ").capitalize()
    about = entry.description
    required = [InputRequired()] if entry.required else [Optional()]
    default = "" if entry.default is None else entry.default
    if entry.kind == "yes/no":
        return BooleanField(label, description=about, default=bool(entry.default))
    if entry.kind == "list":
        return TextAreaField(
            label,
            description=f"{about} One a line.".strip(),
            validators=[*required, Length(max=LONGEST)],
            default="\n".join(map(str, default)) if isinstance(default, list) else "",
        )
    choices = _choices(entry, connections, options)
    if choices is not None:
        empty = [] if entry.required and choices else [SelectChoice("", "–")]
        return SelectField(
            label,
            description=about,
            validators=required,
            choices=[*empty, *choices],
            default=default,
        )
    return StringField(
        label, description=about, validators=[*required, Length(max=LONGEST)], default=str(default)
    )


def _choices(
    entry: Input, connections: Mapping[str, Sequence[str]], options: Mapping[str, Sequence[Option]]
) -> list[SelectChoice] | None:
    """Return the values to choose from, each with what people read; None: it is typed."""
    if entry.kind == "choice":
        return [SelectChoice(choice, choice) for choice in entry.choices]
    if entry.kind == "connection":
        return [SelectChoice(name, name) for name in connections.get(entry.of, ())]
    if entry.kind == "time zone":
        return [SelectChoice(zone, zone.replace("_", " ")) for zone in sorted(zone_names())]
    found = options.get(entry.name.value)
    return None if found is None else [SelectChoice(option.value, option.label) for option in found]
