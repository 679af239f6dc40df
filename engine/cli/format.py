"""``fmt`` writes recipes in the one way that the reference shows, comments and all."""

from pathlib import Path

import click

from engine.cli.group import ExitCode
from engine.cli.workspace import Workspace, with_workspace


@click.command(short_help="Write recipes in the one usual way.")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--check", "only_check", is_flag=True, help="Only say which files would change.")
@with_workspace
@click.pass_context
def fmt(
    context: click.Context, workspace: Workspace, paths: tuple[str, ...], only_check: bool
) -> None:
    """Format recipes: files, folders or names; all of the recipes folder when none is given.

    Keys come in the reference's order, indented by two spaces; quotes are double; comments stay
    where they belong. What a recipe does never changes. A file that is no recipe is left alone.

    Exit code 0 when all is well, 1 when a file was left alone or, with --check, would change.
    """
    from engine.cli.check import noted, recipe_files
    from engine.cli.output import say
    from engine.errors import RecipeError
    from engine.nouns import Noun
    from engine.recipe.editing.canonical import canonical
    from engine.recipe.editing.fix import replace_text
    from engine.recipe.yaml.source import read_text

    changed: list[Path] = []
    wrong: list[Path] = []
    files = recipe_files(workspace, paths)
    for file in files:
        try:
            text = read_text(file)
            written = canonical(text, file)
        except RecipeError:
            written = None
        if written is None:
            wrong.append(file)
            say(f"{file} has mistakes and is left alone; `bridgework check {file}` shows them.")
        elif written != text:
            changed.append(file)
            if not only_check:
                with noted(workspace, file, "bridgework fmt"):
                    replace_text(file, text, written)
            say(f"{file} {'would change' if only_check else 'formatted'}.")
    if not files:
        say(f"There is no recipe in '{workspace.recipes}'.")
    elif not changed and not wrong:
        say(f"{Noun.of('recipe').count(len(files))} formatted already.")
    context.exit(ExitCode.ATTENTION if wrong or (only_check and changed) else ExitCode.DONE)
