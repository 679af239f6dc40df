"""The group that finds commands when they are asked for, and the one place that shows errors."""

import errno
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from engine.cli.starting import commands_hear_of_it

log = logging.getLogger("bridgework")

#: What a disk or its owner says no to, with what to do about it.
NO_DEFECT = {
    errno.ENOSPC: "Make room on the disk.",
    errno.EDQUOT: "Make room: your share of the disk is used up.",
    errno.EROFS: "Choose a folder that can be written to, e.g. with `--home`.",
    errno.EACCES: "Ask whoever it belongs to for access, or choose another place.",
    errno.EPERM: "Ask whoever it belongs to for access, or choose another place.",
}


class ExitCode(IntEnum):
    """What a command's exit code says; scripts rely on it."""

    DONE = 0
    ATTENTION = 1  # finished with records that need attention, or checks that failed
    USAGE = 2  # click's own
    FAILED = 3  # could not run
    INTERRUPTED = 130  # the shell's convention for Ctrl-C


@dataclass
class Globals:
    """What may be said before the command's name as well as after it.

    :param thrown_away: the home is deleted when the command ends, and its log with it.
    """

    home: Path | None = None
    recipes: Path | None = None
    thrown_away: bool = False


class CommandGroup(click.Group):
    """Loads its commands by name, and turns every error into a sentence and an exit code.

    :param commands_at: ``module:name`` of each command.
    :param entry_points: the group in which other packages offer commands; the engine never
        imports them by name.
    :param summaries: what the list of commands says of such commands, so that none of them is
        loaded for it: a web server takes a second to import.
    """

    def __init__(
        self,
        *args: Any,
        commands_at: Mapping[str, str],
        entry_points: str,
        summaries: Mapping[str, str] = MappingProxyType({}),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._commands_at = commands_at
        self._entry_points = entry_points
        self._summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:
        offered = {point.name for point in entry_points(group=self._entry_points)}
        return list(dict.fromkeys([*self._commands_at, *sorted(offered), *self.commands]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self._commands_at:
            module, _, name = self._commands_at[cmd_name].partition(":")
            command: click.Command = getattr(import_module(module), name)
            return command
        for point in entry_points(group=self._entry_points, name=cmd_name):
            return _offered(point)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self._summary(ctx, name)) for name in self.list_commands(ctx)]
            )

    def _summary(self, ctx: click.Context, name: str) -> str:
        if name in self._summaries:
            return self._summaries[name]
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=100) if command is not None else ""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:  # click knows only commands that are loaded
            raise click.NoSuchCommand(
                error.command_name, possibilities=self.list_commands(ctx), ctx=ctx
            ) from None

    def invoke(self, ctx: click.Context) -> Any:
        from engine.errors import BridgeworkError, DatabaseAway

        try:
            commands_hear_of_it()
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort):
            click.echo("\nStopped.", err=True)
            ctx.exit(ExitCode.INTERRUPTED)
        except (BridgeworkError, DatabaseAway) as error:
            from engine.cli.output import show_error

            # A sentence says it all, but for what it was made of.
            why = error.__cause__ is not None and not isinstance(error, DatabaseAway)
            log.info("The command could not be carried out: %s", error, exc_info=why)
            show_error(error)
            ctx.exit(ExitCode.FAILED)
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # whoever read our output has seen enough; click ends quietly
            if isinstance(error, OSError) and error.errno in NO_DEFECT:
                _show_trouble(error)
            else:
                _show_defect(ctx)
            ctx.exit(ExitCode.FAILED)


def _offered(point: EntryPoint) -> click.Command:
    """Return another package's command; one that can't be loaded still leaves the others usable."""
    try:
        command: click.Command = point.load()
    except Exception as error:
        problem = f"The command {point.name!r} can't be loaded: {type(error).__name__}: {error}"

        def fail() -> None:
            from engine.errors import SetupError

            raise SetupError(problem, hint="Install the package that brings it again.")

        return click.Command(point.name, callback=fail, short_help="(can't be loaded)")
    return command


def _show_trouble(error: OSError) -> None:
    """Say which file could not be used; nothing is wrong with Bridgework."""
    from engine.cli.output import show_error
    from engine.errors import SetupError

    log.info("The command could not be carried out.", exc_info=True)
    which = f"'{error.filename}'" if error.filename else "A file"
    reason = (error.strerror or "").lower()
    show_error(SetupError(f"{which} can't be used: {reason}.", hint=NO_DEFECT[error.errno or 0]))


def _saved(log_file: Path) -> Path | None:
    """Keep a log that is about to be deleted; return the copy, or None if that can't be."""
    from tempfile import mkstemp

    try:
        number, name = mkstemp(prefix="bridgework-", suffix=".log")
        with os.fdopen(number, "wb") as copy:
            copy.write(log_file.read_bytes())
    except OSError:
        return None
    return Path(name)


def _show_defect(ctx: click.Context) -> None:
    """Write an unforeseen error's traceback to the log, and say where that is."""
    from engine.cli.logs import keep_log
    from engine.store.database import home_folder

    root = ctx.find_root()
    path = keep_log(root, home_folder(root.obj.home))
    log.exception("Something went wrong inside Bridgework.")
    if path and root.obj.thrown_away:
        path = _saved(path)
    where = f"details are in '{path}'." if path else "the log can't be written either."
    click.echo(f"Something went wrong inside Bridgework; {where}", err=True)
