"""Segment's webhook destination: signed events arrive at an address and start recipes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from engine.errors import InputError
from engine.loopback import on_loopback
from engine.webhooks import Delivery, HookRequest
from plugins.segment import connector
from plugins.segment.practice.server import SHARED_SECRET, PracticeSegment
from tests.plugins.segment.source import open_source, send

HOOK = connector.webhooks["event_received"]


def deliveries(request: HookRequest, **parameters: Any) -> list[Delivery]:
    assert HOOK.deliveries_function is not None
    return list(HOOK.deliveries_function(request, **parameters))


class Receiver:
    """What stands at a recipe's address."""

    def __init__(self) -> None:
        self.requests: list[HookRequest] = []

    @Request.application
    def __call__(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(HookRequest(request.method, headers, {}, request.get_data()))
        return Response(status=200)


def test_an_event_that_is_taken_is_passed_on_and_signed() -> None:
    app, receiver = PracticeSegment(seed=1), Receiver()
    with on_loopback(receiver) as url:
        Client(app).post("/_practice/destination", json={"url": url})
        send(open_source(app), "track", {"user_id": "user-17", "event": "Zoë’s Form"})
        app.sender.wait_until_idle()
    (request,) = receiver.requests
    now = datetime.now(UTC)
    assert HOOK.signature is not None
    assert HOOK.signature.refusal(request, SHARED_SECRET, now) is None
    assert HOOK.signature.refusal(request, "another secret", now) is not None
    assert HOOK.signature.refusal(request, "", now) is not None
    (delivered,) = deliveries(request)
    assert (delivered.id, delivered.event) == ("key-0", "track")
    assert delivered.record is not None
    assert delivered.record["event"] == "Zoë’s Form"


def posted(body: str) -> HookRequest:
    return HookRequest("POST", {"content-type": "application/json"}, {}, body.encode())


def test_a_recipe_may_be_about_some_events_only() -> None:
    request = posted('{"type": "track", "event": "Form Sent", "messageId": "m1"}')
    assert len(deliveries(request, kind="track", event="Form Sent")) == 1
    assert deliveries(request, kind="identify") == []
    assert deliveries(request, event="Form Opened") == []


def test_an_event_without_an_id_is_told_apart_by_its_body() -> None:
    one, other = (deliveries(posted(f'{{"type": "track", "n": {n}}}'))[0] for n in (1, 2))
    assert one.id != other.id
    assert one.record is not None
    assert one.record["messageId"] == one.id


@pytest.mark.parametrize("body", ["[]", "null", "{}", '{"type": 1}'])
def test_what_is_no_event_is_refused_in_words(body: str) -> None:
    with pytest.raises(InputError, match="no event of Segment's"):
        deliveries(posted(body))
