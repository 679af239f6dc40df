"""A notice as it is sent: its words for a mail and for a chat, with links where there is an address."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from engine.public_address import public_link
from engine.store.notices import RECOVERY, Notice

Tone = Literal["bad", "good", "plain"]

SETTINGS_PATH = "/notices/settings"


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a channel sends.

    :param id: the same for every try, so that a receiver can tell one that came twice.
    :param about: what it concerns; messages about the same thing belong together.
    :param link: full address of the page that shows it; empty where the pages have no address.
    :param html: a whole page for a mail; made of the rest where it is empty.
    """

    id: str
    kind: str
    about: str
    subject: str
    body: str
    link: str
    at: datetime
    html: str = ""

    @property
    def tone(self) -> Tone:
        if self.kind in RECOVERY:
            return "good"
        return "plain" if self.kind in ("question", "report", "test") else "bad"


def message_of(notice: Notice) -> Message:
    return Message(
        id=f"notice-{notice.id}",
        kind=notice.kind,
        about=notice.about,
        subject=notice.subject,
        body=notice.body,
        link=public_link(notice.link) or "",
        at=notice.at,
        html=notice.html,
    )


def trial(channel: str) -> Message:
    """Return a message that tests a channel."""
    now = datetime.now(UTC)
    return Message(
        id=f"test-{now:%Y%m%d%H%M%S%f}",
        kind="test",
        about="test",
        subject="Bridgework can reach you here",
        body=f"This is a test of “{channel}”. Nothing happened, and nothing needs to be done.",
        link=public_link(SETTINGS_PATH) or "",
        at=now,
    )


def as_text(message: Message) -> str:
    """Return the plain part of a mail."""
    parts = [message.body.strip()]
    if message.link:
        parts.append(f"See it in Bridgework: {message.link}")
    return "\n\n".join([*parts, f"-- \n{_why()}"]) + "\n"


def as_html(message: Message) -> str:
    """Return the part of a mail that most people see."""
    if message.html:
        return message.html
    return (
        templates()
        .get_template("notice.html")
        .render(message=message, paragraphs=message.body.strip().split("\n"), **frame())
    )


def frame() -> dict[str, str]:
    """Return what every mail's layout needs."""
    return {"why": _why(), "settings": public_link(SETTINGS_PATH) or ""}


@cache
def templates() -> Environment:
    return Environment(
        loader=PackageLoader("engine.notices", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _why() -> str:
    return (
        "Bridgework sends this because your address is set to get notices. "
        "What you get is chosen under Notices, Settings."
    )
