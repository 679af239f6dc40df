"""``connectors test``: the checks of a connector, told one by one, with what to do about failures."""

from typing import TYPE_CHECKING

import click

from engine.cli.connectors import connectors
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.authoring.checking import Verdict


@connectors.command("test", short_help="Check a connector against its practice server.")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@with_workspace
@click.pass_context
def test(context: click.Context, workspace: Workspace, name: str, as_json: bool) -> None:
    """Make every check of connector NAME: names and samples, keys and cursors, paging, failures.

    They are the checks of `engine.testing.connector_suite`, made against the connector's own
    practice server; nothing leaves this computer. Exit code 1: a check failed.
    """
    from engine.authoring.checking import run_suite
    from engine.cli.group import ExitCode

    connector = workspace.host.connector(name)
    verdicts = run_suite(connector.name, workspace.home / "plugins")
    if as_json:
        _print_document(connector.name, verdicts)
    else:
        _print_verdicts(connector.title, verdicts)
    if not all(verdict.passed for verdict in verdicts):
        context.exit(ExitCode.ATTENTION)


def _print_document(name: str, verdicts: "list[Verdict]") -> None:
    from dataclasses import asdict

    from engine.cli.output import print_json

    failed = sum(not verdict.passed for verdict in verdicts)
    document = {"connector": name, "passed": len(verdicts) - failed, "failed": failed}
    print_json({**document, "checks": [asdict(verdict) for verdict in verdicts]}, indent=2)


def _print_verdicts(title: str, verdicts: "list[Verdict]") -> None:
    from engine.cli.output import console

    target = console()
    by_check: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_check.setdefault(verdict.check, []).append(verdict)
    for made in by_check.values():
        failed = [verdict for verdict in made if not verdict.passed]
        mark, style = ("FAILED", "bold red") if failed else ("ok    ", "green")
        target.print(mark, end="  ", style=style)
        times = f" ({len(made)} operations)" if len(made) > 1 else ""
        target.print(f"{made[0].about}{times}", soft_wrap=True)
        for verdict in failed:
            for line in verdict.message.splitlines():
                target.print(f"          {line}", soft_wrap=True)
            where = f"[{verdict.operation}]" if verdict.operation else ""
            target.print(f"          (check {verdict.check}{where})", style="dim", soft_wrap=True)
    failures = sum(not verdict.passed for verdict in verdicts)
    if failures:
        target.print(f"\n{title}: {failures} of {len(verdicts)} checks failed.", style="bold red")
    else:
        target.print(f"\n{title} passed all {len(verdicts)} checks.", style="bold")
