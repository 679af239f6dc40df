"""The practice Mailchimp: what it takes, what it refuses, and that it stays quick when large."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from plugins.mailchimp.practice.member import member_id
from plugins.mailchimp.practice.sample_data import CLIENTS, NEWSLETTER
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp
from tests.plugins.line import Clock

LIST = f"/lists/{NEWSLETTER}"


@pytest.fixture
def api(server: PracticeMailchimp) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        transport=httpx2.WSGITransport(app=server),
        base_url="http://practice/3.0",
        auth=("anyone", API_KEY),
    ) as client:
        yield client


def batch(api: httpx2.Client, *members: dict[str, Any], **options: Any) -> dict[str, Any]:
    params = options.pop("params", None)
    body = {"members": list(members), "update_existing": True, **options}
    answer = api.post(LIST, json=body, params=params)
    assert answer.status_code == 200
    result: dict[str, Any] = answer.json()
    return result


def new(address: str, **changes: Any) -> dict[str, Any]:
    return {"email_address": address, "status_if_new": "subscribed", **changes}


# -- getting in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("auth", [None, ("anyone", "wrong"), ("anyone", API_KEY[:-2])])
def test_a_wrong_key_is_refused(server: PracticeMailchimp, auth: tuple[str, str] | None) -> None:
    client = httpx2.Client(transport=httpx2.WSGITransport(app=server), auth=auth)
    answer = client.get("http://practice/3.0/ping")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "API Key Invalid"


def test_a_key_opens_its_own_data_centre_only(server: PracticeMailchimp) -> None:
    client = httpx2.Client(transport=httpx2.WSGITransport(app=server), auth=("anyone", API_KEY))
    assert client.get("https://us19.api.mailchimp.com/3.0/ping").status_code == 200
    assert client.get("https://us7.api.mailchimp.com/3.0/ping").status_code == 401


def test_the_account_has_a_name(api: httpx2.Client) -> None:
    assert api.get("/").json()["account_name"] == "Harbor Law"
    assert api.get("/ping").json() == {"health_status": "Everything's Chimpy!"}


def test_the_eleventh_request_at_once_is_turned_away(server: PracticeMailchimp) -> None:
    def status() -> int:
        client = httpx2.Client(transport=httpx2.WSGITransport(app=server), auth=("a", API_KEY))
        answer = client.get("http://practice/3.0/ping")
        assert "Retry-After" not in answer.headers
        return answer.status_code

    with ThreadPoolExecutor(12) as pool:
        with server.lock:  # nobody gets an answer meanwhile, so connections pile up
            answers = [pool.submit(status) for _ in range(12)]
            deadline = time.monotonic() + 10
            while sum(answer.done() for answer in answers) < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
        statuses = sorted(answer.result() for answer in answers)
    assert statuses == [200] * 10 + [429] * 2
    assert status() == 200  # the places are free again


# -- lists -----------------------------------------------------------------------------------------


def test_there_are_two_audiences_and_their_fields(api: httpx2.Client) -> None:
    lists = api.get("/lists").json()
    assert [(row["id"], row["name"]) for row in lists["lists"]] == [
        (NEWSLETTER, "Newsletter"),
        (CLIENTS, "Clients"),
    ]
    assert lists["total_items"] == 2
    tags = [row["tag"] for row in api.get(f"{LIST}/merge-fields").json()["merge_fields"]]
    assert tags == ["FNAME", "LNAME", "ADDRESS", "PHONE", "BIRTHDAY"]


def test_nothing_is_found_under_an_unknown_audience(api: httpx2.Client) -> None:
    for path in ("/lists/0000000000", "/lists/0000000000/members", f"{LIST}/members/nobody"):
        answer = api.get(path)
        assert answer.status_code == 404
        assert answer.json()["title"] == "Resource Not Found"


def test_the_newsletter_has_members_of_every_kind(server: PracticeMailchimp) -> None:
    members = server.audiences[NEWSLETTER].members.values()
    statuses = [member.status for member in members]
    assert {status: statuses.count(status) for status in set(statuses)} == {
        "subscribed": 18,
        "unsubscribed": 8,
        "cleaned": 2,
        "pending": 2,
    }
    assert any(member.unsubscribe_reason for member in members if member.status == "unsubscribed")
    assert not any(member.unsubscribe_reason for member in members if member.status == "subscribed")
    assert all(member.email_address.isascii() for member in members)


# -- members ---------------------------------------------------------------------------------------


def test_a_page_has_ten_members_unless_asked_for_more(api: httpx2.Client) -> None:
    assert len(api.get(f"{LIST}/members").json()["members"]) == 10
    rest = api.get(f"{LIST}/members", params={"count": 5000, "offset": 25}).json()
    assert (len(rest["members"]), rest["total_items"]) == (5, 30)


def test_members_are_sorted_by_last_change_both_ways(api: httpx2.Client) -> None:
    def changes(direction: str) -> list[str]:
        params: dict[str, str | int] = {
            "count": 1000,
            "sort_field": "last_changed",
            "sort_dir": direction,
        }
        return [
            m["last_changed"] for m in api.get(f"{LIST}/members", params=params).json()["members"]
        ]

    assert changes("ASC") == sorted(changes("ASC"))
    assert changes("DESC") == changes("ASC")[::-1]


def test_members_are_narrowed_by_status_and_by_last_change(api: httpx2.Client) -> None:
    unsubscribed = api.get(f"{LIST}/members", params={"status": "unsubscribed"}).json()
    assert unsubscribed["total_items"] == 8
    moments = [member["last_changed"] for member in unsubscribed["members"]]
    later = api.get(
        f"{LIST}/members", params={"status": "unsubscribed", "since_last_changed": moments[2]}
    ).json()
    assert [member["last_changed"] for member in later["members"]] == moments[3:]  # exclusive
    earlier = api.get(
        f"{LIST}/members", params={"status": "unsubscribed", "before_last_changed": moments[2]}
    ).json()
    assert [member["last_changed"] for member in earlier["members"]] == moments[:2]
    answer = api.get(f"{LIST}/members", params={"since_last_changed": "yesterday"})
    assert answer.status_code == 400


def test_put_adds_or_updates_and_answers_alike(api: httpx2.Client, clock: Clock) -> None:
    path = f"{LIST}/members/{member_id('eve@mail.example')}"
    first = api.put(path, json=new("Eve@mail.example", merge_fields={"FNAME": "Eve"}))
    clock.now += 60
    again = api.put(path, json=new("eve@mail.example", merge_fields={"LNAME": "Holt"}))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["full_name"] == "Eve Holt"
    assert again.json()["last_changed"] > first.json()["last_changed"]
    assert api.put(path, json={"email_address": "eve@mail.example"}).status_code == 200
    stranger = api.put(f"{LIST}/members/x", json={"email_address": "eva@mail.example"})
    assert stranger.json()["errors"][0]["field"] == "status_if_new"


def test_post_adds_and_never_updates(api: httpx2.Client) -> None:
    body = {"email_address": "eve@mail.example", "status": "subscribed"}
    assert api.post(f"{LIST}/members", json=body).status_code == 200
    answer = api.post(f"{LIST}/members", json=body)
    assert answer.status_code == 400
    assert answer.json()["title"] == "Member Exists"


def test_an_archived_member_is_hidden_and_may_come_back(api: httpx2.Client) -> None:
    path = f"{LIST}/members/ada.byron@mail.example"
    assert api.delete(path).status_code == 204
    assert api.get(f"{LIST}/members").json()["total_items"] == 29
    archived = api.get(f"{LIST}/members", params={"status": "archived"}).json()
    assert archived["total_items"] == 1
    assert api.get(path).json()["status"] == "archived"
    assert batch(api, new("ada.byron@mail.example"))["total_created"] == 1


def test_an_erased_member_can_not_be_added_again(api: httpx2.Client) -> None:
    path = f"{LIST}/members/ada.byron@mail.example"
    assert api.post(f"{path}/actions/delete-permanent").status_code == 204
    assert api.get(path).status_code == 404
    answer = api.put(path, json=new("ada.byron@mail.example"))
    assert answer.json()["title"] == "Forgotten Email Not Subscribed"


def test_someone_who_left_is_not_subscribed_again_but_may_be_asked(api: httpx2.Client) -> None:
    path = f"{LIST}/members/clara.whitcombe@post.example"
    answer = api.put(path, json={"status": "subscribed", "status_if_new": "subscribed"})
    assert answer.json()["title"] == "Member In Compliance State"
    assert (
        api.put(path, json={"merge_fields": {"FNAME": "Clare"}}).json()["status"] == "unsubscribed"
    )
    assert api.put(path, json={"status": "pending"}).json()["status"] == "pending"


def test_tags_are_added_and_removed(api: httpx2.Client, clock: Clock) -> None:
    path = f"{LIST}/members/ada.byron@mail.example"
    before = api.get(path).json()
    clock.now += 60
    tags = [
        {"name": "Client", "status": "active"},
        {"name": "Founding reader", "status": "inactive"},
    ]
    assert api.post(f"{path}/tags", json={"tags": tags}).status_code == 204
    after = api.get(path).json()
    assert [tag["name"] for tag in before["tags"]] == ["Founding reader"]
    assert [tag["name"] for tag in after["tags"]] == ["Client"]
    assert after["last_changed"] > before["last_changed"]


def test_a_merge_field_of_the_wrong_kind_is_refused(api: httpx2.Client) -> None:
    path = f"{LIST}/members/ada.byron@mail.example"
    for fields, name in (
        ({"FNAME": ["Ada"]}, "merge_fields.FNAME"),
        ({"BIRTHDAY": "31 January"}, "BIRTHDAY"),
    ):
        answer = api.put(path, json={"merge_fields": fields})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == name


def test_unknown_tags_and_incomplete_addresses_are_ignored_without_a_word(
    api: httpx2.Client,
) -> None:
    path = f"{LIST}/members/ada.byron@mail.example"
    fields = {"SHOE": "42", "ADDRESS": {"addr1": "1 Pier"}}
    answer = api.put(path, json={"merge_fields": fields})
    assert answer.status_code == 200
    assert answer.json()["merge_fields"]["ADDRESS"] == ""
    assert "SHOE" not in answer.json()["merge_fields"]


# -- batches ---------------------------------------------------------------------------------------


def test_a_batch_tells_what_became_of_each_member(
    api: httpx2.Client, server: PracticeMailchimp
) -> None:
    server.edit("merge_fields", f"{NEWSLETTER}/LNAME", {"required": True})
    answer = batch(
        api,
        new("eve@mail.example", merge_fields={"LNAME": "Holt"}),
        new("Ada.Byron@mail.example", merge_fields={"FNAME": "Augusta"}),
        new("eve@@mail.example", merge_fields={"LNAME": "Holt"}),
        new("test@mail.example", merge_fields={"LNAME": "Holt"}),
        new("bob@mail.example", merge_fields={"FNAME": "Bob"}),
        new("clara.whitcombe@post.example", status="subscribed"),
        new("EVE@mail.example", merge_fields={"LNAME": "Holt"}),
    )
    assert [m["email_address"] for m in answer["new_members"]] == ["eve@mail.example"]
    assert [m["full_name"] for m in answer["updated_members"]] == ["Augusta Byron"]
    assert (answer["total_created"], answer["total_updated"], answer["error_count"]) == (1, 1, 5)
    errors = {error["email_address"]: error for error in answer["errors"]}
    assert "valid email address" in errors["eve@@mail.example"]["error"]
    assert "fake or invalid" in errors["test@mail.example"]["error"]
    assert errors["bob@mail.example"]["field"] == "LNAME"
    assert errors["bob@mail.example"]["field_message"] == "Please enter a value"
    assert "compliance state" in errors["clara.whitcombe@post.example"]["error"]
    assert "more than once" in errors["EVE@mail.example"]["error"]
    assert {error["error_code"] for error in answer["errors"]} == {"ERROR_GENERIC"}


def test_a_batch_may_leave_members_that_are_there(api: httpx2.Client) -> None:
    answer = batch(api, new("ada.byron@mail.example"), update_existing=False)
    assert answer["errors"][0]["error_code"] == "ERROR_CONTACT_EXISTS"


def test_a_batch_may_skip_duplicates_and_required_fields(
    api: httpx2.Client, server: PracticeMailchimp
) -> None:
    server.edit("merge_fields", f"{NEWSLETTER}/LNAME", {"required": True})
    answer = batch(
        api,
        new("eve@mail.example"),
        new("eve@mail.example"),
        params={"skip_merge_validation": "true", "skip_duplicate_check": "true"},
    )
    assert (answer["total_created"], answer["error_count"]) == (1, 0)


def test_a_batch_of_501_is_refused_as_a_whole(
    api: httpx2.Client, server: PracticeMailchimp
) -> None:
    members = [new(f"m{number}@mail.example") for number in range(501)]
    assert api.post(LIST, json={"members": members}).status_code == 400
    assert len(server.audiences[NEWSLETTER].members) == 30


def test_a_batch_takes_no_longer_in_a_large_audience(api: httpx2.Client) -> None:
    def seconds(first: int) -> float:
        members = [new(f"member{first + n}@bulk.example") for n in range(500)]
        started = time.perf_counter()
        answer = api.post(LIST, json={"members": members, "update_existing": True})
        assert answer.json()["total_created"] == 500
        return time.perf_counter() - started

    small = min(seconds(500 * turn) for turn in range(5))
    for turn in range(5, 75):
        seconds(500 * turn)
    large = min(seconds(500 * turn) for turn in range(75, 80))
    assert large < 4 * small, f"{large:.3f} s for 500 members among 40,000, {small:.3f} s among few"


# -- control ---------------------------------------------------------------------------------------


def test_a_person_unsubscribes_by_an_edit(api: httpx2.Client, server: PracticeMailchimp) -> None:
    id = f"{NEWSLETTER}/ada.byron@mail.example"
    server.edit("members", id, {"status": "unsubscribed", "unsubscribe_reason": "OTHER: Moved"})
    newest = api.get(f"{LIST}/members", params={"sort_dir": "DESC", "count": 1}).json()["members"]
    assert newest[0]["email_address"] == "ada.byron@mail.example"
    assert newest[0]["unsubscribe_reason"] == "OTHER: Moved"


def test_edits_are_for_what_exists(server: PracticeMailchimp) -> None:
    for kind, id in (
        ("members", f"{NEWSLETTER}/nobody@mail.example"),
        ("members", "0000000000/ada.byron@mail.example"),
        ("lists", f"{NEWSLETTER}/x"),
    ):
        with pytest.raises(KeyError):
            server.edit(kind, id, {})
    with pytest.raises(KeyError, match="shoe"):
        server.edit("members", f"{NEWSLETTER}/ada.byron@mail.example", {"shoe": 42})


def test_one_seed_and_clock_give_the_same_members() -> None:
    def make(seed: int) -> PracticeMailchimp:
        return PracticeMailchimp(seed, clock=Clock())

    assert make(1).records() == make(1).records()
    assert make(1).records() != make(2).records()


def test_records_tell_what_is_held_while_requests_are_answered(
    api: httpx2.Client, server: PracticeMailchimp
) -> None:
    worker = threading.Thread(target=lambda: [batch(api, new(f"w{n}@x.example")) for n in range(9)])
    worker.start()
    api.get("http://practice/_practice/records")
    worker.join()
    held = api.get("http://practice/_practice/records").json()
    assert len(held["members"]) == 30 + 6 + 9
    assert API_KEY not in repr(server.requests)
