"""``worker``: one more process that carries out runs, on the same database."""

import click

from engine.cli.workspace import Workspace, with_workspace


@click.command(short_help="Carry out runs as one more process, on PostgreSQL.")
@with_workspace
def worker(workspace: Workspace) -> None:
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
    one = Worker(workspace.store, workspace.host, workspace.library)
    one.start()
    click.echo("This worker is ready (Ctrl-C stops it).")
    try:
        wait_until_stopped()
    finally:
        say("Stopping: runs under way finish what they are at.")
        one.stop()
