"""Webhooks at Clio's practice server: confirmed, watched, signed, tried again, suspended, run out."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from engine.practice.webhooks import HookSender
from plugins.clio.practice import PracticeClio
from plugins.clio.practice.webhooks import WAITS

FIELDS = {"fields": "id,status,shared_secret,expires_at,events"}
ASKED = {"url": "https://bridge.example/hooks/abc", "model": "matter", "fields": "id,etag,status"}
Row = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = 1_763_990_000.0

    def __call__(self) -> float:
        return self.now


class Receiver(httpx2.BaseTransport):
    """An address that echoes handshakes and answers deliveries with each status in turn."""

    def __init__(self) -> None:
        self.echo = True
        self.statuses: list[int] = []
        self.handshakes: list[httpx2.Request] = []
        self.deliveries: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        secret = request.headers.get("X-Hook-Secret")
        if secret is not None:
            self.handshakes.append(request)
            return httpx2.Response(200, headers={"X-Hook-Secret": secret} if self.echo else {})
        self.deliveries.append(request)
        return httpx2.Response(self.statuses.pop(0) if self.statuses else 200)

    def told(self) -> list[Row]:
        return [json.loads(request.content) for request in self.deliveries]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def server(clock: Clock, receiver: Receiver) -> PracticeClio:
    server = PracticeClio(clock=clock)
    server.webhooks.sender = HookSender(WAITS, clock, transport=receiver)
    return server


@pytest.fixture
def api(server: PracticeClio) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        transport=httpx2.WSGITransport(app=server),
        base_url="http://clio.test/api/v4",
        headers={"Authorization": f"Bearer {server.credentials()['access_token']}"},
    ) as client:
        yield client


def make(api: httpx2.Client, server: PracticeClio, **changes: Any) -> Row:
    answer = api.post("webhooks.json", params=FIELDS, json={"data": {**ASKED, **changes}})
    assert answer.status_code == 201, answer.text
    assert server.webhooks.sender.wait_until_idle()
    made: Row = answer.json()["data"]
    return made


def show(api: httpx2.Client, id: int) -> Row:
    found: Row = api.get(f"webhooks/{id}.json", params=FIELDS).json()["data"]
    return found


def an_open_matter(server: PracticeClio) -> Row:
    return next(m for m in server.records()["matters"] if m["status"] == "Open")


def edit(server: PracticeClio, matter: Row, **changes: Any) -> None:
    with server.lock:
        server.edit("matters", str(matter["id"]), changes)
    assert server.webhooks.sender.wait_until_idle()


def test_a_webhook_is_pending_until_its_address_echoes_the_secret(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver
) -> None:
    made = make(api, server)
    assert made["status"] == "pending"
    (handshake,) = receiver.handshakes
    assert handshake.headers["X-Hook-Secret"] == made["shared_secret"]
    assert json.loads(handshake.content)["meta"]["webhook_id"] == made["id"]
    assert show(api, made["id"])["status"] == "enabled"


def test_one_that_is_not_confirmed_is_sent_nothing_until_it_is_activated(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver
) -> None:
    receiver.echo = False
    made = make(api, server)
    matter = an_open_matter(server)
    edit(server, matter, status="pending")
    assert show(api, made["id"])["status"] == "pending"
    assert receiver.deliveries == []
    path = f"webhooks/{made['id']}/activate"
    assert api.put(path, headers={"X-Hook-Secret": "other"}).status_code == 403
    assert api.put(path, headers={"X-Hook-Secret": made["shared_secret"]}).status_code == 200
    edit(server, matter, status="open")
    assert [told["meta"]["event"] for told in receiver.told()] == ["updated"]


def test_a_delivery_has_the_chosen_fields_and_is_signed(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver
) -> None:
    made = make(api, server)
    matter = an_open_matter(server)
    edit(server, matter, description="New words")
    (request,) = receiver.deliveries
    body = json.loads(request.content)
    assert body["data"].keys() == {"id", "etag", "status"}
    assert body["meta"] == {"event": "updated", "webhook_id": made["id"]}
    expected = hmac.new(made["shared_secret"].encode(), request.content, hashlib.sha256).hexdigest()
    assert request.headers["X-Hook-Signature"] == expected


def test_after_its_first_change_a_record_is_told_of_only_when_a_watched_field_changes(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver
) -> None:
    make(api, server)
    matter = an_open_matter(server)
    edit(server, matter, description="Not watched, but the first change")
    edit(server, matter, description="Not watched")
    edit(server, matter, status="pending")
    assert [told["data"]["status"] for told in receiver.told()] == ["Open", "Pending"]


def test_a_matters_life_is_told_in_its_events(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver
) -> None:
    make(api, server, events=["created", "updated", "deleted", "matter_closed"])
    client = an_open_matter(server)["client"]["id"]
    data = {"client": {"id": client}, "description": "A new one"}
    new = api.post("matters.json", json={"data": data})
    assert new.status_code == 201
    path = f"matters/{new.json()['data']['id']}.json"
    assert api.patch(path, json={"data": {"status": "closed"}}).status_code == 200
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert server.webhooks.sender.wait_until_idle()
    events = [told["meta"]["event"] for told in receiver.told()]
    assert events == ["created", "updated", "matter_closed", "deleted"]


def test_a_contact_is_told_of_to_those_who_watch_contacts(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver
) -> None:
    make(api, server)
    make(api, server, model="contact", fields="id,name", url="https://bridge.example/hooks/c")
    contact = server.records()["contacts"][0]
    server.edit("contacts", str(contact["id"]), {"name": "Ada King"})
    assert server.webhooks.sender.wait_until_idle()
    assert [told["data"]["name"] for told in receiver.told()] == ["Ada King"]


def test_what_is_not_taken_is_tried_five_more_times_and_then_the_webhook_is_suspended(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver, clock: Clock
) -> None:
    made = make(api, server)
    receiver.statuses = [500] * 6
    edit(server, an_open_matter(server), status="pending")
    for number, wait in enumerate((120, 240, 480, 960, 1920), 1):
        assert len(receiver.deliveries) == number
        assert show(api, made["id"])["status"] == "enabled"
        clock.now += wait
        assert server.webhooks.sender.wait_until_idle()
    assert len({request.content for request in receiver.deliveries}) == 1
    assert len(receiver.deliveries) == 6
    assert show(api, made["id"])["status"] == "suspended"
    edit(server, an_open_matter(server), status="pending")
    assert len(receiver.deliveries) == 6


@pytest.mark.parametrize("status", [204, 302])
def test_any_2xx_or_3xx_is_taken(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver, clock: Clock, status: int
) -> None:
    make(api, server)
    receiver.statuses = [status]
    edit(server, an_open_matter(server), status="pending")
    clock.now += 10_000
    assert server.webhooks.sender.wait_until_idle()
    assert len(receiver.deliveries) == 1


def test_410_ends_it(server: PracticeClio, api: httpx2.Client, receiver: Receiver) -> None:
    made = make(api, server)
    receiver.statuses = [410]
    matter = an_open_matter(server)
    edit(server, matter, status="pending")
    assert show(api, made["id"])["status"] == "suspended"
    edit(server, matter, status="open")
    assert len(receiver.deliveries) == 1


def test_it_lasts_three_days_unless_said_otherwise_and_then_it_is_gone(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver, clock: Clock
) -> None:
    made = make(api, server)
    ends = datetime.fromisoformat(made["expires_at"])
    assert ends == datetime.fromtimestamp(clock.now, UTC) + timedelta(days=3)
    clock.now += 3 * 86_400 - 1
    assert len(api.get("webhooks.json").json()["data"]) == 1
    later = (ends + timedelta(days=10)).isoformat()
    path = f"webhooks/{made['id']}.json"
    assert api.patch(path, json={"data": {"expires_at": later}}).status_code == 200
    clock.now += 86_400
    assert show(api, made["id"])["status"] == "enabled"
    clock.now += 10 * 86_400
    edit(server, an_open_matter(server), status="pending")
    assert receiver.deliveries == []
    assert api.get(path).status_code == 404
    assert api.get("webhooks.json").json()["data"] == []


def test_at_a_new_address_it_has_to_be_confirmed_again(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver
) -> None:
    made = make(api, server)
    receiver.echo = False
    moved = {"url": "https://bridge.example/hooks/elsewhere"}
    api.patch(f"webhooks/{made['id']}.json", json={"data": moved})
    assert server.webhooks.sender.wait_until_idle()
    assert show(api, made["id"])["status"] == "pending"
    assert [request.url.path for request in receiver.handshakes][:2] == [
        "/hooks/abc",
        "/hooks/elsewhere",
    ]


def test_a_deleted_one_is_sent_nothing(
    server: PracticeClio, api: httpx2.Client, receiver: Receiver
) -> None:
    made = make(api, server)
    path = f"webhooks/{made['id']}.json"
    assert api.delete(path).status_code == 204
    edit(server, an_open_matter(server), status="pending")
    assert receiver.deliveries == []
    assert api.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"url": "http://bridge.example/hooks/abc"}, 422),
        ({"url": ""}, 400),
        ({"model": "spaceship"}, 422),
        ({"fields": "id,favourite_colour"}, 400),
        ({"fields": ",".join(["id"] * 400)}, 422),
        ({"events": ["exploded"]}, 422),
        ({"model": "contact", "fields": "id", "events": ["matter_closed"]}, 422),
        ({"expires_at": "2025-12-31T00:00:00Z"}, 422),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422),
        ({"expires_at": "soon"}, 422),
        ({"colour": "blue"}, 400),
    ],
)
def test_what_cant_be_a_webhook_is_refused(
    server: PracticeClio, api: httpx2.Client, changes: Row, status: int
) -> None:
    answer = api.post("webhooks.json", json={"data": {**ASKED, **changes}})
    assert answer.status_code == status
    assert answer.json()["error"]["message"].endswith(".")
    assert api.get("webhooks.json").json()["data"] == []
