"""``check`` finds the mistakes in recipes; ``schema`` lets an editor prevent them."""

from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.group import ExitCode
from engine.cli.workspace import Workspace, with_workspace
from engine.errors import BridgeworkError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.recipe.editing.fix import Change
    from engine.recipe.findings import Finding

#: Recipes named that wait for one account; the others are counted.
SHOWN = 5


@click.command(short_help="Find the mistakes in recipes.")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--fix", is_flag=True, help="Correct what is certain, in the files themselves.")
@click.option(
    "--refresh", is_flag=True, help="First ask the accounts for the fields that only they know."
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@with_workspace
@click.pass_context
def check(
    context: click.Context,
    workspace: Workspace,
    paths: tuple[str, ...],
    fix: bool,
    refresh: bool,
    as_json: bool,
) -> None:
    """Check recipes: files, folders or names; all of the recipes folder when none is given.

    Fields that only an account knows, such as merge fields, are known as they were read last.

    With --fix the lines whose correction is certain are replaced; all else of the files stays as it
    is, and what is left to correct is shown.

    Exit code 0 when all are good, 1 when there is something to correct. Notes, e.g. on connections
    that are still to be added, correct nothing.
    """
    from engine.cli.output import console, plain, print_json, say
    from engine.nouns import Noun

    files = recipe_files(workspace, paths)
    if refresh:
        _refresh(workspace, files)
    changes: list[Change] = []
    findings: list[Finding] = []
    for file in files:
        if fix:
            changes += _fix(workspace, file)
        findings += _findings(workspace, file)
    mistakes = [finding for finding in findings if finding.level == "mistake"]
    if as_json:
        fixed = {"fixed": [change.as_json() for change in changes]} if fix else {}
        print_json(
            {
                "checked": [str(file) for file in files],
                **fixed,
                "findings": [finding.as_json() for finding in findings],
            },
            indent=2,
        )
    else:
        target = console()
        for change in changes:
            target.print(plain(change.as_text()), soft_wrap=True)
            target.print()
        for lines in _lines(findings):
            target.print(plain(lines), soft_wrap=True)
            target.print()
        if fix and files:
            lines = Noun.of("line").count(len(changes)) if changes else "Nothing"
            say(f"{lines} corrected.")
        if not files:
            say(f"There is no recipe in '{workspace.recipes}'.")
        elif mistakes:
            wrong = len({finding.file for finding in mistakes})
            left = " left" if fix else ""
            say(
                f"{Noun.of('mistake').count(len(mistakes))}{left} in {wrong} of "
                f"{Noun.of('recipe').count(len(files))}."
            )
        else:
            say(f"{Noun.of('recipe').count(len(files))} checked: all good.")
    context.exit(ExitCode.ATTENTION if mistakes else ExitCode.DONE)


@click.command(short_help="Print the JSON Schema of recipes, for editors.")
@with_workspace
def schema(workspace: Workspace) -> None:
    """Print the JSON Schema of recipes, with the operations and fields of the connectors here.

    Save it as recipe.schema.json and begin a recipe with the line
    `# yaml-language-server: $schema=recipe.schema.json`: an editor then completes and checks it.
    """
    from engine.cli.output import print_json
    from engine.recipe.schema.schema import recipe_schema

    print_json(recipe_schema(workspace.host), indent=2)


def recipe_files(workspace: Workspace, paths: tuple[str, ...]) -> list[Path]:
    """Return the recipes that paths and names stand for; all there are when none is given.

    :raises SetupError: there is no such folder, file or recipe.
    """
    given = paths or (str(workspace.recipes),)
    return list(dict.fromkeys(file for path in given for file in _files(workspace, path)))


def _files(workspace: Workspace, path: str) -> list[Path]:
    """Return the recipes that a path or name stands for.

    :raises SetupError: there is no such folder, file or recipe.
    """
    from engine.errors import SetupError
    from engine.recipe.library import Library

    folder = Path(path)
    if folder.is_dir():
        library = Library(folder)
        return [library.path(name) for name in sorted([*library.names(), *library.called()])]
    if folder == workspace.recipes:
        raise SetupError(
            f"There is no folder '{folder}'.",
            hint="Make a recipe with `bridgework new recipe`, or say where they are with `--recipes`.",
        )
    return [workspace.library.path(path)]


def noted(workspace: Workspace, file: Path, by: str) -> AbstractContextManager[None]:
    """Keep what is changed within the block as a version; a home that isn't there yet stays so."""
    from contextlib import nullcontext

    if workspace.is_new:
        return nullcontext()
    from engine.run.recipes.editing import noting

    return noting(workspace.store, workspace.library, file, by=by)


def _fix(workspace: Workspace, file: Path) -> "tuple[Change, ...]":
    from engine.errors import RecipeError
    from engine.recipe.editing.fix import fix_file

    try:
        with noted(workspace, file, "bridgework check --fix"):
            return fix_file(file, workspace.host, workspace.connection_names()).changes
    except RecipeError:
        return ()  # it is no text; the check says so


def _refresh(workspace: Workspace, files: list[Path]) -> None:
    """Ask accounts for their own fields; what can't be read is said, and stops nothing."""
    from engine.cli.output import say
    from engine.recipe.live import questions_of
    from engine.recipe.load import read_recipe
    from engine.recipe.yaml.source import read_text
    from engine.run.connections.live_fields import refresh

    if workspace.is_new:
        return
    questions = []
    for file in files:
        with suppress(BridgeworkError):  # it is no text; the check says so
            recipe, _ = read_recipe(read_text(file), file)
            questions += [] if recipe is None else questions_of(workspace.host, recipe)
    for reading in refresh(workspace.store, workspace.host, questions):
        if reading.problem:
            say(reading.words)


def _findings(workspace: Workspace, file: Path) -> "list[Finding]":
    from engine.recipe.checking.check import check_file

    found = check_file(file, workspace.host, workspace.connection_names(), hints=True)
    return [replace(one, level="hint") if one.is_setup else one for one in found]


def _lines(findings: "Sequence[Finding]") -> "Iterator[str]":
    """Yield what is told of findings; an account that many recipes wait for is told of once."""
    from engine.nouns import listed

    waiting: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.is_setup:
            waiting.setdefault(finding.message, []).append(finding)
        else:
            yield ("" if finding.level == "mistake" else "Note: ") + finding.as_text()
    for message, ones in waiting.items():
        names = list(dict.fromkeys(finding.recipe for finding in ones))
        if len(names) == 1:
            yield from (f"Note: {finding.as_text()}" for finding in ones)
            continue
        some = listed(names, SHOWN)
        yield f"Note: {message}\n  {len(names)} recipes need it: {some}.\n  {ones[0].hint}"
