"""``keys`` lists the encryption keys, brings in a new one, and removes those no longer needed."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from engine.cli.group import ExitCode
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.store.keys import Key, KeyRing
    from engine.store.reseal import Resealed

#: Seconds after which nothing encrypted with the key before the newest is still on its way into
#: the database: a writer waits for its turn for 30 seconds at most.
SETTLED = 40


@click.group(invoke_without_command=True, short_help="List, rotate and retire encryption keys.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
@click.pass_context
def keys(context: click.Context, workspace: Workspace, as_json: bool) -> None:
    """List the keys that encrypt secrets and records, bring in a new one, or remove old ones."""
    if context.invoked_subcommand is None:
        _print_list(workspace, as_json=as_json)


@keys.command("list", short_help="List the keys and what each still opens.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
def list_all(workspace: Workspace, as_json: bool) -> None:
    """List the keys by their short names, and how many values each still opens."""
    _print_list(workspace, as_json=as_json)


@keys.command()
@with_workspace
@click.pass_context
def rotate(context: click.Context, workspace: Workspace) -> None:
    """Make a new key and encrypt everything again with it.

    Running programs of this home go on meanwhile and learn the new key by themselves. If it is cut
    short, run it again: it goes on where it was. With BRIDGEWORK_KEYS, put the new key first there.
    """
    from engine.cli.output import say
    from engine.store.keys import KEYS_VARIABLE
    from engine.store.locks import exclusive
    from engine.store.reseal import is_finished, reseal

    ring = _ring(workspace)
    with exclusive(workspace.store, "keys", 1):
        finished = is_finished(workspace.store)
        if finished and ring.in_variable:
            _tell_how(ring.read())
            return
        if finished:
            say(f"The new key {ring.add().id} encrypts from now on.")
        else:
            say(f"Going on with the key {ring.read()[0].id}, which has not taken over yet.")
        done = reseal(workspace.store)
        if not ring.in_variable:
            ring.touch()
    say(f"{done.renewed:,} values are encrypted with it now.")
    if ring.in_variable:
        say(f"Older keys may go from {KEYS_VARIABLE}; `bridgework keys retire` says when.")
    else:
        say(
            "Copy the folder 'keys' to where you keep it, away from backups. Those from before need the key they "
            "were made with; `bridgework keys retire` removes it here."
        )
    _tell_lost(context, done)


@keys.command(short_help="Remove every key but the newest.")
@with_workspace
@click.pass_context
def retire(context: click.Context, workspace: Workspace) -> None:
    """Remove every key but the newest, once nothing here needs them any more."""
    from engine.cli.output import say
    from engine.store.keys import KEYS_VARIABLE
    from engine.store.locks import exclusive
    from engine.store.reseal import is_finished, reseal

    ring = _ring(workspace)
    with exclusive(workspace.store, "keys", 1):
        newest, *older = ring.read()
        if not older:
            say(f"There is one key, {newest.id}, and it is in use. Nothing to retire.")
            return
        if not is_finished(workspace.store):
            say("The newest key has not taken over yet. Run `bridgework keys rotate` first.")
            context.exit(ExitCode.FAILED)
        if not ring.in_variable:
            _let_settle(newest)
        done = reseal(workspace.store)
        names = ", ".join(key.id for key in older)
        if ring.in_variable:
            say(f"Nothing needs {names} any more: take all but the first key from {KEYS_VARIABLE}.")
        else:
            for key in older:
                ring.remove(key)
            say(f"Removed {names}. Backups from before can't be read with {newest.id}.")
    _tell_lost(context, done)


def _ring(workspace: Workspace) -> "KeyRing":
    from engine.store.keys import KeyRing

    workspace.store  # noqa: B018 - opened first: a first key is made, and wrong ones are refused
    return KeyRing(workspace.home / "keys")


def _let_settle(newest: "Key") -> None:
    from engine.cli.output import say

    assert newest.file is not None
    left = newest.file.stat().st_mtime + SETTLED - time.time()
    if left > 0:
        say(f"Waiting {left:.0f} seconds for what running programs still store with the old key.")
        time.sleep(left)


def _tell_how(keys: "Sequence[Key]") -> None:
    from cryptography.fernet import Fernet

    from engine.cli.output import say
    from engine.store.keys import KEYS_VARIABLE

    click.echo(Fernet.generate_key().decode())
    say(
        f"\nYour keys are in {KEYS_VARIABLE}, where only you can change them. Above is a new one:\n"
        f"1. Put it first in {KEYS_VARIABLE}, a comma after it, before {keys[0].id}.\n"
        "2. Restart every running Bridgework, so that all know it.\n"
        "3. Run `bridgework keys rotate` again: it encrypts everything with the new key.\n"
        "Nothing was changed yet."
    )


def _tell_lost(context: click.Context, done: "Resealed") -> None:
    from engine.cli.output import say

    if done.lost:
        say(
            f"{done.lost:,} values were encrypted with a key that is not here, and stay as they are."
            " Put that key back and run `bridgework keys rotate` again."
        )
        context.exit(ExitCode.ATTENTION)


def _print_list(workspace: Workspace, *, as_json: bool) -> None:
    from engine.cli.output import console, print_json, print_table, say
    from engine.store.keys import KEYS_VARIABLE
    from engine.store.reseal import values_by_key

    ring = _ring(workspace)
    found = ring.read()
    opened, lost = values_by_key(workspace.store, found)
    rows = [_described(key, n, opened[key.id]) for n, key in enumerate(found)]
    if as_json:
        print_json(rows, indent=2)
    else:
        print_table(
            console(),
            ("Key", "Since", "Use", "Values", "Kept in"),
            (
                (
                    row["key"],
                    (row["since"] or "")[:10],
                    row["use"],
                    f"{row['values']:,}",
                    row["file"] or KEYS_VARIABLE,
                )
                for row in rows
            ),
        )
    if lost:
        say(f"{lost:,} values were encrypted with a key that is not here.")


def _described(key: "Key", place: int, values: int) -> dict[str, Any]:
    since = key.file and datetime.fromtimestamp(key.file.stat().st_mtime, UTC)
    return {
        "key": key.id,
        "since": since.isoformat(timespec="seconds") if since else None,
        "use": "encrypts" if place == 0 else "needed" if values else "no longer needed",
        "values": values,
        "file": str(key.file) if key.file else None,
    }
