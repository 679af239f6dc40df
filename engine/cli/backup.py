"""``backup`` saves a home in one file; ``restore`` puts it back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.backup.making import Made
    from engine.backup.manifest import Manifest
    from engine.backup.restoring import Restored


@click.command(short_help="Save everything in one file, while all goes on.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@click.option("--with-key", is_flag=True, help="Put the encryption keys in, too.")
@click.option(
    "--keep",
    type=click.IntRange(1),
    help="Where FILE is a folder: delete all but so many of its newest backups.",
)
@with_workspace
@click.pass_context
def backup(
    context: click.Context,
    workspace: Workspace,
    file: Path,
    force: bool,
    with_key: bool,
    keep: int | None,
) -> None:
    """Save the home and its recipes in FILE, or under a dated name where FILE is a folder.

    It may be done at any time, also in the middle of an import. The encryption keys are not in it:
    keep a copy of them elsewhere.
    """
    from engine.backup.making import make_backup
    from engine.backup.rotation import dated_name, keep_newest
    from engine.cli.output import say
    from engine.errors import SetupError

    if workspace.is_new:
        raise SetupError(
            f"There is nothing to save in '{workspace.home}'.",
            hint="Name the home with --home or BRIDGEWORK_HOME.",
        )
    folder = file if file.is_dir() else None
    if keep is not None and folder is None:
        raise click.UsageError("--keep is for a folder of backups, and FILE is none.")
    if with_key:
        _warn_of_key()
    made = make_backup(
        workspace.store,
        workspace.recipes,
        file if folder is None else folder / dated_name(datetime.now(UTC)),
        with_keys=with_key,
        replace=force,
    )
    click.echo(str(made.file))
    _tell_made(made, workspace)
    if folder is not None and keep is not None:
        for path in keep_newest(made.file, keep):
            say(f"Deleted {path.name}, which is older than the newest {keep}.")


@click.command(short_help="Put a backup back into a home.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check", is_flag=True, help="Only look whether the file is whole.")
@click.option("--force", is_flag=True, help="Move aside what the home holds already.")
@click.option(
    "--resume",
    is_flag=True,
    help="Nothing has run since the backup, as when moving: let all go on, and pause nothing.",
)
@with_workspace
def restore(workspace: Workspace, file: Path, check: bool, force: bool, resume: bool) -> None:
    """Put the backup FILE into the home, which should be empty but for the folder 'keys'.

    With BRIDGEWORK_DATABASE_URL its database goes to that PostgreSQL. Recipes that were on are
    paused until you have looked at them: what they sent after the backup is not known any more.
    """
    from engine.backup.restoring import check_backup, restore_backup
    from engine.cli.output import plain, say

    if check:
        manifest = check_backup(file)
        click.echo(plain(f"'{file}' is whole: {_in_words(manifest)}."))
        _tell_keys(manifest)
        return
    say("Checking the backup and unpacking it …")
    restored = restore_backup(file, workspace.home, workspace.recipes, replace=force, resume=resume)
    click.echo(plain(f"Restored into '{workspace.home}': {_in_words(restored.manifest)}."))
    _tell_restored(restored, workspace)


def _warn_of_key() -> None:
    import sys

    from engine.cli.output import say

    say(
        "With its keys, whoever has this file has every account that is connected here. Keep it as "
        "you keep passwords, and never beside other backups."
    )
    if sys.stdin.isatty():
        click.confirm("Put the keys in?", abort=True, err=True)


def _tell_made(made: "Made", workspace: Workspace) -> None:
    from engine.cli.output import say
    from engine.files import size_words
    from engine.store.keys import KEYS_VARIABLE, KeyRing

    say(f"{size_words(made.size)}: {_in_words(made.manifest)}.")
    for path in made.left_out:
        say(f"Left out, or not whole: '{path}'.")
    if not made.manifest.keys_included:
        ring = KeyRing(workspace.home / "keys")
        where = f"the keys in {KEYS_VARIABLE}" if ring.in_variable else f"'{ring.folder}'"
        say(f"The encryption keys are not in it: keep a copy of {where} in another place.")


def _tell_restored(restored: "Restored", workspace: Workspace) -> None:
    from engine.cli.output import say

    settled = restored.settled
    if restored.moved_aside is not None:
        say(f"What was there before is in '{restored.moved_aside}'.")
    if restored.recipes != workspace.recipes:
        say(
            f"'{workspace.recipes}' has other recipes already, and stays as it is. Those of the "
            f"backup are in '{restored.recipes}'."
        )
    for run_id, recipe in settled.go_on:
        say(f"Run {run_id} of {recipe} was under way, and goes on.")
    for run_id, recipe in settled.stopped:
        say(f"Run {run_id} of {recipe} was under way: it stops where it stood.")
    for name, value in restored.manifest.settings.items():
        say(f"This was set there: {name}={value}")
    if settled.paused:
        say(
            f"Paused until you switch them on again: {', '.join(settled.paused)}. What was sent "
            "after the backup is not known any more. Records are read again from where it stood; "
            "apps that know a record by its link or its number update it, others get it twice. "
            "`bridgework run RECIPE --preview` shows what would be sent."
        )
    if settled.connections:
        say(
            f"Try the connections ({', '.join(settled.connections)}): `bridgework connections test "
            "NAME`. A log-in that was renewed since the backup has to be made anew: Reconnect."
        )
    say(
        "Users, passwords and API tokens are as they were then: remove again whoever left since. "
        "Never run this home beside the one it was made of."
    )


def _tell_keys(manifest: "Manifest") -> None:
    from engine.cli.output import say

    keys = ", ".join(manifest.keys)
    say(
        f"Its encryption keys are in it ({keys})."
        if manifest.keys_included
        else f"It can be restored with the key {next(iter(manifest.keys), '')} (of {keys})."
    )


def _in_words(manifest: "Manifest") -> str:
    from engine.local_time import local_zone

    rows = manifest.rows
    counted = ", ".join(
        f"{rows.get(table, 0):,} {noun}"
        for table, noun in (
            ("connections", "connections"),
            ("runs", "runs"),
            ("ledger", "lines of reports"),
            ("links", "links"),
        )
    )
    files = sum(part.files for part in manifest.parts) - 1
    made = manifest.made_at.astimezone(local_zone())
    return (
        f"{counted} and {files:,} files, of {made:%d %B %Y, %H:%M %Z}, made by Bridgework "
        f"{manifest.bridgework}"
    )
