"""``practice`` serves a local copy of an app's API, to try recipes on without touching real data."""

from typing import Any

import click

from engine.cli.workspace import Workspace, with_workspace


@click.command(short_help="Serve a local copy of an app's API.")
@click.argument("name", metavar="CONNECTOR")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="[default: a free one]")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the sample data.")
@click.option(
    "--stop", is_flag=True, help="End the one that `connections add --practice` started instead."
)
@with_workspace
def practice(workspace: Workspace, name: str, port: int, seed: int, stop: bool) -> None:
    """Serve CONNECTOR's practice server until stopped.

    The first line printed is JSON: its URL and the settings a connection to it needs.
    """
    from engine.cli.output import print_json, say
    from engine.cli.practice_process import practice_server, stop_practice, wait_until_stopped
    from engine.errors import SetupError
    from engine.loopback import on_loopback

    if stop:
        was_up = stop_practice(workspace.home, workspace.host.connector(name).name)
        say("It is stopped." if was_up else "It was not running.")
        return
    connector = workspace.host.connector(name)
    server = practice_server(connector, seed)
    try:
        with server.listening(), on_loopback(server, port) as url:
            known: dict[str, Any] = {"credentials": server.credentials()}
            if connector.log_ins:
                known["log_ins"] = {way: server.credentials_for(way) for way in connector.log_ins}
            print_json({"url": url, **known})
            wait_until_stopped()
    except OSError as error:
        raise SetupError(
            f"The practice server can't listen on port {port}: {error.strerror or error}.",
            hint="Choose another with `--port`, or leave it out to get a free one.",
        ) from error
