"""Tells a genuine delivery from a forged one: how vendors sign webhooks, as values.

Each has ``refusal(request, secret, now)``: None where the delivery is genuine, else one sentence
why not. The body is taken as the bytes that arrived: read and written anew, the same JSON has
another signature. Comparing takes the same time wherever the first difference is.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from engine.webhooks import HookRequest

#: Seconds between signing and arrival that are allowed, either way; Slack's and Stripe's own figure.
FIVE_MINUTES = 300

MISMATCH = "The signature doesn't match: another secret was used, or the body was changed."
NO_SECRET = "No secret is known for this webhook, so nothing it is sent can be trusted."  # noqa: S105 - a sentence


@dataclass(frozen=True, kw_only=True)
class Hmac:
    """A keyed hash of the body in a header: what most vendors do.

    :param header: its name, capitals aside.
    :param algorithm: of the hash.
    :param encoding: how the hash is written.
    :param prefix: what stands before it, such as ``sha256=``.
    :param timestamp_header: holds the time of signing in seconds since 1970; empty: there is none.
    :param signed: what is hashed, of ``{body}`` and ``{timestamp}``.
    :param tolerance: seconds that the time of signing may be off, where there is one.
    """

    header: str
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    timestamp_header: str = ""
    signed: str = "{body}"
    tolerance: int = FIVE_MINUTES

    def __post_init__(self) -> None:
        if self.signed.count("{body}") != 1:
            raise ValueError("signed must name {body} once")
        if ("{timestamp}" in self.signed) != bool(self.timestamp_header):
            raise ValueError(
                "a timestamp that isn't signed proves nothing: name it in both or none"
            )

    def refusal(self, request: HookRequest, secret: str, now: datetime) -> str | None:
        """Return why the request isn't genuine; None where it is."""
        if not secret:
            return NO_SECRET
        given = request.headers.get(self.header.lower(), "").strip()
        if not given:
            return f"It has no {self.header} header."
        timestamp = ""
        if self.timestamp_header:
            timestamp = request.headers.get(self.timestamp_header.lower(), "").strip()
            if late := untimely(timestamp, now, self.tolerance):
                return late
        if not given.startswith(self.prefix):
            return f"Its {self.header} doesn't begin with '{self.prefix}'."
        expected = self.signature(request.body, secret, timestamp)
        return None if same(given, [expected]) else MISMATCH

    def signature(self, body: bytes, secret: str, timestamp: str = "") -> str:
        """Return what the header holds for this body; for senders."""
        before, after = self.signed.replace("{timestamp}", timestamp).split("{body}")
        digest = hmac.digest(
            secret.encode(), before.encode() + body + after.encode(), self.algorithm
        )
        written = digest.hex() if self.encoding == "hex" else base64.b64encode(digest).decode()
        return self.prefix + written


class ClioSignature(Hmac):
    """``X-Hook-Signature``: HMAC-SHA256 of the body with the webhook's shared secret.

    Header and hash are in Clio's published OpenAPI v4. That it is written as small hexadecimals is
    not documented there; others observed it (hookdeck/webhook-skills, clio-webhooks).
    """

    def __init__(self) -> None:
        super().__init__(header="X-Hook-Signature")


class SlackSignature(Hmac):
    """``X-Slack-Signature: v0=…`` over ``v0:time:body``, five minutes either way.

    As slackapi/python-slack-sdk checks it (vendor's code, ae87985e).
    """

    def __init__(self, tolerance: int = FIVE_MINUTES) -> None:
        super().__init__(
            header="X-Slack-Signature",
            prefix="v0=",
            timestamp_header="X-Slack-Request-Timestamp",
            signed="v0:{timestamp}:{body}",
            tolerance=tolerance,
        )


@dataclass(frozen=True)
class StripeSignature:
    """``Stripe-Signature: t=…,v1=…``: HMAC-SHA256 over ``time.body``; any of several v1 may match.

    As stripe/stripe-python checks it (vendor's code, 6c6e3736): the whole ``whsec_…`` is the secret,
    several v1 stand there while a secret is replaced, and v0 is for nobody. It refuses what is older
    than five minutes; here what is from the future is refused too.

    :param header: the same scheme is used by others under other names.
    """

    tolerance: int = FIVE_MINUTES
    header: str = "Stripe-Signature"

    def refusal(self, request: HookRequest, secret: str, now: datetime) -> str | None:
        """Return why the request isn't genuine; None where it is."""
        if not secret:
            return NO_SECRET
        given = request.headers.get(self.header.lower(), "")
        if not given:
            return f"It has no {self.header} header."
        pairs = [part.strip().partition("=") for part in given.split(",")]
        times = [value for name, _, value in pairs if name == "t"]
        if len(times) != 1:
            return f"Its {self.header} must hold one time, as in 't=1764023400'."
        if late := untimely(times[0], now, self.tolerance):
            return late
        message = times[0].encode() + b"." + request.body
        expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
        found = [value for name, _, value in pairs if name == "v1"]
        if not found:
            return f"Its {self.header} holds no v1 signature."
        return None if same(expected, found) else MISMATCH


@dataclass(frozen=True)
class SegmentSignature:
    """``X-Signature``: HMAC-SHA1 of the body in hexadecimals, sent by Segment's webhook destination.

    As segmentio/segment-docs (vendor's own, 747b35d8) documents it: the hash is over the event as
    JSON.stringify writes it, which is how it is sent. Of a batch **only the first event** is signed,
    so that the others might be anybody's: a batch is refused unless the plugin says otherwise.

    :param first_of_batch: take a whole batch on the signature of its first event.
    """

    first_of_batch: bool = False
    header: str = "X-Signature"

    def refusal(self, request: HookRequest, secret: str, now: datetime) -> str | None:
        """Return why the request isn't genuine; None where it is."""
        whole = Hmac(header=self.header, algorithm="sha1")
        if not request.body.lstrip().startswith(b"["):
            return whole.refusal(request, secret, now)
        if not self.first_of_batch:
            return "Segment signs only the first event of a batch: switch batching off there."
        first = _first_item(request.body)
        if first is None:
            return "It is a batch without an event."
        one = HookRequest(request.method, request.headers, request.query, first)
        return whole.refusal(one, secret, now)


@dataclass(frozen=True)
class UrlSecret:
    """For vendors who sign nothing: the secret stands in the address that only they were told.

    :param parameter: of the query.
    """

    parameter: str = "secret"

    def refusal(self, request: HookRequest, secret: str, now: datetime) -> str | None:
        """Return why the request isn't genuine; None where it is."""
        if not secret:
            return NO_SECRET
        given = request.query.get(self.parameter, "")
        if not given:
            return "Its address has no secret."
        return None if same(given, [secret]) else "Its address has another secret."


@dataclass(frozen=True)
class HeaderToken:
    """For senders who sign nothing but can send a header: it holds the secret itself.

    :param header: its name, capitals aside.
    :param prefix: what stands before the secret, such as ``Bearer `` (blanks aside).
    """

    header: str
    prefix: str = ""

    def refusal(self, request: HookRequest, secret: str, now: datetime) -> str | None:
        """Return why the request isn't genuine; None where it is."""
        if not secret:
            return NO_SECRET
        given = request.headers.get(self.header.lower(), "").strip()
        if not given:
            return f"It has no {self.header} header."
        before = self.prefix.strip()
        if not given.startswith(before):
            return f"Its {self.header} doesn't begin with '{before}'."
        right = same(given.removeprefix(before).strip(), [secret])
        return None if right else f"Its {self.header} holds another secret."


@dataclass(frozen=True)
class MailchimpSignature:
    """The secret in the address, and the signature where the account has one.

    Sources disagree. Mailchimp's support (mid-2025) and most guides say that audience webhooks are
    unsigned; a harvest of its pages (2026-08) has ``X-Mailchimp-Signature: t=…,v1=…``, HMAC-SHA256
    over ``time.body`` with a ``signing_secret`` shown once when the webhook is made, checked within
    300 seconds, and optional. So the address must hold its secret always, and a signature that is
    there must be right wherever its secret is known.

    ``secret`` is the one in the address, and after a blank the signing secret if there is one.
    """

    tolerance: int = FIVE_MINUTES

    def refusal(self, request: HookRequest, secret: str, now: datetime) -> str | None:
        """Return why the request isn't genuine; None where it is."""
        in_address, _, signing = secret.partition(" ")
        if refused := UrlSecret().refusal(request, in_address, now):
            return refused
        signature = StripeSignature(self.tolerance, "X-Mailchimp-Signature")
        if signing and signature.header.lower() in request.headers:
            return signature.refusal(request, signing, now)
        return None


def untimely(timestamp: str, now: datetime, tolerance: int) -> str | None:
    """Return why a time of signing can't be; None where it can.

    :param timestamp: seconds since 1970.
    :param tolerance: seconds it may be off.
    """
    # Digits alone, and few enough to be a time: int() takes more than that.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return "It doesn't say when it was signed."
    off = now.astimezone(UTC).timestamp() - int(timestamp)
    if abs(off) <= tolerance:
        return None
    when = "ago" if off > 0 else "from now"
    return f"It was signed {abs(off):.0f} seconds {when}; {tolerance} are allowed."


def same(expected: str, found: Iterable[str]) -> bool:
    """Return whether one of ``found`` is it, in a time that doesn't tell how much was right."""
    wanted = expected.encode()
    results = [hmac.compare_digest(wanted, one.encode()) for one in found]
    return any(results)


def _first_item(body: bytes) -> bytes | None:
    """Return the bytes of a JSON array's first item as they stand there."""
    try:
        text = body.decode()
        start = text.index("[") + 1
        start += len(text[start:]) - len(text[start:].lstrip())
        _, end = json.JSONDecoder().raw_decode(text, start)
    except ValueError:
        return None
    return text[start:end].encode()


#: How Bridgework signs what it sends itself, to systems that subscribed and to webhooks of notices.
OURS = Hmac(
    header="X-Bridgework-Signature",
    prefix="v1=",
    timestamp_header="X-Bridgework-Timestamp",
    signed="{timestamp}.{body}",
)
