"""``drift``: what other systems' answers no longer have, or have anew, and which recipes that breaks."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli.group import ExitCode
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.drift.looking import Drift


@click.command(short_help="Show what changed in the apps, and which recipes that breaks.")
@click.argument("name", metavar="[RECIPE|CONNECTOR]", default="")
@click.option("--accept", is_flag=True, help="Take all that is shown for the new normal.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_workspace
@click.pass_context
def drift(
    context: click.Context, workspace: Workspace, name: str, accept: bool, as_json: bool
) -> None:
    """Show what changed in what apps answer since earlier runs: fields gone, new or of another kind.

    For each it says which recipes, steps and fields read it, what is paused, and what may be
    read instead. Give a recipe, a connector or a connection to see only what concerns it.

    A field that is gone is paused wherever a recipe reads it, so that nothing is blanked. With
    --accept nothing is expected of it any more.

    Exit code 0 when nothing breaks a recipe, 1 when something does.
    """
    from engine.cli.output import console, plain, print_json, say
    from engine.drift import looking

    found = looking.look(workspace.store, workspace.host, workspace.library, name)
    if accept:
        looking.accept(workspace.store, found)
        say(f"{len(found)} {'change is' if len(found) == 1 else 'changes are'} normal from now on.")
        return
    if as_json:
        print_json([_document(one) for one in found], indent=2)
    else:
        target = console()
        for one in found:
            for line in _lines(one):
                target.print(plain(line), soft_wrap=True)
            target.print()
        breaking = sum(one.breaks for one in found)
        if not found:
            say("Nothing changed in what the apps answer.")
        elif breaking:
            say(f"{breaking} of {len(found)} {'changes' if len(found) > 1 else 'change'} "
                f"{'concern' if breaking > 1 else 'concerns'} recipes.")  # fmt: skip
        else:
            say("No recipe reads what changed.")
    context.exit(ExitCode.ATTENTION if any(one.breaks for one in found) else ExitCode.DONE)


def _lines(one: "Drift") -> list[str]:
    from engine.drift.looking import advice
    from engine.report import moment

    change = one.change
    where = f"{one.app}, {change.source.operation} (connection {change.source.connection})"
    found = f"Found {moment(change.found_at)}" + (
        f" by run {change.run_id}" if change.run_id else ""
    )
    lines = [where, f"  {one.sentence} {found}."]
    for hit in one.hits:
        at = f"{hit.file}:{hit.line}" if hit.line else hit.file
        lines.append(f"  {hit.title}: {hit.sentence} ({at})")
        if hit.corrected:
            lines.append(f"    Write instead: {hit.corrected}")
    told = advice(one)
    return [*lines, f"  {told}"] if told else lines


def _document(one: "Drift") -> dict[str, Any]:
    change = one.change
    return {
        "app": one.app,
        "connection": change.source.connection,
        "operation": change.source.operation,
        "parameters": change.source.parameters,
        "field": change.path,
        "kind": change.kind,
        "before": change.before,
        "after": change.after,
        "sentence": one.sentence,
        "found_at": change.found_at.isoformat(),
        "run": change.run_id,
        "instead": one.instead or None,
        "breaks": one.breaks,
        "recipes": [
            {
                "recipe": hit.recipe,
                "title": hit.title,
                "file": hit.file,
                "line": hit.line or None,
                "step": hit.step,
                "field": hit.field,
                "effect": hit.effect,
                "reads": hit.words,
                "corrected": hit.corrected or None,
            }
            for hit in one.hits
        ],
    }
