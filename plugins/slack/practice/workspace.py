"""What the practice workspace holds: people, channels, messages; and what becomes of them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

TEAM = {"id": "T0FIRM0001", "name": "Byron & Boole", "domain": "byron-boole"}
APP = {"user": "U0BRIDGE01", "bot": "B0BRIDGE01", "app": "A0BRIDGE01", "name": "bridgework"}

#: Told of what happened: the event as its envelope holds it.
Tell = Callable[[Row], None]


@dataclass
class Workspace:
    """One workspace in memory.

    :param clock: seconds since 1970.
    :param page_size: no page is longer, whatever is asked for.
    :param messages: by channel, in the order they were posted.
    :param members: by channel: who is in it.
    """

    clock: Callable[[], float]
    page_size: int = 10
    users: dict[str, Row] = field(default_factory=dict)
    channels: dict[str, Row] = field(default_factory=dict)
    messages: dict[str, list[Row]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, Row] = field(default_factory=dict)
    tell: Tell = lambda event: None
    _last: int = 0
    _made: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def next_ts(self) -> str:
        """Return the time now as an id: no two messages have the same."""
        with self._lock:
            self._last = max(self._last + 100, int(self.clock() * 1_000_000))
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def next_id(self, letter: str) -> str:
        with self._lock:
            self._made += 1
            return f"{letter}0NEW{self._made:05d}"

    # -- what is there -------------------------------------------------------------------------

    def channel(self, name_or_id: str) -> Row | None:
        """Return a channel by id, or by name as posting takes it."""
        wanted = name_or_id.removeprefix("#")
        if wanted in self.channels:
            return self.channels[wanted]
        return next((c for c in self.channels.values() if c.get("name") == wanted), None)

    def sees(self, channel: Row) -> bool:
        """Say whether the app may know a channel: public ones, and those it is in."""
        return not channel.get("is_private") or self.is_in(channel, APP["user"])

    def is_in(self, channel: Row, user: str) -> bool:
        return user in self.members.get(channel["id"], ())

    def message(self, channel: str, ts: str) -> Row | None:
        return next((m for m in self.messages.get(channel, []) if m["ts"] == ts), None)

    def shown_channel(self, channel: Row, *, count: bool = True) -> Row:
        """Return a channel as the API shows it."""
        shown = {**channel, "is_member": self.is_in(channel, APP["user"])}
        if count:
            shown["num_members"] = len(self.members.get(channel["id"], ()))
        return shown

    # -- what happens --------------------------------------------------------------------------

    def post(self, channel: str, message: Row) -> Row:
        """Add a message, and tell of it."""
        posted = {"type": "message", **message, "ts": self.next_ts()}
        posted["team"] = TEAM["id"]
        parent = self.message(channel, str(posted.get("thread_ts") or ""))
        if parent is not None:
            parent["thread_ts"] = parent["ts"]
            parent["reply_count"] = parent.get("reply_count", 0) + 1
        self.messages.setdefault(channel, []).append(posted)
        shown = {name: value for name, value in posted.items() if name != "metadata"}
        self.tell(
            {
                **shown,
                "channel": channel,
                "event_ts": posted["ts"],
                "channel_type": self.channels[channel].get("kind", "channel"),
            }
        )
        mention = f"<@{APP['user']}>"
        if mention in str(posted.get("text")):
            self.tell(
                {**shown, "type": "app_mention", "channel": channel, "event_ts": posted["ts"]}
            )
        return posted

    def react(self, channel: str, message: Row, user: str, emoji: str) -> None:
        """Add a reaction, and tell of it."""
        reactions = message.setdefault("reactions", [])
        found = next((r for r in reactions if r["name"] == emoji), None)
        if found is None:
            found = {"name": emoji, "users": [], "count": 0}
            reactions.append(found)
        found["users"].append(user)
        found["count"] = len(found["users"])
        self.tell(
            {
                "type": "reaction_added",
                "user": user,
                "reaction": emoji,
                "item_user": message.get("user"),
                "item": {"type": "message", "channel": channel, "ts": message["ts"]},
                "event_ts": self.next_ts(),
            }
        )

    def join(self, channel: str, user: str, inviter: str | None = None) -> None:
        """Add somebody to a channel, and tell of it."""
        self.members.setdefault(channel, []).append(user)
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel,
            "channel_type": "G" if self.channels[channel].get("is_private") else "C",
            "team": TEAM["id"],
            "event_ts": self.next_ts(),
        }
        self.tell(event if inviter is None else {**event, "inviter": inviter})

    def make_channel(self, name: str, creator: str, *, private: bool = False) -> Row:
        """Make a channel with its creator in it, and tell of it if it is public."""
        channel: Row = {
            "id": self.next_id("C"),
            "name": name,
            "is_channel": True,
            "is_private": private,
            "is_archived": False,
            "is_general": False,
            "created": int(self.clock()),
            "creator": creator,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }
        self.channels[channel["id"]] = channel
        self.members[channel["id"]] = [creator]
        if not private:
            brief = {name: channel[name] for name in ("id", "name", "created", "creator")}
            self.tell({"type": "channel_created", "channel": brief, "event_ts": self.next_ts()})
        return channel

    def change_user(self, user: Row, *, new: bool = False) -> None:
        """Note that somebody was added or changed, and tell of it."""
        user["updated"] = int(self.clock())
        self.users[user["id"]] = user
        kind = "team_join" if new else "user_change"
        self.tell({"type": kind, "user": user, "event_ts": self.next_ts()})

    def direct(self, user: str) -> Row:
        """Return the conversation of the app with somebody; opened if it wasn't."""
        id = "D" + user[1:]
        if id not in self.channels:
            self.channels[id] = {"id": id, "is_im": True, "user": user, "kind": "im"}
            self.members[id] = [user, APP["user"]]
        return self.channels[id]
