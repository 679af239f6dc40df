"""``drift``: what other systems' answers no longer have, or have anew, and which recipes that breaks."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli.group import ExitCode
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.drift.looking import Drift, Hit
    from engine.drift.upgrades import Upgrade


@click.command(short_help="Show what changed in the apps, and which recipes that breaks.")
@click.argument("name", metavar="[RECIPE|CONNECTOR|CONNECTION]", default="")
@click.option("--upgrade", is_flag=True, help="Only what connectors themselves declare otherwise.")
@click.option("--accept", is_flag=True, help="Take all that is shown for the new normal.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_workspace
@click.pass_context
def drift(
    context: click.Context,
    workspace: Workspace,
    name: str,
    upgrade: bool,
    accept: bool,
    as_json: bool,
) -> None:
    """Show what changed in what apps answer since earlier runs: fields gone, new or of another kind.

    For each it says which recipes, steps and fields read it, what is paused, and what may be
    read instead. Give a recipe, a connector or a connection to see only what concerns it.

    A field that is gone is paused wherever a recipe reads it, so that nothing is blanked. With
    --accept nothing is expected of it any more.

    A connector that was upgraded or edited may declare other fields than before: recipes that this
    breaks are held before they run, until they are corrected or the change is accepted.

    Exit code 0 when nothing breaks a recipe, 1 when something does.
    """
    from engine.cli.output import console, plain, print_json, say
    from engine.drift import looking, upgrades

    store, host, library = workspace.store, workspace.host, workspace.library
    found = [] if upgrade else looking.look(store, host, library, name)
    upgraded = [
        one for one in upgrades.look_at_connectors(store, host, library) if one.is_about(name)
    ]
    count = len(found) + len(upgraded)
    if accept:
        looking.accept(store, found)
        upgrades.accept_upgrades(store, upgraded)
        say(f"{count} {'change is' if count == 1 else 'changes are'} normal from now on.")
        return
    breaking = sum(one.breaks for one in found) + sum(one.breaks for one in upgraded)
    if as_json:
        print_json(
            {
                "changes": [_document(one) for one in found],
                "upgrades": [upgrade_document(one) for one in upgraded],
            },
            indent=2,
        )
    else:
        target = console()
        for lines in (*map(impact_lines, upgraded), *map(_lines, found)):
            for line in lines:
                target.print(plain(line), soft_wrap=True)
            target.print()
        if not count:
            say("Nothing changed in what the apps answer.")
        elif breaking:
            say(f"{breaking} of {count} {'changes' if count > 1 else 'change'} "
                f"{'concern' if breaking > 1 else 'concerns'} recipes.")  # fmt: skip
        else:
            say("No recipe reads what changed.")
    context.exit(ExitCode.ATTENTION if breaking else ExitCode.DONE)


def impact_lines(upgrade: "Upgrade") -> list[str]:
    """Return what a connector declares otherwise, and what that breaks, line by line."""
    lines = [upgrade.sentence]
    for impact in upgrade.impacts:
        lines.append(f"  {impact.change.sentence}")
        lines += [_hit_line(hit, "  ") for hit in impact.hits]
    if not upgrade.impacts:
        lines.append("  Nothing that a recipe may read or give is taken away.")
    return lines


def upgrade_document(upgrade: "Upgrade") -> dict[str, Any]:
    """Return an upgrade as ``--json`` prints it."""
    return {
        "connector": upgrade.connector,
        "before": upgrade.before,
        "now": upgrade.now.version,
        "breaks": upgrade.breaks,
        "changes": [
            {
                "operation": impact.change.operation,
                "field": impact.change.path,
                "kind": impact.change.kind,
                "before": impact.change.before,
                "after": impact.change.after,
                "sentence": impact.change.sentence,
                "breaks": impact.breaks,
                "recipes": [_hit_document(hit) for hit in impact.hits],
            }
            for impact in upgrade.impacts
        ],
    }


def _hit_line(hit: "Hit", indent: str = "") -> str:
    at = f"{hit.file}:{hit.line}" if hit.line else hit.file
    return f"{indent}  {hit.title}: {hit.sentence} ({at})"


def _hit_document(hit: "Hit") -> dict[str, Any]:
    return {
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
        lines.append(_hit_line(hit))
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
        "recipes": [_hit_document(hit) for hit in one.hits],
    }
