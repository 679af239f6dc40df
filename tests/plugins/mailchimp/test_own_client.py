"""Mailchimp's own Python client (mailchimp-marketing) works unchanged with the practice server."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import mailchimp_marketing
import pytest
from mailchimp_marketing.api_client import ApiClientError

from engine.loopback import on_loopback
from engine.practice.server import PracticeServer
from plugins.mailchimp.practice.sample_data import CLIENTS, NEWSLETTER
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp

ADA = "ada.byron@mail.example"
EVE = "eve@mail.example"
Make = Callable[[dict[str, str]], Any]


class Hook(PracticeServer):
    """What stands at a webhook's address: it answers every look with 200."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]


@pytest.fixture
def app() -> PracticeMailchimp:
    return PracticeMailchimp(seed=1)


@pytest.fixture
def make(app: PracticeMailchimp) -> Iterator[Make]:
    with on_loopback(app) as url:

        def client(config: dict[str, str]) -> Any:
            made = mailchimp_marketing.Client()
            made.set_config(config)
            made.api_client.host = f"{url}/3.0"
            return made

        yield client


@pytest.fixture
def client(make: Make) -> Any:
    return make({"api_key": API_KEY, "server": "us19"})


def hash_of(email: str) -> str:
    return hashlib.md5(email.encode(), usedforsecurity=False).hexdigest()


def test_the_account_and_its_audiences(client: Any) -> None:
    assert client.root.get_root()["account_name"] == "Harbor Law"
    assert client.ping.get() == {"health_status": "Everything's Chimpy!"}
    listed = client.lists.get_all_lists()
    assert [one["name"] for one in listed["lists"]] == ["Newsletter", "Clients"]
    assert client.lists.get_list(CLIENTS)["stats"]["member_count"] == 4


def test_a_token_of_a_log_in_opens_what_a_key_does(make: Make, app: PracticeMailchimp) -> None:
    token = app.credentials_for("oauth")["access_token"]
    client = make({"access_token": token, "server": "us19"})
    assert client.root.get_root()["account_name"] == "Harbor Law"


def test_merge_fields_and_tags(client: Any) -> None:
    fields = client.lists.get_list_merge_fields(CLIENTS, count=100)["merge_fields"]
    area = next(one for one in fields if one["tag"] == "AREA")
    assert area["options"]["choices"] == ["Family", "Immigration", "Estates"]
    tags = client.lists.tag_search(NEWSLETTER, name="found")
    assert [tag["name"] for tag in tags["tags"]] == ["Founding reader"]


def test_members_come_in_pages_of_ten(client: Any) -> None:
    page = client.lists.get_list_members_info(NEWSLETTER)
    assert (len(page["members"]), page["total_items"]) == (10, 30)
    left = client.lists.get_list_members_info(NEWSLETTER, status="unsubscribed", count=1000)
    assert len(left["members"]) == 8
    since = client.lists.get_list_members_info(
        NEWSLETTER, status="unsubscribed", unsubscribed_since="2999-01-01T00:00:00+00:00"
    )
    assert since["members"] == []


def test_a_member_is_added_set_read_tagged_archived_and_erased(client: Any) -> None:
    lists, who = client.lists, hash_of(EVE)
    body = {"email_address": EVE, "status": "subscribed", "tags": ["Guest"]}
    assert lists.add_list_member(NEWSLETTER, body)["id"] == who
    with pytest.raises(ApiClientError) as caught:
        lists.add_list_member(NEWSLETTER, body)
    assert caught.value.status_code == 400
    assert "Member Exists" in str(caught.value.text)
    changed = lists.set_list_member(
        NEWSLETTER,
        who,
        {"email_address": EVE, "status_if_new": "subscribed", "merge_fields": {"FNAME": "Eve"}},
    )
    assert changed["full_name"] == "Eve"
    tags = {"tags": [{"name": "Guest", "status": "inactive"}, {"name": "Two", "status": "active"}]}
    assert lists.update_list_member_tags(NEWSLETTER, who, tags).status_code == 204
    assert [tag["name"] for tag in lists.get_list_member(NEWSLETTER, who)["tags"]] == ["Two"]
    assert lists.delete_list_member(NEWSLETTER, who).status_code == 204
    assert lists.delete_list_member_permanent(NEWSLETTER, who).status_code == 204
    with pytest.raises(ApiClientError) as gone:
        lists.get_list_member(NEWSLETTER, who)
    assert gone.value.status_code == 404


def test_a_batch_tells_of_each_member(client: Any) -> None:
    members = [
        {"email_address": EVE, "status": "subscribed"},
        {"email_address": ADA, "status": "subscribed"},
        {"email_address": "no address", "status": "subscribed"},
    ]
    answer = client.lists.batch_list_members(
        NEWSLETTER, {"members": members, "update_existing": True}
    )
    counts = (answer["total_created"], answer["total_updated"], answer["error_count"])
    assert counts == (1, 1, 1)
    assert answer["errors"][0]["error_code"] == "ERROR_GENERIC"


def test_webhooks_are_made_listed_changed_and_removed(client: Any) -> None:
    with on_loopback(Hook()) as address:
        made = client.lists.create_list_webhook(
            NEWSLETTER,
            {"url": address, "events": {"subscribe": True}, "sources": {"user": True}},
        )
        assert client.lists.get_list_webhooks(NEWSLETTER)["total_items"] == 1
        changed = client.lists.update_list_webhook(
            NEWSLETTER, made["id"], {"events": {"unsubscribe": True}}
        )
        assert changed["events"]["unsubscribe"] is True
        assert client.lists.get_list_webhook(NEWSLETTER, made["id"])["url"] == address
        assert client.lists.delete_list_webhook(NEWSLETTER, made["id"]).status_code == 204


def test_a_contact_is_sent_on_a_journey(client: Any, app: PracticeMailchimp) -> None:
    answer = client.customerJourneys.trigger(12, 34, {"email_address": ADA})
    assert answer.status_code == 204
    assert app.journeys[0]["email_address"] == ADA


def test_a_wrong_key_is_told(make: Make) -> None:
    with pytest.raises(ApiClientError) as caught:
        make({"api_key": "wrong-us19", "server": "us19"}).ping.get()
    assert caught.value.status_code == 401
    assert "API Key Invalid" in str(caught.value.text)
