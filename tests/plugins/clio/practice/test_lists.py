"""Clio's lists as its practice server gives them: fields, pages, filters."""

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
from tests.plugins.clio.practice.api import client_of, problem, some_matter
from tests.plugins.line import Clock

CURSOR = {"order": "id(asc)"}


def pages(api: httpx2.Client, url: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
    answer = api.get(url, params=params)
    while True:
        body = answer.json()
        yield body["data"]
        following = body["meta"]["paging"].get("next")
        if following is None:
            return
        answer = api.get(following)


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
