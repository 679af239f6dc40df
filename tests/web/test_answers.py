"""Whoever posts to a recipe that answers waits for it: for a while, and a few at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import plugins.webhook
from engine.errors import SetupError
from engine.host import Host, build_host
from engine.recipe.library import Library
from engine.run.recipes.switching import switch_on
from engine.run.runner import execute
from engine.run.webhooks.callers import SECONDS_VARIABLE, answer_seconds
from engine.store.database import Store
from engine.store.deliveries import list_deliveries
from engine.store.hooks import list_hooks
from engine.store.runs import list_runs
from engine.store.switches import set_switch
from web import create_app
from web.site import THREADS

RECIPE = """\
name: Orders
trigger: {use: webhook.received, as: order, schedule: instant}
skip:
  - {if: order.body.test is not blank, reason: It is a test.}
steps:
  - {if: order.body.customer is blank, reject: An order needs a customer.}
  - answer:
      status: 201
      body: {hello: "{{ order.body.customer }}", paid: true}
"""
HOST = build_host([plugins.webhook], strict=True)
ORDER = {"customer": "Ada"}


@pytest.fixture
def app(store: Store, library: Library) -> Iterator[Flask]:
    """Bridgework with one worker that carries out what is asked for."""
    (library.folder / "orders.yaml").write_text(RECIPE, "utf-8")
    with ThreadPoolExecutor(1) as worker:
        yield create_app(
            store, HOST, library, enqueue=lambda run_id: carry_out(worker, store, HOST, run_id)
        )


def carry_out(worker: ThreadPoolExecutor, store: Store, host: Host, run_id: int) -> None:
    worker.submit(execute, store, host, run_id)


@pytest.fixture
def address(app: Flask, store: Store, library: Library) -> str:
    assert switch_on(store, HOST, library.load("orders")) == ""
    (hook,) = list_hooks(store)
    return f"/hooks/{hook.token}"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_the_caller_waits_for_its_answer(client: FlaskClient, address: str) -> None:
    answer = client.post(address, json=ORDER)
    assert (answer.status_code, answer.mimetype) == (201, "application/json")
    assert answer.json == {"hello": "Ada", "paid": True}
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_same_delivery_again_has_the_same_answer_and_is_not_done_again(
    client: FlaskClient, address: str, store: Store
) -> None:
    sent = [
        client.post(address, json={"customer": name}, headers={"Idempotency-Key": "k1"})
        for name in ("Ada", "Grace")
    ]
    assert [answer.json for answer in sent] == [{"hello": "Ada", "paid": True}] * 2
    assert len(list_deliveries(store)) == len(list_runs(store)) == 1


def test_a_caller_is_told_why_there_is_no_answer(client: FlaskClient, address: str) -> None:
    rejected = client.post(address, json={})
    assert rejected.status_code == 422
    assert rejected.json == {
        "outcome": "rejected",
        "code": "rule",
        "reason": "An order needs a customer.",
    }
    skipped = client.post(address, json={"test": True})
    assert (skipped.status_code, skipped.data) == (204, b"")


def test_callers_at_the_same_time_have_an_answer_each(app: Flask, address: str) -> None:
    names = [f"Customer {n}" for n in range(THREADS // 2)]

    def call(name: str) -> Any:
        return app.test_client().post(address, json={"customer": name})

    with ThreadPoolExecutor(len(names)) as pool:
        answers = list(pool.map(call, names))
    assert [answer.json["hello"] for answer in answers] == names


def test_who_finds_no_place_to_wait_is_told_that_it_is_accepted(
    app: Flask, client: FlaskClient, address: str, store: Store, library: Library
) -> None:
    stuck = threading.Event()
    slow = create_app(store, HOST, library, enqueue=lambda run_id: stuck.wait(20) and None)
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [
            pool.submit(slow.test_client().post, address, json=ORDER) for _ in range(THREADS)
        ]
        accepted = list(islice(as_completed(waiting, timeout=20), THREADS - THREADS // 2))
        stuck.set()
        while not all(one.done() for one in waiting):  # each run has those that came before it
            for run in list_runs(store):
                if run.status == "queued":
                    execute(store, HOST, run.id)
        answers = [one.result() for one in waiting]
    assert {one.result().json["outcome"] for one in accepted} == {"accepted"}
    assert {answer.status_code for answer in answers} == {201, 202}
    assert len(list_deliveries(store)) == THREADS  # nothing is lost


def test_without_an_answer_in_time_it_is_accepted_and_done_later(
    client: FlaskClient, address: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    answer = client.post(address, json=ORDER)
    assert (answer.status_code, answer.json) == (202, {"outcome": "accepted"})
    assert [one.state for one in list_deliveries(store)] == ["waiting"]


def test_nobody_waits_for_a_recipe_that_is_paused(
    client: FlaskClient, address: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    set_switch(store, "orders", False)
    assert client.post(address, json=ORDER).status_code == 202
    assert list_runs(store) == []


@pytest.mark.parametrize("given", ["soon", "-1", "301", "1.5"])
def test_a_wrong_number_of_seconds_is_said_in_words(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, given)
    with pytest.raises(SetupError, match=SECONDS_VARIABLE):
        answer_seconds()
