"""``connectors impact``: what a new version of a connector would break, before it is installed."""

from pathlib import Path

import click

from engine.cli.connectors import connectors
from engine.cli.group import ExitCode
from engine.cli.workspace import Workspace, with_workspace


@connectors.command(short_help="Show what a new version of a connector would break.")
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_workspace
@click.pass_context
def impact(context: click.Context, workspace: Workspace, package: Path, as_json: bool) -> None:
    """Compare a connector's new version with the one in use, and name the recipes it breaks.

    PACKAGE is its folder, its .py file, or a wheel. It is loaded in a process of its own and
    nothing is installed; only look at packages that you would install.

    Exit code 0 when no recipe breaks, 1 when one does.
    """
    from engine.cli.drift import impact_lines, upgrade_document
    from engine.cli.output import console, plain, print_json, say
    from engine.drift.declared import declared_by
    from engine.drift.declaring import declared_at
    from engine.drift.upgrades import Upgrade, impacts_of, loaded

    recipes = loaded(workspace.library)
    found, new = [], []
    for one in declared_at(package):
        connector = workspace.host.connectors.get(one.connector)
        if connector is None:
            new.append(one.connector)
            continue
        before = declared_by(connector)
        impacts = impacts_of(before.operations, one, recipes, workspace.host)
        found.append(Upgrade(one.connector, connector.title, before.version, one, impacts))
    if as_json:
        print_json([upgrade_document(one) for one in found], indent=2)
    else:
        for upgrade in found:
            for line in impact_lines(upgrade):
                console().print(plain(line), soft_wrap=True)
        for name in new:
            say(f"'{name}' is not in use here: it breaks nothing.")
        if found and not any(upgrade.breaks for upgrade in found):
            say("No recipe breaks.")
    breaks = any(upgrade.breaks for upgrade in found)
    context.exit(ExitCode.ATTENTION if breaks else ExitCode.DONE)
