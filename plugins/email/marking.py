"""Marks on mails, and mails moved from folder to folder."""

from collections.abc import Sequence
from typing import Annotated, Literal

from engine.sdk import Accepted, Complete, Context, Field, InputError, SetupError
from plugins.email.folders import Folder
from plugins.email.mailbox import Mailbox, mailbox_of
from plugins.email.place import Place, PlaceText, place_of

#: What each mark adds and takes off (flags of RFC 3501).
MARKS: dict[str, tuple[list[bytes], list[bytes]]] = {
    "read": ([b"\\Seen"], []),
    "unread": ([], [b"\\Seen"]),
    "starred": ([b"\\Flagged"], []),
    "not starred": ([], [b"\\Flagged"]),
    "answered": ([b"\\Answered"], []),
}

MARKED = Complete(id="1767225600/42/INBOX", mark="read")
MOVED = Complete(id="1767225600/42/INBOX", folder="Done")


def mark_email(
    ctx: Context,
    place: PlaceText,
    mark: Annotated[
        Literal["read", "unread", "starred", "not starred", "answered"], Field("Mark as")
    ],
) -> Accepted:
    """Mark a mail as read, unread, starred or answered."""
    add, remove = MARKS[mark]
    found = place_of(place)
    set_flags(mailbox_of(ctx), found, add=add, remove=remove)
    return Accepted({"id": str(found), "mark": mark}, created=False)


def move_email(ctx: Context, place: PlaceText, folder: Folder) -> Accepted:
    """Move a mail to another folder, which must be there already."""
    found = place_of(place)
    move(mailbox_of(ctx), found, folder)
    return Accepted({"id": str(found), "folder": folder}, created=False)


def set_flags(
    box: Mailbox, place: Place, *, add: Sequence[bytes] = (), remove: Sequence[bytes] = ()
) -> None:
    """Put flags on a mail and take others off.

    :raises InputError: it isn't there any more.
    """
    _insist(box, place)
    uid = [place.uid]
    if add:
        box.ask(
            lambda client: client.add_flags(uid, list(add)),
            place.folder,
            writing=True,
            validity=place.validity,
        )
    if remove:
        box.ask(
            lambda client: client.remove_flags(uid, list(remove)),
            place.folder,
            writing=True,
            validity=place.validity,
        )


def move(box: Mailbox, place: Place, to: str) -> None:
    """Move a mail; to nowhere: delete it for good.

    :raises InputError: it isn't there any more, or there is no such folder.
    :raises SetupError: the server can't do it without touching other mails.
    """
    _insist(box, place)
    if to and not box.ask(lambda client: client.folder_exists(to)):
        raise InputError(
            f"The mailbox has no folder '{to}'.",
            hint="Make it first, or choose another.",
            field="folder",
            code="no_folder",
        )
    uid = [place.uid]
    with_move, with_uids = box.ask(
        lambda client: (client.has_capability("MOVE"), client.has_capability("UIDPLUS"))
    )
    if to and with_move:
        box.ask(
            lambda client: client.move(uid, to),
            place.folder,
            writing=True,
            validity=place.validity,
        )
        return
    if not with_uids:
        raise SetupError(
            f"{box.server.who} can't move or delete single mails.",
            hint="It knows neither MOVE nor UIDPLUS. Mark mails as read instead.",
        )
    if to:
        box.ask(
            lambda client: client.copy(uid, to),
            place.folder,
            writing=True,
            validity=place.validity,
        )
    box.ask(
        lambda client: (client.delete_messages(uid), client.uid_expunge(uid)),
        place.folder,
        writing=True,
        validity=place.validity,
    )


def _insist(box: Mailbox, place: Place) -> None:
    """Make sure that a mail is there: servers say OK to what is done to none."""
    found = box.fetch([place.uid], ["FLAGS"], place.folder, place.validity)
    if place.uid not in found:
        raise InputError(
            f"The mail isn't in the folder '{place.folder}' any more.",
            hint="Somebody moved or deleted it; nothing is left to do here.",
            field="place",
            code="mail_gone",
        )
