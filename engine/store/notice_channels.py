"""Where notices go: channels that were set up, and what each admin wants by mail."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from engine import redaction
from engine.errors import SetupError
from engine.store.database import Store, upsert
from engine.store.notices import TOPICS
from engine.store.tables import notice_channels, notice_deliveries, notice_preferences, users

ChannelKind = Literal["mail", "slack", "webhook"]

#: What a new channel is told of; the daily report is for reading, not for a chat.
CHANNEL_TOPICS = frozenset(TOPICS) - {"report"}


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One place that notices go to.

    :param place: whom or what it reaches, without secrets: an e-mail address, a host.
    :param secrets: ``url`` of Slack and webhooks, ``key`` that signs a webhook.
    """

    id: int = 0
    name: str
    kind: ChannelKind
    topics: frozenset[str] = CHANNEL_TOPICS
    place: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    enabled: bool = True

    @property
    def recipient(self) -> str:
        """Return what deliveries call it; one address is one recipient, however often it is named."""
        return f"mail:{self.place.lower()}" if self.kind == "mail" else f"channel:{self.id}"


def list_channels(store: Store) -> list[Channel]:
    """Return all channels with their secrets, which are from now on kept out of every log."""
    with store.reading() as connection:
        rows = connection.execute(select(notice_channels).order_by(notice_channels.c.name)).all()
    return [_channel(store, row) for row in rows]


def get_channel(store: Store, name: str) -> Channel:
    """Return the channel of this name.

    :raises SetupError: there is none.
    """
    channels = list_channels(store)
    for channel in channels:
        if channel.name == name:
            return channel
    listed = ", ".join(channel.name for channel in channels)
    raise SetupError(
        f"There is no channel called {name!r}.",
        hint=f"There are: {listed}." if listed else "There is none yet.",
    )


def save_channel(store: Store, channel: Channel) -> int:
    """Store a channel, replacing the one of its id; return the id.

    :raises SetupError: another channel has its name.
    """
    redaction.register(dict(channel.secrets))
    values = {
        "name": channel.name,
        "kind": channel.kind,
        "topics": sorted(channel.topics),
        "place": channel.place,
        "secrets": store.vault.seal(dict(channel.secrets)),
        "enabled": channel.enabled,
    }
    try:
        with store.writing() as connection:
            if channel.id:
                connection.execute(
                    update(notice_channels)
                    .where(notice_channels.c.id == channel.id)
                    .values(**values)
                )
                return channel.id
            added = connection.execute(
                insert(notice_channels).values(**values, created_at=datetime.now(UTC))
            )
            key: Any = added.inserted_primary_key
            return int(key[0])
    except IntegrityError:
        raise SetupError(
            f"There is a channel called {channel.name!r} already.", hint="Choose another name."
        ) from None


def remove_channel(store: Store, channel: Channel) -> None:
    """Remove a channel; what was still to be sent to it isn't."""
    with store.writing() as connection:
        connection.execute(delete(notice_channels).where(notice_channels.c.id == channel.id))
        if channel.kind != "mail":  # others may reach the same address
            connection.execute(
                delete(notice_deliveries).where(
                    notice_deliveries.c.recipient == channel.recipient,
                    notice_deliveries.c.sent_at.is_(None),
                )
            )


def admin_topics(store: Store) -> dict[str, frozenset[str]]:
    """Return what every admin wants by mail, by their address; who never chose gets everything."""
    with store.reading() as connection:
        rows = connection.execute(
            select(users.c.email, notice_preferences.c.topics).select_from(
                users.outerjoin(notice_preferences, notice_preferences.c.user_id == users.c.id)
            )
        )
        return {row.email: _chosen(row.topics) for row in rows}


def topics_of_user(store: Store, user_id: int) -> frozenset[str]:
    """Return what one admin wants by mail."""
    with store.reading() as connection:
        topics = connection.execute(
            select(notice_preferences.c.topics).where(notice_preferences.c.user_id == user_id)
        ).scalar()
    return _chosen(topics)


def save_topics_of_user(store: Store, user_id: int, topics: Collection[str]) -> None:
    row = {"user_id": user_id, "topics": sorted(topics)}
    with store.writing() as connection:
        upsert(connection, notice_preferences, [row], update=["topics"])


def _chosen(topics: list[str] | None) -> frozenset[str]:
    return frozenset(TOPICS) if topics is None else frozenset(topics)


def _channel(store: Store, row: Row[Any]) -> Channel:
    secrets = store.vault.open(row.secrets)
    redaction.register(secrets)
    return Channel(
        id=row.id,
        name=row.name,
        kind=row.kind,
        topics=frozenset(row.topics),
        place=row.place,
        secrets=secrets,
        enabled=row.enabled,
    )
