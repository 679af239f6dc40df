"""``new recipe`` asks a few questions and writes a recipe that can be run."""

from pathlib import Path

import click

from engine.cli.workspace import Workspace, with_workspace


@click.command(short_help="Make a recipe by answering questions.")
@click.argument("what", metavar="recipe", type=click.Choice(["recipe"]))
@click.option("--from", "trigger", help="Where records come from, e.g. clio.matter_changed.")
@click.option("--to", "action", help="What is done with them, e.g. mailchimp.upsert_members.")
@click.option("--name", help="The recipe's title.")
@with_workspace
def new(
    workspace: Workspace, what: str, trigger: str | None, action: str | None, name: str | None
) -> None:
    """Ask where records come from and where they go, and write the recipe.

    Press Enter to take what stands in brackets. Nothing is sent: look at the recipe first.
    """
    from engine.cli.interview import Interview
    from engine.cli.output import say
    from engine.recipe.draft.writing import as_text, free_path
    from engine.recipe.editing.writing import write_whole

    interview = Interview(workspace)
    draft = interview.draft(trigger, action, name)
    path = free_path(workspace.recipes, draft.title)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, as_text(draft))
    findings = _findings(workspace, path)
    say(f"\n'{path}' is written. Look at it, or change it, with any editor.")
    for finding in findings:
        say(finding)
    option = workspace.option
    stem = path.stem
    say("\nWhat comes next:")
    for connector in interview.to_connect:
        say(f"  bridgework connections add {connector} --connector {connector}{option}")
    say(f"  bridgework check {stem}{option}              finds mistakes")
    say(f"  bridgework run {stem} --preview{option}      shows what would happen, sends nothing")
    say(f"  bridgework run {stem}{option}                runs it once")
    say(f"  bridgework recipes enable {stem}{option}     lets `bridgework serve` run it by itself")


def _findings(workspace: Workspace, path: Path) -> list[str]:
    from engine.recipe.checking.check import check_file

    return [finding.as_text() for finding in check_file(path, workspace.host)]
