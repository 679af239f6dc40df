"""Mail that is sent and found."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from engine.sdk import (
    Accepted,
    CannotTell,
    Complete,
    Context,
    Field,
    File,
    InputError,
)
from plugins.email.addresses import person_of
from plugins.email.composing import compose, message_id, sender_of
from plugins.email.folders import Folder
from plugins.email.mailbox import mailbox_of
from plugins.email.parsing import Mail, header, mail_of, parsed
from plugins.email.place import Place
from plugins.email.smtp import sending_line
from plugins.email.triggers import LARGEST, LOOK, Wanted

#: How far apart two clocks may be.
APART = timedelta(days=1)

SENT = Complete(
    id="<bridgework.9f86d081884c7d659a2feaa0c55ad015@firm.example>",
    subject="Your matter 00042",
    sender=Complete(name="Byron & Partners", address="office@firm.example"),
    recipients=["ada@mail.example"],
)

Recipients = list[str] | None


def send_email(
    ctx: Context,
    to: Annotated[
        Recipients,
        Field("To", "Addresses, each with or without a name: `Ada Byron <ada@mail.example>`."),
    ] = None,
    subject: Annotated[str, Field("Subject")] = "",
    text: Annotated[
        str | None,
        Field("Text", "Plain text. With HTML as well, for those whose program shows none."),
    ] = None,
    html: Annotated[
        str | None,
        Field(
            "HTML",
            "It is sent as written, so values of records go through a filter: "
            "`<p>Dear {{ name | html_of_text }},</p>`. Without Text, that is made of it.",
        ),
    ] = None,
    cc: Annotated[Recipients, Field("Cc")] = None,
    bcc: Annotated[Recipients, Field("Bcc", "They get it; nobody else sees that.")] = None,
    reply_to: Annotated[Recipients, Field("Reply to", "Whom answers go to.")] = None,
    sender: Annotated[
        str | None,
        Field("From", "Left out, as the connection says: `Office <office@firm.example>`."),
    ] = None,
    attachments: Annotated[
        list[File] | None, Field("Attachments", "Files, such as `{{ mail.attachments }}`.")
    ] = None,
    in_reply_to: Annotated[
        str | None, Field("Answers", "The id of the mail this answers: `{{ mail.id }}`.")
    ] = None,
) -> Accepted:
    """Send a mail, to all its recipients or, where one of them is refused, to none."""
    mail = compose(
        ctx,
        to=to or (),
        cc=cc or (),
        bcc=bcc or (),
        subject=subject,
        text=text,
        html=html,
        reply_to=reply_to or (),
        sender=sender,
        attachments=attachments or (),
        in_reply_to=in_reply_to,
    )
    sending_line(ctx).send(mail)
    record = {
        "id": mail.message_id,
        "subject": mail.subject,
        "sender": person_of(mail.sender),
        "recipients": [one.addr_spec for one in mail.recipients],
    }
    return Accepted(record, created=True)


def find_sent(
    ctx: Context, since: datetime, subject: str = "", sender: str | None = None
) -> Accepted | None:
    """Look among what was sent whether a mail went out whose answer was lost.

    :raises CannotTell: the mailbox keeps no copies, so a person is asked.
    """
    folder = str(ctx.connection.get("sent_folder") or "")
    if not folder or not ctx.connection.get("imap_host"):
        raise CannotTell(
            "Whether the mail went out can't be told: the connection names no folder of sent mail.",
            hint="Look for it at the provider; retry it if it is not there, else say that it is. Where "
            "the provider keeps what is sent, name the folder in the connection.",
        )
    try:
        from_whom = sender_of(ctx, sender)
    except InputError:
        return None  # it can't have been sent
    own = message_id(ctx, from_whom)
    criteria: list[Any] = ["SINCE", (since - APART).date(), "HEADER", "Message-ID", own]
    try:
        found = mailbox_of(ctx).search(criteria, folder)
    except InputError as error:
        raise CannotTell(error.message, hint=error.hint) from error
    if not found:
        return None
    record = {"id": own, "subject": subject, "sender": person_of(from_whom), "recipients": []}
    return Accepted(record, created=True)


def find_email(
    ctx: Context,
    message_id: Annotated[str | None, Field("Id", "Its Message-ID, as in `mail.id`.")] = None,
    sender: Annotated[str | None, Field("From", "A part of the sender's address or name.")] = None,
    subject: Annotated[str | None, Field("Subject contains")] = None,
    folder: Folder = "INBOX",
    days: Annotated[int, Field("Not older than", "Days.")] = 365,
) -> Mail | None:
    """Find the newest mail of a folder by its id, its sender or its subject."""
    criteria: list[Any] = ["UNDELETED", "SINCE", (ctx.now - timedelta(days=days + 1)).date()]
    if message_id:
        criteria += ["HEADER", "Message-ID", message_id.strip()]
    for name, value in (("FROM", sender), ("SUBJECT", subject)):
        # Servers differ in what they take for "contains", and in how they read other letters.
        if value and value.isascii():
            criteria += [name, value.strip()]
    if not (message_id or sender or subject):
        raise InputError(
            "It isn't said which mail is looked for.",
            hint="Fill message_id, sender or subject.",
            code="nothing_asked",
        )
    box, wanted = mailbox_of(ctx), Wanted.of(sender, subject, False)
    numbers = box.search(criteria, folder)
    validity = box.validity(folder)
    for uid in reversed(numbers):
        look = box.fetch([uid], LOOK, folder, validity).get(uid)
        if look is None or not wanted.by_headers(parsed(look[b"BODY[HEADER]<0>"])):
            continue
        if look[b"RFC822.SIZE"] > LARGEST:
            subject = header(parsed(look[b"BODY[HEADER]<0>"]), "Subject")
            raise InputError(
                f"The mail '{subject}' is larger than {LARGEST / 1e6:.0f} MB.",
                hint="Deal with this one by hand.",
                code="too_large",
            )
        content = box.fetch([uid], ["BODY.PEEK[]"], folder, validity).get(uid)
        if content is not None:
            return mail_of(
                ctx,
                parsed(content[b"BODY[]"]),
                folder=folder,
                place=str(Place(folder, validity, uid)),
                received=look[b"INTERNALDATE"],
            )
    return None
