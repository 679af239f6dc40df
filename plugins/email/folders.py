"""The folders of a mailbox, for pickers."""

from collections.abc import Iterator
from typing import Annotated

from engine.sdk import Context, Field, Option
from plugins.email.mailbox import mailbox_of


def folders(ctx: Context) -> Iterator[Option]:
    """Yield the folders that hold mail."""
    found = mailbox_of(ctx).ask(lambda client: client.list_folders())
    names = [
        name if isinstance(name, str) else name.decode("utf-8", "replace")
        for flags, _, name in found
        if b"\\noselect" not in {flag.lower() for flag in flags}
    ]
    for name in sorted(names, key=lambda name: (name.upper() != "INBOX", name.casefold())):
        yield Option(name, name)


Folder = Annotated[
    str,
    Field(
        "Folder",
        "As the mailbox calls it; INBOX is where new mail comes.",
        options=folders,
        only=True,
    ),
]
