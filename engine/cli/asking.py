"""Questions at the terminal: a choice by number, a field's value, a time in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engine.recipe.schema.fields import FieldLine


class _Place(click.ParamType[int]):
    """A number from 1 up to the last choice."""

    name = "number"

    def __init__(self, last: int) -> None:
        self.last = last

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        said = str(value).strip()
        if said.isascii() and said.isdigit() and 1 <= int(said) <= self.last:
            return int(said)
        return self.fail(f"{said!r} is none of the numbers 1 to {self.last}.", param, ctx)


def choose(question: str, lines: Sequence[str], *, default: int | None = 1) -> int:
    """Let a person choose by number; return the place in ``lines``."""
    if question:
        click.echo(f"\n{question}", err=True)
    for number, line in enumerate(lines, 1):
        click.echo(f"  {number:>2}  {line}", err=True)
    return int(click.prompt("Number", type=_Place(len(lines)), default=default, err=True)) - 1


def ask_value(line: "FieldLine") -> str:
    """Let a person choose, or type, what a field is."""
    from engine.recipe.checking.scopes import choices

    known = [str(choice) for choice in choices(line.schema)]
    if known:
        return known[choose(label(line), known)]
    about = line.schema.get("description", "")
    if about:
        click.echo(f"  {about}", err=True)
    said: str = click.prompt(label(line), err=True)
    return said


def ask_schedule() -> str:
    """Let a person say in words when something runs, until it is understood."""
    from engine.recipe.schedule.schedule import ScheduleError, parse_schedule

    while True:
        said: str = click.prompt("When", default="every weekday at 7:00", err=True)
        try:
            parse_schedule(said)
        except ScheduleError as error:
            click.echo(f"  {error.message} {error.hint}".rstrip(), err=True)
        else:
            return said


def label(line: "FieldLine") -> str:
    """Return what people call a field."""
    return str(line.schema.get("title") or line.name)


def example(sample: Any) -> str:
    """Return a sample value as a few words behind a field's name; empty where there is none."""
    text = "" if sample is None or isinstance(sample, list | dict) else str(sample)
    return f"   (e.g. {text[:40]})" if text else ""


def in_words(line: "FieldLine") -> str:
    """Return what a field is, and what it can be."""
    from engine.recipe.checking.scopes import choices

    known = ", ".join(str(choice) for choice in choices(line.schema))
    return f"{label(line)}: {known}" if known else label(line)
