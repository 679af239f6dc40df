"""chat.* and reactions.*: messages posted, changed and reacted to."""

import re
from typing import Any

from plugins.slack.practice.methods import METHODS, Answer, Call, Refusal
from plugins.slack.practice.workspace import APP, Row

#: Documented: longer texts are refused or cut; blocks in a message; characters of markdown.
LONGEST_TEXT, MOST_BLOCKS, LONGEST_MARKDOWN = 40_000, 50, 12_000
#: The tier of a method of its own kind.
POSTING = 0
#: About one message a second in a channel, with short bursts (documented); how long one may be isn't,
#: and is so many in so many seconds here.
BURST, BURST_SECONDS = 10, 10.0

EMOJI = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


@METHODS.add("chat.postMessage", "chat:write", tier=POSTING)
def post_message(call: Call) -> Answer:
    channel = _postable(call, call.text("channel", "channel_not_found"))
    message = {**_content(call), **_author()}
    parent = call.given.get("thread_ts")
    if parent:
        if call.workspace.message(channel["id"], str(parent)) is None:
            raise Refusal("thread_not_found")
        message["thread_ts"] = str(parent)
        if call.flag("reply_broadcast"):
            message["subtype"] = "thread_broadcast"
    metadata = call.value("metadata")
    if metadata is not None:
        if not isinstance(metadata, dict) or not metadata.get("event_type"):
            raise Refusal("invalid_metadata_format")
        message["metadata"] = metadata
    posted = call.workspace.post(channel["id"], message)
    return {"channel": channel["id"], "ts": posted["ts"], "message": posted}


@METHODS.add("chat.update", "chat:write")
def update(call: Call) -> Answer:
    channel, message = _message(call, "ts")
    if message.get("bot_id") != APP["bot"]:
        raise Refusal("cant_update_message")
    content = _content(call)
    message |= {**content, "edited": {"user": APP["user"], "ts": call.workspace.next_ts()}}
    return {
        "channel": channel["id"],
        "ts": message["ts"],
        "text": message["text"],
        "message": message,
    }


@METHODS.add("chat.delete", "chat:write")
def delete(call: Call) -> Answer:
    channel, message = _message(call, "ts")
    if message.get("bot_id") != APP["bot"]:
        raise Refusal("cant_delete_message")
    call.workspace.messages[channel["id"]].remove(message)
    return {"channel": channel["id"], "ts": message["ts"]}


@METHODS.add("reactions.add", "reactions:write")
def add_reaction(call: Call) -> Answer:
    channel, message = _message(call, "timestamp")
    emoji = call.text("name", "invalid_name")
    if not EMOJI.fullmatch(emoji):
        raise Refusal("invalid_name")
    if channel.get("is_archived"):
        raise Refusal("is_archived")
    for reaction in message.get("reactions", []):
        if reaction["name"] == emoji and APP["user"] in reaction["users"]:
            raise Refusal("already_reacted")
    call.workspace.react(channel["id"], message, APP["user"], emoji)
    return {}


@METHODS.add("reactions.get", "reactions:read")
def get_reactions(call: Call) -> Answer:
    channel, message = _message(call, "timestamp")
    shown = {name: value for name, value in message.items() if name != "metadata"}
    return {"type": "message", "channel": channel["id"], "message": shown}


def seen(call: Call, name_or_id: str) -> Row:
    """Return a channel that the app may know.

    :raises Refusal: it may not, or there is none.
    """
    channel = call.workspace.channel(name_or_id)
    if channel is None or not call.workspace.sees(channel):
        raise Refusal("channel_not_found")
    return channel


def _postable(call: Call, name_or_id: str) -> Row:
    if name_or_id in call.workspace.users:
        return call.workspace.direct(name_or_id)
    channel = seen(call, name_or_id)
    if channel.get("is_archived"):
        raise Refusal("is_archived")
    if channel.get("read_only"):
        raise Refusal("restricted_action")
    inside = call.workspace.is_in(channel, APP["user"])
    if not inside and "chat:write.public" not in call.scopes:
        raise Refusal("not_in_channel")
    return channel


def _message(call: Call, argument: str) -> tuple[Row, Row]:
    channel = seen(call, call.text("channel", "channel_not_found"))
    message = call.workspace.message(channel["id"], call.text(argument, "bad_timestamp"))
    if message is None:
        raise Refusal("message_not_found")
    return channel, message


def _content(call: Call) -> Row:
    text, markdown = call.given.get("text"), call.given.get("markdown_text")
    blocks, attachments = call.value("blocks"), call.value("attachments")
    if markdown and (text or blocks):
        raise Refusal("markdown_text_conflict")
    if not (text or markdown or blocks or attachments):
        raise Refusal("no_text")
    if len(str(text or "")) > LONGEST_TEXT or len(str(markdown or "")) > LONGEST_MARKDOWN:
        raise Refusal("msg_too_long")
    if attachments is not None and len(attachments) > 100:
        raise Refusal("too_many_attachments")
    content: Row = {"text": str(text or markdown or "")}
    if blocks is not None:
        content["blocks"] = _blocks(blocks)
    return content


def _blocks(blocks: Any) -> list[Row]:
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    wrong = [
        n for n, block in enumerate(blocks) if not (isinstance(block, dict) and "type" in block)
    ]
    if wrong or len(blocks) > MOST_BLOCKS:
        where = f"[json-pointer:/blocks/{wrong[0]}]" if wrong else "[json-pointer:/blocks]"
        said = f"[ERROR] {'missing required field: type' if wrong else 'no more than 50 items'}"
        raise Refusal("invalid_blocks", response_metadata={"messages": [f"{said} {where}"]})
    return blocks


def _author() -> Row:
    return {
        "user": APP["user"],
        "bot_id": APP["bot"],
        "app_id": APP["app"],
        "bot_profile": {"id": APP["bot"], "app_id": APP["app"], "name": APP["name"]},
    }
