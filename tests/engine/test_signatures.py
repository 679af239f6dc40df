"""Signatures of webhooks, against values made by the vendors' recipes with other means."""

import base64
import hashlib
import hmac
import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.signatures import (
    MISMATCH,
    NO_SECRET,
    ClioSignature,
    Hmac,
    MailchimpSignature,
    SegmentSignature,
    SlackSignature,
    StripeSignature,
    UrlSecret,
)
from engine.webhooks import HookRequest, Signature

NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
SECRET = "s3cr3t-Größe"
BODY = b'{"data": {"id": 1520030011, "note": "caf\xc3\xa9"}, "meta": {"event": "updated"}}'


def openssl(message: bytes, key: str, algorithm: str = "sha256") -> str:
    """Return the keyed hash in hexadecimals as another program makes it."""
    said = subprocess.run(
        [
            "openssl",
            "dgst",
            f"-{algorithm}",
            "-mac",
            "HMAC",
            "-macopt",
            f"hexkey:{key.encode().hex()}",
        ],
        input=message,
        capture_output=True,
        check=True,
    )
    return said.stdout.decode().rpartition("= ")[2].strip()


def request(body: bytes = BODY, **headers: str) -> HookRequest:
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return HookRequest("POST", named, {}, body)


def stamp(moment: datetime = NOW) -> str:
    return str(int(moment.timestamp()))


# -- known answers ---------------------------------------------------------------------------------


def test_clio_signs_the_body_in_small_hexadecimals() -> None:
    good = request(X_Hook_Signature=openssl(BODY, SECRET))
    assert ClioSignature().refusal(good, SECRET, NOW) is None


def test_segment_signs_the_body_with_sha1() -> None:
    good = request(X_Signature=openssl(BODY, SECRET, "sha1"))
    assert SegmentSignature().refusal(good, SECRET, NOW) is None


def test_slack_signs_version_time_and_body() -> None:
    signed = openssl(f"v0:{stamp()}:".encode() + BODY, SECRET)
    good = request(X_Slack_Request_Timestamp=stamp(), X_Slack_Signature=f"v0={signed}")
    assert SlackSignature().refusal(good, SECRET, NOW) is None


def test_slacks_own_published_example() -> None:
    """From Slack's page "Verifying requests from Slack"; it is the vendor's example, not a secret."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    good = request(
        body,
        X_Slack_Request_Timestamp="1531420618",
        X_Slack_Signature="v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    )
    then = datetime.fromtimestamp(1531420618, UTC)
    assert SlackSignature().refusal(good, "8f742231b10e8888abcd99yyyzzz85a5", then) is None


def test_stripe_signs_time_and_body() -> None:
    signed = openssl(stamp().encode() + b"." + BODY, "whsec_" + SECRET)
    good = request(Stripe_Signature=f"t={stamp()},v1={signed},v0={'0' * 64}")
    assert StripeSignature().refusal(good, "whsec_" + SECRET, NOW) is None


def test_while_stripes_secret_is_replaced_any_of_its_signatures_will_do() -> None:
    old, new = (openssl(stamp().encode() + b"." + BODY, secret) for secret in ("old", "new"))
    good = request(Stripe_Signature=f"t={stamp()}, v1={old}, v1={new}")
    assert StripeSignature().refusal(good, "old", NOW) is None
    assert StripeSignature().refusal(good, "new", NOW) is None
    assert StripeSignature().refusal(good, "newest", NOW) == MISMATCH


def test_stripes_v0_alone_is_no_signature() -> None:
    signed = openssl(stamp().encode() + b"." + BODY, SECRET)
    bad = request(Stripe_Signature=f"t={stamp()},v0={signed}")
    assert StripeSignature().refusal(bad, SECRET, NOW) is not None


def test_the_generic_one_takes_prefix_base64_and_other_hashes() -> None:
    """As GitHub's ``sha256=`` and Shopify's base64."""
    digest = hmac.new(SECRET.encode(), BODY, hashlib.sha512).digest()
    for scheme, written in (
        (Hmac(header="X-Sum", prefix="sha256="), "sha256=" + openssl(BODY, SECRET)),
        (
            Hmac(header="X-Sum", algorithm="sha512", encoding="base64"),
            base64.b64encode(digest).decode(),
        ),
    ):
        assert scheme.refusal(request(X_Sum=written), SECRET, NOW) is None
        assert scheme.signature(BODY, SECRET) == written


def test_a_scheme_that_leaves_the_time_unsigned_is_refused_when_it_is_written() -> None:
    with pytest.raises(ValueError, match="proves nothing"):
        Hmac(header="X-Sum", timestamp_header="X-Time")
    with pytest.raises(ValueError, match="body"):
        Hmac(header="X-Sum", signed="{timestamp}", timestamp_header="X-Time")


# -- what isn't genuine ----------------------------------------------------------------------------


def signed_by(scheme: Any, body: bytes, secret: str, time: str) -> HookRequest:
    """Return a genuine request, made with Python's own hmac by each vendor's recipe."""

    def hexed(message: bytes, algorithm: str = "sha256") -> str:
        return hmac.new(secret.encode(), message, algorithm).hexdigest()

    match scheme:
        case ClioSignature():
            return request(body, X_Hook_Signature=hexed(body))
        case SlackSignature():
            written = "v0=" + hexed(b"v0:" + time.encode() + b":" + body)
            return request(body, X_Slack_Request_Timestamp=time, X_Slack_Signature=written)
        case StripeSignature():
            written = hexed(time.encode() + b"." + body)
            return request(body, Stripe_Signature=f"t={time},v1={written}")
        case _:
            return request(body, X_Signature=hexed(body, "sha1"))


ALL = [ClioSignature(), SlackSignature(), StripeSignature(), SegmentSignature()]
TIMED = [SlackSignature(), StripeSignature()]
bodies = st.binary(min_size=1, max_size=60).filter(lambda body: not body.lstrip().startswith(b"["))


@pytest.mark.parametrize("scheme", ALL, ids=lambda scheme: type(scheme).__name__)
@given(body=bodies, secret=st.text(min_size=1, max_size=20), data=st.data())
def test_one_changed_byte_of_the_body_or_another_secret_is_refused(
    scheme: Signature, body: bytes, secret: str, data: st.DataObject
) -> None:
    good = signed_by(scheme, body, secret, stamp())
    assert scheme.refusal(good, secret, NOW) is None
    place = data.draw(st.integers(0, len(body) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = body[:place] + bytes([body[place] ^ flip]) + body[place + 1 :]
    assert scheme.refusal(HookRequest("POST", good.headers, {}, changed), secret, NOW) is not None
    other = data.draw(st.text(min_size=1, max_size=20).filter(lambda text: text != secret))
    assert scheme.refusal(good, other, NOW) == MISMATCH


@pytest.mark.parametrize("scheme", TIMED, ids=lambda scheme: type(scheme).__name__)
@given(off=st.integers(-100_000, 100_000))
def test_only_five_minutes_either_way_are_allowed(scheme: Signature, off: int) -> None:
    good = signed_by(scheme, BODY, SECRET, stamp())
    refused = scheme.refusal(good, SECRET, NOW + timedelta(seconds=off))
    assert (refused is None) == (abs(off) <= 300)
    if refused:
        assert "signed" in refused


@pytest.mark.parametrize("scheme", TIMED, ids=lambda scheme: type(scheme).__name__)
def test_an_old_signature_does_not_get_a_new_time(scheme: Signature) -> None:
    old = signed_by(scheme, BODY, SECRET, stamp(NOW - timedelta(hours=1)))
    headers = {
        name: value.replace(stamp(NOW - timedelta(hours=1)), stamp())
        for name, value in old.headers.items()
    }
    assert scheme.refusal(HookRequest("POST", headers, {}, BODY), SECRET, NOW) == MISMATCH


@pytest.mark.parametrize(
    "time", ["", "now", "-1764016200", "１７６４０１６２００", "1" * 400, "1e9"]
)
@pytest.mark.parametrize("scheme", TIMED, ids=lambda scheme: type(scheme).__name__)
def test_a_time_that_is_none_is_refused(scheme: Signature, time: str) -> None:
    odd = signed_by(scheme, BODY, SECRET, time)
    assert scheme.refusal(odd, SECRET, NOW) == "It doesn't say when it was signed."


@pytest.mark.parametrize("scheme", [*ALL, UrlSecret(), MailchimpSignature()], ids=repr)
def test_without_a_secret_nothing_is_genuine(scheme: Signature) -> None:
    """An empty key would be known to everybody."""
    assert scheme.refusal(signed_by(scheme, BODY, "", stamp()), "", NOW) == NO_SECRET


@pytest.mark.parametrize("scheme", ALL, ids=lambda scheme: type(scheme).__name__)
def test_an_unsigned_request_is_refused_and_the_header_named(scheme: Any) -> None:
    assert scheme.header in str(scheme.refusal(request(), SECRET, NOW)) or "signed" in str(
        scheme.refusal(request(), SECRET, NOW)
    )


@pytest.mark.parametrize("written", ["v0=é", "v0=", "v1=abc", "=", ",", "é"])
@pytest.mark.parametrize("scheme", ALL, ids=lambda scheme: type(scheme).__name__)
def test_a_garbled_header_is_refused_without_an_error(scheme: Any, written: str) -> None:
    for text in (written, f"t={stamp()},v1={written}", f"t={stamp()},t={stamp()},v1={written}"):
        bad = HookRequest(
            "POST",
            {scheme.header.lower(): text, "x-slack-request-timestamp": stamp()},
            {},
            BODY,
        )
        assert scheme.refusal(bad, SECRET, NOW)


# -- Segment's batches -----------------------------------------------------------------------------


def batch_signed(*events: dict[str, Any]) -> HookRequest:
    texts = [json.dumps(event) for event in events]
    return request(
        f"[ {','.join(texts)}]".encode(), X_Signature=openssl(texts[0].encode(), SECRET, "sha1")
    )


def test_a_batch_of_segments_is_refused_since_only_its_first_event_is_signed() -> None:
    batch = batch_signed({"type": "track"}, {"type": "identify"})
    assert "first event" in str(SegmentSignature().refusal(batch, SECRET, NOW))


def test_a_batch_of_segments_is_taken_where_the_plugin_says_so() -> None:
    scheme = SegmentSignature(first_of_batch=True)
    batch = batch_signed({"type": "tr\u00e4ck", "n": [1, 2]}, {"type": "identify"})
    assert scheme.refusal(batch, SECRET, NOW) is None
    assert scheme.refusal(batch, "other", NOW) == MISMATCH
    for body in (b"[]", b"[", b"[}", b"[\xff]"):
        assert scheme.refusal(request(body, X_Signature="0"), SECRET, NOW)


# -- vendors who sign nothing ----------------------------------------------------------------------


def mailchimp(query: dict[str, str], **headers: str) -> HookRequest:
    return HookRequest("POST", request(**headers).headers, query, BODY)


def test_a_secret_in_the_address_has_to_be_the_right_one() -> None:
    assert UrlSecret().refusal(mailchimp({"secret": SECRET}), SECRET, NOW) is None
    for query in ({}, {"secret": ""}, {"secret": SECRET + "x"}, {"other": SECRET}):
        assert UrlSecret().refusal(mailchimp(query), SECRET, NOW)


def test_mailchimp_is_known_by_its_address_and_by_its_signature_where_there_is_one() -> None:
    scheme = MailchimpSignature()
    signed = openssl(stamp().encode() + b"." + BODY, "signing")
    header = f"t={stamp()},v1={signed}"
    here = {"secret": "address"}
    assert scheme.refusal(mailchimp(here), "address", NOW) is None
    assert scheme.refusal(mailchimp(here), "address signing", NOW) is None
    assert (
        scheme.refusal(mailchimp(here, X_Mailchimp_Signature=header), "address signing", NOW)
        is None
    )
    # Nobody told us the signing secret: the header can't be judged, the address can.
    assert scheme.refusal(mailchimp(here, X_Mailchimp_Signature=header), "address", NOW) is None


def test_a_wrong_signature_of_mailchimps_is_refused_in_spite_of_the_right_address() -> None:
    scheme = MailchimpSignature()
    here = {"secret": "address"}
    forged = mailchimp(here, X_Mailchimp_Signature=f"t={stamp()},v1={'0' * 64}")
    assert scheme.refusal(forged, "address signing", NOW) == MISMATCH
    signed = openssl(stamp().encode() + b"." + BODY, "signing")
    nowhere = mailchimp({}, X_Mailchimp_Signature=f"t={stamp()},v1={signed}")
    assert scheme.refusal(nowhere, "address signing", NOW)
