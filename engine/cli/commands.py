"""The commands of ``bridgework``, and where each is.

Each command lives in a module of its own, which is imported only when that command is asked for;
what is slow to import (the store, the host, HTTP) is imported inside the commands.
"""

import sys
import warnings
from pathlib import Path

import click

from engine.cli.group import CommandGroup, Globals
from engine.cli.letters import show_what_can_be_shown
from engine.memory import program_memory

COMMANDS = {
    "demo": "engine.cli.demo:demo",
    "new": "engine.cli.new:new",
    "check": "engine.cli.check:check",
    "drift": "engine.cli.drift:drift",
    "explain": "engine.cli.explain:explain",
    "fmt": "engine.cli.format:fmt",
    "run": "engine.cli.run:run",
    "runs": "engine.cli.reports:runs",
    "report": "engine.cli.reports:report",
    "retry": "engine.cli.run:retry",
    "recipes": "engine.cli.recipes:recipes",
    "connections": "engine.cli.connections:connections",
    "connectors": "engine.cli.connector_commands:connectors",
    "users": "engine.cli.users:users",
    "keys": "engine.cli.keys:keys",
    "backup": "engine.cli.backup:backup",
    "restore": "engine.cli.backup:restore",
    "notices": "engine.cli.notices:notices",
    "practice": "engine.cli.practice:practice",
    "questions": "engine.cli.questions:questions",
    "schema": "engine.cli.check:schema",
    "language-server": "engine.cli.language_server:language_server",
    "whatif": "engine.cli.whatif:whatif",
    "worker": "engine.cli.worker:worker",
}


@click.group(
    cls=CommandGroup,
    commands_at=COMMANDS,
    entry_points="bridgework.commands",
    summaries={"serve": "Serve the web pages, and carry runs out by the clock."},
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 finished but something needs attention, 2 wrong usage, "
    "3 could not run.",
)
@click.version_option(package_name="bridgework", prog_name="bridgework")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), hidden=True)
@click.option("--recipes", type=click.Path(path_type=Path, file_okay=False), hidden=True)
@click.pass_context
def cli(context: click.Context, home: Path | None, recipes: Path | None) -> None:
    """Build bridges between two apps, run them, and see what became of every record."""
    context.obj = Globals(home=home, recipes=recipes)


def carry_out() -> None:
    """Carry out the command that this process was started with."""
    if not sys.warnoptions:  # what libraries warn programmers of is no matter for users
        warnings.simplefilter("ignore")
    show_what_can_be_shown()
    with program_memory():
        cli.main(prog_name="bridgework")
