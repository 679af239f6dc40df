"""Clio's practice server answers as Clio documents: fields, lists, paging, limits, versions, ETags."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.clio.practice import PracticeClio
from plugins.clio.practice.model import MODELS

CURSOR = {"order": "id(asc)"}


class Clock:
    """Seconds since 1970 that only move when told."""

    def __init__(self, now: float = 1_763_990_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def client_of(server: PracticeClio, token: str = "") -> httpx2.Client:
    return httpx2.Client(
        transport=httpx2.WSGITransport(app=server),
        base_url="http://clio.test/api/v4",
        headers={"Authorization": f"Bearer {token or server.credentials()['access_token']}"},
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> PracticeClio:
    return PracticeClio(clock=clock)


@pytest.fixture
def api(server: PracticeClio) -> Iterator[httpx2.Client]:
    with client_of(server) as client:
        yield client


def problem(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and type of an error of the API, which has the object shape."""
    error = answer.json()["error"]
    assert error.keys() == {"type", "message"}
    assert error["message"].endswith(".")
    return answer.status_code, error["type"]


def pages(api: httpx2.Client, url: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
    answer = api.get(url, params=params)
    while True:
        body = answer.json()
        yield body["data"]
        following = body["meta"]["paging"].get("next")
        if following is None:
            return
        answer = api.get(following)


def some_matter(server: PracticeClio, **wanted: Any) -> dict[str, Any]:
    return next(
        matter
        for matter in server.records()["matters"]
        if all(matter[name] == value for name, value in wanted.items())
    )


# -- fields ----------------------------------------------------------------------------------------


def test_without_fields_there_are_only_id_and_etag(api: httpx2.Client) -> None:
    for kind in ("matters", "contacts", "users", "relationships", "matter_stages"):
        row = api.get(f"{kind}.json").json()["data"][0]
        assert row.keys() == {"id", "etag"}


def test_chosen_fields_and_one_level_of_nesting(server: PracticeClio, api: httpx2.Client) -> None:
    asked = "id,display_number,client{id,name},relationships{description}"
    row = api.get("matters.json", params={"fields": asked, "limit": 1}).json()["data"][0]
    assert row.keys() == {"id", "display_number", "client", "relationships"}
    assert row["client"].keys() == {"id", "name"}
    assert all(relationship.keys() == {"description"} for relationship in row["relationships"])


def test_an_association_named_alone_gives_its_defaults(api: httpx2.Client) -> None:
    row = api.get("matters.json", params={"fields": "client", "limit": 1}).json()["data"][0]
    assert row["client"].keys() == {"id", "etag"}


def test_a_second_level_association_gives_its_defaults(api: httpx2.Client) -> None:
    asked = "matter{id,client}"
    row = api.get("relationships.json", params={"fields": asked}).json()["data"][0]
    assert row["matter"]["client"].keys() == {"id", "etag"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("id,favourite_colour", "favourite_colour"),
        ("client{id,favourite_colour}", "favourite_colour"),
        ("id{name}", "id"),
        ("client{id,phone_numbers{number}}", "one level"),
        ("client{id", "list of fields"),
        ("client}id", "list of fields"),
        ("client{id}x", "list of fields"),
        ("id,,etag", "list of fields"),
        ("client{}", "list of fields"),
        ("id,", "list of fields"),
    ],
)
def test_wrong_fields_are_refused(api: httpx2.Client, fields: str, said: str) -> None:
    answer = api.get("matters.json", params={"fields": fields})
    assert problem(answer) == (400, "InvalidFields")
    assert said in answer.json()["error"]["message"]


@st.composite
def selections(draw: st.DrawFn) -> tuple[str, dict[str, set[str]]]:
    """Any choice of a matter's fields, as text and as what must come back."""
    model = MODELS["matters"]
    chosen: dict[str, set[str]] = {}
    for name in draw(
        st.lists(st.sampled_from([*model.plain, *model.one]), min_size=1, unique=True)
    ):
        nested = MODELS[model.one[name]].plain if name in model.one else ()
        chosen[name] = draw(st.sets(st.sampled_from(nested))) if nested else set()
    text = ",".join(
        name + ("{" + ",".join(sorted(inside)) + "}" if inside else "")
        for name, inside in chosen.items()
    )
    return text, chosen


SHARED = PracticeClio(clock=Clock(), requests_per_minute=100_000)


@given(selections())
def test_any_choice_of_fields_gives_exactly_those(choice: tuple[str, dict[str, set[str]]]) -> None:
    text, chosen = choice
    with client_of(SHARED) as api:
        rows = api.get("matters.json", params={"fields": text, "limit": 5}).json()["data"]
    for row in rows:
        assert row.keys() == chosen.keys()
        for name in chosen.keys() & MODELS["matters"].one.keys():
            if row[name] is not None:
                assert row[name].keys() == (chosen[name] or {"id", "etag"})


# -- paging ----------------------------------------------------------------------------------------


def test_the_cursor_leads_through_all_pages(server: PracticeClio, api: httpx2.Client) -> None:
    found = list(pages(api, "matters.json", **CURSOR))
    assert [len(page) for page in found] == [200, 48]
    ids = [row["id"] for page in found for row in page]
    assert ids == sorted(row["id"] for row in server.records()["matters"])


def test_the_next_page_is_a_whole_address_that_keeps_the_question(api: httpx2.Client) -> None:
    asked: dict[str, Any] = {
        **CURSOR,
        "limit": 3,
        "status": "open,pending",
        "fields": "id,client{id,name}",
    }
    body = api.get("matters.json", params=asked).json()
    address = urlsplit(body["meta"]["paging"]["next"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == (
        "http://clio.test/api/v4/matters.json"
    )
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert query.pop("page_token")
    assert query == {name: str(value) for name, value in asked.items()}


def test_the_last_page_has_no_next(api: httpx2.Client) -> None:
    assert "next" not in api.get("users.json", params=CURSOR).json()["meta"]["paging"]


def test_ids_asked_for_survive_into_the_next_page(server: PracticeClio, api: httpx2.Client) -> None:
    ids = [row["id"] for row in server.records()["contacts"]][:5]
    found = list(pages(api, "contacts.json", **CURSOR, limit=2, **{"ids[]": ids}))
    assert [len(page) for page in found] == [2, 2, 1]
    assert [row["id"] for page in found for row in page] == ids


@settings(max_examples=25)
@given(
    limit=st.integers(1, 200),
    statuses=st.sets(st.sampled_from(["open", "pending", "closed"]), min_size=1),
)
def test_any_page_size_gives_each_record_once(limit: int, statuses: set[str]) -> None:
    asked = {**CURSOR, "limit": limit, "status": ",".join(statuses)}
    with client_of(SHARED) as api:
        ids = [row["id"] for page in pages(api, "matters.json", **asked) for row in page]
    wanted = {m["id"] for m in SHARED.records()["matters"] if m["status"].lower() in statuses}
    assert len(ids) == len(set(ids))
    assert set(ids) == wanted


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many"])
def test_limits_lie_between_1_and_200(api: httpx2.Client, limit: str) -> None:
    assert problem(api.get("matters.json", params={"limit": limit}))[0] == 400


def test_without_that_order_paging_is_by_offset(server: PracticeClio, api: httpx2.Client) -> None:
    asked: dict[str, Any] = {"order": "updated_at(desc)", "fields": "updated_at", "limit": 100}
    first = api.get("matters.json", params=asked).json()["meta"]["paging"]["next"]
    assert parse_qs(urlsplit(first).query)["offset"] == ["100"]
    found = [row["updated_at"] for page in pages(api, "matters.json", **asked) for row in page]
    assert found == sorted((m["updated_at"] for m in server.records()["matters"]), reverse=True)


@pytest.mark.parametrize("order", [None, "updated_at(asc)"])
def test_a_page_token_needs_the_cursor_s_order(api: httpx2.Client, order: str | None) -> None:
    asked = {"page_token": "YWZ0ZXI6MQ==", **({"order": order} if order else {})}
    assert problem(api.get("matters.json", params=asked)) == (400, "ArgumentError")


def test_a_made_up_page_token_is_refused(api: httpx2.Client) -> None:
    asked = {**CURSOR, "page_token": "§"}
    assert problem(api.get("matters.json", params=asked)) == (400, "ArgumentError")


def test_offsets_end_at_10000(api: httpx2.Client) -> None:
    assert api.get("matters.json", params={"offset": 10_000}).json()["data"] == []
    assert problem(api.get("matters.json", params={"offset": 10_001})) == (422, "ArgumentError")


def test_paging_by_offset_loses_a_record_that_the_cursor_keeps(
    server: PracticeClio, api: httpx2.Client
) -> None:
    """Why the connector reads by cursor: a matter closed meanwhile shifts all that follow."""
    server.edit_while_read = None

    def read(**asked: str) -> set[int]:
        ids: set[int] = set()
        for number, page in enumerate(pages(api, "matters.json", status="open", **asked)):
            ids |= {row["id"] for row in page}
            if number == 0:
                server.edit("matters", page[0]["id"], {"status": "closed"})
        return ids

    before = {m["id"] for m in server.records()["matters"] if m["status"] == "Open"}
    assert len(before - read(limit="100", **CURSOR)) == 0
    before = {m["id"] for m in server.records()["matters"] if m["status"] == "Open"}
    assert len(before - read(limit="100", order="display_number(asc)")) == 1


def test_contacts_can_t_be_ordered_by_their_change(api: httpx2.Client) -> None:
    assert problem(api.get("contacts.json", params={"order": "updated_at(asc)"}))[0] == 400
    assert problem(api.get("contacts.json", params={"order": "name"}))[0] == 400
    assert api.get("contacts.json", params={"order": "name(asc)"}).status_code == 200


def test_a_matter_changes_while_the_list_is_read_once(
    server: PracticeClio, api: httpx2.Client, clock: Clock
) -> None:
    asked = {**CURSOR, "fields": "id,updated_at,location"}
    clock.now += 5
    first, _ = pages(api, "matters.json", **asked)
    edited = some_matter(server, id=first[0]["id"])
    assert edited["location"] == "Courtroom 4B" != first[0]["location"]
    assert edited["updated_at"] > first[0]["updated_at"]
    again, _ = pages(api, "matters.json", **asked)
    assert again[0]["updated_at"] == edited["updated_at"]


# -- filters ---------------------------------------------------------------------------------------


def test_status_is_asked_in_lower_case_and_answered_with_a_capital(api: httpx2.Client) -> None:
    asked = {"status": "pending,closed", "fields": "status"}
    found = {row["status"] for row in api.get("matters.json", params=asked).json()["data"]}
    assert found == {"Pending", "Closed"}
    assert problem(api.get("matters.json", params={"status": "Open"})) == (400, "ArgumentError")


def test_updated_since_leaves_out_the_very_second(server: PracticeClio, api: httpx2.Client) -> None:
    times = Counter(m["updated_at"] for m in server.records()["matters"])
    bulk = times.most_common(1)[0][0]
    asked = {"updated_since": bulk, "fields": "updated_at"}
    found = {row["updated_at"] for row in api.get("matters.json", params=asked).json()["data"]}
    assert found == {time for time in times if time > bulk}


@pytest.mark.parametrize("offset", ["+00:00", "+01:00", "-08:00"])
def test_times_may_have_an_offset(server: PracticeClio, api: httpx2.Client, offset: str) -> None:
    asked = {"updated_since": f"2025-06-01T12:00:00{offset}", "fields": "id"}
    found = list(pages(api, "matters.json", **CURSOR, **asked))
    hour = {"+00:00": "12", "+01:00": "11", "-08:00": "20"}[offset]
    wanted = [
        m for m in server.records()["matters"] if m["updated_at"] > f"2025-06-01T{hour}:00:00Z"
    ]
    assert sum(map(len, found)) == len(wanted)


def test_created_since(server: PracticeClio, api: httpx2.Client) -> None:
    asked = {"created_since": "2025-06-01", "fields": "id"}
    wanted = [m["id"] for m in server.records()["matters"] if m["created_at"] > "2025-06-01"]
    assert [row["id"] for row in api.get("matters.json", params=asked).json()["data"]] == wanted


def test_matters_by_client_and_by_words(server: PracticeClio, api: httpx2.Client) -> None:
    matter = some_matter(server, description="Dog bite")
    found = api.get("matters.json", params={"client_id": matter["client"]["id"]}).json()["data"]
    assert matter["id"] in [row["id"] for row in found]
    found = api.get("matters.json", params={"query": "dog BITE", "fields": "description"}).json()
    assert {row["description"] for row in found["data"]} == {"Dog bite"}
    found = api.get("matters.json", params={"query": matter["client"]["name"]}).json()["data"]
    assert matter["id"] in [row["id"] for row in found]


def test_contacts_by_kind(server: PracticeClio, api: httpx2.Client) -> None:
    asked = {"client_only": "true", "type": "Company", "fields": "type,is_client,first_name"}
    found = api.get("contacts.json", params=asked).json()["data"]
    assert {(row["type"], row["is_client"], row["first_name"]) for row in found} == {
        ("Company", True, None)
    }
    asked = {"query": "李小龍", "fields": "name"}
    assert [r["name"] for r in api.get("contacts.json", params=asked).json()["data"]] == ["李小龍"]


def test_related_lists(server: PracticeClio, api: httpx2.Client) -> None:
    matter = next(m for m in server.records()["matters"] if m["relationships"])
    asked = {"matter_id": matter["id"], "fields": "id,matter{id},contact{id,name}"}
    found = api.get("relationships.json", params=asked).json()["data"]
    assert {row["id"] for row in found} == {row["id"] for row in matter["relationships"]}
    asked = {"practice_area_id": matter["practice_area"]["id"], "fields": "name,order"}
    found = api.get("matter_stages.json", params=asked).json()["data"]
    assert [row["name"] for row in found][-1] == "Awaiting Medicaid"
    found = api.get("practice_areas.json", params={"fields": "name"}).json()["data"]
    assert {row["name"] for row in found} == {
        "Personal Injury",
        "Family",
        "Immigration",
        "Estate Planning",
    }


@pytest.mark.parametrize(
    ("url", "params"),
    [
        ("matters.json", {"state": "open"}),
        ("relationships.json", {"order": "id(asc)"}),  # has no order (spec)
        ("relationships.json", {"matter_id[]": "1"}),  # nor several matters at once
        ("matters.json", {"updated_since": "yesterday"}),
        ("matters.json", {"updated_since": "2025-06-01T12:00:00 00:00"}),  # a + not encoded
        ("contacts.json", {"client_only": "yes"}),
        ("contacts.json", {"type": "person"}),
        ("users.json", {"enabled": "1"}),
        ("matters.json", {"ids[]": "one"}),
    ],
)
def test_what_a_list_does_not_know_is_refused(
    api: httpx2.Client, url: str, params: dict[str, str]
) -> None:
    assert problem(api.get(url, params=params))[0] == 400


# -- one record ------------------------------------------------------------------------------------


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


# -- limits and versions ---------------------------------------------------------------------------


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


# -- control ---------------------------------------------------------------------------------------


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
    assert {kind: len(rows) for kind, rows in held.items()} == {
        "matters": 248,
        "contacts": len(held["contacts"]),
        "users": 6,
    }
