"""``demo`` plays the main job on practice servers: nothing leaves this computer."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from engine.cli.group import ExitCode, Globals
from engine.cli.workspace import Workspace

if TYPE_CHECKING:
    from engine.cli.demo_story import Served

#: Marks a home that a demo made, so that the next demo there may start afresh.
MARK = ".demo-home"

#: Clio's access token from the log-in is refused after so many requests: in the middle of reading.
TOKEN_REQUESTS = 3

#: The practice servers of the story, with the options each is built with.
SERVERS: Mapping[str, Mapping[str, int]] = {
    "clio": {"token_requests": TOKEN_REQUESTS},
    "casestatus": {},
    "mailchimp": {},
}


@click.command(short_help="See the main job on practice servers, with an import report.")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the demo's home in this folder. [default: a throw-away one]",
)
@click.option(
    "--recipes",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the recipes to play. [default: those that came with Bridgework]",
)
@click.option("--serve", is_flag=True, help="Keep the practice servers and the web pages up.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Of the pages."
)
@click.pass_context
def demo(
    context: click.Context, home: Path | None, recipes: Path | None, serve: bool, port: int
) -> None:
    """See the main job: Clio matters become Case Status cases, with an import report.

    Everything is played on practice servers on this computer: no account is needed, and nothing
    leaves it.
    """
    from engine.cli.demo_files import MATTERS_RECIPE, write_files
    from engine.cli.demo_story import Demo, tell
    from engine.recipe.gallery import shipped_recipes

    root = context.find_root()
    said: Globals = root.obj
    given = home or said.home
    if given is None:
        folder = Path(root.with_resource(TemporaryDirectory(prefix="bridgework-demo-")))
        said.thrown_away = True
    else:
        folder = _fresh(given.absolute())
    # Not $BRIDGEWORK_DATABASE_URL: a demo never writes into anyone's real database.
    database = f"sqlite:///{folder / 'bridgework.db'}"
    workspace = Workspace(root, folder, folder / "recipes", database)
    said.home = folder
    source = recipes or said.recipes or shipped_recipes()
    write_files(source, workspace.recipes)
    servers = root.with_resource(_practice_servers(workspace))
    good = tell(
        Demo(
            store=workspace.store,
            host=workspace.host,
            recipes=workspace.library,
            recipe_file=source / f"{MATTERS_RECIPE}.yaml",
            servers=servers,
            kept_in=given,
            served=serve,
        )
    )
    if serve and not _serve(workspace, port):
        context.exit(ExitCode.FAILED)
    context.exit(ExitCode.DONE if good else ExitCode.ATTENTION)


def _fresh(home: Path) -> Path:
    """Return an empty folder for the demo; one that an earlier demo made is emptied.

    :raises SetupError: the folder holds something else.
    """
    from engine.errors import SetupError

    if home.exists() and any(home.iterdir()):
        if not (home / MARK).exists():
            raise SetupError(
                f"The folder '{home}' is not empty.",
                hint="Give `--home` a new folder, or one that an earlier demo made.",
            )
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / MARK).touch()
    return home


@contextmanager
def _practice_servers(workspace: Workspace) -> Iterator[dict[str, "Served"]]:
    """Have the story's practice servers on loopback while the block runs."""
    from contextlib import ExitStack

    from engine.cli.demo_story import Served
    from engine.cli.practice_process import practice_server
    from engine.loopback import on_loopback

    with ExitStack() as stack:
        served = {}
        for name, options in SERVERS.items():
            connector = workspace.host.connector(name)
            server = practice_server(connector, **options)
            stack.enter_context(server.listening())
            served[name] = Served(connector, server, stack.enter_context(on_loopback(server)))
        yield served


def _serve(workspace: Workspace, port: int) -> bool:
    """Serve the demo's home until stopped, as `bridgework serve` does; return whether it could."""
    from engine.store.database import URL_VARIABLE

    command = [sys.executable, "-m", "engine.cli", "serve", "--port", str(port)]
    command += ["--home", str(workspace.home), "--recipes", str(workspace.recipes)]
    environment = {**os.environ, URL_VARIABLE: str(workspace.database)}
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own command
    # Ctrl-C reaches the pages as well; the practice servers stay up until they have ended.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    return process.wait() != ExitCode.FAILED
