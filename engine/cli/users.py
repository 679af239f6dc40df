"""``users`` says who may log in to the pages, invites people, and lets a locked-out admin in again."""

from datetime import UTC, datetime

import click

from engine.cli.workspace import Workspace, with_workspace

#: Where ``bridgework serve`` answers unless it was told otherwise.
USUAL_ADDRESS = "http://127.0.0.1:8080"


@click.group(invoke_without_command=True, short_help="List, add, remove users; reset passwords.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
@click.pass_context
def users(context: click.Context, workspace: Workspace, as_json: bool) -> None:
    """List who may log in to the pages, invite people, or give someone a new password."""
    if context.invoked_subcommand is None:
        _print_list(workspace, as_json=as_json)


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
def list_all(workspace: Workspace, as_json: bool) -> None:
    """List who may log in, and who was invited."""
    _print_list(workspace, as_json=as_json)


@users.command(short_help="Invite EMAIL: print a link that works once.")
@click.argument("email")
@with_workspace
def add(workspace: Workspace, email: str) -> None:
    """Print a link with which EMAIL chooses a password, once, and may log in from then on."""
    from engine.errors import SetupError
    from engine.store.users import EMAIL, find_user

    if not EMAIL.fullmatch(email) or len(email) > 200:
        raise click.BadParameter(f"{email!r} is no e-mail address.")
    if find_user(workspace.store, email) is not None:
        raise SetupError(
            f"{email!r} is a user already.",
            hint=f"`bridgework users reset {email}` lets them choose another password.",
        )
    _print_link(workspace, email)


@users.command()
@click.argument("email")
@with_workspace
def reset(workspace: Workspace, email: str) -> None:
    """Print a link with which EMAIL chooses another password, once.

    Until then the old one counts; afterwards everyone who is logged in with it is logged out.
    """
    from engine.errors import SetupError
    from engine.store.users import find_user

    if find_user(workspace.store, email) is None:
        raise SetupError(
            f"There is no user {email!r}.", hint="`bridgework users` lists who may log in."
        )
    _print_link(workspace, email)


@users.command(short_help="Take EMAIL's log-in away, at once.")
@click.argument("email")
@with_workspace
def remove(workspace: Workspace, email: str) -> None:
    """Take EMAIL's log-in away, at once; an invitation that is still open, too."""
    from engine.cli.output import say
    from engine.store.invitations import open_invitations, take_back
    from engine.store.users import find_user, normal, remove_user

    invited = any(item.email == normal(email) for item in open_invitations(workspace.store))
    if invited and find_user(workspace.store, email) is None:
        take_back(workspace.store, email)
        say(f"The invitation of {email!r} no longer counts.")
        return
    remove_user(workspace.store, email)
    say(f"{email!r} is removed.")


def _print_link(workspace: Workspace, email: str) -> None:
    from engine.cli.output import say
    from engine.public_address import public_link
    from engine.report import moment
    from engine.store.invitations import LASTS, invite

    path = f"/welcome/{invite(workspace.store, email, 'the command line')}"
    click.echo(public_link(path) or USUAL_ADDRESS + path)
    until = moment(datetime.now(UTC) + LASTS)
    say(f"With this link {email.strip()} chooses a password. It works once, until {until}.")
    if public_link(path) is None:
        say("Where the pages have another address, put that in its place.")


def _print_list(workspace: Workspace, *, as_json: bool) -> None:
    from engine.cli.output import console, print_json, print_table, say
    from engine.report import moment
    from engine.store.invitations import open_invitations
    from engine.store.users import list_users

    found = [] if workspace.is_new else list_users(workspace.store)
    invited = [] if workspace.is_new else open_invitations(workspace.store)
    known = {user.email for user in found}
    if as_json:
        print_json(
            [
                {"email": user.email, "since": user.created_at.isoformat(timespec="seconds")}
                for user in found
            ],
            indent=2,
        )
        return
    if not found and not invited:
        say("Nobody can log in yet. Open the pages to make the admin account.")
        return
    rows = [(user.email, f"since {moment(user.created_at)}") for user in found]
    rows += [
        (
            item.email,
            f"{'new password' if item.email in known else 'invited'}, "
            f"link good until {moment(item.expires_at)}",
        )
        for item in invited
    ]
    print_table(console(), ("E-mail address", "Log-in"), rows)
