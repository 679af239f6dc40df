"""A pretend Zap against the real API: it starts recipes, subscribes to what they do, and searches."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

import plugins.csv
import plugins.zapier
from engine.host import build_host
from engine.http.outward import ALLOW_VARIABLE
from engine.loopback import on_loopback
from engine.recipe.library import Library
from engine.run.recipes.switching import switch_off, switch_on
from engine.run.runner import execute
from engine.run.telling.outbound import send_due
from engine.run.upkeep.duties import Works
from engine.run.webhooks.inbox import read_inboxes
from engine.signatures import OURS
from engine.store import outbound
from engine.store.api_tokens import list_tokens, make_token, revoke_token
from engine.store.database import Store
from engine.store.hooks import list_hooks
from engine.store.runs import list_runs
from plugins.zapier.practice.server import PracticeZapier
from plugins.zapier.practice.zaps import ExpiredAuth, Failed, Throttled, Zap
from web import api_hooks, create_app

RECIPE = """\
name: Leads from Zapier
description: Leads go to a file.
trigger:
  use: zapier.received
  as: lead
  schedule: instant
  with:
    fields: {name: text, email: e-mail, seats: number, urgent: yes/no, call_on: date}
    required: [email]
    key: email
    label: name
steps:
  - use: csv.upsert_rows
    with:
      file: leads.csv
      key_column: email
      columns:
        email: "{{ lead.fields.email }}"
        name: "{{ lead.fields.name | default('unknown') }}"
        seats: "{{ lead.fields.seats | default(1) }}"
"""
ANSWER = """\
steps:
  - answer:
      body: {price: "{{ lead.fields.seats * 10 }}"}
"""
HOST = build_host([plugins.zapier, plugins.csv], strict=True)
ADA = {"name": "Ada Byron", "email": "ada@mail.example", "seats": "3", "urgent": "yes"}


@pytest.fixture(autouse=True)
def _private_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_VARIABLE, "1")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "leads.yaml").write_text(RECIPE, "utf-8")
    return Library(folder)


@pytest.fixture
def app(store: Store, library: Library) -> Iterator[Flask]:
    """Bridgework with one worker that carries out what is asked for."""
    with ThreadPoolExecutor(1) as worker:
        yield create_app(
            store,
            HOST,
            library,
            enqueue=lambda id: (worker.submit(execute, store, HOST, id), None)[1],
        )


@pytest.fixture
def zapier() -> PracticeZapier:
    return PracticeZapier()


@pytest.fixture
def zap(app: Flask, store: Store, zapier: PracticeZapier, library: Library) -> Iterator[Zap]:
    """A Zap with Bridgework's app, connected by a token; the recipe is on."""
    token = make_token(store, "Zapier", "admin@harborlaw.example", datetime.now(UTC))
    client = app.test_client()

    def send(
        method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.open(path, method=method, json=body, query_string=query, headers=headers)
        return answer.status_code, dict(answer.headers), answer.get_json(silent=True)

    assert switch_on(store, HOST, library.load("leads")) == ""
    with on_loopback(zapier) as address:
        yield Zap(zapier, address, send)


def carry_out(store: Store, library: Library) -> None:
    """Read the inboxes as the scheduler does, and carry out what that asks for."""
    asked: list[int] = []
    read_inboxes(Works(store, HOST, library, asked.append))
    for run_id in asked:
        execute(store, HOST, run_id)


# -- starting recipes ----------------------------------------------------------------------------


def test_the_connection_is_called_by_its_token(zap: Zap) -> None:
    assert zap.test_connection() == "Zapier"


def test_pickers_offer_what_can_be_started_and_what_can_be_heard_of(
    zap: Zap, library: Library
) -> None:
    (library.folder / "broken.yaml").write_text("name: [", "utf-8")
    assert zap.choices("/api/recipes?startable=1") == [("leads", "Leads from Zapier")]
    assert zap.choices("/api/recipes") == [("broken", "broken"), ("leads", "Leads from Zapier")]
    assert ("record.rejected", "Record rejected") in zap.choices("/api/events")


def test_the_recipes_own_fields_are_asked_for(zap: Zap) -> None:
    found = zap.ask("GET", "/api/recipes/leads/fields")
    assert [(one["key"], one["label"], one["type"], one["required"]) for one in found] == [
        ("name", "Name", "string", False),
        ("email", "Email", "string", True),
        ("seats", "Seats", "number", False),
        ("urgent", "Urgent", "boolean", False),
        ("call_on", "Call on", "datetime", False),
    ]


def test_a_recipe_is_started_with_fields_and_runs_as_a_webhook_does(
    zap: Zap, store: Store, library: Library
) -> None:
    started = zap.ask("POST", "/api/recipes/leads/start", ADA)
    assert (started["recipe"], started["new"], started["answer"]) == ("leads", True, None)
    search = "/api/recipes/leads/starts"
    assert zap.ask("GET", search, query={"id": started["id"]})[0]["state"] == "waiting"
    carry_out(store, library)
    [found] = zap.ask("GET", search, query={"id": started["id"]})
    assert (found["state"], found["outcome"]) == ("done", "created")
    [run] = list_runs(store)
    assert run.origin == "webhook"
    assert (store.home / "files" / "leads.csv").read_text("utf-8-sig").splitlines() == [
        "email,name,seats",
        "ada@mail.example,Ada Byron,3",
    ]
    [record] = zap.ask("GET", "/api/records", query={"recipe": "leads", "key": "ada@mail.example"})
    assert (record["outcome"], record["title"], record["run"]) == ("created", "Ada Byron", run.id)


def test_the_same_start_counts_once(zap: Zap, store: Store, library: Library) -> None:
    first, second = (
        zap.ask("POST", "/api/recipes/leads/start", {**ADA, "id": "task-7"}) for _ in range(2)
    )
    assert [first["id"], second["id"]] == ["task-7", "task-7"]
    assert [first["new"], second["new"]] == [True, False]
    carry_out(store, library)
    assert len(list_runs(store)) == 1


def test_a_recipe_that_answers_gives_its_answer_to_the_zap(
    zap: Zap, library: Library, store: Store
) -> None:
    answers = RECIPE.replace("Leads from Zapier", "Prices").partition("steps:")[0] + ANSWER
    (library.folder / "prices.yaml").write_text(answers, "utf-8")
    assert switch_on(store, HOST, library.load("prices")) == ""
    given = {"email": "ada@mail.example", "seats": "4"}
    told = zap.ask("POST", "/api/recipes/prices/start", {**given, "id": "p1"})
    assert told["answer"] == {"status": 200, "body": {"price": 40}}
    again = zap.ask("POST", "/api/recipes/prices/start", {**given, "id": "p1"})
    assert (again["new"], again["answer"]) == (False, told["answer"])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"name": "Ada"}, "The field 'email' is empty"),
        ({"email": "none"}, "The field 'email' is no e-mail"),
        ({**ADA, "seats": "many"}, "The field 'seats' is no number"),
        ({**ADA, "urgent": "perhaps"}, "The field 'urgent' is no yes/no"),
        ({**ADA, "call_on": "tomorrow"}, "The field 'call_on' is no date"),
        ({**ADA, "name": {"a": 1}}, "The field 'name' is no text"),
        ([1], "no JSON object"),
    ],
    ids=["empty", "e-mail", "number", "yes/no", "date", "object", "list"],
)
def test_what_the_recipe_does_not_ask_for_is_refused_in_words(
    zap: Zap, store: Store, values: Any, says: str
) -> None:
    with pytest.raises(Failed, match=says):
        zap.ask("POST", "/api/recipes/leads/start", values)
    assert list_runs(store) == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"email": "a@mail.example", "name": ' + b"[" * 600 + b"]" * 600 + b"}",
        b'{"email": ' + b"[" * 100_000 + b"}",
        b'{"email": "a@mail.example", "seats": ' + b"9" * 40 + b"}",
        b'{"email": "a@mail.example", "name": "\\ud800"}',
        b'{"email": "a@mail.example", "id": "a\\u0000"}',
    ],
    ids=["deep", "deeper", "long number", "half a character", "invisible id"],
)
def test_what_cannot_be_stored_is_refused_in_words(
    zap: Zap, app: Flask, store: Store, body: bytes
) -> None:
    token = make_token(store, "Another", "admin@harborlaw.example", datetime.now(UTC))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = app.test_client().post("/api/recipes/leads/start", data=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json
    assert answer.json["error"]


def test_what_is_not_found_is_an_empty_list_and_no_error(zap: Zap) -> None:
    assert zap.ask("GET", "/api/recipes/leads/starts", query={"id": "none"}) == []
    assert zap.ask("GET", "/api/records", query={"recipe": "leads", "key": "none"}) == []


def test_a_key_that_no_record_can_have_finds_none(zap: Zap) -> None:
    assert zap.ask("GET", "/api/records?recipe=leads&key=%00") == []
    assert zap.ask("GET", "/api/recipes/leads/starts?id=%00") == []


def test_a_recipe_that_is_off_or_has_no_fields_says_so(
    zap: Zap, store: Store, library: Library
) -> None:
    switch_off(store, HOST, library.load("leads").name)
    with pytest.raises(Failed, match="can't be started from outside"):
        zap.ask("POST", "/api/recipes/leads/start", ADA)
    with pytest.raises(Failed, match=r"There is no recipe 'lead'\. Did you mean 'leads'"):
        zap.ask("GET", "/api/recipes/lead/fields")
    assert zap.choices("/api/recipes?startable=1") == []


def test_the_recipes_own_address_takes_the_same_fields(
    zap: Zap, app: Flask, store: Store, library: Library
) -> None:
    """For Zaps without the app: Webhooks by Zapier, POST."""
    [hook] = list_hooks(store)
    client = app.test_client()
    assert client.post(f"/hooks/{hook.token}", json=ADA).status_code == 200
    refused = client.post(f"/hooks/{hook.token}", json={"name": "Ada"})
    assert (refused.status_code, refused.text) == (400, "The field 'email' is empty.\n")
    carry_out(store, library)
    assert [run.read for run in list_runs(store)] == [1]


# -- hearing of outcomes -------------------------------------------------------------------------


def test_a_zap_that_is_on_hears_of_records_signed_and_one_that_is_off_does_not(
    zap: Zap, store: Store, library: Library
) -> None:
    zap.turn_on("record.created", "leads")
    zap.ask("POST", "/api/recipes/leads/start", ADA)
    carry_out(store, library)
    send_due(store)
    [told] = zap.received()
    assert (told["body"]["key"], told["body"]["outcome"]) == ("ada@mail.example", "created")
    signed = OURS.signature(told["raw"].encode(), zap.subscribed["secret"], told["timestamp"])
    assert told["signature"] == signed
    zap.turn_off()
    assert outbound.list_subscribers(store) == []


def test_samples_have_the_shape_of_what_is_sent_newest_first(
    zap: Zap, store: Store, library: Library
) -> None:
    [made_up] = zap.ask("GET", "/api/hooks/sample", query={"event": "record.created"})
    for name in ("ada", "chidi"):
        zap.ask("POST", "/api/recipes/leads/start", {"email": f"{name}@mail.example"})
        carry_out(store, library)
    found = zap.ask(
        "GET", "/api/hooks/sample", query={"event": "record.created", "recipe": "leads"}
    )
    assert [one["key"] for one in found] == ["chidi@mail.example", "ada@mail.example"]
    assert all(set(one) == set(made_up) for one in found)
    assert len({one["id"] for one in found}) == 2


def test_a_zap_that_vanished_answers_410_and_its_subscription_ends(
    zap: Zap, store: Store, library: Library
) -> None:
    zap.turn_on("run.finished")
    zap.forget()
    zap.ask("POST", "/api/recipes/leads/start", ADA)
    carry_out(store, library)
    send_due(store)
    assert outbound.list_subscribers(store) == []


def test_zapier_is_told_when_to_subscribe_anew_and_that_takes_up_what_was_given_up(
    zap: Zap, store: Store
) -> None:
    zap.turn_on("record.created", "leads")
    ends = datetime.fromisoformat(zap.subscribed["expiration_date"])
    assert timedelta(days=29) < ends - datetime.now(UTC) < timedelta(days=31)
    [one] = outbound.list_subscribers(store)
    outbound.note_failure(store, one, [], "It answered 500.", datetime.now(UTC), retry_at=None)
    assert outbound.list_subscribers(store)[0].state == "broken"
    before = zap.subscribed["id"]
    zap.turn_on("record.created", "leads")
    assert zap.subscribed["id"] == before
    assert outbound.list_subscribers(store)[0].state == "active"


def test_the_practice_address_echoes_a_handshake(zap: Zap) -> None:
    zap.turn_on("run.finished")
    path = zap.target.removeprefix(zap.address)
    answer = Client(zap.zapier).post(path, headers={"X-Hook-Secret": "s3"})
    assert answer.headers["X-Hook-Secret"] == "s3"
    assert zap.received() == []


def test_a_record_told_twice_has_two_ids_so_no_id_need_be_invented(
    zap: Zap, store: Store, library: Library
) -> None:
    """Zapier drops what has an id that it saw: an update of a record must not look like the first."""
    zap.turn_on("record.updated", "leads")
    for name in ("Ada", "Ada Byron", "Ada King"):
        zap.ask("POST", "/api/recipes/leads/start", {"email": "ada@mail.example", "name": name})
        carry_out(store, library)
    send_due(store)
    told = [one["body"] for one in zap.received()]
    assert [one["key"] for one in told] == ["ada@mail.example"] * 2
    assert len({one["id"] for one in told}) == 2


def test_lists_are_whole_for_only_their_first_page_is_read(zap: Zap, library: Library) -> None:
    for number in range(120):
        (library.folder / f"r{number}.yaml").write_text("name: [", "utf-8")
    assert len(zap.choices("/api/recipes")) == 121


# -- refusals that Zapier knows ------------------------------------------------------------------


def test_a_revoked_token_asks_to_connect_again(zap: Zap, store: Store) -> None:
    revoke_token(store, list_tokens(store)[0].id)
    with pytest.raises(ExpiredAuth):
        zap.ask("POST", "/api/recipes/leads/start", ADA)


def test_too_many_requests_are_told_when_to_go_on(
    zap: Zap, store: Store, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_hooks, "LIMIT", "2 per minute")
    strict = create_app(store, HOST, library).test_client()
    for _ in range(2):
        assert strict.get("/api/me").status_code == 401

    def send(method: str, path: str, body: Any = None, query: Any = None) -> tuple[int, Any, Any]:
        answer = strict.open(path, method=method)
        return answer.status_code, answer.headers, answer.get_json()

    zap.send = send
    with pytest.raises(Throttled) as caught:
        zap.test_connection()
    assert 0 < caught.value.after <= 60
