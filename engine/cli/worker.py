"""``worker``: one more process that carries out runs, on the same database."""

import click

from engine.cli.workspace import Workspace, with_workspace


@click.command(short_help="Carry out runs as one more process, on PostgreSQL.")
@click.option(
    "--metrics-port",
    type=click.IntRange(1, 65535),
    help="Tell Prometheus on this computer how many requests it made, at this port.",
)
@with_workspace
def worker(workspace: Workspace, metrics_port: int | None) -> None:
    """Carry out runs beside `bridgework serve`, on PostgreSQL; Ctrl-C stops it.

    Any number of workers on any number of machines share one database: runs are shared out among
    them, and a big import among all of them.
    """
    from engine.cli.output import say
    from engine.cli.practice_process import wait_until_stopped
    from engine.errors import SetupError
    from engine.run.workers.durable import Worker
    from engine.store.database import URL_VARIABLE

    if workspace.store.engine.dialect.name == "sqlite":
        raise SetupError(
            "On SQLite `bridgework serve` is the one worker.",
            hint=f"For more, put the database on PostgreSQL: set {URL_VARIABLE} for all of them.",
        )
    len(workspace.host.connectors)  # all are loaded: wrong ones are told now, and not to runs
    if metrics_port is not None:
        _tell_metrics(metrics_port)
    one = Worker(workspace.store, workspace.host, workspace.library)
    one.start()
    click.echo("This worker is ready (Ctrl-C stops it).")
    try:
        wait_until_stopped()
    finally:
        say("Stopping: runs under way finish what they are at.")
        one.stop()


def _tell_metrics(port: int) -> None:
    from prometheus_client import start_http_server

    from engine.errors import SetupError
    from engine.metrics.exposition import process_registry

    try:
        start_http_server(port, "127.0.0.1", process_registry())
    except OSError as error:
        raise SetupError(
            f"Port {port} can't be used: {error.strerror}.",
            hint="Choose another with --metrics-port.",
        ) from error
