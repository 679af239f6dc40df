"""The form for trying an operation: a field for each that it takes, as people would fill it in."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from markupsafe import escape
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, SelectField, StringField, SubmitField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from engine.authoring.trying import changes_something
from engine.errors import SetupError
from engine.fields import Option
from engine.files import File, takes_files
from engine.operations import Action, Trigger
from engine.recipe.schema.fields import FieldLine, field_lines
from engine.reference.words import options_of

#: Fields are called so, with their number: their own names hold dots, and may be any word.
PREFIX = "field_"
LONGEST = 20_000
#: Items that a list may hold, named below it.
NAMED = 12


class LinesField(TextAreaField):  # type: ignore[misc]  # WTForms brings no types
    """A list with one item a line, or as JSON."""

    def value(self) -> Any:
        """Return what was filled in as it is handed to an operation."""
        text = (self.data or "").strip()
        if text[:1] in ("[", "{"):
            return text
        return json.dumps([line.strip() for line in text.splitlines() if line.strip()])


class PairsField(LinesField):
    """Names with their values, one pair a line, or as JSON."""

    def value(self) -> Any:
        text = (self.data or "").strip()
        return text if text[:1] == "{" else json.dumps(dict(map(self._pair, text.splitlines())))

    def _pair(self, line: str) -> tuple[str, str]:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise SetupError(
                f"“{self.label.text}”: {line.strip()!r} is no pair.",
                hint="Write one a line, as “name: value”.",
            )
        return name.strip(), value.strip()


class TryForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF brings no types
    """What is asked before an operation is tried; subclasses have a field per parameter."""

    lines: tuple[FieldLine, ...] = ()

    def written(self, keep: Callable[[FileStorage], File]) -> list[str]:
        """Return what was filled in as ``field=value``, for engine.authoring.values.

        :param keep: keeps an uploaded file, and returns the value that stands for it.
        :raises SetupError: what was filled in makes no sense.
        """
        filled = {line.name: field for line, field in zip(self.lines, self.asked, strict=True)}
        return [f"{name}={_value(field, keep)}" for name, field in filled.items() if _given(field)]

    @property
    def asked(self) -> list[Field]:
        """Return the fields of the operation itself."""
        return [self._fields[f"{PREFIX}{number}"] for number in range(len(self.lines))]

    @property
    def takes_files(self) -> bool:
        return any(isinstance(field, FileField | MultipleFileField) for field in self.asked)


def _given(field: Field) -> bool:
    if isinstance(field.data, list):
        return any(field.data)
    return bool(field.data.strip() if isinstance(field.data, str) else field.data)


def _value(field: Field, keep: Callable[[FileStorage], File]) -> str:
    if isinstance(field, MultipleFileField):
        return json.dumps([keep(one) for one in field.data if one])
    if isinstance(field, FileField):
        return json.dumps(keep(field.data))
    return str(field.value() if isinstance(field, LinesField) else field.data.strip())


def try_form(
    operation: Trigger | Action,
    connections: Sequence[str],
    *,
    needed: bool,
    app: str,
    options: Mapping[str, Sequence[Option]],
) -> TryForm:
    """Return the form for an operation.

    :param connections: those of its app.
    :param needed: it can't be tried without one.
    :param app: its title.
    :param options: what the app has to choose from, by field.
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
        fields[f"{PREFIX}{number}"] = _field(line, options.get(line.name, ()))
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


def _field(line: FieldLine, offered: Sequence[Option]) -> Field:
    schema = line.schema
    label = str(schema.get("title") or line.name)
    about = str(schema.get("description") or "").replace("`", "")
    asked: dict[str, Any] = {
        "label": label if _same(label, line.name) else f"{label} ({line.name})",
        "description": escape(about),
        "validators": [InputRequired(f"Fill in “{label}”.") if line.required else Optional()],
    }
    kinds = options_of(schema)
    items = next((kind.get("items", {}) for kind in kinds if kind.get("type") == "array"), None)
    if any(map(takes_files, kinds)) or takes_files(items or {}):
        asked["validators"] = [FileRequired(f"Choose “{label}”.")] if line.required else []
        asked["description"] = escape(f"{about} Up to 1 MB.".strip())
        return (FileField if items is None else MultipleFileField)(**asked)
    choices = _choices(kinds, offered)
    if choices and items is None:
        empty = SelectChoice("", "Choose one" if line.required else "Not said")
        return SelectField(**asked, choices=[empty, *choices])
    asked["validators"].append(Length(max=LONGEST))
    asked["render_kw"] = {"autocomplete": "off", "spellcheck": "false"}
    if items is not None:
        asked["description"] = escape(f"{about} {_list_words(items, offered)}".strip())
        return LinesField(**asked)
    if any(kind.get("type") == "object" for kind in kinds):
        asked["description"] = escape(f"{about} One a line, as “name: value”.".strip())
        return PairsField(**asked)
    return StringField(**asked)


def _choices(kinds: Sequence[Mapping[str, Any]], offered: Sequence[Option]) -> list[SelectChoice]:
    """Return what there is to choose from; nothing where it is typed."""
    if offered:
        return [SelectChoice(str(option.value), str(option.label)) for option in offered]
    if len(kinds) != 1:
        return []
    if kinds[0].get("type") == "boolean":
        return [SelectChoice("yes", "Yes"), SelectChoice("no", "No")]
    return [SelectChoice(str(one), str(one)) for one in _constants(kinds[0]) if one is not None]


def _constants(schema: Mapping[str, Any]) -> Sequence[Any]:
    found: Sequence[Any] = schema.get("enum") or [
        schema[key] for key in ("const",) if key in schema
    ]
    return found


def _list_words(items: Mapping[str, Any], offered: Sequence[Option]) -> str:
    if any(kind.get("type") in ("object", "array") for kind in options_of(items)):
        return "As JSON, in square brackets."
    known = [str(one) for kind in options_of(items) for one in _constants(kind)]
    known += [str(option.value) for option in offered]
    more = " and others" if len(known) > NAMED else ""
    return f"One a line: {', '.join(known[:NAMED])}{more}." if known else "One a line."


def _same(label: str, name: str) -> bool:
    return label.lower().replace(" ", "_") == name
