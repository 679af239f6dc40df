"""Webhooks at the practice server: an audience tells an address of its members, as forms.

Paths and fields are of Mailchimp's published spec (3.0.55), the forms of its AsyncAPI file. The
address is asked with GET first; a delivery is tried again at growing intervals for 75 minutes
(documented; the intervals are ours).
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from engine.sdk import HookSender, Record, is_https_or_loopback
from plugins.mailchimp.practice.audience import Audience, invalid
from plugins.mailchimp.practice.member import Member

EVENTS = ("subscribe", "unsubscribe", "profile", "cleaned", "upemail", "campaign")
SOURCES = ("user", "admin", "api")

#: Seconds before each further try; they come to 75 minutes.
WAITS = (60, 240, 600, 1200, 2400)


@dataclass
class Webhook:
    """One address of an audience.

    :param signing_secret: empty where the account's webhooks aren't signed.
    """

    id: str
    list_id: str
    url: str
    events: dict[str, bool]
    sources: dict[str, bool]
    signing_secret: str = ""

    def shown(self) -> Record:
        names = ("id", "url", "events", "sources", "list_id")
        return {name: getattr(self, name) for name in names}


@dataclass
class Webhooks:
    """All webhooks of an account.

    :param now: the server's time, in UTC.
    :param sign: whether deliveries are signed; sources disagree whether Mailchimp does.
    """

    sender: HookSender
    now: Callable[[], datetime]
    sign: bool = False
    rows: dict[str, Webhook] = field(default_factory=dict)
    made: int = 0

    def of(self, audience: Audience) -> list[Webhook]:
        return [hook for hook in self.rows.values() if hook.list_id == audience.id]

    def create(self, audience: Audience, body: Mapping[str, Any]) -> Record:
        """Add a webhook once its address has answered.

        :raises Refused: the address doesn't answer GET with 200, or has a webhook already.
        """
        url = str(body.get("url") or "")
        if not is_https_or_loopback(url):
            raise invalid("url", "This value is not a valid URL.")
        if any(hook.url == url for hook in self.of(audience)):
            raise invalid("url", "Sorry, you can't set up multiple WebHooks for one URL.")
        answer = self.sender.get(url)
        if answer is None or answer.status_code != 200:
            raise invalid("url", "We couldn't verify the URL. It must answer with the status 200.")
        self.made += 1
        id = hashlib.md5(f"{url}{self.made}".encode(), usedforsecurity=False).hexdigest()[:10]
        hook = Webhook(
            id=id,
            list_id=audience.id,
            url=url,
            events=_switches("events", body, EVENTS),
            sources=_switches("sources", body, SOURCES),
            signing_secret=f"practice-signing-{id}" if self.sign else "",
        )
        self.rows[id] = hook
        audience.listener = partial(self.tell, audience)
        return hook.shown() | ({"signing_secret": hook.signing_secret} if self.sign else {})

    def change(self, hook: Webhook, body: Mapping[str, Any]) -> None:
        """Change what a webhook tells."""
        for name, known in (("events", EVENTS), ("sources", SOURCES)):
            getattr(hook, name).update(_switches(name, body, known) if name in body else {})

    # -- what happens to members ---------------------------------------------------------------

    def tell(
        self, audience: Audience, before: Member | None, after: Member, source: str = "api"
    ) -> None:
        """Send what became of a member to those who want to hear of it.

        :param before: a copy of the member as it was; None when it is new.
        :param source: who did it: the person, somebody of the account, or the API.
        """
        hooks = [hook for hook in self.of(audience) if hook.sources[source]]
        happened = what_happened(before, after) if hooks else None
        if happened is None:
            return
        for hook in hooks:
            if hook.events[happened]:
                self._send(hook, happened, _form(happened, audience, before, after))

    def _send(self, hook: Webhook, event: str, data: Mapping[str, str]) -> None:
        now = self.now()
        fired_at = now.strftime("%Y-%m-%d %H:%M:%S")
        form = {"type": event, "fired_at": fired_at, **data}
        body = urlencode(form).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if hook.signing_secret:
            stamp = str(int(now.timestamp()))
            message = stamp.encode() + b"." + body
            digest = hmac.new(hook.signing_secret.encode(), message, hashlib.sha256).hexdigest()
            headers["X-Mailchimp-Signature"] = f"t={stamp},v1={digest}"
        self.sender.send(hook.url, body, headers, gave_up=lambda: self.drop(hook))

    def drop(self, hook: Webhook) -> None:
        """Forget a webhook: it was deleted, or nobody ever took what it sent."""
        self.rows.pop(hook.id, None)


def what_happened(before: Member | None, after: Member) -> str | None:
    """Return Mailchimp's word for a change; None where it tells nothing of it."""
    old = "" if before is None else before.status
    if after.status != old:
        left = {"unsubscribed": "unsubscribe", "archived": "unsubscribe", "cleaned": "cleaned"}
        if after.status == "subscribed":
            return "subscribe"
        return left.get(after.status) if old == "subscribed" else None
    assert before is not None
    if after.email_address.lower() != before.email_address.lower():
        return "upemail"
    return "profile" if after.merge_fields != before.merge_fields else None


def _form(event: str, audience: Audience, before: Member | None, after: Member) -> dict[str, str]:
    data = {"list_id": audience.id}
    if event == "upemail":
        assert before is not None
        data |= {
            "new_id": after.id[:10],
            "new_email": after.email_address,
            "old_email": before.email_address,
        }
    elif event == "cleaned":
        data |= {"reason": "hard", "campaign_id": "", "email": after.email_address}
    else:
        if event == "unsubscribe":
            action = "delete" if after.status == "archived" else "unsub"
            data |= {"action": action, "reason": "manual"}
        data |= {
            "id": after.id[:10],
            "email": after.email_address,
            "email_type": after.email_type,
            "ip_opt": "203.0.113.7",
            "merges][EMAIL": after.email_address,
        }
        values = {tag: after.merge_fields.get(tag, "") for tag in audience.merge_fields}
        data |= {f"merges][{tag}": _text(value) for tag, value in values.items()}
    return {f"data[{name}]": value for name, value in data.items()}


def _text(value: Any) -> str:
    return ", ".join(map(str, value.values())) if isinstance(value, Mapping) else str(value)


def _switches(name: str, body: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, bool]:
    given = body.get(name) or {}
    if not isinstance(given, Mapping) or set(given) - set(known):
        raise invalid(name, "Data did not match any of the schemas described in anyOf.")
    return {one: given.get(one) is True for one in known}
