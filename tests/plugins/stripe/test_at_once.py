"""A recipe that Stripe tells at once, from end to end: endpoint, signed delivery over HTTP, run, end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import plugins.csv
import plugins.stripe
from engine.cli.connecting import connect
from engine.cli.practice_process import PracticeProcess
from engine.host import build_host
from engine.loopback import on_loopback
from engine.public_address import PUBLIC_URL_VARIABLE
from engine.recipe.library import Library
from engine.run.recipes.switching import switch_off, switch_on
from engine.run.runner import execute
from engine.run.upkeep.duties import Works
from engine.run.webhooks.inbox import read_inboxes
from engine.store.database import Store
from engine.store.deliveries import list_deliveries
from engine.store.hooks import list_hooks
from engine.store.runs import list_runs
from plugins.stripe.practice.server import PracticeStripe
from tests.plugins.stripe.books import ADA
from web import create_app

RECIPE = """\
name: Failed payments at once
trigger:
  use: stripe.payment_failed
  connection: books
  as: payment
  schedule: instant
steps:
  - use: csv.append_rows
    with:
      file: failed.csv
      columns: {amount: "{{ payment.amount }}", reason: "{{ payment.failure.decline_code }}"}
"""
HOST = build_host([plugins.stripe, plugins.csv], strict=True)


@pytest.fixture
def server() -> PracticeStripe:
    return PracticeStripe()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "failed.yaml").write_text(RECIPE, "utf-8")
    return Library(tmp_path)


@pytest.fixture
def _switched_on(
    sqlite_store: Store, library: Library, server: PracticeStripe, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    app: Flask = create_app(sqlite_store, HOST, library)
    with on_loopback(server) as stripe, on_loopback(app) as bridgework:
        monkeypatch.setenv(PUBLIC_URL_VARIABLE, bridgework)
        practice = PracticeProcess("stripe", stripe, 0, server.credentials())
        connect(sqlite_store, HOST.connector("stripe"), "books", {}, practice=practice)
        assert switch_on(sqlite_store, HOST, library.load("failed")) == ""
        yield


def carry_out(store: Store, library: Library) -> None:
    asked: list[int] = []
    read_inboxes(Works(store, HOST, library, asked.append))
    for run_id in asked:
        execute(store, HOST, run_id)


@pytest.mark.usefixtures("_switched_on")
def test_what_happens_at_stripe_is_in_the_file_a_moment_later(
    sqlite_store: Store, library: Library, server: PracticeStripe
) -> None:
    [endpoint] = server.records()["webhook_endpoints"]
    assert endpoint["enabled_events"] == ["payment_intent.payment_failed"]
    server.edit("payments", ADA, {"amount": 5000, "declined": "expired_card"})
    server.edit("payments", ADA, {"amount": 7000})
    paid_at_once = server.edit("payments", ADA, {"amount": 900, "declined": "generic_decline"})
    server.edit("payment_intents", paid_at_once["id"], {"status": "succeeded"})
    assert server.endpoints.sender.wait_until_idle()
    assert [entry.event for entry in list_deliveries(sqlite_store)] == [
        "payment_intent.payment_failed"
    ] * 2
    carry_out(sqlite_store, library)
    [run] = list_runs(sqlite_store)
    assert dict(run.counts) == {"created": 1, "skipped": 1}
    written = (sqlite_store.home / "files" / "failed.csv").read_text("utf-8-sig")
    assert written.splitlines()[1:] == ["50.00,expired_card"]


@pytest.mark.usefixtures("_switched_on")
def test_the_endpoint_ends_with_the_recipe_and_forged_events_are_refused(
    sqlite_store: Store, library: Library, server: PracticeStripe
) -> None:
    server.endpoints.secrets = dict.fromkeys(server.endpoints.secrets, "whsec_forged")
    server.edit("payments", ADA, {"amount": 5000, "declined": "expired_card"})
    assert server.endpoints.sender.wait_until_idle()
    assert list_deliveries(sqlite_store) == []
    [hook] = list_hooks(sqlite_store)
    assert (hook.refused, "another secret" in hook.refused_because) == (1, True)
    assert switch_off(sqlite_store, HOST, "failed") == ""
    assert server.records()["webhook_endpoints"] == []
