"""Posting a notice to a web address: Slack's incoming webhooks, and any receiver of our own JSON."""

import time
from urllib.parse import urlsplit

import httpx2
import orjson

from engine.errors import DeliveryError, SetupError
from engine.http.errors import retry_after
from engine.notices.message import Message
from engine.public_address import is_this_machine
from engine.redaction import redact
from engine.signatures import OURS
from engine.store.notice_channels import Channel

USER_AGENT = "Bridgework/0.1"
TIMEOUT = 15.0
DELIVERY = "X-Bridgework-Delivery"

#: Bytes of an answer that are read, and its headers that matter.
LARGEST_ANSWER = 64_000
HEADERS_READ = frozenset({"content-type", "location", "retry-after"})

#: What Slack says in plain text, and what it means; nothing of it goes away by itself.
SLACK_REFUSALS = {
    "invalid_payload": "Slack could not read the message.",
    "no_text": "Slack could not read the message.",
    "action_prohibited": "Slack doesn't let this webhook post in its channel.",
    "channel_not_found": "The channel of this webhook is gone in Slack.",
    "no_service": "This webhook was removed in Slack.",
    "no_service_id": "This webhook was removed in Slack.",
    "no_team": "The workspace of this webhook is gone in Slack.",
    "channel_is_archived": "The channel of this webhook is archived in Slack.",
}
SLACK_LONGEST = 3000


def check_url(url: str) -> str:
    """Return an address to post to, as it is.

    :raises SetupError: it is none, or would carry notices in the open.
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        raise SetupError("This is no web address.", hint="It begins with https://.")
    if parts.scheme == "http" and not is_this_machine(host):
        raise SetupError("This address isn't encrypted.", hint="Use one that begins with https://.")
    return url.strip()


def post(channel: Channel, message: Message) -> None:
    """Send a message to a channel that is a web address.

    :raises DeliveryError: it could not be sent.
    """
    if channel.kind == "slack":
        _post_to_slack(channel, message)
    else:
        _post_signed(channel, message)


def slack_text(message: Message) -> str:
    """Return a message in Slack's own markup, in which three characters are special."""
    mark = {"bad": ":red_circle: ", "good": ":large_green_circle: ", "plain": ""}[message.tone]
    body = message.body.strip()
    if len(body) > SLACK_LONGEST:
        body = body[:SLACK_LONGEST].rsplit("\n", 1)[0] + "\n…"
    text = f"{mark}*{_escaped(message.subject)}*\n{_escaped(body)}"
    return f"{text}\n<{message.link}|See it in Bridgework>" if message.link else text


def payload_of(message: Message) -> bytes:
    """Return the JSON that receivers of our own get."""
    return orjson.dumps(
        {
            "id": message.id,
            "kind": message.kind,
            "about": message.about,
            "subject": message.subject,
            "body": message.body,
            "link": message.link or None,
            "at": message.at.isoformat(),
        }
    )


def _post_to_slack(channel: Channel, message: Message) -> None:
    answer = _send(channel, orjson.dumps({"text": slack_text(message)}), {})
    said = answer.text.strip()[:200]
    if answer.status_code == 200 and said == "ok":
        return
    _raise_if_busy("Slack", answer)
    if said in SLACK_REFUSALS:
        raise DeliveryError(
            SLACK_REFUSALS[said],
            hint="Make a new incoming webhook in Slack and enter its address here.",
            permanent=True,
            lost_line=True,
        )
    raise DeliveryError(
        f"Slack answered {answer.status_code}, but not as its webhooks do: {_quoted(said)}.",
        hint="Check the address: it begins with https://hooks.slack.com/services/.",
        permanent=answer.status_code in (403, 404, 410),
        lost_line=True,
    )


def _post_signed(channel: Channel, message: Message) -> None:
    body = payload_of(message)
    headers = {DELIVERY: message.id}
    if channel.secrets.get("key"):
        stamp = str(int(time.time()))
        headers[OURS.timestamp_header] = stamp
        headers[OURS.header] = OURS.signature(body, channel.secrets["key"], stamp)
    answer = _send(channel, body, headers)
    if answer.is_success:
        return
    where = f"'{channel.place}'"
    _raise_if_busy(where, answer)
    if answer.is_redirect:
        raise DeliveryError(
            f"{where} sends on to another address.",
            hint="Enter the address it sends on to, if you trust it.",
            lost_line=True,
        )
    raise DeliveryError(
        f"{where} answered {answer.status_code}: {_quoted(answer.text)}.",
        hint="An answer from 200 to 299 means that the notice arrived.",
        permanent=answer.status_code == 410,
        lost_line=True,
    )


def _send(channel: Channel, body: bytes, headers: dict[str, str]) -> httpx2.Response:
    try:
        with (
            httpx2.Client(timeout=TIMEOUT, follow_redirects=False) as client,
            client.stream(
                "POST",
                channel.secrets["url"],
                content=body,
                headers={
                    "Content-Type": "application/json",
                    "User-Agent": USER_AGENT,
                    "Accept-Encoding": "identity",  # a short word, which nobody needs to compress
                    **headers,
                },
            ) as answer,
        ):
            return httpx2.Response(
                answer.status_code,
                headers={k: v for k, v in answer.headers.items() if k in HEADERS_READ},
                content=_beginning(answer),
            )
    except httpx2.TimeoutException:
        reason = f"it took longer than {TIMEOUT:.0f} seconds"
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        reason = redact(" ".join(str(error).split())) or type(error).__name__
    raise DeliveryError(
        f"'{channel.place}' can't be reached: {reason}.",
        hint="It is tried again for two days.",
        lost_line=True,
    )


def _beginning(answer: httpx2.Response) -> bytes:
    """Return as much of an answer as is read: whoever sends more, or drips it, isn't waited for."""
    found, ends = b"", time.monotonic() + TIMEOUT
    for part in answer.iter_raw():
        found += part
        if len(found) > LARGEST_ANSWER or time.monotonic() > ends:
            break
    return found[:LARGEST_ANSWER]


def _raise_if_busy(who: str, answer: httpx2.Response) -> None:
    if answer.status_code != 429 and answer.status_code < 500:
        return
    raise DeliveryError(
        f"{who} is too busy just now (it answered {answer.status_code}).",
        hint="It is tried again for two days.",
        after=retry_after(answer),
        lost_line=True,
    )


def _quoted(said: str) -> str:
    short = redact(" ".join(said.split()))[:120]
    return f"“{short}”" if short else "nothing"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
