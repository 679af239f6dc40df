"""The page of other systems: a token is seen once, subscriptions can be tried again and removed."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from engine.store import outbound
from engine.store.api_tokens import find_token, list_tokens, make_token
from engine.store.outbound import Subscriber

PAGE = "/other-systems/"


@pytest.fixture
def subscriber(store) -> Subscriber:
    make_token(store, "Zapier", "admin@harborlaw.example", datetime.now(UTC))
    found, _ = outbound.subscribe(
        store,
        token_id=list_tokens(store)[0].id,
        target="https://hooks.example/catch/1/secret",
        host="hooks.example",
        event="record.rejected",
        recipe="contacts",
        now=datetime.now(UTC),
    )
    return found


def test_it_is_for_people_who_are_logged_in(visitor, store) -> None:
    for answer in (visitor.get(PAGE), visitor.post(PAGE + "tokens", name="Zapier")):
        assert "/log-in" in answer.headers["Location"]
    assert list_tokens(store) == []


def test_a_token_is_shown_once_and_opens(admin, store) -> None:
    text = admin.post(PAGE + "tokens", name="Zapier").text
    [token] = re.findall(r"bridgework_[\w-]+", text)
    found = find_token(store, token, datetime.now(UTC))
    assert found is not None
    assert found.made_by == "admin@harborlaw.example"
    page = admin.get(PAGE)
    assert token not in page.text
    assert "Zapier" in page.text
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_token_without_a_name_is_not_made(admin, store, name) -> None:
    assert "Give the token a name" in admin.post(PAGE + "tokens", follow=True, name=name).text
    assert list_tokens(store) == []


def test_a_form_without_its_key_makes_nothing(admin, store) -> None:
    assert admin.client.post(PAGE + "tokens", data={"name": "x"}).status_code == 400
    assert list_tokens(store) == []


def test_a_subscription_says_who_what_and_how_it_stands_and_no_secret(
    admin, store, subscriber
) -> None:
    text = admin.get(PAGE).text
    for shown in ("hooks.example", "a record was rejected", "contacts", "Works", "Never"):
        assert shown in text
    assert "catch/1" not in text
    assert subscriber.secret not in text


def test_one_that_was_given_up_says_why_and_can_be_tried_again(admin, store, subscriber) -> None:
    now = datetime.now(UTC)
    outbound.note_failure(
        store, subscriber, [], "It answered 500.", now, retry_at=now + timedelta(minutes=2)
    )
    text = admin.get(PAGE).text
    assert "Fails" in text
    assert "It answered 500." in text
    assert "in 2 minutes" in text
    outbound.note_failure(store, subscriber, [], "It answered 500.", now, retry_at=None)
    text = admin.get(PAGE).text
    assert "Given up" in text
    assert "tried for a day" in text
    path = f"{PAGE}subscriptions/{subscriber.id}"
    assert "sent to again" in admin.post(f"{path}/try-again", follow=True).text
    assert outbound.get_subscriber(store, subscriber.id).state == "active"
    assert "removed" in admin.post(f"{path}/remove", follow=True).text
    assert outbound.list_subscribers(store) == []
    assert admin.post(f"{path}/remove").status_code == 404
    assert admin.post(f"{path}/try-again").status_code == 404


def test_a_token_can_be_revoked_with_what_it_subscribed(admin, store, subscriber) -> None:
    assert "end what it subscribed" in admin.get(PAGE).text
    id = list_tokens(store)[0].id
    assert "revoked" in admin.post(f"{PAGE}tokens/{id}/revoke", follow=True).text
    assert list_tokens(store) == outbound.list_subscribers(store) == []
    assert admin.post(f"{PAGE}tokens/{id}/revoke").status_code == 404


def test_it_can_be_found_from_the_connections(admin) -> None:
    assert f'href="{PAGE}"' in admin.get("/connections/").text
