"""``notices`` lists what people were told of, and tests the ways it reaches them."""

from typing import TYPE_CHECKING, Any

import click

from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.store.notice_channels import Channel
    from engine.store.notice_deliveries import Sent
    from engine.store.notices import Notice


@click.group(invoke_without_command=True, short_help="List what people were told of.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many.")
@with_workspace
@click.pass_context
def notices(context: click.Context, workspace: Workspace, as_json: bool, limit: int) -> None:
    """List the notices, newest first: what happened, and whether it was sent."""
    if context.invoked_subcommand is not None:
        return
    from engine.cli.output import console, print_json, print_table, say
    from engine.report import moment
    from engine.store.notice_deliveries import deliveries_of
    from engine.store.notices import list_notices

    found = [] if workspace.is_new else list_notices(workspace.store, limit=limit)
    sent = deliveries_of(workspace.store, [notice.id for notice in found]) if found else {}
    if as_json:
        print_json([_as_json(one, sent.get(one.id, [])) for one in found], indent=2)
        return
    if not found:
        say("There are no notices.")
        return
    print_table(
        console(),
        ("When", "What", "Stands", "Sent to"),
        (
            (moment(one.at), one.subject, "yes" if _stands(one) else "", _whereto(sent.get(one.id)))
            for one in found
        ),
    )


@notices.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
def channels(workspace: Workspace, as_json: bool) -> None:
    """List the ways notices reach people, with what keeps failing."""
    from engine.cli.output import console, print_json, print_table, say
    from engine.notices.mail import mail_server
    from engine.store.notice_channels import list_channels
    from engine.store.notice_deliveries import troubles

    server = None if workspace.is_new else mail_server(workspace.store)
    found = [] if workspace.is_new else list_channels(workspace.store)
    trouble = {} if workspace.is_new else troubles(workspace.store)
    if as_json:
        print_json([_channel_json(one, trouble) for one in found], indent=2)
        return
    say(f"Mail goes out by {server.place}." if server else "No mail server is set up.")
    if not found:
        say("No channel is set up besides.")
        return
    print_table(
        console(),
        ("Channel", "Kind", "Reaches", "On", "Gets", "Problem"),
        (
            (
                one.name,
                one.kind,
                one.place,
                "on" if one.enabled else "off",
                ", ".join(sorted(one.topics)),
                trouble[one.recipient].problem if one.recipient in trouble else "",
            )
            for one in found
        ),
    )


@notices.command(short_help="Send a test over a channel or by mail.")
@click.argument("channel")
@with_workspace
def test(workspace: Workspace, channel: str) -> None:
    """Send a test over CHANNEL now; an e-mail address tests the mail server."""
    from engine.cli.output import say
    from engine.notices.sending import send_trial, send_trial_mail
    from engine.store.notice_channels import get_channel

    if "@" in channel:
        send_trial_mail(workspace.store, channel)
    else:
        send_trial(workspace.store, get_channel(workspace.store, channel))
    say(f"A test was sent to {channel!r}.")


def _as_json(notice: "Notice", sent: "list[Sent]") -> dict[str, Any]:
    return {
        "notice": notice.id,
        "kind": notice.kind,
        "about": notice.about,
        "subject": notice.subject,
        "body": notice.body,
        "link": notice.link or None,
        "at": notice.at.isoformat(),
        "stands": _stands(notice),
        "repeats": notice.repeats,
        "sent": [
            {
                "to": one.recipient,
                "at": one.at.isoformat() if one.at else None,
                "problem": one.problem or None,
            }
            for one in sent
        ],
    }


def _channel_json(channel: "Channel", trouble: dict[str, Any]) -> dict[str, Any]:
    found = trouble.get(channel.recipient)
    return {
        "channel": channel.name,
        "kind": channel.kind,
        "place": channel.place,
        "enabled": channel.enabled,
        "topics": sorted(channel.topics),
        "problem": found.problem if found else None,
    }


def _stands(notice: "Notice") -> bool:
    return notice.stands and notice.topic != "report"


def _whereto(sent: "list[Sent] | None") -> str:
    if not sent:
        return ""
    done, waiting = sum(one.at is not None for one in sent), sum(one.at is None for one in sent)
    failed = sum(one.at is None and bool(one.problem) for one in sent)
    if not waiting:
        return f"{done} sent"
    return f"{done} sent, {failed} failed" if failed else f"{done} sent, {waiting} waiting"
