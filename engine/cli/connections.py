"""``connections`` adds, tests, lists and removes the accounts that recipes work with."""

import re
import sys
from typing import TYPE_CHECKING, Any

import click

from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.store.connections import Connection

#: Names stand in recipes, in commands and in the addresses of pages.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


@click.group(invoke_without_command=True, short_help="List, add, test and remove connections.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
@click.pass_context
def connections(context: click.Context, workspace: Workspace, as_json: bool) -> None:
    """List the connections, or add, test and remove them."""
    if context.invoked_subcommand is None:
        _print_list(workspace, as_json=as_json)


def _checked_name(context: click.Context, parameter: click.Parameter, name: str) -> str:
    if not NAME.fullmatch(name):
        raise click.BadParameter(
            f"{name!r} can't be a connection's name. Use letters, digits, '-' and '_', at most 80."
        )
    from engine.operations import PERSON

    if name == PERSON:
        raise click.BadParameter(
            f"{name!r} can't be a connection's name: in recipes it means that a person does a step."
        )
    return name


@connections.command(short_help="Connect an account; it is tested first.")
@click.argument("name", callback=_checked_name)
@click.option(
    "--connector", required=True, metavar="NAME", help="`bridgework connectors` lists them."
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="A setting; may be repeated. Tokens got elsewhere: access_token=… and refresh_token=…. "
    "A secret from a file, so that no list of processes shows it: api_key=@FILE.",
)
@click.option("--base-url", metavar="URL", help="Another address than the app's own, e.g. a proxy.")
@click.option("--practice", is_flag=True, help="Connect to the practice server, started if needed.")
@click.option(
    "--replace", "replace_account", is_flag=True, help="Let another account take NAME's place."
)
@with_workspace
def add(
    workspace: Workspace,
    name: str,
    connector: str,
    settings: tuple[str, ...],
    base_url: str | None,
    practice: bool,
    replace_account: bool,
) -> None:
    """Connect an account under NAME; it is tested first and kept only if it works.

    No question is asked where the options suffice. Apps with a consent page open it in the browser;
    with --practice it is answered by itself. A name that is taken is connected again, to the same
    account unless --replace says otherwise; one account is not connected twice.
    """
    from engine.cli.connecting import connect, read_settings
    from engine.cli.output import say
    from engine.cli.practice_process import running_practice
    from engine.http.settings import setting_schemas

    if practice and base_url:
        raise click.UsageError("Give either --practice or --base-url.")
    found = workspace.host.connector(connector)
    given = read_settings(found, settings)
    connection = connect(
        workspace.store,
        found,
        name,
        given,
        base_url=base_url,
        practice=running_practice(workspace.home, found) if practice else None,
        replace_account=replace_account,
        ask=sys.stdin.isatty() and sys.stderr.isatty(),
    )
    account = "" if connection.label == found.title else f": {connection.label}"
    say(f"{name!r} is connected to {found.title}{account}.")
    kept = connection.settings or connection.secrets or connection.tokens
    # Where nothing is needed, nothing is asked: that may not be what somebody meant.
    if not (given or practice or kept) and (more := setting_schemas(found)):
        say(f"Nothing had to be set. What may be, each with --set: {', '.join(more)}.")


@connections.command()
@click.argument("name")
@with_workspace
def test(workspace: Workspace, name: str) -> None:
    """Try a connection now."""
    from engine.cli.output import say
    from engine.run.connections.health import check

    label = check(workspace.store, workspace.host, workspace.library, name)
    say(f"{name!r} works: {label}.")


@connections.command(short_help="Read the fields of an account's own.")
@click.argument("name")
@with_workspace
@click.pass_context
def refresh(context: click.Context, workspace: Workspace, name: str) -> None:
    """Ask an account which fields of its own it has, such as merge fields or custom fields.

    Recipes are checked and completed with what it says. A run asks by itself once a day.
    """
    from engine.cli.group import ExitCode
    from engine.cli.output import say
    from engine.run.connections.live_fields import refresh_connection

    found = refresh_connection(workspace.store, workspace.host, workspace.library, name)
    for reading in found:
        say(reading.words)
    if not found:
        say(
            f"Nothing is to be read of {name!r}: no recipe uses fields that only the account knows."
        )
    context.exit(ExitCode.ATTENTION if any(reading.problem for reading in found) else ExitCode.DONE)


@connections.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
def list_all(workspace: Workspace, as_json: bool) -> None:
    """List the connections; secrets are never shown."""
    _print_list(workspace, as_json=as_json)


@connections.command(short_help="Forget a connection and its secrets.")
@click.argument("name")
@with_workspace
def remove(workspace: Workspace, name: str) -> None:
    """Forget a connection and its secrets; recipes that use it are switched off."""
    from engine.cli.output import say
    from engine.run.connections.removing import forget_connection

    off = forget_connection(workspace.store, workspace.host, workspace.library, name)
    say(f"{name!r} is removed.")
    if off:
        say(f"Switched off, as they can't run without it: {', '.join(off)}.")


def _print_list(workspace: Workspace, *, as_json: bool) -> None:
    from engine.cli.output import console, print_json, print_table, say
    from engine.report import moment
    from engine.store.connections import list_connections

    found = [] if workspace.is_new else list_connections(workspace.store)
    if as_json:
        print_json([_document(connection) for connection in found], indent=2)
        return
    if not found:
        say(
            "There is no connection yet. Add one with `bridgework connections add`, e.g. "
            "`bridgework connections add clio --connector clio`."
        )
        return
    print_table(
        console(),
        ("Connection", "Connector", "Account", "State", "Tried", "What to do"),
        (
            (
                connection.name,
                connection.connector + (" (practice)" if connection.practice else ""),
                connection.label,
                _state(connection),
                moment(connection.checked_at) if connection.checked_at else "",
                _remedy(workspace, connection),
            )
            for connection in found
        ),
    )


def _state(connection: "Connection") -> str:
    from engine.report import moment

    if not connection.problem:
        return "works" if connection.checked_at else "not tried yet"
    words = "doesn't work" if connection.needs_person else "out of reach"
    since = f" since {moment(connection.broken_since)}" if connection.broken_since else ""
    return f"{words}{since}: {connection.problem}"


def _remedy(workspace: Workspace, connection: "Connection") -> str:
    from engine.http.settings import asks_consent, required_settings, secret_settings, way_of

    if connection.needs_person:
        again = f"connections add {connection.name} --connector {connection.connector}"
        connector = workspace.host.connectors.get(connection.connector)
        if connection.practice:
            again += " --practice"
        elif connector is not None and not asks_consent(connector, connection.settings):
            way = way_of(connector, connection.settings)
            secret = sorted(secret_settings(way) & {*required_settings(way)})
            again += "".join(f" --set {name}=…" for name in secret) or " --set …"
        return f"`bridgework {again}`"
    if connection.problem:
        return f"Wait: it is tried again. At once: `bridgework connections test {connection.name}`"
    return ""


def _document(connection: "Connection") -> dict[str, Any]:
    return {
        "name": connection.name,
        "connector": connection.connector,
        "label": connection.label,
        "practice": connection.practice,
        "settings": dict(connection.settings),
        "state": connection.state,
        "problem": connection.problem or None,
        "broken_since": connection.broken_since.isoformat() if connection.broken_since else None,
        "checked_at": connection.checked_at.isoformat() if connection.checked_at else None,
    }
