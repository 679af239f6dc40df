"""What webhooks delivered, on pages: a recipe's webhook, the list, and sending through again."""

import base64
import json
import re
from typing import Any

import pytest
from sqlalchemy import update

from engine.store.deliveries import list_deliveries
from engine.store.hooks import Hook, close_hook, note_ready
from engine.store.tables import deliveries


def states(store: Any) -> dict[str, str]:
    return {one.delivery_id: one.state for one in list_deliveries(store)}


def test_a_recipes_page_shows_its_webhook(admin: Any, webhook: Hook) -> None:
    page = admin.get("/recipes/told").text
    assert "Webhook from Clio" in page
    assert f"http://localhost/hooks/{webhook.token}" in page
    assert "BRIDGEWORK_PUBLIC_URL" in page
    assert "Clio did not answer for 30 seconds." in page
    assert "It is tried again" in page
    assert "1 request was refused. The signature doesn&#39;t match." in page
    assert "2 deliveries" in page
    assert "a secret of Clio" not in page
    assert "As soon as something happens" not in page  # it is off
    admin_page = admin.get("/recipes/contacts").text
    assert "Webhook" not in admin_page


def test_the_public_address_is_shown_where_it_is_known(
    admin: Any, webhook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", "https://bridgework.firm.example/")
    page = admin.get("/recipes/told").text
    assert f"https://bridgework.firm.example/hooks/{webhook.token}" in page
    assert "BRIDGEWORK_PUBLIC_URL" not in page
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", "nonsense")
    assert "BRIDGEWORK_PUBLIC_URL" in admin.get("/recipes/told").text


def test_a_working_and_a_closed_webhook_say_so(admin: Any, webhook: Hook, store: Any) -> None:
    note_ready(store, webhook, {})
    assert re.search(r"status working.*Works", admin.get("/recipes/told").text)
    close_hook(store, webhook)
    assert "Switched off" in admin.get("/recipes/told").text


def test_deliveries_are_listed_newest_first_with_what_became_of_them(
    admin: Any, webhook: Hook
) -> None:
    page = admin.get("/hooks/deliveries/").text
    told = re.findall(r'<span class="outcome \w+">.*?</svg> ([^<]+)</span>', page)
    assert told == [
        "Can&#39;t be read", "Waits for a run", "Waits for a run", "Left out", "Can&#39;t be read",
        "Rejected", "Created",
    ]  # fmt: skip
    assert "Matters are told of at once" in page
    assert "3 failed" in page
    only = admin.get("/hooks/deliveries/?recipe=told&failed=1").text
    assert only.count('role="rowheader"') == 3
    assert admin.get("/hooks/deliveries/?recipe=contacts").text.count('role="rowheader"') == 0


def test_one_delivery_is_sent_through_again(admin: Any, webhook: Hook, store: Any) -> None:
    (done,) = [one for one in list_deliveries(store) if one.outcome == "created"]
    page = admin.post("/hooks/deliveries/again", id=str(done.id), follow=True).text
    assert "1 delivery goes through again" in page
    assert states(store)[done.delivery_id] == "waiting"
    again = admin.post("/hooks/deliveries/again", id=str(done.id), follow=True).text
    assert "nothing to send through again" in again


def test_all_that_failed_are_sent_through_again_even_what_could_not_be_read(
    admin: Any, webhook: Hook, store: Any
) -> None:
    page = admin.post("/hooks/deliveries/again", recipe="told", follow=True).text
    assert "2 deliveries go through again" in page
    assert "1 delivery still can&#39;t be read" in page
    body = {"data": {"id": 99, "etag": "x"}, "meta": {"event": "updated", "webhook_id": 17}}
    request = {"method": "POST", "headers": {}, "query": {}}
    request["body"] = base64.b64encode(json.dumps(body).encode()).decode()
    with store.writing() as connection:
        connection.execute(
            update(deliveries).where(deliveries.c.raw).values(payload=store.vault.seal(request))
        )
    page = admin.post("/hooks/deliveries/again", recipe="told", follow=True).text
    assert "1 delivery goes through again" in page
    assert list_deliveries(store)[0].key == "99"


def test_a_delivery_is_left_out_once(admin: Any, webhook: Hook, store: Any) -> None:
    waiting = next(one for one in list_deliveries(store) if one.state == "waiting")
    path = f"/hooks/deliveries/{waiting.id}/ignore"
    page = admin.post(path, recipe="told", follow=True, **{"from": "recipe"}).text
    assert "The delivery is left out." in page
    assert "Webhook from Clio" in page
    assert states(store)[waiting.delivery_id] == "ignored"
    assert "A run has taken it already." in admin.post(path, follow=True).text


def test_switching_on_says_what_is_missing_for_the_webhook(
    admin: Any, webhook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRIDGEWORK_PUBLIC_URL", raising=False)
    page = admin.post("/recipes/told/switch", on="1", follow=True).text
    assert "“Matters are told of at once” is on." in page
    assert "Its webhook isn&#39;t ready yet" in page
    assert "As soon as something happens" in page or "in " in page
