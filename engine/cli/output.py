"""What commands print: results to stdout, everything else to stderr, JSON alone where it is asked for."""

import json
import sys
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from engine.cli.letters import all_letters
from engine.errors import BridgeworkError, DatabaseAway, RecipeError

if TYPE_CHECKING:
    from rich.console import Console

#: Where nobody watches, lines are never wrapped, so that grep finds whole records.
PIPE_WIDTH = 1000


def console(*, stderr: bool = False) -> "Console":
    """Return where to print; colours only on a terminal and without ``NO_COLOR``."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        file=stream,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if stream.isatty() else PIPE_WIDTH,
    )


def print_json(value: Any, *, indent: int | None = None) -> None:
    click.echo(json.dumps(value, ensure_ascii=not all_letters(sys.stdout), indent=indent))


def say(text: str) -> None:
    """Tell the person at the keyboard something that is not the command's result."""
    click.echo(plain(text), err=True)


def print_table(target: "Console", headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under headings; long cells fold on a terminal and stay whole in a pipe."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(plain(cell) for cell in row))
    target.print(table)


def print_folded(
    target: "Console", text: str, *, indent: int = 2, hang: int = 0, style: str | None = None
) -> None:
    """Print a line; on a terminal it is folded between words, and goes on under itself.

    :param indent: columns left free before it.
    :param hang: how many more before where it goes on.
    """
    text = plain(text)
    lines = [" " * indent + text]
    if target.is_terminal:
        lines = wrap(
            text,
            target.width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hang),
            break_long_words=False,
            break_on_hyphens=False,
        )
    for line in lines:
        target.print(line, style=style, soft_wrap=True)


def show_error(error: BridgeworkError | DatabaseAway) -> None:
    """Print an error as a person reads it: what happened, then what to do; no traceback."""
    from engine.redaction import redact

    target = console(stderr=True)
    target.print(plain(redact(error.message)), style="bold red", soft_wrap=True)
    if isinstance(error, RecipeError) and error.findings:  # the hint says how to see them
        for finding in error.findings:
            target.print(plain(redact(finding.as_text())), soft_wrap=True)
    elif error.hint:
        target.print(plain(redact(error.hint)), soft_wrap=True)


def plain(text: str) -> str:
    """Return ``text`` without the control characters by which data could steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
