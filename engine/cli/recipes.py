"""``recipes`` lists the recipes of a folder and switches them on and off."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.store.runs import Run


@click.group(invoke_without_command=True, short_help="List the recipes, switch them on and off.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
@click.pass_context
def recipes(context: click.Context, workspace: Workspace, as_json: bool) -> None:
    """List the recipes: what they do, whether they are on, when they run."""
    if context.invoked_subcommand is not None:
        return
    from engine.cli.output import console, print_json, print_table, say

    rows = _described(workspace)
    if as_json:
        print_json(rows, indent=2)
        return
    if not rows:
        say(f"There is no recipe in '{workspace.recipes}'. Choose a folder with `--recipes`.")
        return
    print_table(
        console(),
        ("Recipe", "On", "Runs", "Last run", "Title"),
        (
            (
                row["name"],
                "on" if row["enabled"] else "off",
                row["schedule"] or "",
                row["last_run"]["headline"] if row["last_run"] else "",
                row["title"] if row["usable"] else "can't be used: `bridgework check` says why",
            )
            for row in rows
        ),
    )


@recipes.command()
@click.argument("name")
@with_workspace
def enable(workspace: Workspace, name: str) -> None:
    """Switch a recipe on: `bridgework serve` runs it when it is due."""
    _switch(workspace, name, on=True)


@recipes.command()
@click.argument("name")
@with_workspace
def disable(workspace: Workspace, name: str) -> None:
    """Switch a recipe off; it can still be run by hand."""
    _switch(workspace, name, on=False)


def _switch(workspace: Workspace, name: str, *, on: bool) -> None:
    from engine.cli.output import say
    from engine.run.switching import switch_off, switch_on

    if on:
        recipe = workspace.library.load(name)  # a broken one would only fail at night
        problem = switch_on(workspace.store, workspace.host, recipe)
        say(f"{recipe.name!r} is on. `bridgework serve` runs it: {recipe.trigger.schedule}.")
    else:
        stem = workspace.library.path(name).stem
        problem = switch_off(workspace.store, workspace.host, stem)
        say(f"{stem!r} is off.")
    if problem:
        say(f"Its webhook isn't {'ready' if on else 'ended'} yet: {problem}")


def _described(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what there is to say about each recipe; a home that isn't there yet stays so."""
    from engine.store.runs import latest_runs
    from engine.store.switches import switches

    on = {} if workspace.is_new else switches(workspace.store)
    last = {} if workspace.is_new else latest_runs(workspace.store)
    return [
        _row(workspace, name, enabled=on.get(name, False), last=last.get(name))
        for name in workspace.library.names()
    ]


def _row(workspace: Workspace, name: str, *, enabled: bool, last: "Run | None") -> dict[str, Any]:
    from engine.errors import BridgeworkError
    from engine.report import headline

    try:
        recipe = workspace.library.load(name)
    except BridgeworkError:
        recipe = None
    return {
        "name": name,
        "title": recipe.title if recipe else None,
        "description": recipe.description if recipe else None,
        "enabled": enabled,
        "schedule": str(recipe.trigger.schedule) if recipe else None,
        "usable": recipe is not None,
        "last_run": {"run": last.id, "status": last.status, "headline": headline(last)}
        if last
        else None,
    }
