"""A connection is tried by logging in to both of its servers."""

from engine.sdk import Context, SetupError
from plugins.email.composing import sender_of
from plugins.email.mailbox import mailbox_of
from plugins.email.smtp import sending_line


def check(ctx: Context) -> str:
    """Log in wherever mail is sent and read; return the address it is known by."""
    sends, reads = (bool(ctx.connection.get(name)) for name in ("smtp_host", "imap_host"))
    if not sends and not reads:
        raise SetupError(
            "The connection names no mail server.",
            hint="Enter the server for sending, the one for reading, or both.",
        )
    if sends:
        sending_line(ctx).try_out()
        known_as = sender_of(ctx, None).addr_spec
    if reads:
        folder = str(ctx.connection.get("sent_folder") or "") or "INBOX"
        mailbox_of(ctx).validity(folder)
        known_as = str(ctx.connection.get("username") or "")
    return known_as
