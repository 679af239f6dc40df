"""Clio's practice server takes and refuses what Clio's published API does."""

from typing import Any

import httpx2
import pytest

from plugins.clio.practice import PracticeClio
from tests.plugins.clio.practice.api import client_of, problem, some_matter

VALUES = "id,custom_field_values{id,field_name,field_type,value,custom_field,picklist_option}"


def values_of(api: httpx2.Client, matter: int, **params: Any) -> dict[str, dict[str, Any]]:
    found = api.get(f"matters/{matter}.json", params={"fields": VALUES, **params}).json()["data"]
    return {value["field_name"]: value for value in found["custom_field_values"]}


def fields_of(api: httpx2.Client, parent: str = "matter") -> dict[str, dict[str, Any]]:
    asked = {"parent_type": parent, "fields": "id,name,field_type,picklist_options{id,option}"}
    return {
        field["name"]: field for field in api.get("custom_fields.json", params=asked).json()["data"]
    }


def test_a_value_has_an_id_of_its_own_and_fields_that_are_displayed_may_have_none(
    server: PracticeClio, api: httpx2.Client
) -> None:
    first, second = [m["id"] for m in server.records()["matters"][:2]]
    case_number = values_of(api, second)["Case number"]
    assert case_number["id"].startswith("text_line-")
    assert case_number["custom_field"].keys() == {"id", "etag"}  # a second level shows its defaults
    assert values_of(api, first)["Case number"] == {
        **case_number,
        "id": None,
        "value": None,
    }
    only = fields_of(api)["Referral source"]["id"]
    assert set(values_of(api, second, **{"custom_field_ids[]": only})) == {"Referral source"}
    braces = "custom_field_values{custom_field{name}}"
    answer = api.get(f"matters/{second}.json", params={"fields": braces})
    assert problem(answer) == (400, "InvalidFields")


def test_values_are_added_changed_and_removed(server: PracticeClio, api: httpx2.Client) -> None:
    matter = server.records()["matters"][1]["id"]
    fields, before = fields_of(api), values_of(api, matter)
    number = fields["Case number"]["id"]
    written = [
        {"id": before["Case number"]["id"], "value": "CV-1"},
        {"id": before["Referral source"]["id"], "_destroy": True},
        {"custom_field": {"id": fields["Policy limit"]["id"]}, "value": "100000"},
    ]
    body = {"data": {"custom_field_values": written}}
    assert api.patch(f"matters/{matter}.json", json=body).status_code == 200
    after = values_of(api, matter)
    assert after["Case number"]["value"] == "CV-1"
    assert after["Referral source"]["value"] is None
    assert after["Policy limit"]["value"] == 100_000
    again = {"data": {"custom_field_values": [{"custom_field": {"id": number}, "value": "x"}]}}
    assert problem(api.patch(f"matters/{matter}.json", json=again)) == (422, "ArgumentError")
    unknown = {"data": {"custom_field_values": [{"id": number, "value": "x"}]}}
    assert problem(api.patch(f"matters/{matter}.json", json=unknown)) == (422, "ArgumentError")


def test_a_bare_number_hits_whichever_value_has_it(
    server: PracticeClio, api: httpx2.Client
) -> None:
    matter = server.records()["matters"][1]["id"]
    hit = values_of(api, matter)["Case number"]["id"]
    written = [{"id": int(hit.rpartition("-")[2]), "value": "overwritten"}]
    api.patch(f"matters/{matter}.json", json={"data": {"custom_field_values": written}})
    assert values_of(api, matter)["Case number"]["value"] == "overwritten"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Referral source", "Radio"),
        ("Incident date", "soon"),
        ("Policy limit", "much"),
        ("Settled", "perhaps"),
    ],
)
def test_a_value_must_fit_its_field(
    server: PracticeClio, api: httpx2.Client, field: str, value: str
) -> None:
    matter = server.records()["matters"][2]["id"]
    id = fields_of(api)[field]["id"]
    body = {"data": {"custom_field_values": [{"custom_field": {"id": id}, "value": value}]}}
    assert problem(api.patch(f"matters/{matter}.json", json=body)) == (422, "ArgumentError")


def test_matters_are_found_by_a_custom_field(server: PracticeClio, api: httpx2.Client) -> None:
    id = fields_of(api)["Policy limit"]["id"]
    name = f"custom_field_values[{id}]"
    assert api.get("matters.json", params={name: "25000"}).json()["meta"]["records"] == 1
    assert api.get("matters.json", params={name: ">=25000"}).json()["meta"]["records"] == 83
    number = fields_of(api)["Case number"]["id"]
    answer = api.get("matters.json", params={f"custom_field_values[{number}]": ">5"})
    assert problem(answer) == (400, "ArgumentError")
    answer = api.get("matters.json", params={"custom_field_values[1]": "5"})
    assert problem(answer) == (400, "ArgumentError")


def test_a_contact_s_lists_change_in_place(server: PracticeClio, api: httpx2.Client) -> None:
    person = {"type": "Person", "name": "Ada King Lovelace", "phone_numbers": [{"number": "1"}]}
    asked = {"fields": "id,first_name,last_name,phone_numbers{id,name,number,primary}"}
    made = api.post("contacts.json", params=asked, json={"data": person}).json()["data"]
    assert (made["first_name"], made["last_name"]) == ("Ada King", "Lovelace")
    (phone,) = made["phone_numbers"]
    assert (phone["name"], phone["primary"]) == ("Other", True)
    changes = [
        {"id": phone["id"], "number": "2"},
        {"name": "Mobile", "number": "3", "default_number": True},
    ]
    url = f"contacts/{made['id']}.json"
    changed = api.patch(url, params=asked, json={"data": {"phone_numbers": changes}})
    numbers = [
        (p["name"], p["number"], p["primary"]) for p in changed.json()["data"]["phone_numbers"]
    ]
    assert numbers == [("Other", "2", False), ("Mobile", "3", True)]
    gone = {"data": {"phone_numbers": [{"id": phone["id"], "_destroy": True}]}}
    changed = api.patch(url, params=asked, json=gone).json()["data"]
    assert [p["name"] for p in changed["phone_numbers"]] == ["Mobile"]


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("contacts", {"name": "Ada"}, (400, "InvalidParameter")),
        ("contacts", {"type": "Person", "name": "..."}, (422, "ArgumentError")),
        ("contacts", {"type": "Robot", "name": "Ada"}, (422, "ArgumentError")),
        ("notes", {"type": "Matter", "subject": "x"}, (400, "InvalidParameter")),
        ("notes", {"type": "Matter", "matter": {"id": 1}}, (422, "ArgumentError")),
        ("communications", {"type": "PhoneCommunication", "body": "x"}, (400, "InvalidParameter")),
        ("relationships", {"description": "Witness"}, (400, "InvalidParameter")),
        ("users", {"name": "Ada"}, (404, "NotFound")),
    ],
)
def test_what_a_new_record_needs(
    api: httpx2.Client, kind: str, data: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert problem(api.post(f"{kind}.json", json={"data": data})) == expected


def test_notes_can_only_be_listed_by_type(api: httpx2.Client) -> None:
    assert problem(api.get("notes.json")) == (400, "InvalidParameter")
    assert api.get("notes.json", params={"type": "Contact"}).json()["meta"]["records"] == 3


def test_removed_fields_are_refused_and_in_no_answer_until_they_come_back(
    server: PracticeClio, api: httpx2.Client
) -> None:
    id = some_matter(server, status="Open")["id"]
    asked = {"fields": "id,description"}
    control = "http://clio.test/_practice/removed_fields"
    api.post(control, json={"fields": ["matters.description"]})
    assert problem(api.get("matters.json", params=asked)) == (400, "InvalidFields")
    assert "description" not in server.records()["matters"][0]
    assert "description" in server.records()["relationships"][0]
    server.remove_fields()
    assert api.get(f"matters/{id}.json", params=asked).status_code == 200
    with client_of(PracticeClio(removed_fields=["number"])) as other:
        asked = {"fields": "phone_numbers{number}"}
        assert problem(other.get("contacts.json", params=asked)) == (400, "InvalidFields")
