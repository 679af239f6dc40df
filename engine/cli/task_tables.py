"""``questions export`` and ``questions import``: many tasks of one step as a CSV table."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.run.people.task_sheets import OpenTask

STEP = click.option("--step", help="The step's id. [default: the only one with tasks]")
BY = click.option("--by", help="Whose tasks: an e-mail address. [default: your user name here]")


@click.command(short_help="Write the tasks of a recipe's step as CSV, to be filled in.")
@click.argument("recipe", metavar="RECIPE")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@STEP
@BY
@with_workspace
def export(workspace: Workspace, recipe: str, file: Path, step: str | None, by: str | None) -> None:
    """Write the open tasks of RECIPE to FILE; what came of each is to be filled in."""
    from engine.cli.output import say
    from engine.run.people.task_sheets import sheet_of

    _, found = _of_step(workspace, recipe, step, by or getpass.getuser())
    file.write_text("\ufeff" + "".join(sheet_of(found)), "utf-8", newline="")
    say(f"{len(found)} {'task is' if len(found) == 1 else 'tasks are'} in {file}.")


@click.command("import", short_help="Take such a table back: what came of each task.")
@click.argument("recipe", metavar="RECIPE")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True))
@STEP
@BY
@with_workspace
@click.pass_context
def import_(
    context: click.Context,
    workspace: Workspace,
    recipe: str,
    file: Path,
    step: str | None,
    by: str | None,
) -> None:
    """Take the table FILE back; records whose tasks are done go on with `bridgework serve`.

    Exit code 1 when a row could not be taken.
    """
    from engine.cli.output import say
    from engine.errors import SetupError
    from engine.run.people.task_sheets import take_sheet

    by = by or getpass.getuser()
    one, _ = _of_step(workspace, recipe, step, by)
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise SetupError(
            f"{file} is not in UTF-8.", hint="Save it as “CSV UTF-8” and try again."
        ) from None
    taken = take_sheet(workspace.store, text, by=by, recipe=recipe, step=one)
    say(f"{taken.done} done, {taken.untouched} left open.")
    for number, why in taken.problems:
        say(f"Task {number or '?'}: {why}")
    if taken.problems:
        context.exit(1)


def _of_step(
    workspace: Workspace, recipe: str, step: str | None, by: str
) -> tuple[str, "list[OpenTask]"]:
    from engine.errors import SetupError
    from engine.run.people.task_sheets import open_tasks
    from engine.store.questions import list_questions

    found = list_questions(workspace.store, recipe=recipe, step=step)
    steps = sorted({one.step for one in found if one.task is not None})
    if len(steps) > 1:
        raise SetupError(
            f"{recipe!r} has tasks of several steps: {', '.join(steps)}.",
            hint="Name one with --step.",
        )
    tasks = open_tasks(workspace.store, recipe, steps[0], by) if steps else []
    if not tasks:
        raise SetupError(
            f"No task of {recipe!r} waits for {by}.",
            hint="`bridgework questions` lists what is asked, and of whom.",
        )
    return steps[0], tasks
