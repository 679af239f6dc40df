"""The practice Case Status: reads as a third party knows them, writes as the contract assumes."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from plugins.casestatus import assumed_contract as contract
from plugins.casestatus.practice.server import API_KEY, PracticeCaseStatus

NOON = 1_770_000_000.0


@pytest.fixture
def server() -> PracticeCaseStatus:
    return PracticeCaseStatus(seed=1, clock=lambda: NOON)


@pytest.fixture
def api(server: PracticeCaseStatus) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        transport=httpx2.WSGITransport(app=server),
        base_url="http://practice",
        headers={"Authorization": f"ApiKey {API_KEY}"},
    ) as client:
        yield client


def case_body(**changes: Any) -> dict[str, Any]:
    return {
        "integration_id": "771",
        "name": "00042 Abernathy",
        "attorney": "dana.whitfield@harborlaw.example",
        "client": {"phone": "+12125550141", "last_name": "Abernathy"},
        "practice_area": "Personal Injury",
        "stage": "Demand sent",
        **changes,
    }


def test_a_request_without_the_key_is_refused(server: PracticeCaseStatus) -> None:
    anonymous = httpx2.Client(
        transport=httpx2.WSGITransport(app=server), base_url="http://practice"
    )
    for headers in ({}, {"Authorization": f"Bearer {API_KEY}"}, {"Authorization": "ApiKey wrong"}):
        answer = anonymous.get("/reporting/firm", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["code"] == "unauthorized"


def test_reporting_pages_end(api: httpx2.Client) -> None:
    pages = [
        api.get("/reporting/cases", params={"size": 5, "page[number]": number}).json()["results"]
        for number in (1, 2, 3, 4)
    ]
    assert [len(page) for page in pages] == [5, 5, 2, 0]
    ids = [row["Internal ID"] for page in pages for row in page]
    assert len(set(ids)) == 12


def test_reporting_rows_have_the_labels_a_third_party_reads(api: httpx2.Client) -> None:
    row = api.get("/reporting/cases").json()["results"][0]
    assert {"Internal ID", "Integration ID", "Case Name", "Practice Area", "Status"} <= set(row)
    assert row["Clients"]["Client 1 Cell Phone"].startswith("+1")
    assert row["Attorneys"]["Attorney 1 Email"].endswith("@harborlaw.example")


def test_the_firm_report_is_one_row(api: httpx2.Client) -> None:
    rows = api.get("/reporting/firm").json()["results"]
    assert [row["Firm Name"] for row in rows] == ["Harbor Law"]


def test_staff_is_found_by_email_whatever_its_capitals(api: httpx2.Client) -> None:
    answer = api.get(contract.STAFF, params={"email": "Marcus.Oyelaran@HarborLaw.example"})
    assert [person["name"] for person in answer.json()["results"]] == ["Marcus Oyelaran"]
    missing = api.get(contract.STAFF, params={"email": "j.doe@harborlaw.example"})
    assert missing.json()["results"] == []


def test_a_case_is_new_once_and_updated_after(
    api: httpx2.Client, server: PracticeCaseStatus
) -> None:
    first = api.post(contract.CASES, json=case_body(description="Rear-end collision"))
    again = api.post(contract.CASES, json=case_body(stage="Negotiation"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert again.json()["stage"] == "Negotiation"
    assert again.json()["description"] == "Rear-end collision"  # absent fields stay
    assert len(server.cases) == 13
    assert len(server.clients) == 9  # the client was known by the phone number


def test_one_client_may_have_several_cases(api: httpx2.Client, server: PracticeCaseStatus) -> None:
    company = {"phone": "+12125550199", "last_name": "Tideway Ltd"}
    for key in ("a", "b"):
        assert api.post(
            contract.CASES, json=case_body(integration_id=key, client=company)
        ).is_success
    assert [c["last_name"] for c in server.clients.values()].count("Tideway Ltd") == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"stage": "demand sent"}, "unknown_stage", "stage"),
        ({"practice_area": "Family"}, "unknown_practice_area", "practice_area"),
        ({"attorney": "j.doe@harborlaw.example"}, "unknown_attorney", "attorney"),
        ({"attorney": "999"}, "unknown_attorney", "attorney"),
        ({"attorney": ""}, "required", "attorney"),
        ({"client": {"last_name": "Abernathy"}}, "required", "client.phone"),
        ({"client": {"phone": "+12125550141"}}, "required", "client.last_name"),
        (
            {"client": {"phone": "212 555 0141", "last_name": "A"}},
            "invalid_phone",
            "client.phone",
        ),
        (
            {"client": {"phone": "+442079460000", "last_name": "A"}},  # a landline
            "invalid_phone",
            "client.phone",
        ),
        ({"opened_on": "31/01/2026"}, "invalid_date", "opened_on"),
        ({"integration_id": ""}, "required", "integration_id"),
    ],
)
def test_a_case_that_breaks_a_rule_is_refused_and_not_kept(
    api: httpx2.Client,
    server: PracticeCaseStatus,
    changes: dict[str, Any],
    code: str,
    field: str,
) -> None:
    answer = api.post(contract.CASES, json=case_body(**changes))
    assert answer.status_code == 422
    assert [(p.code, p.field) for p in contract.read_problems(answer.json())] == [(code, field)]
    assert len(server.cases) == 12


def test_all_problems_are_told_at_once(api: httpx2.Client) -> None:
    answer = api.post(contract.CASES, json={})
    fields = {problem.field for problem in contract.read_problems(answer.json())}
    assert fields == {
        "integration_id",
        "name",
        "attorney",
        "client.last_name",
        "client.phone",
        "practice_area",
        "stage",
    }


def test_a_client_is_known_by_phone(api: httpx2.Client) -> None:
    body = {"phone": "+12125550177", "last_name": "Řezníček", "first_name": "Jiří"}
    first = api.post(contract.CLIENTS, json=body)
    again = api.post(contract.CLIENTS, json={**body, "email": "jiri@mail.example"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["last_name"] == "Řezníček"
    assert again.json()["email"] == "jiri@mail.example"


def test_a_stage_is_moved(api: httpx2.Client) -> None:
    assert api.patch("/v1/api/cases/5001", json={"stage": "Settlement"}).status_code == 200
    assert api.patch("/v1/api/cases/5001", json={"stage": "settlement"}).status_code == 422
    missing = api.patch("/v1/api/cases/1", json={"stage": "Settlement"})
    assert missing.status_code == 404
    assert missing.json()["errors"][0]["code"] == "unknown_case"


def test_messages_are_kept_each_and_listed_in_pages(api: httpx2.Client) -> None:
    for number in range(11):
        body = {"case_id": 5001, "content": f"Note {number}"}
        assert api.post(contract.MESSAGES, json=body).status_code == 201
    pages = [
        api.get(contract.MESSAGES, params={"page[number]": number}).json() for number in (1, 2, 3)
    ]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert pages[2][-1]["readable_id"] == "HL-5001"


def test_a_colleague_added_by_hand_is_staff_from_then_on(
    api: httpx2.Client, server: PracticeCaseStatus
) -> None:
    server.edit("staff", "new", {"name": "J. Doe", "email": "j.doe@harborlaw.example"})
    answer = api.post(contract.CASES, json=case_body(attorney="J.Doe@harborlaw.example"))
    assert answer.status_code == 201


def test_edits_are_for_what_exists(server: PracticeCaseStatus) -> None:
    assert server.edit("cases", "5001", {"stage": "Settlement"})["stage"] == "Settlement"
    for kind, id in (("cases", "1"), ("clients", "1"), ("staff", "1")):
        with pytest.raises(KeyError):
            server.edit(kind, id, {})


def test_one_seed_and_clock_give_one_firm() -> None:
    one, two, other = (PracticeCaseStatus(seed, clock=lambda: NOON).records() for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_the_key_never_enters_the_request_log(
    api: httpx2.Client, server: PracticeCaseStatus
) -> None:
    api.get("/reporting/firm")
    assert server.requests
    assert API_KEY not in repr(server.requests)
