"""Work that no app does: what a recipe says of it, and what whoever does it has to answer."""

import re
from typing import Annotated, Any

from engine.sdk import Context, Field, InputError, Record, Schema, SetupError

#: An answer that is expected: its name, and what it is.
EXPECTED = re.compile(r"([A-Za-z_]\w*)(?:\s*\((text|number|date|yes or no)\))?")
#: What a person may have answered.
SAMPLE = {"docket_number": "26-001", "filed_on": "2026-01-30"}
KINDS: dict[str, Schema] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "yes or no": {"type": "boolean"},
}

Title = Annotated[str, Field("What is to be done", "In a few words: it heads the task.")]
Instructions = Annotated[str | None, Field("How", "Step by step, if it isn't plain.")]
Fields = Annotated[
    dict[str, Any] | None,
    Field("Fields", "What is needed for it, as `name: value` lines that can be copied."),
]
Expects = Annotated[
    list[str] | None,
    Field(
        "Expected answers",
        "What has to be entered when it is done, e.g. `[number, filed_on (date)]`; later steps read "
        "it by name. Each is a text, or what stands in brackets: number, date, yes or no.",
    ),
]


def do(
    ctx: Context,
    title: Title,
    instructions: Instructions = None,
    fields: Fields = None,
    expects: Expects = None,
) -> Record:
    """Let a person do something that no app does, and go on with what they answer.

    The record waits until then. What is done once for a record is asked again only when the fields
    of the task change.
    """
    # The engine leaves the step to a person, and never comes here.
    raise SetupError("Only a person can do this.", hint="Remove its `connection`.")


def answers(ctx: Context, expects: list[str] | None = None) -> Schema:
    """Return what the step gives: the answers that a recipe expects."""
    found: dict[str, Schema] = {}
    for written in expects or ():
        parts = EXPECTED.fullmatch(written.strip())
        if parts is None:
            raise InputError(
                f"'{written}' is no name of an answer.",
                hint="Write a name such as `number`, with its kind in brackets if it is no text.",
                field="expects",
            )
        found[parts[1]] = KINDS[parts[2] or "text"]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": found,
        "required": list(found),
    }
