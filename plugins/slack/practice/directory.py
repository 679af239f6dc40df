"""auth.test, users.* and conversations.*: who and what is in the workspace, and its history."""

import re

from plugins.slack.practice.methods import METHODS, Answer, Call, Refusal
from plugins.slack.practice.posting import seen
from plugins.slack.practice.workspace import APP, TEAM, Row

NAME = re.compile(r"[\w-]+")
LONGEST_NAME = 80

#: Which scope shows which kind of conversation.
KINDS = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
READS = tuple(f"{kind}:read" for kind in KINDS.values())
HISTORIES = tuple(f"{kind}:history" for kind in KINDS.values())


@METHODS.add("auth.test", tier=300)
def auth_test(call: Call) -> Answer:
    return {
        "url": f"https://{TEAM['domain']}.slack.com/",
        "team": TEAM["name"],
        "team_id": TEAM["id"],
        "user": APP["name"],
        "user_id": APP["user"],
        "bot_id": APP["bot"],
        "is_enterprise_install": False,
    }


# -- people ----------------------------------------------------------------------------------------


@METHODS.add("users.list", "users:read", tier=20)
def users_list(call: Call) -> Answer:
    rows, cursor = call.page(list(call.workspace.users.values()))
    return {
        "members": [_shown_user(call, row) for row in rows],
        "response_metadata": {"next_cursor": cursor},
    }


@METHODS.add("users.info", "users:read", tier=100)
def users_info(call: Call) -> Answer:
    user = call.workspace.users.get(call.text("user", "user_not_found"))
    if user is None:
        raise Refusal("user_not_found")
    return {"user": _shown_user(call, user)}


@METHODS.add("users.lookupByEmail", "users:read.email")
def lookup_by_email(call: Call) -> Answer:
    wanted = call.text("email", "users_not_found").lower()
    for user in call.workspace.users.values():
        if not user["deleted"] and str(user["profile"].get("email", "")).lower() == wanted:
            return {"user": _shown_user(call, user)}
    raise Refusal("users_not_found")


def _shown_user(call: Call, user: Row) -> Row:
    """Return somebody as the token may see them: addresses need a scope of their own."""
    if "users:read.email" in call.scopes:
        return user
    profile = {name: value for name, value in user["profile"].items() if name != "email"}
    return {**user, "profile": profile}


# -- channels --------------------------------------------------------------------------------------


@METHODS.add("conversations.list", *READS, tier=20)
def conversations_list(call: Call) -> Answer:
    """Cut the page first and leave out what isn't wanted afterwards, as Slack seems to."""
    kinds = str(call.given.get("types") or "public_channel").split(",")
    for kind in kinds:
        if kind not in KINDS:
            raise Refusal("invalid_types")
        call.needs_one_of((f"{KINDS[kind]}:read",))
    rows, cursor = call.page(list(call.workspace.channels.values()))
    wanted = [
        row
        for row in rows
        if _kind(row) in kinds
        and call.workspace.sees(row)
        and not (row.get("is_archived") and call.flag("exclude_archived"))
    ]
    return {
        "channels": [call.workspace.shown_channel(row) for row in wanted],
        "response_metadata": {"next_cursor": cursor},
    }


@METHODS.add("conversations.info", *READS)
def conversations_info(call: Call) -> Answer:
    channel = seen(call, call.text("channel", "channel_not_found"))
    count = call.flag("include_num_members")
    return {"channel": call.workspace.shown_channel(channel, count=count)}


@METHODS.add("conversations.members", *READS, tier=100)
def conversations_members(call: Call) -> Answer:
    channel = seen(call, call.text("channel", "channel_not_found"))
    rows, cursor = call.page(call.workspace.members.get(channel["id"], []))
    return {"members": rows, "response_metadata": {"next_cursor": cursor}}


@METHODS.add("conversations.create", "channels:manage", "groups:write", tier=20)
def conversations_create(call: Call) -> Answer:
    name = call.text("name", "invalid_name_required")
    private = call.flag("is_private")
    call.needs_one_of(("groups:write" if private else "channels:manage",))
    if len(name) > LONGEST_NAME:
        raise Refusal("invalid_name_maxlength")
    if not NAME.fullmatch(name) or name != name.lower():
        raise Refusal("invalid_name_specials")
    if any(row.get("name") == name for row in call.workspace.channels.values()):
        raise Refusal("name_taken")
    channel = call.workspace.make_channel(name, APP["user"], private=private)
    return {"channel": call.workspace.shown_channel(channel)}


@METHODS.add("conversations.invite", "channels:manage", "groups:write")
def conversations_invite(call: Call) -> Answer:
    channel = seen(call, call.text("channel", "channel_not_found"))
    if channel.get("is_archived"):
        raise Refusal("is_archived")
    if not call.workspace.is_in(channel, APP["user"]):
        raise Refusal("not_in_channel")
    for user in call.text("users", "no_user").split(","):
        if user not in call.workspace.users:
            raise Refusal("user_not_found", errors=[{"user": user, "error": "user_not_found"}])
        if user == APP["user"]:
            raise Refusal("cant_invite_self")
        if call.workspace.is_in(channel, user):
            raise Refusal(
                "already_in_channel", errors=[{"user": user, "error": "already_in_channel"}]
            )
        call.workspace.join(channel["id"], user, APP["user"])
    return {"channel": call.workspace.shown_channel(channel)}


@METHODS.add("conversations.open", "im:write", "mpim:write")
def conversations_open(call: Call) -> Answer:
    user = call.workspace.users.get(call.text("users", "users_list_not_supplied"))
    if user is None:
        raise Refusal("user_not_found")
    if user["deleted"]:
        raise Refusal("user_disabled")
    if user["is_bot"]:
        raise Refusal("cannot_dm_bot")
    known = "D" + user["id"][1:] in call.workspace.channels
    channel = call.workspace.direct(user["id"])
    again = {"no_op": True, "already_open": True} if known else {}
    return {"channel": {"id": channel["id"]}, **again}


# -- history ---------------------------------------------------------------------------------------


@METHODS.add("conversations.history", *HISTORIES)
def conversations_history(call: Call) -> Answer:
    """Newest first; replies only where they were sent to the channel as well."""
    channel = _readable(call)
    rows = [
        message
        for message in reversed(call.workspace.messages.get(channel["id"], []))
        if message.get("thread_ts") in (None, message["ts"])
        or message.get("subtype") == "thread_broadcast"
    ]
    return _pages_of(call, [row for row in rows if _within(call, row["ts"])])


@METHODS.add("conversations.replies", *HISTORIES)
def conversations_replies(call: Call) -> Answer:
    channel, ts = _readable(call), call.text("ts", "thread_not_found")
    messages = call.workspace.messages.get(channel["id"], [])
    if call.workspace.message(channel["id"], ts) is None:
        raise Refusal("thread_not_found")
    thread = [m for m in messages if m["ts"] == ts or m.get("thread_ts") == ts]
    return _pages_of(call, [row for row in thread if row["ts"] == ts or _within(call, row["ts"])])


def _readable(call: Call) -> Row:
    channel = call.workspace.channels.get(call.text("channel", "channel_not_found"))
    if channel is None or not call.workspace.sees(channel):
        raise Refusal("channel_not_found")
    call.needs_one_of((f"{KINDS[_kind(channel)]}:history",))
    if not call.workspace.is_in(channel, APP["user"]):
        raise Refusal("not_in_channel")
    return channel


def _kind(channel: Row) -> str:
    if channel.get("is_im"):
        return "im"
    return "private_channel" if channel.get("is_private") else "public_channel"


def _within(call: Call, ts: str) -> bool:
    oldest, latest = str(call.given.get("oldest") or ""), str(call.given.get("latest") or "")
    at, inclusive = _micro(ts), call.flag("inclusive")
    if oldest and (at < _micro(oldest) or (at == _micro(oldest) and not inclusive)):
        return False
    return not (latest and (at > _micro(latest) or (at == _micro(latest) and not inclusive)))


def _micro(ts: str) -> int:
    whole, _, fraction = ts.partition(".")
    try:
        return int(whole) * 1_000_000 + int((fraction + "000000")[:6])
    except ValueError:
        raise Refusal("invalid_ts_oldest") from None


def _pages_of(call: Call, rows: list[Row]) -> Answer:
    page, cursor = call.page(rows)
    if not call.flag("include_all_metadata"):
        page = [{name: value for name, value in row.items() if name != "metadata"} for row in page]
    answer: Answer = {"messages": page, "has_more": bool(cursor)}
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer
