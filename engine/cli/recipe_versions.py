"""``recipes versions``, ``diff`` and ``restore``: what a recipe was, what changed, and back again."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.store.versions import Version

#: Who a version is by that is made here.
BY = "the command line"
STYLES = {"removed": "red", "added": "green", "same": "", "place": "cyan"}


@click.command(short_help="List what a recipe was, version by version.")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
def versions(workspace: Workspace, name: str, as_json: bool) -> None:
    """List the versions of a recipe, the newest first: when, by whom, and how often it ran."""
    from engine.cli.output import console, print_json, print_table
    from engine.report import moment
    from engine.store.versions import list_versions, runs_per_version

    recipe = _known(workspace, name)
    ran = runs_per_version(workspace.store, recipe)
    found = list_versions(workspace.store, recipe)
    if as_json:
        print_json([_document(version, ran.get(version.id, 0)) for version in found], indent=2)
        return
    print_table(
        console(),
        ("Version", "When", "Who", "Note", "Runs"),
        (
            (
                str(version.number),
                moment(version.saved_at),
                version.who,
                version.note,
                str(ran.get(version.id, 0) or ""),
            )
            for version in found
        ),
    )


@click.command(short_help="Show what changed between two versions.")
@click.argument("name")
@click.argument("a", metavar="[A]", type=click.IntRange(1), required=False)
@click.argument("b", metavar="[B]", type=click.IntRange(1), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@with_workspace
def diff(workspace: Workspace, name: str, a: int | None, b: int | None, as_json: bool) -> None:
    """Show what changed in a recipe from version A to version B.

    Without B: from A to the recipe as it is now. Without A, too: in its newest version.
    """
    from engine.cli.output import console, plain, print_json, say
    from engine.recipe.editing.compare import changes, files_changed, unified

    recipe = _known(workspace, name)
    newest = _version(workspace, recipe, None)
    later = _version(workspace, recipe, b) if b else newest
    earlier = _version(workspace, recipe, a or max(later.number - 1, 1))
    said = changes(earlier.text, later.text)
    lines: list[tuple[str, str]] = [*unified(earlier.text, later.text)]
    for file in files_changed(earlier.beside, later.beside):
        said.append(f"{file}, which it reads, changed.")
        lines.append(("place", file))
        lines += unified(earlier.beside.get(file, ""), later.beside.get(file, ""))
    if as_json:
        print_json(
            {
                "recipe": recipe,
                "from": earlier.number,
                "to": later.number,
                "changes": said,
                "lines": [text for _, text in lines],
            },
            indent=2,
        )
        return
    target = console()
    if not lines:
        say(f"Version {earlier.number} and version {later.number} are the same.")
        return
    for sentence in said:
        target.print(plain(sentence), soft_wrap=True)
    if said:
        target.print()
    for title, mark in ((earlier, "---"), (later, "+++")):
        target.print(f"{mark} version {title.number}, {plain(title.who)}", style="bold")
    for kind, text in lines:
        target.print(plain(text), style=STYLES[kind], soft_wrap=True)


@click.command(short_help="Let a recipe be again what it was.")
@click.argument("name")
@click.argument("number", metavar="N", type=click.IntRange(1))
@with_workspace
def restore(workspace: Workspace, name: str, number: int) -> None:
    """Write version N into the recipe's file, as a new version; nothing of the history is lost."""
    from engine.cli.output import say
    from engine.recipe.checking.check import check_text
    from engine.run.recipes.editing import restore_version

    recipe = _known(workspace, name)
    now = restore_version(workspace.store, workspace.library, recipe, number, by=BY)
    say(f"{recipe!r} is as it was in version {number}; that is version {now.number} now.")
    mistakes = check_text(now.text, now.path, workspace.host)
    if mistakes:
        say(f"It has mistakes and can't run: `bridgework check {recipe}` shows them.")
    else:
        say("Its next run uses it.")


def _known(workspace: Workspace, name: str) -> str:
    """Return the name of a recipe that has versions, its file's present text among them.

    :raises SetupError: there is no such recipe, and there never was.
    """
    from engine.run.recipes.editing import present_version

    for called in (name, Path(name).stem):  # of a file that is gone, its name is left
        found = present_version(workspace.store, workspace.library, called)
        if found is not None:
            return found.recipe
    workspace.library.path(name)  # says what there is instead
    return name


def _version(workspace: Workspace, recipe: str, number: int | None) -> "Version":
    """Return a version; the newest where no number is given.

    :raises SetupError: there is none of that number.
    """
    from engine.errors import SetupError
    from engine.store.versions import find_version, newest_version

    store = workspace.store
    found = find_version(store, recipe, number) if number else newest_version(store, recipe)
    if found is None:
        raise SetupError(
            f"{recipe!r} has no version {number or ''}".rstrip() + ".",
            hint=f"`bridgework recipes versions {recipe}` lists those it has.",
        )
    return found


def _document(version: "Version", runs: int) -> dict[str, Any]:
    return {
        "version": version.number,
        "saved_at": version.saved_at.isoformat(),
        "saved_by": version.saved_by,
        "note": version.note,
        "runs": runs,
        "text": version.text,
    }
