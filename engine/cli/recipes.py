"""``recipes`` lists the recipes of a folder and switches them on and off."""

from typing import Any

import click

from engine.cli.workspace import Workspace, with_workspace


@click.group(invoke_without_command=True, short_help="List the recipes, switch them on and off.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
@click.pass_context
def recipes(context: click.Context, workspace: Workspace, as_json: bool) -> None:
    """List the recipes: what they do, whether they are on, when they run."""
    if context.invoked_subcommand is not None:
        return
    from engine.cli.output import console, print_json, print_table, say

    rows = [_described(workspace, name) for name in workspace.library.names()]
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
    from engine.store.switches import set_switch

    if on:
        recipe = workspace.library.load(name)  # a broken one would only fail at night
        set_switch(workspace.store, recipe.name, True)
        say(f"{recipe.name!r} is on. `bridgework serve` runs it: {recipe.trigger.schedule}.")
        return
    stem = workspace.library.path(name).stem
    set_switch(workspace.store, stem, False)
    say(f"{stem!r} is off.")


def _described(workspace: Workspace, name: str) -> dict[str, Any]:
    from engine.errors import BridgeworkError
    from engine.report import headline
    from engine.store.runs import latest_runs
    from engine.store.switches import switches

    on, last = {}, None
    if not workspace.is_new:
        on = switches(workspace.store)
        last = latest_runs(workspace.store).get(name)
    row: dict[str, Any] = {
        "name": name,
        "title": None,
        "description": None,
        "enabled": on.get(name, False),
        "schedule": None,
        "usable": False,
        "last_run": None
        if last is None
        else {"run": last.id, "status": last.status, "headline": headline(last)},
    }
    try:
        recipe = workspace.library.load(name)
    except BridgeworkError:
        return row
    return {
        **row,
        "title": recipe.title,
        "description": recipe.description,
        "schedule": str(recipe.trigger.schedule),
        "usable": True,
    }
