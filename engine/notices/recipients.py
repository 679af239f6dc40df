"""Who gets a notice: whoever it is meant for, else the admins and the channels that want its kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.notices.daily import daily_settings
from engine.store.database import Store
from engine.store.notice_channels import Channel, admin_topics, list_channels
from engine.store.notices import Notice


@dataclass(frozen=True)
class Audience:
    """Everybody who may get notices.

    :param admins: what each admin wants by mail, by address.
    :param daily: there is a daily report.
    """

    channels: tuple[Channel, ...]
    admins: Mapping[str, frozenset[str]]
    daily: bool = True

    def recipients_of(self, notice: Notice) -> list[str]:
        """Return the recipients of a notice, each once.

        A reminder of what still stands goes to those alone whom the daily report doesn't tell of it.
        """
        if notice.send_to is not None:
            return list(dict.fromkeys(mail_recipient(address) for address in notice.send_to))
        found = dict.fromkeys(
            recipient
            for recipient, topics in self._wishes()
            if notice.topic in topics
            and not (notice.reminder and self.daily and "report" in topics)
        )
        return list(found)

    def _wishes(self) -> Iterable[tuple[str, frozenset[str]]]:
        for address, topics in self.admins.items():
            yield mail_recipient(address), topics
        for channel in self.channels:
            if channel.enabled:
                yield channel.recipient, channel.topics


def audience(store: Store, *, mail: bool) -> Audience:
    """Return who gets notices as things are.

    :param mail: there is a server to send mail with; without one only other channels are left.
    """
    channels, daily = list_channels(store), daily_settings(store).enabled
    if mail:
        return Audience(tuple(channels), admin_topics(store), daily)
    return Audience(tuple(c for c in channels if c.kind != "mail"), {}, daily)


def mail_recipient(address: str) -> str:
    return f"mail:{address.strip().lower()}"
