"""Checking ``translate`` tables: which nothing uses, and which rows lead nowhere."""

from collections.abc import Collection, Mapping

import jsonschema_rs

from engine.fields import Schema
from engine.recipe.checking.filters import ROWS_OF
from engine.recipe.checking.scopes import choices, items_of, kinds
from engine.recipe.findings import Findings
from engine.recipe.suggest import did_you_mean
from engine.recipe.tables import Table, notes_of
from engine.recipe.templates.coerce import CoerceError, coercer
from engine.recipe.texts import Text

#: Values that one finding lists.
NAMED = 5


def note_tables(
    tables: Mapping[str, Table], used: Collection[str | None], findings: Findings
) -> None:
    """Note tables that nothing uses, and rows that are odd.

    :param used: names of the tables that something is looked up in; None: only a record tells.
    """
    for name, table in tables.items():
        notes = list(notes_of(table))
        if name not in used and None not in used:
            notes.insert(0, f"Nothing looks up anything in the table '{name}'.")
        for note in notes:
            findings.add(table.name.position, "table", note, level="hint")


def note_rows(
    findings: Findings, text: Text, shape: Schema, schema: Schema, *, what: str, step: str
) -> None:
    """Note the rows of a table that lead to something a field can't be.

    :param shape: the schema of the template ``text``; it says which table it looks in.
    :param schema: of the field; ``what`` is what messages call it.
    """
    item = items_of(schema) if kinds(schema) == {"array"} else schema
    allowed = [str(choice) for choice in choices(item)]
    if ROWS_OF not in shape or not allowed:
        return
    odd = [value for value in choices(shape) if value not in allowed and not fits(value, item)]
    if odd:
        listed = ", ".join(f"'{value}'" for value in odd[:NAMED]) + (" …" * (len(odd) > NAMED))
        findings.add(
            text.position,
            "table-value",
            f"The table '{shape[ROWS_OF]}' leads to {listed}, which {what} can't be.",
            hint=did_you_mean(odd[0], allowed, "It is one of"),
            step=step,
            level="hint",
        )


def fits(text: str, schema: Schema) -> bool:
    """Return whether text becomes one of the allowed values, e.g. ``yes`` a boolean."""
    try:
        return jsonschema_rs.validator_for(schema).is_valid(coercer(schema)(text))
    except CoerceError:
        return False
