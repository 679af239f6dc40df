"""The webhook connector: what of a post becomes a record, and who may post."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import plugins.webhook as plugin
from engine.calls import call_deliveries, call_signature
from engine.errors import InputError
from engine.host import build_host
from engine.recipe.checking.check import check_text
from engine.recipe.library import Library
from engine.run.recipes.switching import switch_on
from engine.sdk import Delivery, HeaderToken, Hmac, HookRequest
from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from engine.store.deliveries import list_deliveries
from engine.store.hooks import get_hook, list_hooks
from engine.store.inbox import take_waiting
from web import create_app

HOST = build_host([plugin], strict=True)
JSON = {"content-type": "application/json; charset=utf-8"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
ORDER = {"order": {"id": 17}, "customer": {"name": "Ada Byron"}, "lines": [{"sku": "A-1"}]}


def read(body: bytes, headers: dict[str, str] = JSON, **parameters: Any) -> Delivery:
    request = HookRequest("POST", headers, {"source": "shop"}, body)
    (delivery,) = call_deliveries(plugin.hook, request, parameters)
    return delivery


def test_json_becomes_a_record_known_by_the_field_that_is_named() -> None:
    delivery = read(json.dumps(ORDER).encode(), key="order.id", label="customer.name")
    assert delivery.record == {
        "id": "17",
        "title": "Ada Byron",
        "body": ORDER,
        "query": {"source": "shop"},
    }


def test_a_form_becomes_a_record_too() -> None:
    delivery = read(b"email=ada%40mail.example&address[city]=London", FORM, key="email")
    assert delivery.record is not None
    assert delivery.record["id"] == "ada@mail.example"
    assert delivery.record["body"] == {"email": "ada@mail.example", "address": {"city": "London"}}


def test_without_a_key_each_message_is_a_thing_of_its_own() -> None:
    first, second = read(b"{}"), read(b"{}")
    assert first.id != second.id
    assert [one.record and one.record["id"] for one in (first, second)] == [first.id, second.id]


@pytest.mark.parametrize(
    ("headers", "parameters"),
    [
        ({"webhook-id": "msg_1"}, {}),
        ({"x-github-delivery": "msg_1"}, {}),
        (
            {"x-shop-delivery": "msg_1", "webhook-id": "other"},
            {"delivery_header": "X-Shop-Delivery"},
        ),
    ],
)
def test_a_sender_that_numbers_its_deliveries_is_known_again(
    headers: dict[str, str], parameters: dict[str, str]
) -> None:
    assert read(b"{}", JSON | headers, **parameters).id == "msg_1"


@pytest.mark.parametrize("body", [b"{}", b"[1]", b'{"order": {"id": {"a": 1}}}', b'{"order": 5}'])
def test_a_message_without_its_key_is_none_that_could_be_known(body: bytes) -> None:
    record = read(body, key="order.id").record
    assert record is not None
    assert record["id"] is None


def test_a_place_in_a_list_may_be_the_key() -> None:
    record = read(json.dumps(ORDER).encode(), key="lines.0.sku").record
    assert record is not None
    assert record["id"] == "A-1"


def test_what_is_neither_json_nor_a_form_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="text/xml"):
        read(b"<order/>", {"content-type": "text/xml"})
    with pytest.raises(InputError, match="isn't JSON"):
        read(b"order=17", JSON)


def test_the_recipe_says_how_a_sender_proves_itself() -> None:
    assert call_signature(plugin.hook, {}) is None
    token = call_signature(plugin.hook, {"check": "token"})
    assert token == HeaderToken("X-Webhook-Token")
    signed = {"check": "signature", "header": "X-Hub-Signature-256", "prefix": "sha256="}
    assert call_signature(plugin.hook, signed) == Hmac(
        header="X-Hub-Signature-256", prefix="sha256="
    )


# -- at the address ----------------------------------------------------------------------------

RECIPE = """\
name: Orders
trigger:
  use: webhook.received
  as: order
  with: {WITH}
  schedule: instant
steps:
  - set: {who: "{{ order.body.customer.name }}"}
    id: seen
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "recipes")


@pytest.fixture
def client(store: Store, library: Library) -> FlaskClient:
    return create_app(store, HOST, library).test_client()


def switched_on(store: Store, library: Library, given: str) -> str:
    """Switch the recipe on; return its address."""
    path = library.folder / "orders.yaml"
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(RECIPE.replace("WITH", given), "utf-8")
    assert switch_on(store, HOST, library.load("orders")) == ""
    (hook,) = list_hooks(store)
    return f"/hooks/{hook.token}"


def test_any_system_may_post_to_an_open_address(
    client: FlaskClient, store: Store, library: Library
) -> None:
    address = switched_on(store, library, "key: order.id")
    assert client.post(f"{address}?source=shop", json=ORDER).status_code == 200
    (kept,) = take_waiting(store, [list_hooks(store)[0].id], after=0, upto=99, limit=9)
    assert kept.record is not None
    assert kept.record["body"] == ORDER
    refused = client.post(address, data="<order/>", content_type="text/xml")
    assert (refused.status_code, "text/xml" in refused.text) == (400, True)


@pytest.mark.parametrize(
    ("given", "headers"),
    [
        ("check: token", {"X-Webhook-Token": "open-sesame"}),
        (
            "check: token, header: Authorization, prefix: Bearer",
            {"Authorization": "Bearer open-sesame"},
        ),
    ],
)
def test_a_token_in_a_header_is_asked_for(
    client: FlaskClient, store: Store, library: Library, given: str, headers: dict[str, str]
) -> None:
    address = switched_on(store, library, given)
    # Before anybody gave the connection its secret nothing is taken.
    assert client.post(address, json=ORDER, headers=headers).status_code == 401
    account = Connection(name="webhook", connector="webhook", secrets={"secret": "open-sesame"})
    save_connection(store, account)
    assert client.post(address, json=ORDER, headers=headers).status_code == 200
    assert client.post(address, json=ORDER).status_code == 401
    wrong = {name: f"{value}!" for name, value in headers.items()}
    assert client.post(address, json=ORDER, headers=wrong).status_code == 401
    assert len(list_deliveries(store)) == 1
    hook = get_hook(store, list_hooks(store)[0].id)
    assert hook is not None
    assert hook.refused == 3
    assert "open-sesame" not in hook.refused_because


def test_a_signature_of_the_body_is_asked_for(
    client: FlaskClient, store: Store, library: Library
) -> None:
    save_connection(
        store, Connection(name="webhook", connector="webhook", secrets={"secret": "key"})
    )
    address = switched_on(store, library, "check: signature, prefix: sha256=")
    body = json.dumps(ORDER).encode()
    right = Hmac(header="X-Webhook-Signature", prefix="sha256=").signature(body, "key")
    for signature, status in ((right, 200), (right[:-1] + "x", 401), ("", 401)):
        answer = client.post(
            address,
            data=body,
            headers={"X-Webhook-Signature": signature},
            content_type="application/json",
        )
        assert answer.status_code == status


# -- checking ----------------------------------------------------------------------------------


def findings(given: str, expression: str = "order.body.customer.name") -> list[str]:
    text = RECIPE.replace("WITH", given).replace("order.body.customer.name", expression)
    return [found.message for found in check_text(text, Path("orders.yaml"), HOST)]


def test_a_sample_tells_check_the_fields() -> None:
    sample = f"key: order.id, sample: {json.dumps(json.dumps(ORDER))}"
    assert findings(sample) == []
    (found,) = findings(sample, "order.body.customer.nmae")
    assert "nmae" in found
    assert findings("", "order.body.anything.at_all") == []


def test_what_a_message_is_made_of_is_known_without_a_sample() -> None:
    (found,) = findings("", "order.bdoy.customer")
    assert "bdoy" in found


def test_the_clock_finds_nothing_to_read() -> None:
    trigger = HOST.connectors["webhook"].triggers["received"]
    assert list(trigger.function(None)) == []
