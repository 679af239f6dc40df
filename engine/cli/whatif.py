"""``whatif`` tries a recipe's edge cases: no connection, nothing sent, no test to be written."""

import time
from typing import TYPE_CHECKING

import click

from engine.cli.group import ExitCode
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from rich.console import Console

    from engine.recipe.model import Recipe
    from engine.run.whatif.judge import Mark
    from engine.run.whatif.model import Level, Line, WhatIf
    from engine.run.whatif.versions import Change

#: Colours; the words say the same.
COLOURS: "dict[Mark, str]" = {
    "crash": "bold red",
    "stops": "bold red",
    "lost": "bold red",
    "dropped": "bold red",
    "merged": "bold red",
    "altered": "bold red",
    "part": "red",
    "rejected": "red",
    "chosen": "yellow",
    "stand-in": "yellow",
    "other-way": "yellow",
    "cut": "yellow",
    "without": "yellow",
    "gap": "yellow",
    "skipped": "cyan",
    "carried": "green",
    "same": "dim",
}
LEVEL_COLOURS: "dict[Level, str]" = {
    "lost": "bold red",
    "rejected": "red",
    "noted": "yellow",
    "handled": "cyan",
}


@click.command(short_help="Try a recipe's edge cases, offline.")
@click.argument("recipe", metavar="RECIPE")
@click.option("--all", "everything", is_flag=True, help="Show every variant on a line of its own.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--since",
    type=click.IntRange(1),
    metavar="VERSION",
    help="Tell first what ends otherwise than in this version of the recipe.",
)
@click.option(
    "--strict", is_flag=True, help="Exit with 1 where data would be lost or wrong silently."
)
@with_workspace
@click.pass_context
def whatif(
    context: click.Context,
    workspace: Workspace,
    recipe: str,
    everything: bool,
    as_json: bool,
    since: int | None,
    strict: bool,
) -> None:
    """Try RECIPE on what its source may send: fields that are missing, too long, doubled, foreign.

    The connector's sample record is varied field by field and goes the way of a run; searches are
    answered from samples, and nothing is sent, read or stored. Problems come first, then the grid.
    """
    from engine.cli.output import print_json
    from engine.run.whatif.whatif import whatif as try_out

    started = time.monotonic()
    loaded = workspace.library.load(recipe)
    changes: tuple[Change, ...] | None = None
    if since is None:
        found = try_out(loaded, workspace.host)
    else:
        from engine.run.whatif.versions import whatif_since

        found, changes = whatif_since(
            loaded, _version(workspace, loaded.name, since), workspace.host
        )
    if as_json:
        document = found.as_json()
        if since is not None:
            told = None if changes is None else [change.as_json() for change in changes]
            document = {"since": since, "changes": told, **document}
        print_json({**document, "seconds": round(time.monotonic() - started, 3)}, indent=2)
    else:
        if since is not None:
            _print_changes(changes, since)
        _print(found, everything)
    silent = bool(found.at("lost"))
    context.exit(ExitCode.ATTENTION if strict and silent else ExitCode.DONE)


def _version(workspace: Workspace, recipe: str, number: int) -> "Recipe":
    """Return a recipe as it was.

    :raises SetupError: there is no such version.
    :raises RecipeError: it could not be read even then.
    """
    from engine.errors import SetupError
    from engine.recipe.load import parse_recipe
    from engine.store.versions import find_version

    version = find_version(workspace.store, recipe, number)
    if version is None:
        raise SetupError(
            f"The recipe '{recipe}' has no version {number}.",
            hint=f"`bridgework recipes versions {recipe}` lists them.",
        )
    return parse_recipe(version.text, version.path, version.beside)


def _print_changes(changes: "tuple[Change, ...] | None", since: int) -> None:
    from engine.cli.output import console, plain

    target = console()
    if changes is None:
        target.print(f"Version {since} has mistakes, so there is nothing to compare with.")
    elif not changes:
        target.print(f"Nothing ends otherwise than in version {since}.")
    else:
        target.print(f"Otherwise than in version {since} ({len(changes)})", style="bold")
    for change in changes or ():
        mark, colour = ("worse", "bold red") if change.worse else ("better", "green")
        target.print(f"• {mark}: {plain(change.sentence)}", style=colour, soft_wrap=True)
    target.print()


def _print(found: "WhatIf", everything: bool) -> None:
    from engine.cli.output import console, plain
    from engine.nouns import Noun
    from engine.run.whatif.model import LEVELS

    target = console()
    cases = sum(len(line.cases) for line in found.lines)
    case, fields = Noun.of("case"), Noun.of("field")
    target.print(f"What if … '{plain(found.title)}'", style="bold")
    target.print(
        plain(
            f"{case.count(cases)} of {fields.count(len(found.lines))}, "
            f"tried on this computer alone. {found.base}"
        )
    )
    for level, heading in LEVELS.items():
        problems = found.at(level)
        if not problems:
            continue
        target.print()
        target.print(f"{heading} ({len(problems)})", style=LEVEL_COLOURS[level])
        for problem in problems:
            target.print(f"• {plain(problem.sentence)}", soft_wrap=True)
            target.print(f"  {plain(found.file)}:{problem.line}", style="dim", soft_wrap=True)
            if problem.fix:
                target.print(f"  {plain(problem.fix)}", soft_wrap=True)
    target.print()
    (_list if everything else _grid)(target, found.lines)
    for sentence in found.left_out:
        target.print(plain(sentence), style="dim", soft_wrap=True)


def _grid(target: "Console", lines: "tuple[Line, ...]") -> None:
    """Print fields against kinds of variants; a cell shows the worst of its variants."""
    from rich.table import Table
    from rich.text import Text

    from engine.cli.output import plain
    from engine.run.whatif.variant import COLUMNS

    used = [column for column in COLUMNS if any(column in line.cells() for line in lines)]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("Field", overflow="fold")
    for column in used:
        table.add_column(COLUMNS[column], overflow="fold")
    for line in lines:
        cells = line.cells()
        words = []
        for column in used:
            worst = cells[column][0] if column in cells else None
            words.append(Text(worst.word, COLOURS[worst.mark]) if worst else Text("–", "dim"))
        table.add_row(plain(line.field), *words)
    target.print(table)


def _list(target: "Console", lines: "tuple[Line, ...]") -> None:
    from engine.cli.output import print_table

    rows = [
        (line.field, case.id, case.shown, case.word, case.sentence)
        for line in lines
        for case in line.cases
    ]
    print_table(target, ("Field", "Variant", "Tried", "Outcome", "What happens"), rows)
