"""Webhooks in the database: one address for each recipe and connection, found by its digest."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.store import hooks
from engine.store.database import Store
from engine.store.hook_addresses import forget_retired, is_retired, new_address
from engine.store.hooks import Hook, want_hook
from engine.store.tables import hooks as table
from engine.webhooks import Subscription

NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


@pytest.fixture
def hook(store: Store) -> Hook:
    return wanted(store)


def wanted(store: Store, **given: Any) -> Hook:
    about = {"recipe": "matters", "connection": "clio", "trigger": "clio.matter_changed"}
    return want_hook(store, **{**about, "parameters": {"status": ["open"]}, "now": NOW, **given})


def again(store: Store, hook: Hook) -> Hook:
    found = hooks.get_hook(store, hook.id)
    assert found is not None
    return found


def test_a_recipe_has_one_address_for_each_connection(store: Store, hook: Hook) -> None:
    assert wanted(store) == hook
    other = wanted(store, connection="clio-eu")
    assert other.token != hook.token
    assert len(hook.token) == 43  # 32 random bytes
    assert hooks.list_hooks(store, recipe="matters") == [hook, other]


def test_it_is_found_by_its_token_alone(store: Store, hook: Hook) -> None:
    assert hooks.find_hook(store, hook.token) == hook
    assert hooks.find_hook(store, hook.token + "x") is None


def test_neither_token_nor_secret_stand_in_the_database_or_in_what_is_printed(
    store: Store, hook: Hook
) -> None:
    assert hooks.take_secret(store, hook, "shared-by-clio")
    with store.reading() as connection:
        row = str(connection.execute(select(table)).one())
    for text in (row, repr(again(store, hook))):
        assert hook.token not in text
        assert "shared-by-clio" not in text


def test_a_removed_webhook_comes_back_at_its_old_address(store: Store, hook: Hook) -> None:
    hooks.close_hook(store, hook)
    assert again(store, hook).state == "removed"
    back = wanted(store, parameters={"status": ["closed"]})
    assert (back.token, back.state) == (hook.token, "pending")
    assert back.parameters == {"status": ["closed"]}


def test_a_handshakes_secret_is_taken_once(store: Store, hook: Hook) -> None:
    assert hooks.take_secret(store, hook, "first")
    assert hooks.take_secret(store, hook, "first")  # the vendor repeats itself
    assert not hooks.take_secret(store, hook, "another")
    assert again(store, hook).secret == "first"


def test_a_secret_from_a_handshake_outlives_an_answer_without_one(store: Store, hook: Hook) -> None:
    hooks.note_asking(store, hook, hook.parameters, "https://a.example", NOW)
    hooks.take_secret(store, hook, "by handshake")  # while the vendor's answer is under way
    expiry = NOW + timedelta(days=3)
    hooks.note_subscribed(store, hook, Subscription("17", expires_at=expiry), NOW)
    found = again(store, hook)
    assert found.subscription == Subscription("17", "by handshake", expiry)
    assert (found.state, found.asked_at, found.subscribed_at) == ("enabled", None, NOW)


def test_asking_anew_forgets_the_old_subscriptions_secret(store: Store, hook: Hook) -> None:
    hooks.note_subscribed(store, hook, Subscription("17", "old"), NOW)
    hooks.note_asking(store, hook, {"status": []}, "https://a.example", NOW)
    found = again(store, hook)
    assert (found.secret, found.asked_at, found.parameters) == ("", NOW, {"status": []})


def test_a_webhook_closed_while_it_was_subscribed_stays_closed(store: Store, hook: Hook) -> None:
    hooks.close_hook(store, hook)
    hooks.note_subscribed(store, hook, Subscription("17"), NOW)
    found = again(store, hook)
    assert (found.state, found.subscription_id) == ("removed", "17")  # so that it can be ended
    hooks.note_ended(store, found)
    assert again(store, hook).subscription_id == ""


def test_waits_grow_with_every_failure_up_to_an_hour(store: Store, hook: Hook) -> None:
    waits = []
    for _ in range(8):
        hooks.note_problem(store, again(store, hook), "Clio can't be reached.", NOW)
        found = again(store, hook)
        assert found.retry_at is not None
        waits.append((found.retry_at - NOW).total_seconds() / 60)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (found.state, found.problem) == ("broken", "Clio can't be reached.")
    hooks.note_ready(store, found, {})
    found = again(store, hook)
    assert (found.state, found.problem, found.failures) == ("enabled", "", 0)


def test_an_address_given_up_is_remembered_for_a_while(store: Store, hook: Hook) -> None:
    new = new_address(store, hook, NOW)
    assert new.token != hook.token
    assert hooks.find_hook(store, hook.token) is None
    assert is_retired(store, hook.token)
    assert not is_retired(store, new.token)
    forget_retired(store, NOW + timedelta(days=1))
    assert not is_retired(store, hook.token)


def test_refused_requests_are_counted_with_the_last_reason(store: Store, hook: Hook) -> None:
    for because in ("It has no signature.", "The signature doesn't match."):
        hooks.note_refused(store, hook, because, NOW)
    found = again(store, hook)
    assert (found.refused, found.refused_because) == (2, "The signature doesn't match.")
