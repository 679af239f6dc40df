"""Where a mail is: its folder, the folder's number, and the mail's number in it, as one text."""

from dataclasses import dataclass
from typing import Annotated

from engine.sdk import Field, InputError

PlaceText = Annotated[str, Field("Mail", "Where it is: `{{ mail.place }}`.")]


@dataclass(frozen=True)
class Place:
    """A mail's place in its mailbox.

    :param validity: the folder's UIDVALIDITY; with another one, numbers mean other mails.
    :param uid: the mail's number in the folder.
    """

    folder: str
    validity: int
    uid: int

    def __str__(self) -> str:
        return f"{self.validity}/{self.uid}/{self.folder}"


def place_of(written: str) -> Place:
    """Read a place.

    :raises InputError: it is none.
    """
    validity, _, rest = written.strip().partition("/")
    uid, _, folder = rest.partition("/")
    if not validity.isdecimal() or not uid.isdecimal() or not folder:
        raise InputError(
            f"'{written[:100]}' is no place of a mail.",
            hint="Give `{{ mail.place }}` of a mail that was read or found.",
            field="place",
            code="no_place",
        )
    return Place(folder, int(validity), int(uid))
