"""``connectors try`` does one operation against a real account, and shows all there is to see."""

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from engine.cli.connectors import connectors
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from engine.authoring.exchanges import Exchange
    from engine.authoring.trying import Tried

#: Lines of a body that are shown, and exchanges.
MOST_LINES = 40
MOST_EXCHANGES = 5
#: Headers that say something about an answer; the others are shown with --json.
TELLING = ("content-type", "link", "retry-after", "etag")


@connectors.command("try", short_help="Do one operation on a real account, and show it all.")
@click.argument("operation", metavar="CONNECTOR.OPERATION")
@click.option("--connection", help="The account. [default: the one called as the connector]")
@click.option(
    "--set", "values", multiple=True, metavar="FIELD=VALUE", help="A field; may be repeated."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=3, show_default=True)
@click.option(
    "--since", metavar="TIME", help="Only what changed since: 2026-01-31, or a length as `2 days`."
)
@click.option("--yes", is_flag=True, help="Do it although it changes something at the app.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@with_workspace
@click.pass_context
def try_out(
    context: click.Context,
    workspace: Workspace,
    operation: str,
    connection: str | None,
    values: tuple[str, ...],
    limit: int,
    since: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Do CONNECTOR.OPERATION once and show its records, its requests and the answers as they came.

    Then it says where the records differ from the fields that the connector declares. Secrets are
    covered. A trigger or a search changes nothing; an action asks first, or needs --yes.
    """
    from engine.authoring.trying import changes_something, try_operation
    from engine.authoring.values import read_values
    from engine.cli.group import ExitCode

    found = workspace.host.operation(operation)
    name = connection or found.connector
    given = read_values(found, values)
    if changes_something(found) and not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise click.UsageError(
                f"{operation} changes something at the app. Add --yes to do it all the same."
            )
        click.confirm(f"{found.title}, with the connection {name!r}: really?", abort=True, err=True)
    tried = try_operation(
        workspace.store, workspace.host, found, name, given, limit=limit, since=_moment(since)
    )
    if as_json:
        _print_document(tried)
    else:
        _print(tried)
    if tried.error is not None or tried.refused:
        context.exit(ExitCode.ATTENTION)


def _moment(text: str | None) -> "datetime | None":
    from datetime import UTC, datetime

    from engine.recipe.schedule.durations import parse_duration
    from engine.run.moments import moment

    if text is None:
        return None
    found = moment(text)
    if found is None:
        try:
            return datetime.now(UTC) - parse_duration(text)
        except ValueError as error:
            raise click.UsageError(
                f"{text!r} is no time. Write it as 2026-01-31, or as a length such as `2 days`."
            ) from error
    return found


def _print(tried: "Tried") -> None:
    from engine.cli.output import console, plain

    target = console()
    for number, exchange in enumerate(tried.exchanges[:MOST_EXCHANGES], 1):
        _print_exchange(target, number, exchange)
    if len(tried.exchanges) > MOST_EXCHANGES:
        target.print(f"… and {len(tried.exchanges) - MOST_EXCHANGES} more requests\n", style="dim")
    noun = tried.operation.noun
    if tried.records or tried.error is None:
        target.print(f"{noun.count(len(tried.records))}:", style="bold")
    for record in tried.records:
        target.print(plain(_pretty(record)), soft_wrap=True)
    for refused in tried.refused:
        target.print(plain(f"Refused: {refused}"), style="yellow", soft_wrap=True)
    if tried.error is not None:
        from engine.redaction import redact

        target.print(plain(redact(str(tried.error))), style="bold red", soft_wrap=True)
        return
    if not tried.records:
        return
    if not tried.differences:
        target.print("\nNo difference from the declared fields.", style="green")
        return
    target.print("\nDifferences from the declared fields:", style="bold")
    for difference in tried.differences:
        target.print(plain(f"  {difference.sentence}"), soft_wrap=True)


def _print_exchange(target: "Console", number: int, exchange: "Exchange") -> None:
    from engine.cli.output import plain

    head = f"{number}. {exchange.method} {exchange.url}"
    target.print(plain(head), style="bold cyan", soft_wrap=True)
    if exchange.sent is not None:
        target.print(plain(_pretty(exchange.sent)), soft_wrap=True)
    told = [f"{name}: {value}" for name, value in exchange.headers if _tells(name)]
    target.print(
        plain(f"   {exchange.status}, {exchange.size:,} bytes; {'; '.join(told)}".rstrip("; ")),
        style="dim",
        soft_wrap=True,
    )
    if exchange.answer is not None:
        target.print(plain(_pretty(exchange.answer)), soft_wrap=True)
    target.print("")


def _tells(name: str) -> bool:
    return name.lower() in TELLING or "ratelimit" in name.lower().replace("-", "")


def _pretty(value: Any) -> str:
    """Return a value in a few lines."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"… {len(lines) - MOST_LINES} more lines"]
    return "\n".join(line[:400] for line in lines)


def _print_document(tried: "Tried") -> None:
    from dataclasses import asdict

    from engine.cli.output import print_json
    from engine.redaction import redact, redact_within

    error = tried.error
    print_json(
        {
            "operation": tried.operation.full_name,
            "records": redact_within(tried.records),
            "refused": tried.refused,
            "differences": [
                {**asdict(one), "breaks": one.breaks, "sentence": one.sentence}
                for one in tried.differences
            ],
            "requests": [
                {
                    **asdict(one),
                    "request_headers": dict(one.request_headers),
                    "headers": dict(one.headers),
                }
                for one in tried.exchanges
            ],
            "error": None
            if error is None
            else {"message": redact(error.message), "hint": redact(error.hint), "code": error.code},
        },
        indent=2,
    )
