"""Slack's refusals in plain sentences: ``ok: false`` at status 200, and what it means.

Codes and their meanings are those of its method pages and published spec; a code that isn't listed
here is passed on as it is.
"""

import re
import textwrap
from typing import Any

import httpx2

from engine.sdk import (
    AuthError,
    ConnectorError,
    InputError,
    Record,
    RemoteError,
    RetryableError,
    json_in,
)

#: How every answer of the API begins in which all is well, so that others alone are read here.
WELL = b'{"ok":true'
CODE = re.compile(r"[a-z0-9_.]{1,60}")
#: Characters of Slack's own words that are passed on.
LONGEST_SENTENCE = 300

AGAIN = "Connect Slack again."
SCOPES = (
    "Add it at api.slack.com/apps under OAuth & Permissions, install the app in the workspace again, "
    "then connect Slack again."
)

#: About the connection, not about one record.
ACCESS = {
    "not_authed": "This connection has no token, as one to an incoming webhook hasn't.",
    "invalid_auth": "Slack no longer accepts this connection's token.",
    "account_inactive": "The app was removed from the workspace, or the workspace is closed.",
    "token_revoked": "Somebody in Slack took the app's access away.",
    "token_expired": "The access to Slack ran out.",
    "no_permission": "The app may not do that in this workspace.",
    "not_allowed_token_type": "This kind of token may not do that.",
    "org_login_required": "The workspace is being moved into an organisation; nobody can log in now.",
    "ekm_access_denied": "The workspace's administrators have suspended the app's access.",
    "team_access_not_granted": "The app has no access to this workspace.",
    "access_denied": "Slack denies access to this.",
    "accesslimited": "Slack denies access from this network.",
    "two_factor_setup_required": "The account must set up two-factor log-in first.",
}

#: Passing, and nothing was done.
BUSY = {
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
#: "It's possible some aspect of the operation succeeded" (Slack's own words).
HALF_DONE = {"fatal_error", "internal_error"}

#: Of a request that no record can have spoilt.
DEFECTS = {
    "unknown_method",
    "method_deprecated",
    "deprecated_endpoint",
    "invalid_arg_name",
    "invalid_array_arg",
    "invalid_charset",
    "invalid_cursor",
    "invalid_form_data",
    "invalid_json",
    "invalid_post_type",
    "invalid_limit",
    "json_not_object",
    "missing_post_type",
}

#: By code: what is wrong with the record, what to do, and the field it is about.
RECORDS: dict[str, tuple[str, str, str | None]] = {
    "channel_not_found": (
        "Slack has no such channel, or the app can't see it.",
        "Check its name or id. Into a private channel the app must be invited: "
        "write `/invite @the-app` there.",
        "channel",
    ),
    "not_in_channel": (
        "The app is not in this channel.",
        "Write `/invite @the-app` in the channel, or add the scope `chat:write.public` to post in "
        "public channels without being there.",
        "channel",
    ),
    "is_archived": (
        "This channel is archived, so nothing can be changed in it.",
        "Choose another channel, or take it out of the archive in Slack.",
        "channel",
    ),
    "msg_too_long": (
        "The text is longer than Slack takes (40,000 characters).",
        "Shorten it, e.g. with `| truncate(3000)`.",
        "text",
    ),
    "msg_blocks_too_long": (
        "The blocks together are longer than Slack takes.",
        "Shorten the texts in them.",
        "blocks",
    ),
    "markdown_text_conflict": (
        "Slack takes markdown or text and blocks, but not both.",
        "Leave one of them out.",
        "markdown",
    ),
    "no_text": ("The message is empty.", "Fill in `text`, `markdown` or `blocks`.", "text"),
    "invalid_blocks": (
        "Slack does not understand the blocks.",
        "Try them in Slack's Block Kit Builder (app.slack.com/block-kit-builder).",
        "blocks",
    ),
    "invalid_blocks_format": (
        "The blocks are no list of blocks.",
        "Try them in Slack's Block Kit Builder (app.slack.com/block-kit-builder).",
        "blocks",
    ),
    "too_many_attachments": ("The message has more than 100 attachments.", "", "blocks"),
    "restricted_action": (
        "The workspace's settings don't let the app do that in this channel.",
        "Ask an owner of the workspace, or choose another channel.",
        "channel",
    ),
    "message_not_found": (
        "Slack has no such message.",
        "It was deleted, or its id is wrong: it is the channel's, a slash, and the message's `ts`.",
        "message",
    ),
    "thread_not_found": ("Slack has no such thread.", "It was deleted.", "thread"),
    "cant_update_message": (
        "The app may change only messages it posted itself.",
        "Give the id that posting the message returned.",
        "message",
    ),
    "edit_window_closed": (
        "The workspace lets messages be changed for a while only, and that is over.",
        "Post a new message instead.",
        "message",
    ),
    "users_not_found": (
        "Nobody in the workspace has this e-mail address.",
        "Check the address, or invite the person to Slack.",
        "email",
    ),
    "user_not_found": ("Slack has no such person.", "Check the id.", "user"),
    "user_disabled": ("This person's account in Slack is switched off.", "", "user"),
    "cannot_dm_bot": ("An app can't write to another app.", "Choose a person.", "user"),
    "invalid_name": (
        "Slack has no emoji of this name.",
        "Write its name without colons, such as `white_check_mark`.",
        "emoji",
    ),
    "no_reaction": ("The message has no such reaction.", "", "emoji"),
    "too_many_emoji": ("The message has as many different emoji as it can have.", "", "emoji"),
    "too_many_reactions": ("The message has as many reactions as it can have.", "", "emoji"),
    "name_taken": ("There is a channel of this name already.", "Choose another name.", "name"),
    "invalid_name_specials": (
        "A channel's name has small letters, digits, - and _ only.",
        "Choose another name.",
        "name",
    ),
    "invalid_name_maxlength": ("A channel's name has at most 80 characters.", "", "name"),
    "invalid_name_required": ("The channel needs a name.", "Fill in `name`.", "name"),
    "cant_invite_self": ("The app can't invite itself.", "Choose a person.", "person"),
    "cant_invite": ("This person can't be invited into this channel.", "", "person"),
    "method_not_supported_for_channel_type": (
        "That can't be done in this kind of conversation.",
        "Choose a channel.",
        "channel",
    ),
    "file_not_found": ("Slack has no such file.", "", "file"),
    "file_upload_size_restricted": ("The file is larger than the workspace takes.", "", "file"),
}


class MissingScope(AuthError):
    """The app lacks a permission."""


def refused(response: httpx2.Response) -> ConnectorError | None:
    """Return the error that an answer of status 200 stands for; None where all is well."""
    if response.content.startswith(WELL) or not _of_api(response):
        return None
    answer = _answer(response)
    if answer.get("ok") is True:
        return None
    if "ok" not in answer:
        return RemoteError(
            "Slack answered something that isn't its API's.",
            hint="Check the connection's address; a log-in or error page may have answered.",
        )
    return _error(answer, response)


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Turn an error answer into an error people understand; None leaves it to the engine."""
    if response.status_code == 429 or not _of_api(response):
        return None
    answer = _answer(response)
    return _error(answer, response) if answer.get("ok") is False else None


def error_in(response: httpx2.Response) -> str:
    """Return the code of a refusal; empty where there is none."""
    if response.content.startswith(WELL) or not _of_api(response):
        return ""
    answer = _answer(response)
    return str(answer.get("error") or "") if answer.get("ok") is False else ""


def _error(answer: Record, response: httpx2.Response) -> ConnectorError:
    given = str(answer.get("error") or "")
    code = given if CODE.fullmatch(given) else "unknown_error"
    if code == "missing_scope":
        return _missing_scope(answer)
    if code in ACCESS:
        return AuthError(ACCESS[code], hint=AGAIN)
    if code in BUSY:
        return RetryableError(
            f"Slack asks for fewer requests for a while ({code}).",
            hint="Try again later.",
        )
    if code in HALF_DONE:
        return RetryableError(
            f"Slack has a problem of its own ({code}).",
            hint="Try again later; if it lasts, see status.slack.com.",
            maybe_sent=True,
        )
    method = response.request.url.path.rpartition("/")[2]
    if code in DEFECTS:
        return RemoteError(
            f"Slack did not understand the request {method} ({code}).",
            hint="Its API may have changed: look for a newer version of Bridgework.",
        )
    said = _details(answer)
    if code in RECORDS:
        sentence, hint, field = RECORDS[code]
        return InputError(f"{sentence}{said}", hint=hint, field=field, code=code)
    return InputError(f"Slack refused this: {code} ({method}).{said}", code=code)


def _missing_scope(answer: Record) -> MissingScope:
    needed, provided = str(answer.get("needed") or ""), str(answer.get("provided") or "")
    lacks = f"the permission '{needed}'" if needed else "a permission that this needs"
    has = f"; it has {provided}" if provided else ""
    return MissingScope(f"The Slack app lacks {lacks}{has}.", hint=SCOPES)


def _details(answer: Record) -> str:
    """Return Slack's own words on what is wrong, where it says more than a code."""
    metadata = answer.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    if not isinstance(messages, list) or not messages:
        return ""
    said = "; ".join(str(message).removeprefix("[ERROR] ") for message in messages)
    return f" Slack says: {textwrap.shorten(said, LONGEST_SENTENCE, placeholder=' …')}"


def _of_api(response: httpx2.Response) -> bool:
    """Say whether a method of the Web API answered; uploads and webhooks answer in plain text."""
    return response.request.url.path.startswith("/api/")


def _answer(response: httpx2.Response) -> dict[str, Any]:
    document = json_in(response)
    return document if isinstance(document, dict) else {}
