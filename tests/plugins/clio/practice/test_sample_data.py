"""The practice firm holds what an import stumbles over, and says so in numbers one can rely on."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import phonenumbers
import pytest

from plugins.clio.practice import PracticeClio

NOW = 1_763_990_000.0
Row = dict[str, Any]


def firm(seed: int = 1, now: float = NOW) -> dict[str, list[Row]]:
    return PracticeClio(seed, clock=lambda: now).records()


@pytest.fixture(scope="module", params=[1, 2, 77])
def records(request: pytest.FixtureRequest) -> dict[str, list[Row]]:
    return firm(request.param)


@pytest.fixture(scope="module")
def matters(records: dict[str, list[Row]]) -> list[Row]:
    return records["matters"]


@pytest.fixture(scope="module")
def contacts(records: dict[str, list[Row]]) -> dict[int, Row]:
    return {contact["id"]: contact for contact in records["contacts"]}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def dialable(contact: Row) -> bool:
    """Whether a mobile or home number is one that a telephone network could have."""
    numbers = {phone["name"]: phone["number"] for phone in contact["phone_numbers"]}
    try:
        number = phonenumbers.parse(numbers.get("Mobile") or numbers.get("Home", ""), "US")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def test_the_same_seed_and_time_give_the_same_firm() -> None:
    assert firm() == firm()
    assert firm(seed=2) != firm()


def test_a_firm_only_moves_with_the_time() -> None:
    def shape(rows: list[Row]) -> list[Any]:
        return [(r["id"], r["display_number"], r["status"], r["client_id"]) for r in rows]

    assert shape(firm()["matters"]) == shape(firm(now=NOW + 86_400 * 365)["matters"])


def test_how_many_matters_there_are(matters: list[Row]) -> None:
    assert Counter(matter["status"] for matter in matters) == {
        "Open": 200,
        "Pending": 20,
        "Closed": 28,
    }
    assert matters[0]["status"] == "Open"
    assert all((m["close_date"] is not None) == (m["status"] == "Closed") for m in matters)
    assert all((m["pending_date"] is not None) == (m["status"] == "Pending") for m in matters)


def test_why_open_matters_can_t_become_cases(matters: list[Row], contacts: dict[int, Row]) -> None:
    causes: Counter[str] = Counter()
    for matter in matters:
        client = contacts.get(matter["client_id"])
        if matter["status"] == "Closed":
            continue
        if client is None:
            causes["no client"] += 1
        elif matter["responsible_attorney"] is None:
            causes["no attorney"] += 1
        elif matter["responsible_attorney"]["name"] == "J. Doe":
            causes["J. Doe"] += 1
        elif matter["matter_stage"] is None:
            causes["no stage"] += 1
        elif matter["matter_stage"]["name"] == "Awaiting Medicaid":
            causes["rare stage"] += 1
        elif not client["phone_numbers"]:
            causes["no phone"] += 1
        elif client["type"] == "Company":
            causes["company"] += 1
        elif not dialable(client):
            causes["unusable phone"] += 1
        else:
            causes["good"] += 1
    assert causes == {
        "no client": 5,
        "no attorney": 3,
        "J. Doe": 11,
        "no stage": 2,
        "rare stage": 4,
        "no phone": 5,
        "company": 4,
        "unusable phone": 2,
        "good": 184,
    }


def test_clients_and_matters_are_not_one_to_one(matters: list[Row]) -> None:
    per_client = Counter(m["client_id"] for m in matters if m["client_id"])
    assert Counter(per_client.values()) == {1: 208, 2: 15, 5: 1}
    also_clients = Counter(
        sum(r["description"].lower() in ("client", "co-client") for r in m["relationships"])
        for m in matters
    )
    assert (also_clients[1], also_clients[2]) == (4, 4)
    others = {r["description"] for m in matters for r in m["relationships"]}
    assert {"Witness", "Opposing counsel", "Client's spouse"} <= others


def test_people_are_awkward_too(matters: list[Row], contacts: dict[int, Row]) -> None:
    clients = [contacts[m["client_id"]] for m in matters if m["client_id"]]
    assert sum(c["primary_email_address"] is None for c in clients) == 8
    assert sum([p["name"] for p in c["phone_numbers"]] == ["Home"] for c in clients) == 6
    assert sum(c["primary_phone_number"] == "+44 20 7946 0123" for c in clients) == 1
    assert {c["primary_phone_number"] for c in clients} >= {"call the office", "555-0142"}
    assert {c["first_name"] for c in clients if c["type"] == "Company"} == {None}
    names = {c["name"] for c in clients}
    assert {"José Ñúñez", "Łukasz Żółć", "李小龍", "Siobhán O'Brien"} <= names
    assert max(map(len, names)) > 80
    addresses = Counter(c["primary_email_address"] for c in contacts.values())
    addresses.pop(None, None)
    assert Counter(addresses.values())[2] == 1  # a couple with one address


def test_matters_are_awkward_too(matters: list[Row]) -> None:
    assert sum(m["description"] is None for m in matters) == 4
    assert Counter(Counter(m["display_number"] for m in matters).values()) == {1: 246, 2: 1}
    twice = [m for m in matters if m["display_number"] == "2024-0107"]
    assert twice[0]["description"] == twice[1]["description"]
    assert twice[0]["client_id"] != twice[1]["client_id"]


def test_when_things_changed(matters: list[Row], contacts: dict[int, Row]) -> None:
    now = datetime.fromtimestamp(NOW, UTC)
    for row in [*matters, *contacts.values()]:
        assert moment(row["created_at"]) <= moment(row["updated_at"]) < now
        assert now - moment(row["updated_at"]) < timedelta(days=610)
    ages = [now - moment(matter["updated_at"]) for matter in matters]
    recent = [age for age in ages if age < timedelta(minutes=10)]
    assert len(recent) == 45
    assert max(Counter(recent).values()) >= 30
    assert sum(age < timedelta(hours=1) for age in ages) == 45
    assert max(ages) > timedelta(days=500)


def test_ids_grow_with_time(matters: list[Row]) -> None:
    assert [m["id"] for m in matters] == sorted(m["id"] for m in matters)
    assert [m["created_at"] for m in matters] == sorted(m["created_at"] for m in matters)


def test_nothing_in_it_reaches_a_real_person(records: dict[str, list[Row]]) -> None:
    for contact in records["contacts"]:
        for email in contact["email_addresses"]:
            assert email["address"].endswith(".example")
        for phone in contact["phone_numbers"]:
            digits = "".join(c for c in phone["number"] if c.isdigit())
            fictional = digits[-7:-2] == "55501" or digits.startswith("4420794601")
            assert fictional or not digits
    for user in records["users"]:
        assert user["email"].lower().endswith("@harborlaw.example")


def test_numbers_are_well_formed_and_unlike(records: dict[str, list[Row]]) -> None:
    numbers = [
        phonenumbers.parse(phone["number"], "US")
        for contact in records["contacts"]
        for phone in contact["phone_numbers"]
        if phone["number"] not in ("call the office", "555-0142")
    ]
    assert all(phonenumbers.is_valid_number(number) for number in numbers)
    assert len({number.national_number for number in numbers}) == len(numbers)


def test_the_firm_s_people_are_those_other_practice_servers_know(
    records: dict[str, list[Row]],
) -> None:
    assert [(user["name"], user["email"]) for user in records["users"]] == [
        ("Dana Whitfield", "dana.whitfield@harborlaw.example"),
        ("Marcus Oyelaran", "Marcus.Oyelaran@HarborLaw.example"),
        ("Søren Lindqvist", "soren.lindqvist@harborlaw.example"),
        ("Priya Raman", "priya.raman@harborlaw.example"),
        ("Inés Calderón", "ines.calderon@harborlaw.example"),
        ("J. Doe", "j.doe@harborlaw.example"),
    ]
