"""``connectors test``: the checks of a connector, told one by one, with what to do about failures."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.connectors import connectors
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from rich.console import Console

    from engine.authoring.checking import Verdict
    from engine.connector import Connector
    from engine.fields import Record


@connectors.command("test", short_help="Check a connector on its practice server, or for real.")
@click.argument("name")
@click.option("--live", is_flag=True, help="Check it against a real account, which only reads.")
@click.option("--connection", help="The account for --live. [default: called as the connector]")
@click.option(
    "--set",
    "values",
    multiple=True,
    metavar="OPERATION.FIELD=VALUE",
    help="With --live: what an operation is tried with; may be repeated.",
)
@click.option("--writes", is_flag=True, help="With --live: do its actions, too; asks first.")
@click.option("--yes", is_flag=True, help="With --writes: don't ask.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --live: keep the answers in this folder, without people and secrets.",
)
@click.option(
    "--replay",
    type=click.Path(path_type=Path, file_okay=False),
    help="Make the checks of --live again on recorded answers, without network.",
)
@click.option(
    "--accept",
    is_flag=True,
    help="First note in its schema.json what recipes can name now, changes included.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@with_workspace
@click.pass_context
def test(
    context: click.Context,
    workspace: Workspace,
    name: str,
    live: bool,
    connection: str | None,
    values: tuple[str, ...],
    writes: bool,
    yes: bool,
    record: Path | None,
    replay: Path | None,
    accept: bool,
    as_json: bool,
) -> None:
    """Make every check of connector NAME: names and samples, keys and cursors, paging, failures.

    They are the checks of `engine.testing.connector_suite`, made against the connector's own
    practice server; nothing leaves this computer. With --live a real account is looked at instead:
    whether its records are as declared, and its cursors, choices and searches work. Exit code 1: a
    check failed.
    """
    from engine.authoring.checking import run_suite
    from engine.cli.group import ExitCode

    if replay is not None and (live or record):
        raise click.UsageError("Give either --live, perhaps with --record, or --replay.")
    if not live and (connection or values or writes or record):
        raise click.UsageError("--connection, --set, --writes and --record go with --live.")
    connector = workspace.host.connector(name)
    if accept:
        _accept(connector)
    if replay is not None:
        made = _replayed(connector, replay)
    elif live:
        made = _live(workspace, connector, connection or name, values, writes, yes, record)
    else:
        made = iter(run_suite(connector.name, workspace.home / "plugins"))
    verdicts = list(made) if as_json else _printed(made, one_by_one=live or replay is not None)
    if as_json:
        _print_document(connector.name, verdicts)
    else:
        _print_end(connector.title, verdicts)
    if not all(verdict.passed for verdict in verdicts):
        context.exit(ExitCode.ATTENTION)


def _accept(connector: "Connector") -> None:
    from engine.cli.output import say
    from engine.declared_schema import changes, keep
    from engine.errors import SetupError

    for change in changes(connector):
        say(change)
    file = keep(connector)
    if file is None:
        raise SetupError(
            f"{connector.title} is a single file, and has no place for a schema.json.",
            hint="Make it a folder with an __init__.py.",
        )
    say(f"'{file}' is written.")


def _live(
    workspace: Workspace,
    connector: "Connector",
    connection: str,
    values: tuple[str, ...],
    writes: bool,
    yes: bool,
    record: Path | None,
) -> "Iterator[Verdict]":
    from engine.authoring.live import LiveCheck, check_live
    from engine.authoring.recording import Recorder
    from engine.cli.output import say
    from engine.http.sessions import connection_for
    from engine.http.urls import addresses, origin_of

    account = connection_for(workspace.store, connector, connection)
    connector = connector.for_connection(account.settings)
    given = _values(connector, values)
    chosen: frozenset[str] = frozenset()
    if writes:
        chosen = _allowed(connector, connection, yes=yes)
    live = LiveCheck(connector, account, given, chosen)
    if record is None:
        yield from check_live(live, store=workspace.store)
        return
    origin = origin_of(addresses(connector, account.all_settings).base_url)
    recorder = Recorder(live, origin)
    yield from check_live(live, store=workspace.store, heard=recorder)
    say(f"'{recorder.save(record)}' holds the answers. Look at it before you pass it on.")


def _replayed(connector: "Connector", folder: Path) -> "Iterator[Verdict]":
    from engine.authoring.live import check_live
    from engine.authoring.recording import replayed

    live, transport = replayed(connector, folder)
    return check_live(live, transport=transport)


def _values(connector: "Connector", written: Iterable[str]) -> "dict[str, Record]":
    from engine.authoring.values import read_values
    from engine.errors import SetupError

    by_operation: dict[str, list[str]] = {}
    for item in written:
        operation, dot, rest = item.removeprefix(f"{connector.name}.").partition(".")
        if not dot or connector.operation(operation) is None:
            raise SetupError(
                f"{item!r} names no operation of {connector.title}.",
                hint="Write it as `--set operation.field=value`.",
            )
        by_operation.setdefault(operation, []).append(rest)
    found: dict[str, Record] = {}
    for name, items in by_operation.items():
        operation_ = connector.operation(name)
        assert operation_ is not None
        found[name] = read_values(operation_, items, some=True)
    return found


def _allowed(connector: "Connector", connection: str, *, yes: bool) -> frozenset[str]:
    """Return the actions that may be done."""
    names = [name for name, action in connector.actions.items() if action.kind != "search"]
    if yes:
        return frozenset(names)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("--writes changes things at the app. Add --yes to do it unasked.")
    return frozenset(
        name
        for name in names
        if click.confirm(
            f"{connector.actions[name].title} with the connection {connection!r}?", err=True
        )
    )


def _printed(verdicts: "Iterable[Verdict]", *, one_by_one: bool) -> "list[Verdict]":
    """Print verdicts as they come, or those of one check together; return them all."""
    from engine.cli.output import console

    target = console()
    every: list[Verdict] = []
    by_check: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        every.append(verdict)
        if one_by_one:
            _print_check(target, [verdict])
        else:
            by_check.setdefault(verdict.check, []).append(verdict)
    for made in by_check.values():
        _print_check(target, made)
    return every


def _print_check(target: "Console", made: "list[Verdict]") -> None:
    from engine.cli.output import plain

    failed = [verdict for verdict in made if not verdict.passed]
    one = made[0]
    mark, style = ("FAILED", "bold red") if failed else ("ok    ", "green")
    if not one.made:
        mark, style = "not made", "yellow"
    target.print(mark, end="  ", style=style)
    where = f" ({len(made)} operations)" if len(made) > 1 else ""
    if len(made) == 1 and one.operation:
        more = f": {one.message}" if one.message and not failed else ""
        where = f" ({one.operation}{more})"
    target.print(plain(f"{one.about}{where}"), soft_wrap=True)
    for verdict in failed:
        for line in verdict.message.splitlines():
            target.print(plain(f"          {line}"), soft_wrap=True)
        where = f"[{verdict.operation}]" if verdict.operation else ""
        target.print(f"          (check {verdict.check}{where})", style="dim", soft_wrap=True)


def _print_end(title: str, verdicts: "list[Verdict]") -> None:
    from engine.cli.output import console

    failures = sum(not verdict.passed for verdict in verdicts)
    made = sum(verdict.made for verdict in verdicts)
    if failures:
        text = f"\n{title}: {failures} of {made} checks failed."
        console().print(text, style="bold red")
    else:
        console().print(f"\n{title} passed all {made} checks.", style="bold")


def _print_document(name: str, verdicts: "list[Verdict]") -> None:
    from dataclasses import asdict

    from engine.cli.output import print_json

    failed = sum(not verdict.passed for verdict in verdicts)
    passed = sum(verdict.made and verdict.passed for verdict in verdicts)
    document = {"connector": name, "passed": passed, "failed": failed}
    print_json({**document, "checks": [asdict(verdict) for verdict in verdicts]}, indent=2)
