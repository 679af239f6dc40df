"""Mail that came: each once, whatever is moved, marked or numbered anew meanwhile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Literal

from engine.sdk import BadRecord, Context, Field, InputError, PartRead
from plugins.email.folders import Folder
from plugins.email.mailbox import Mailbox, mailbox_of
from plugins.email.marking import move, set_flags
from plugins.email.parsing import (
    BROKEN,
    Mail,
    attachments,
    header,
    id_of,
    mail_of,
    parsed,
    people,
)
from plugins.email.place import Place

#: Bytes of one mail, attachments and all, that are read: it is in memory meanwhile.
LARGEST = 50_000_000
#: Bytes of its headers that are looked at first.
HEADERS = 1 << 16
#: Mails whose headers are asked for at once.
SOME = 50
#: What is asked of each mail before it is read.
LOOK = ["RFC822.SIZE", "INTERNALDATE", f"BODY.PEEK[HEADER]<0.{HEADERS}>"]

Afterwards = Annotated[
    Literal["leave", "mark as read", "move", "delete"],
    Field("Afterwards", "What becomes of a mail when everything that came of it is settled."),
]


@dataclass(frozen=True)
class Wanted:
    """Which mails are wanted; upper and lower case don't matter."""

    sender: str = ""
    subject: str = ""
    attached: bool = False

    @classmethod
    def of(cls, sender: str | None, subject: str | None, attached: bool) -> "Wanted":
        return cls((sender or "").strip().casefold(), (subject or "").strip().casefold(), attached)

    def by_headers(self, mail: Any) -> bool:
        """Say whether its headers leave it open that it is wanted."""
        if self.sender:
            from_whom = [
                f"{one['name']} <{one['address']}>".casefold() for one in people(mail, "From")
            ]
            if not any(self.sender in one for one in from_whom):
                return False
        if self.subject and self.subject not in header(mail, "Subject").casefold():
            return False
        return not self.attached or mail.get_content_maintype() != "text"

    def by_content(self, mail: Any, html: str) -> bool:
        return not self.attached or any(True for _ in attachments(mail, html))


def email_received(
    ctx: Context,
    folder: Folder = "INBOX",
    unread_only: Annotated[
        bool,
        Field("Unread only", "Pass over mails that somebody has opened before a run sees them."),
    ] = False,
    sender: Annotated[
        str | None, Field("From", "A part of the sender's address or name, e.g. `@court.example`.")
    ] = None,
    subject: Annotated[str | None, Field("Subject contains")] = None,
    with_attachment: Annotated[bool, Field("Only with attachments")] = False,
    days: Annotated[
        int,
        Field(
            "Not older than",
            "Days. The first run reads so far back, and what lay unread for longer stays unread.",
        ),
    ] = 30,
    headers: Annotated[
        list[str] | None,
        Field("Further headers", "Such as List-Id, to be read as `mail.headers.list_id`."),
    ] = None,
    afterwards: Afterwards = "leave",
    move_to: Annotated[str | None, Field("Move to", "The folder, where they are moved.")] = None,
) -> Iterator[Mail | BadRecord | PartRead]:
    """Read each mail that comes to a folder, once, with its attachments.

    A mail that is moved into the folder counts as well, if it isn't older than `days`. Reading leaves
    mails unread; what becomes of them `afterwards` happens only once all is settled.
    """
    if afterwards == "move" and not move_to:
        raise InputError(
            "It isn't said where mails are moved to.",
            hint="Fill move_to with a folder.",
            field="move_to",
            code="no_folder",
        )
    box = mailbox_of(ctx)
    wanted = Wanted.of(sender, subject, with_attachment)
    since = (ctx.now - timedelta(days=max(days, 0) + 1)).date()  # a server's day isn't ours
    criteria: list[Any] = ["SINCE", since, "UNDELETED"] + (["UNSEEN"] if unread_only else [])
    numbers = box.search(criteria, folder)
    validity = box.validity(folder)
    # Other filters may want what these didn't.
    filters = sha256(repr(wanted).encode()).hexdigest()[:12]
    parts = {f"{validity}/{uid}/{folder}|{filters}": uid for uid in numbers}
    unread = ctx.unread(list(parts))
    known: set[str] = set()
    left = [part for part in parts if part in unread]
    for begin in range(0, len(left), SOME):
        some = left[begin : begin + SOME]
        uids = [parts[part] for part in some]
        looks = box.fetch(uids, LOOK, folder, validity)
        for part in some:
            place = Place(folder, validity, parts[part])
            look = looks.get(place.uid)
            if look is None:  # somebody deleted or moved it meanwhile
                continue
            is_wanted = False
            for found in _read(ctx, box, place, look, wanted, headers or (), known):
                is_wanted = True
                yield found
            then = partial(_afterwards, ctx, place, afterwards, move_to) if is_wanted else None
            yield PartRead(part, then if afterwards != "leave" else None)


def _read(
    ctx: Context,
    box: Mailbox,
    place: Place,
    look: dict[bytes, Any],
    wanted: Wanted,
    headers: Sequence[str],
    known: set[str],
) -> Iterator[Mail | BadRecord]:
    """Yield a mail, if it is wanted and its double wasn't read just now."""
    received: datetime = look[b"INTERNALDATE"]
    head = parsed(look[b"BODY[HEADER]<0>"])
    own = id_of(head) or str(place)
    if own in known or not wanted.by_headers(head):
        return
    known.add(own)
    if (size := int(look[b"RFC822.SIZE"])) > LARGEST:
        yield _bad(
            own,
            head,
            "too_large",
            f"The mail has {size / 1e6:.0f} MB; up to {LARGEST / 1e6:.0f} MB are read.",
            "Deal with this one by hand.",
        )
        return
    data = box.fetch([place.uid], ["BODY.PEEK[]"], place.folder, place.validity)
    if place.uid not in data:
        return
    try:
        mail = parsed(data[place.uid][b"BODY[]"] or b"")
        record = mail_of(
            ctx,
            mail,
            folder=place.folder,
            place=str(place),
            received=received,
            headers=headers,
        )
        is_wanted = wanted.by_content(mail, record["html"])
    except InputError as error:  # e.g. an attachment larger than Bridgework keeps
        yield _bad(own, head, error.code, error.message, error.hint)
        return
    except BROKEN as error:
        ctx.log.warning("a mail can't be read", exc_info=error)
        yield _bad(
            own, head, "unreadable_mail", "The mail is broken.", "Deal with this one by hand."
        )
        return
    if is_wanted:
        record["id"] = own
        yield record


def _bad(own: str, head: Any, code: str, reason: str, hint: str) -> BadRecord:
    subject = header(head, "Subject")
    return BadRecord(
        key=own,
        reason=reason,
        code=code,
        hint=hint,
        label=subject or own,
        source={"subject": subject, "date": header(head, "Date")},
    )


def _afterwards(ctx: Context, place: Place, afterwards: str, move_to: str | None) -> None:
    box = mailbox_of(ctx)
    if afterwards == "mark as read":
        set_flags(box, place, add=[b"\\Seen"])
    elif afterwards == "move":
        move(box, place, str(move_to))
    else:
        move(box, place, "")
