"""Clio's practice server: single records, limits, versions, and what a test may do with it."""

from typing import Any

import httpx2
import pytest

from plugins.clio.practice import PracticeClio
from tests.plugins.clio.practice.api import client_of, problem, some_matter
from tests.plugins.line import Clock


def test_a_single_record_has_an_etag(server: PracticeClio, api: httpx2.Client) -> None:
    id = some_matter(server, status="Open")["id"]
    answer = api.get(f"matters/{id}.json", params={"fields": "id,etag"})
    assert answer.json()["data"]["etag"] == answer.headers["ETag"]
    for headers in (
        {"If-None-Match": answer.headers["ETag"]},
        {"If-None-Match": f'"other", {answer.headers["ETag"]}'},
        {"If-Modified-Since": answer.headers["Last-Modified"]},
    ):
        unchanged = api.get(f"matters/{id}.json", headers=headers)
        assert (unchanged.status_code, unchanged.content) == (304, b"")
    server.edit("matters", str(id), {"description": "Changed"})
    for headers in (
        {"If-None-Match": answer.headers["ETag"]},
        {"If-Modified-Since": answer.headers["Last-Modified"]},
    ):
        assert api.get(f"matters/{id}.json", headers=headers).status_code == 200


def test_a_patch_with_an_old_etag_is_refused(server: PracticeClio, api: httpx2.Client) -> None:
    id = some_matter(server, status="Open")["id"]
    etag = api.get(f"matters/{id}.json").headers["ETag"]
    body = {"data": {"description": "First"}}
    fresh = api.patch(f"matters/{id}.json", json=body, headers={"If-Match": etag})
    assert fresh.status_code == 200
    assert fresh.headers["ETag"] != etag
    body = {"data": {"description": "Second"}}
    stale = api.patch(f"matters/{id}.json", json=body, headers={"If-Match": etag})
    assert problem(stale) == (412, "PreconditionFailed")
    assert some_matter(server, id=id)["description"] == "First"


def test_a_patch_changes_a_matter(server: PracticeClio, api: httpx2.Client, clock: Clock) -> None:
    matter = some_matter(server, status="Open")
    users = {user["name"]: user["id"] for user in server.records()["users"]}
    clock.now += 3
    changes = {"status": "closed", "responsible_attorney": {"id": users["Priya Raman"]}}
    answer = api.patch(
        f"matters/{matter['id']}.json",
        params={"fields": "status,close_date,responsible_attorney{name}"},
        json={"data": {**changes, "matter_stage": {"id": None}}},
    )
    assert answer.json()["data"] == {
        "status": "Closed",
        "close_date": "2025-11-24",
        "responsible_attorney": {"name": "Priya Raman"},
    }
    changed = some_matter(server, id=matter["id"])
    assert changed["matter_stage"] is None
    assert changed["updated_at"] == "2025-11-24T13:13:23Z"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"data": {"colour": "red"}}, (400, "InvalidParameter")),
        ({"colour": "red"}, (400, "InvalidParameter")),
        ([], (400, "InvalidParameter")),
        ({"data": {"status": "Open"}}, (422, "ArgumentError")),
        ({"data": {"client": {"id": None}}}, (422, "ArgumentError")),
        ({"data": {"responsible_attorney": {"id": 1}}}, (422, "ArgumentError")),
    ],
)
def test_a_wrong_patch_changes_nothing(
    server: PracticeClio, api: httpx2.Client, body: Any, expected: tuple[int, str]
) -> None:
    matter = some_matter(server, status="Open")
    assert problem(api.patch(f"matters/{matter['id']}.json", json=body)) == expected
    assert some_matter(server, id=matter["id"]) == matter


@pytest.mark.parametrize(
    "url", ["matters/1.json", "invoices.json", "matter_stages/912045.json", "users/x.json"]
)
def test_what_does_not_exist(api: httpx2.Client, url: str) -> None:
    assert problem(api.get(url)) == (404, "NotFound")


def test_who_am_i(api: httpx2.Client) -> None:
    answer = api.get("users/who_am_i.json", params={"fields": "name,account{name}"})
    assert answer.json()["data"] == {"name": "Dana Whitfield", "account": {"name": "Harbor Law"}}


def test_requests_are_limited_per_token_and_minute(clock: Clock) -> None:
    server = PracticeClio(clock=clock, requests_per_minute=3)
    with client_of(server) as api:
        answers = [api.get("users.json") for _ in range(3)]
        assert [a.headers["X-RateLimit-Remaining"] for a in answers] == ["2", "1", "0"]
        assert {a.headers["X-RateLimit-Limit"] for a in answers} == {"3"}
        assert {a.headers["X-RateLimit-Reset"] for a in answers} == {str(int(clock.now) + 60)}
        clock.now += 18
        refused = api.get("users.json")
        assert problem(refused) == (429, "RateLimited")
        assert refused.headers["Retry-After"] == "42"
        assert refused.headers["X-RateLimit-Limit"] == "3"
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        assert refused.headers["X-RateLimit-Reset"] == str(int(clock.now) + 42)
        clock.now += 42
        assert api.get("users.json").headers["X-RateLimit-Remaining"] == "2"


def test_each_token_has_a_limit_of_its_own(clock: Clock) -> None:
    server = PracticeClio(clock=clock, requests_per_minute=1)
    known = server.credentials()
    with client_of(server) as api:
        assert [api.get("users.json").status_code for _ in range(2)] == [200, 429]
        form = {
            "grant_type": "refresh_token",
            **{n: known[n] for n in ("client_id", "client_secret", "refresh_token")},
        }
        renewed = api.post("http://clio.test/oauth/token", data=form).json()["access_token"]
    with client_of(server, renewed) as api:
        assert api.get("users.json").status_code == 200


def test_errors_carry_the_limit_s_headers_too(api: httpx2.Client) -> None:
    for url in ("matters.json?fields=nonsense", "matters/1.json"):
        assert "X-RateLimit-Remaining" in api.get(url).headers


def test_the_version_is_echoed_and_an_unknown_one_is_gone(api: httpx2.Client) -> None:
    assert api.get("users.json").headers["X-API-VERSION"] == "4.0.9"
    answer = api.get("users.json", headers={"X-API-VERSION": "4.0.10"})
    assert answer.headers["X-API-VERSION"] == "4.0.10"
    answer = api.get("users.json", headers={"X-API-VERSION": "3.9"})
    assert problem(answer) == (410, "InvalidVersion")


def test_a_person_s_edit_shows_in_the_api(
    server: PracticeClio, api: httpx2.Client, clock: Clock
) -> None:
    matter = some_matter(server, status="Open")
    clock.now += 60
    edited = server.edit(
        "matters",
        str(matter["id"]),
        {
            "matter_stage": {"name": "Litigation"},
            "responsible_attorney": {"name": "Søren Lindqvist"},
            "status": "pending",
        },
    )
    assert edited["updated_at"] == "2025-11-24T13:14:20Z"
    assert edited["etag"] != matter["etag"]
    asked = {"fields": "status,matter_stage{name,practice_area_id},responsible_attorney{name}"}
    assert api.get(f"matters/{matter['id']}.json", params=asked).json()["data"] == {
        "status": "Pending",
        "matter_stage": {
            "name": "Litigation",
            "practice_area_id": str(matter["practice_area"]["id"]),
        },
        "responsible_attorney": {"name": "Søren Lindqvist"},
    }


def test_a_contact_s_numbers_can_be_edited(server: PracticeClio) -> None:
    contact = next(c for c in server.records()["contacts"] if not c["phone_numbers"])
    numbers = [{"name": "Mobile", "number": "212-555-0199"}, {"number": "212-555-0198"}]
    edited = server.edit("contacts", str(contact["id"]), {"phone_numbers": numbers})
    assert [(p["name"], p["number"], p["primary"]) for p in edited["phone_numbers"]] == [
        ("Mobile", "212-555-0199", True),
        ("Other", "212-555-0198", False),
    ]
    assert edited["primary_phone_number"] == "212-555-0199"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("matters", {"colour": "red"}),
        ("matters", {"id": 5}),
        ("matters", {"matter_stage": {"name": "No such stage"}}),
        ("invoices", {}),
    ],
)
def test_an_edit_of_nothing_known_is_an_error(
    server: PracticeClio, api: httpx2.Client, kind: str, changes: dict[str, Any]
) -> None:
    matter = some_matter(server, status="Open")
    with pytest.raises(KeyError):
        server.edit(kind, str(matter["id"]), changes)
    body = {"kind": kind, "id": matter["id"], "changes": changes}
    assert api.post("http://clio.test/_practice/edit", json=body).status_code == 404


def test_what_it_holds_can_be_read_over_http(server: PracticeClio, api: httpx2.Client) -> None:
    held = api.get("http://clio.test/_practice/records").json()
    assert held == server.records()
    assert {kind: len(held[kind]) for kind in ("matters", "contacts", "users")} == {
        "matters": 248,
        "contacts": len(held["contacts"]),
        "users": 6,
    }
