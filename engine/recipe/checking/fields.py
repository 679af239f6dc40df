"""Checking what stands under ``with:`` against what an operation takes."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from engine.fields import Schema
from engine.operations import Action, Operation
from engine.recipe.checking.choices import no_such_choice
from engine.recipe.checking.expressions import Names
from engine.recipe.checking.scopes import (
    ANYTHING,
    NoSuchField,
    choices,
    field_of,
    is_open,
    items_of,
    kind_words,
    kinds,
    options,
    surely_no_file,
)
from engine.recipe.checking.tables import fits, note_rows
from engine.recipe.checking.takes import Entry, Takes
from engine.recipe.checking.templates import TemplateChecker
from engine.recipe.choices import takes
from engine.recipe.filters import FilterError
from engine.recipe.filters.dates import date
from engine.recipe.findings import Findings
from engine.recipe.reading.keys import STEP
from engine.recipe.suggest import SURE, did_you_mean, nearest, same_thing, surely
from engine.recipe.templates.coerce import CoerceError, coercer
from engine.recipe.texts import FieldPath, FieldSet, Position, Records, Text, texts_of

NAME_A_FIELD = "Name the field of it that is meant."
#: How a value is written that no template gives, by what is wrong with it.
WRITTEN: Mapping[str, str] = {
    "not_a_file": "Give it one that a step brings, e.g. `{{ mail.attachments | first }}`.",
    "not_a_date": "Write year, month and day, e.g. `2026-01-31`.",
    "not_a_number": "Write digits alone, with a point before decimals.",
    "not_a_phone": "Begin with + and the country's code, e.g. `+16175550100`.",
    "not_an_email": "Write the whole address, e.g. `dana@harborlaw.example`.",
    "not_true_or_false": "Write `yes` or `no`.",
}


class FieldChecker:
    """Checks the fields of one trigger or step.

    :param account: the connection that says which fields there are, where an app has its own.
    """

    def __init__(
        self,
        findings: Findings,
        templates: TemplateChecker,
        operation: Takes,
        step: str,
        where: str = " under `with:`",
        account: str = "",
    ) -> None:
        self.findings = findings
        self.templates = templates
        self.what = operation.full_name
        self.inputs: Schema = operation.inputs
        self.step = step
        self.writes = isinstance(operation, Action) and operation.kind != "search"
        self.where = where
        self.account = account
        self.live = operation.live if isinstance(operation, Operation) else {}
        self.choices = operation.choices if isinstance(operation, Operation) else {}
        self.given: set[FieldPath] = set()
        self.unknown: set[FieldPath] = set()

    def check(self, fields: FieldSet, names: Names, position: Position) -> None:
        """Add findings for the fields.

        :param position: where missing ones are reported.
        """
        for path, value in fields.values.items():
            schema = self._schema_at(path, fields)
            if isinstance(value, Records):
                self._records(path, value, schema or ANYTHING, names, fields.positions[path])
                continue
            texts = texts_of(value)
            known = schema is not None
            self.templates.reads_the_run = False
            shapes = [self.templates.template(text, names, nearly=known) for text in texts]
            if schema is not None:
                self._value(path, value, shapes, schema)
            if self.templates.reads_the_run and self.writes:
                self.findings.add(
                    texts[0].position,
                    "changes-daily",
                    f"'{'.'.join(path)}' reads the date of the run, so it differs from run to run.",
                    hint="A record that comes again is sent again, though nothing changed at its "
                    "source. Where that isn't meant, read a date of the record.",
                    step=self.step,
                    level="hint",
                )
        missing = [
            ".".join(path) for path in self._missing(self.inputs, ()) if path not in self.given
        ]
        if missing:
            quoted = [f"'{name}'" for name in missing]
            all_but_last = ", ".join(quoted[:-1])
            listed = f"{all_but_last} and {quoted[-1]}" if all_but_last else quoted[0]
            self._wrong(
                position,
                "missing-field",
                f"{self.what} needs {listed}{self.where}.",
                "Add " + ("them" if len(missing) > 1 else "it") + f", e.g. `{missing[0]}: …`.",
            )

    # -- names ---------------------------------------------------------------------------------

    def _schema_at(self, path: FieldPath, fields: FieldSet) -> Schema | None:
        """Return the schema of a field; None, with a finding, where there is no such field."""
        schema = self.inputs
        for depth, name in enumerate(path):
            try:
                schema = field_of(schema, name)
            except NoSuchField as missing:
                group = path[: depth + 1]
                if group not in self.unknown:
                    self.unknown.add(group)
                    position = fields.positions.get(group, fields.positions[path])
                    self._unknown(path, depth, position, missing)
                return None
        self.given.update(path[: depth + 1] for depth in range(len(path)))
        return schema

    def _unknown(
        self, path: FieldPath, depth: int, position: Position, missing: NoSuchField
    ) -> None:
        name, above = path[depth], ".".join(path[:depth])
        if missing.why != "unknown":
            self.given.add(path[:depth])
            self._wrong(
                position,
                "unknown-field",
                f"'{above}' of {self.what} takes one value; it has no '{name}' in it.",
            )
            return
        near = nearest(name, missing.known, SURE)
        better = surely(name, near, missing.known)
        if near is None:
            near, sure = same_thing(name, missing.known)
            near = near or nearest(name, missing.known)
            better = near if sure and near else surely(name, near, missing.known)
        dotted = f"{above}.{name}" if above else name
        hint = (
            f"Did you mean '{near}'?"
            if near
            else f"'{name}' belongs to the step, not under `with:`: write it beside `use`."
            if depth == 0 and name in STEP.keys
            else did_you_mean(name, missing.known, "It takes")
        )
        corrected = self._renamed(position, path, depth, better) if better else ""
        if near:
            self.given.add((*path[:depth], near))
        if "." in name and self._exists(tuple(name.split("."))):
            hint, corrected = "Write the name without quotes.", ""
            self.given.add(tuple(name.split(".")))
        if path[0] in self.live and depth:
            refresh = f"`bridgework connections refresh {self.account}` reads its fields afresh."
            hint = f"{hint} {refresh}".strip()
        self._wrong(
            position,
            "unknown-field",
            f"{self.what} has no field '{dotted}'.",
            hint,
            corrected,
        )

    def _renamed(self, position: Position, path: FieldPath, depth: int, right: str) -> str:
        """Return the line with one part of a field's name corrected."""
        for start in range(depth + 1):  # the name may be written dotted or nested
            written = ".".join(path[start : depth + 1])
            better = ".".join([*path[start:depth], right])
            if line := self.findings.with_word(position, written, better):
                return line
        return ""

    def _exists(self, path: FieldPath) -> bool:
        schema = self.inputs
        try:
            for name in path:
                schema = field_of(schema, name)
        except NoSuchField:
            return False
        return True

    def _missing(self, schema: Mapping[str, Any], above: FieldPath) -> list[FieldPath]:
        """Return the required fields that aren't given, those of given records included."""
        found: list[FieldPath] = []
        required = schema.get("required", ())
        for name, part in schema.get("properties", {}).items():
            path = (*above, name)
            records = [o for o in options(part) if o.get("type") == "object" and not is_open(o)]
            inside = any(
                len(given) > len(path) and given[: len(path)] == path for given in self.given
            )
            if records and (inside or (name in required and path not in self.given)):
                found.extend(self._missing(records[0], path) or ([] if inside else [path]))
            elif name in required and path not in self.given:
                found.append(path)
        return found

    def _records(
        self, path: FieldPath, value: Records, schema: Schema, names: Names, position: Position
    ) -> None:
        """Check a list of records, each as the fields of an operation are checked."""
        name = ".".join(path)
        entries = items_of(schema) if "array" in kinds(schema) else ANYTHING
        problem = ""
        if kinds(schema) and "array" not in kinds(schema):
            problem = f"'{name}' takes {kind_words(schema)}, not a list of records."
        elif kinds(entries) and "object" not in kinds(entries):
            problem = f"The entries of '{name}' are {kind_words(entries)}, not records."
        if problem:
            self._wrong(position, "wrong-type", problem)
            entries = ANYTHING
        record = next((o for o in options(entries) if o.get("type") == "object"), ANYTHING)
        takes = Entry(f"An entry of '{name}'", dict(record))
        for fields in value.entries:
            place = min(
                fields.positions.values(), default=position, key=lambda p: (p.line, p.column)
            )
            FieldChecker(self.findings, self.templates, takes, self.step, "").check(
                fields, names, place
            )

    # -- values --------------------------------------------------------------------------------

    def _value(
        self,
        path: FieldPath,
        value: Text | tuple[Text, ...],
        shapes: list[Schema | None],
        schema: Schema,
    ) -> None:
        if isinstance(value, tuple):
            if kinds(schema) and not kinds(schema) & {"array"}:
                self._wrong(
                    value[0].position if value else Position(1, 1),
                    "wrong-type",
                    f"'{'.'.join(path)}' takes one value, not a list.",
                )
                return
            schema = items_of(schema) if kinds(schema) == {"array"} else ANYTHING
            for text, shape in zip(value, shapes, strict=True):
                self._one_value(path, text, shape, schema)
            return
        self._one_value(path, value, shapes[0], schema)

    def _one_value(self, path: FieldPath, text: Text, shape: Schema | None, schema: Schema) -> None:
        if shape is None:
            self._literal(path, text, schema)
            return
        what = f"'{'.'.join(path)}' of {self.what}"
        note_rows(self.findings, text, shape, schema, what=what, step=self.step)
        got, wanted = kinds(shape), kinds(schema)
        if "array" in wanted:  # one value stands for a list of one
            wanted |= kinds(items_of(schema)) or got
        no_file = surely_no_file(shape, schema)
        if not no_file and (not got or not wanted or got & wanted):
            return
        if no_file or got <= {"object", "array"} or wanted <= {"object", "array"}:
            self._wrong(
                text.position,
                "wrong-type",
                f"'{'.'.join(path)}' takes {kind_words(schema)}, and this is {kind_words(shape)}.",
                WRITTEN["not_a_file"] if no_file else NAME_A_FIELD if got == {"object"} else "",
            )

    def _literal(self, path: FieldPath, text: Text, schema: Schema) -> None:
        """Check a value that no record changes."""
        name = ".".join(path)
        if not text.value.strip():
            if self._is_required(path):
                self._wrong(text.position, "wrong-value", f"'{name}' can't be empty.")
            return
        known = self.choices.get(name)
        if known is not None and not takes(known, text.value):
            title = str(self.inputs["properties"][name].get("title") or name)
            no_such_choice(self.findings, text, title, known, self.account, self.step)
            return
        item = items_of(schema) if kinds(schema) == {"array"} else schema
        allowed = [str(choice) for choice in choices(item)]
        if allowed and text.value not in allowed and not fits(text.value, item):
            near = nearest(text.value, allowed)
            better = surely(text.value, near, allowed)
            self._wrong(
                text.position,
                "wrong-value",
                f"'{name}' can't be '{text.value}'.",
                did_you_mean(text.value, [near] if near else allowed, "It is one of"),
                self.findings.with_word(text.position, text.value, better) if better else "",
            )
            return
        try:
            value = coercer(schema)(text.value)
        except CoerceError as error:
            better = _as_date(text.value) if error.code == "not_a_date" else ""
            self._wrong(
                text.position,
                "wrong-value",
                f"'{name}': {error.message}",
                WRITTEN.get(error.code, ""),
                self.findings.with_text(text, better) if better else "",
            )
            return
        problem = next(iter(jsonschema_rs.validator_for(schema).iter_errors(value)), None)
        if problem is not None and not allowed:
            self._wrong(
                text.position,
                "wrong-value",
                f"'{name}' can't be '{text.value}': {problem.message}.",
            )

    def _is_required(self, path: FieldPath) -> bool:
        schema: Mapping[str, Any] = self.inputs
        for name in path:
            records = [o for o in options(schema) if name in o.get("properties", {})]
            if not records or name not in records[0].get("required", ()):
                return False
            schema = records[0]["properties"][name]
        return True

    def _wrong(
        self, position: Position, code: str, message: str, hint: str = "", corrected: str = ""
    ) -> None:
        self.findings.add(position, code, message, hint=hint, corrected=corrected, step=self.step)


def _as_date(text: str) -> str:
    """Return a date as it has to be written; empty where it could be two dates, or none."""
    try:
        return date(text) or ""
    except FilterError:
        return ""
