"""The API for other systems: tokens, subscriptions as Zapier makes them, refusals in JSON."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.http.outward import ALLOW_VARIABLE
from engine.run.telling.events import note_finished
from engine.store import outbound
from engine.store.api_tokens import list_tokens, make_token, revoke_token
from engine.store.database import Store
from engine.store.runs import get_run
from web import api_hooks, create_app

TARGET = "https://127.0.0.1/hooks/standard/1/abc/"
WANTED = {"target_url": TARGET, "event": "record.created", "recipe": "contacts"}


@pytest.fixture(autouse=True)
def _private_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_VARIABLE, "1")


class Caller:
    """Another system: shows its token, has no cookies."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def post(self, body: Any = WANTED, **options: Any) -> TestResponse:
        return self.client.post("/api/hooks", json=body, headers=self.headers, **options)

    def get(self, path: str, **query: str) -> TestResponse:
        return self.client.get(path, query_string=query, headers=self.headers)

    def delete(self, id: str) -> TestResponse:
        return self.client.delete(f"/api/hooks/{id}", headers=self.headers)


@pytest.fixture
def caller(app: Flask, store: Store) -> Caller:
    token = make_token(store, "Zapier", "admin@harborlaw.example", datetime.now(UTC))
    return Caller(app.test_client(), token)


def test_a_subscription_is_made_with_an_id_to_end_it_and_a_secret_to_check_it_with(
    caller: Caller, store: Store
) -> None:
    answer = caller.post()
    assert answer.status_code == 201
    made = answer.get_json()
    [kept] = outbound.list_subscribers(store)
    assert (made["id"], made["secret"]) == (kept.id, kept.secret)
    assert (kept.target, kept.host, kept.event, kept.recipe) == (
        TARGET,
        "127.0.0.1",
        "record.created",
        "contacts",
    )
    assert caller.delete(made["id"]).status_code == 204
    assert outbound.list_subscribers(store) == []
    assert caller.delete(made["id"]).status_code == 404


def test_zapiers_own_name_of_the_address_and_a_form_will_do_and_no_recipe_is_all(
    caller: Caller, store: Store
) -> None:
    data = {"targetUrl": TARGET, "event": "run.finished"}
    answer = caller.client.post("/api/hooks", data=data, headers=caller.headers)
    assert answer.status_code == 201
    assert answer.get_json()["recipe"] is None
    assert outbound.list_subscribers(store)[0].recipe == ""


def test_the_same_one_again_is_the_same_subscription(caller: Caller, store: Store) -> None:
    first, again = caller.post(), caller.post()
    assert (first.status_code, again.status_code) == (201, 200)
    told, told_again = first.get_json(), again.get_json()
    # Counted from when it was asked for, which may be in the next second.
    assert told.pop("expiration_date") <= told_again.pop("expiration_date")
    assert told == told_again
    assert len(outbound.list_subscribers(store)) == 1


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic {}", "{}"])
def test_without_a_good_token_there_is_nothing(caller: Caller, store: Store, shown: str) -> None:
    token = caller.headers["Authorization"].partition(" ")[2]
    caller.headers = {"Authorization": shown.format(token)}
    for answer in (
        caller.post(),
        caller.get("/api/me"),
        caller.get("/api/hooks"),
        caller.get("/api/hooks/sample", event="run.finished"),
        caller.delete("x"),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert "API token" in answer.get_json()["error"]
    assert outbound.list_subscribers(store) == []


def test_a_log_in_is_no_token(admin: Any, store: Store) -> None:
    answer = admin.client.post("/api/hooks", json=WANTED)
    assert answer.status_code == 401


def test_a_token_opens_no_page(caller: Caller, admin: Any, app: Flask) -> None:
    answer = app.test_client().get("/", headers=caller.headers)
    assert answer.status_code == 302
    assert "/log-in" in answer.headers["Location"]


def test_a_revoked_token_opens_nothing_and_its_subscriptions_have_ended(
    caller: Caller, store: Store
) -> None:
    caller.post()
    revoke_token(store, list_tokens(store)[0].id)
    assert caller.get("/api/me").status_code == 401
    assert outbound.list_subscribers(store) == []


def test_one_token_sees_and_ends_only_what_it_subscribed(
    caller: Caller, store: Store, app: Flask
) -> None:
    id = caller.post().get_json()["id"]
    token = make_token(store, "Make", "admin@harborlaw.example", datetime.now(UTC))
    other = Caller(app.test_client(), token)
    assert other.get("/api/me").get_json() == {"name": "Make"}
    assert other.get("/api/hooks").get_json() == []
    assert other.delete(id).status_code == 404
    [mine] = caller.get("/api/hooks").get_json()
    assert mine["id"] == id
    assert TARGET not in str(mine)
    assert "secret" not in mine


@pytest.mark.parametrize(
    ("changes", "field", "said", "hint"),
    [
        ({"target_url": ""}, "target_url", "no target_url", "address"),
        ({"target_url": 7}, "target_url", "no target_url", "address"),
        ({"target_url": "gopher://x.example/"}, "target_url", "https", "https"),
        ({"target_url": "https://u:p@127.0.0.1/"}, "target_url", "password", "Leave"),
        ({"event": ""}, "event", "no event", "run.finished"),
        ({"event": "record.exploded"}, "event", "record.exploded", "record.created"),
        ({"recipe": "contact"}, "recipe", "no recipe 'contact'", "contacts"),
        ({"recipe": "../contacts"}, "recipe", "no recipe", "contacts"),
    ],
)
def test_what_cant_be_subscribed_is_refused_with_field_reason_and_remedy(
    caller: Caller, store: Store, changes: dict[str, Any], field: str, said: str, hint: str
) -> None:
    answer = caller.post({**WANTED, **changes})
    assert answer.status_code == 422
    body = answer.get_json()
    assert body["field"] == field
    assert said in body["error"]
    assert hint in body["hint"]
    assert outbound.list_subscribers(store) == []


@pytest.mark.parametrize("body", [None, [], "text", 7])
def test_a_body_of_another_kind_is_refused_in_plain_words(caller: Caller, body: Any) -> None:
    assert caller.post(body).status_code == 422


def test_nobody_has_bridgework_call_into_its_own_network(
    caller: Caller, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ALLOW_VARIABLE)
    for target in (
        TARGET,
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "http://hooks.example/",
    ):
        assert caller.post({**WANTED, "target_url": target}).status_code == 422
    assert outbound.list_subscribers(store) == []


def test_samples_are_lists_for_setting_up(caller: Caller, seed: Any) -> None:
    [made_up] = caller.get("/api/hooks/sample", event="record.rejected").get_json()
    assert made_up["reason"]
    run = seed.run([seed.row("1", "Ada", "created", target_id="M-1")])
    [real] = caller.get("/api/hooks/sample", event="record.created", recipe="contacts").get_json()
    assert (real["run"], real["key"], real["target_id"]) == (run, "1", "M-1")
    assert caller.get("/api/hooks/sample").status_code == 422
    assert caller.get("/api/hooks/sample", event="run.finished", recipe="x").status_code == 422


def test_what_is_subscribed_is_what_is_posted(caller: Caller, store: Store, seed: Any) -> None:
    id = caller.post({**WANTED, "event": "run.finished"}).get_json()["id"]
    run = get_run(store, seed.run())
    assert run is not None
    with store.writing() as connection:
        note_finished(connection, run, datetime.now(UTC))
    now = datetime.now(UTC)
    [subscriber] = outbound.due_subscribers(store, now)
    assert subscriber.id == id


def test_errors_are_json_wherever_in_the_api(caller: Caller) -> None:
    for answer in (
        caller.get("/api/nowhere"),
        caller.client.put("/api/hooks", headers=caller.headers),
    ):
        assert answer.status_code in (404, 405)
        assert answer.get_json()["error"]


def test_who_asks_too_often_is_told_to_wait(
    monkeypatch: pytest.MonkeyPatch, app: Flask, store: Store, host: Any, library: Any
) -> None:
    monkeypatch.setattr(api_hooks, "LIMIT", "3 per minute")
    limited = create_app(store, host, library, settings={"TESTING": True}).test_client()
    statuses = [limited.get("/api/me").status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert limited.get("/api/me").get_json()["error"]


def test_a_body_as_deep_as_a_well_is_no_subscription(caller: Caller) -> None:
    deep = "[" * 400_000
    answer = caller.client.post(
        "/api/hooks", data=deep, content_type="application/json", headers=caller.headers
    )
    assert (answer.status_code, answer.get_json()["error"]) == (422, "There is no target_url.")
