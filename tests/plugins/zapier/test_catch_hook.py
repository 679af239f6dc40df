"""Recipes start Zaps: what a catch hook gets, and what its answers are worth."""

from dataclasses import replace

import httpx2
import pytest

from engine.calls import call_batch
from engine.context import Context
from engine.errors import SetupError
from engine.results import Accepted
from plugins.zapier.catch_hook import known_hook
from plugins.zapier.practice.server import HOOK_URL, PracticeZapier
from tests.plugins.zapier.hook import MANY, send


def test_a_message_keeps_its_kinds_and_gets_an_id_of_its_own(
    server: PracticeZapier, ctx: Context
) -> None:
    data = {"name": "Ada", "amount": 12.5, "open": True, "tags": ["a", "b"], "none": None}
    answer = send(ctx, data)
    assert server.caught == [{**data, "event_id": "row-1"}]
    assert answer["event_id"] == "row-1"
    assert answer["id"]


def test_an_id_of_the_recipes_own_stays(server: PracticeZapier, ctx: Context) -> None:
    send(ctx, {"event_id": "matter-42"})
    assert server.caught == [{"event_id": "matter-42"}]


def test_several_go_as_one_list_that_starts_the_zap_once_each(
    server: PracticeZapier, ctx: Context
) -> None:
    rows = [{"data": {"name": "Ada"}}, {"data": {"name": "Chidi"}}]
    results = call_batch(MANY, ctx, {}, rows)
    assert [result.record["event_id"] for result in results if isinstance(result, Accepted)] == [
        "row-1",
        "row-2",
    ]
    assert len(server.requests) == 1
    assert server.caught == [
        {"name": "Ada", "event_id": "row-1"},
        {"name": "Chidi", "event_id": "row-2"},
    ]


def test_a_silent_hook_answers_nothing_and_that_is_enough(
    server: PracticeZapier, ctx: Context
) -> None:
    assert send(ctx, {"name": "Ada"}, silent=True)["status"] == "success"
    assert server.requests[-1]["path"].endswith("/silent/")
    assert len(server.caught) == 1


def test_the_address_of_a_silent_hook_stays_silent(server: PracticeZapier, ctx: Context) -> None:
    send(replace(ctx, secrets={"hook_url": f"{HOOK_URL}silent/"}), {"name": "Ada"})
    assert server.requests[-1]["path"].endswith("/practice/silent/")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.zapier.com/hooks/catch/1/a/",
        "https://hooks.zapier.com.evil.example/hooks/catch/1/a/",
        "https://hooks.zapier.com/hooks/catch/1/a/../../../",
        "https://hooks.zapier.com/hooks/standard/1/a/",
        "https://user@hooks.zapier.com/hooks/catch/1/a/",
        "hooks.zapier.com",
    ],
)
def test_only_the_address_of_a_catch_hook_is_taken(url: str) -> None:
    with pytest.raises(SetupError, match="no address of a catch hook"):
        known_hook({"hook_url": url})


def test_an_address_is_taken_with_and_without_its_end() -> None:
    for url in (HOOK_URL, HOOK_URL.rstrip("/"), f"{HOOK_URL}silent/", f" {HOOK_URL} "):
        assert known_hook({"hook_url": url}) == {}
    assert known_hook({}) == {}


def test_without_a_connection_it_is_said_what_is_missing(ctx: Context) -> None:
    with pytest.raises(SetupError, match="to which catch hook") as caught:
        send(replace(ctx, secrets={}), {"name": "Ada"})
    assert "connection" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"name=Ada"),
        ("application/xml", b"<lead><name>Ada</name></lead>"),
        ("application/json", b'{"name": "Ada"}'),
    ],
)
def test_the_practice_hook_takes_forms_xml_and_json_and_ignores_what_is_empty(
    server: PracticeZapier, kind: str, body: bytes
) -> None:
    client = httpx2.Client(
        transport=httpx2.WSGITransport(app=server), base_url="http://zapier.test"
    )
    path = "/hooks/catch/1234567/practice/"
    assert (
        client.post(path, content=b"", headers={"Content-Type": kind}).json()["status"] == "success"
    )
    assert server.caught == []
    assert client.post(path, content=body, headers={"Content-Type": kind}).status_code == 200
    assert client.get(path, params={"name": "Ada"}).status_code == 200
    assert client.put(path, params={"name": "Ada"}).status_code == 200
    assert server.caught == [{"name": "Ada"}] * 3
