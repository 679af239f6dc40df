"""Matters, contacts and users as recipes get them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import jsonschema
import pytest

from engine.context import Context
from engine.http.client import HttpClient
from engine.http.connect import new_connection
from engine.http.sessions import open_session
from plugins.clio import connector
from plugins.clio.custom_fields import contact_schema, matter_schema
from plugins.clio.practice import PracticeClio
from tests.plugins.clio.firm import Open, asked, read
from tests.plugins.line import Clock, Row


def held(server: PracticeClio, kind: str, **wanted: Any) -> list[Row]:
    return [
        row
        for row in server.records()[kind]
        if all(row[name] == value for name, value in wanted.items())
    ]


def test_a_matter_reads_as_a_recipe_would_say_it(ctx: Context, server: PracticeClio) -> None:
    clio_matter = next(
        m
        for m in held(server, "matters", status="Open")
        if m["client"] and m["client"]["last_name"] == "Ñúñez"
    )
    (contact,) = held(server, "contacts", id=clio_matter["client_id"])
    (matter,) = [m for m in read(ctx, "matter_changed") if m["id"] == clio_matter["id"]]
    assert matter["status"] == "open"
    assert matter["stage"] == clio_matter["matter_stage"]["name"]
    assert matter["practice_area"] == clio_matter["practice_area"]["name"]
    assert matter["responsible_attorney"]["email"] == clio_matter["responsible_attorney"]["email"]
    assert matter["client"] == {
        "id": contact["id"],
        "name": "José Ñúñez",
        "first_name": "José",
        "last_name": "Ñúñez",
        "type": "Person",
        "email": contact["primary_email_address"],
        "phones": [{"name": p["name"], "number": p["number"]} for p in contact["phone_numbers"]],
    }
    assert matter["clients"][0] == matter["client"]


def test_all_matters_are_read_once_with_few_requests(ctx: Context, server: PracticeClio) -> None:
    matters = read(ctx, "matter_changed")
    assert [m["id"] for m in matters] == [m["id"] for m in server.records()["matters"]]
    # 2 pages, their clients' telephones, and their further clients.
    assert len(asked(server, "/matters.json")) == 2
    assert len(asked(server, "/contacts.json")) == 2
    assert len(asked(server, "/relationships.json")) <= 2
    assert {r["status"] for r in server.requests} == {200}


def test_addresses_stay_short_enough(connect: Open, server: PracticeClio) -> None:
    longest = 0

    def measured(environ: Any, start_response: Any) -> Any:
        nonlocal longest
        longest = max(longest, len(environ["QUERY_STRING"]))
        return PracticeClio.__call__(server, environ, start_response)

    settings = {**server.credentials(), "base_url": "http://clio.test"}
    connection = new_connection(connector, "clio", settings)
    transport = httpx2.WSGITransport(app=measured)
    with open_session(connector, connection, transport=transport) as session:
        read(Context(http=HttpClient(session), now=datetime.now(UTC)), "matter_changed")
    assert 1_000 < longest < 5_000  # common servers refuse lines above 8 KB


def test_a_matter_without_this_and_that_is_still_read(ctx: Context) -> None:
    matters = read(ctx, "matter_changed")
    without_client = [m for m in matters if m["client"] is None]
    assert len(without_client) == 5
    assert {tuple(m["clients"]) for m in without_client} == {()}
    assert sum(m["responsible_attorney"] is None for m in matters) == 3
    assert sum(m["stage"] is None for m in matters) == 2
    assert sum(m["description"] is None for m in matters) == 4
    assert sum(m["client"]["phones"] == [] for m in matters if m["client"]) == 5
    companies = [m["client"] for m in matters if m["client"] and m["client"]["type"] == "Company"]
    assert {company["first_name"] for company in companies} == {None}


def test_further_clients_come_from_relationships(ctx: Context, server: PracticeClio) -> None:
    matters = {m["id"]: m for m in read(ctx, "matter_changed")}
    assert sorted(len(m["clients"]) for m in matters.values())[-8:] == [2, 2, 2, 2, 3, 3, 3, 3]
    for clio_matter in server.records()["matters"]:
        names = {r["description"].lower() for r in clio_matter["relationships"]}
        more = len(names & {"client", "co-client"}) > 0
        assert (len(matters[clio_matter["id"]]["clients"]) > 1) == more
    extra = next(m for m in matters.values() if len(m["clients"]) > 1)["clients"][1]
    assert extra["phones"]
    assert extra["email"]


def test_a_firm_has_its_own_words_for_further_clients(ctx: Context) -> None:
    nobody = read(ctx, "matter_changed", further_clients=[])
    assert max(len(m["clients"]) for m in nobody) == 1
    witnesses = read(ctx, "matter_changed", further_clients=["WITNESS "])
    assert max(len(m["clients"]) for m in witnesses) == 2
    sample = next(m for m in witnesses if len(m["clients"]) == 2)
    trigger = connector.triggers["matter_changed"]
    assert trigger.fetch is not None
    assert trigger.fetch(ctx, str(sample["id"]), further_clients=["witness"]) == sample


def test_a_client_who_is_also_related_as_client_is_named_once(
    ctx: Context, server: PracticeClio
) -> None:
    matter = next(m for m in held(server, "matters", status="Open") if m["relationships"])
    for row in server.store.rows("relationships"):
        if row["matter"] == matter["id"]:
            row.update(contact=matter["client_id"], description="Client")
    (found,) = [m for m in read(ctx, "matter_changed") if m["id"] == matter["id"]]
    assert found["clients"] == [found["client"]]


@pytest.mark.parametrize(
    ("status", "count"), [(["open"], 200), (["open", "pending"], 220), (["closed"], 28), ([], 248)]
)
def test_matters_by_status(ctx: Context, status: list[str], count: int) -> None:
    matters = read(ctx, "matter_changed", status=status)
    assert len(matters) == count
    assert {m["status"] for m in matters} <= set(status or ["open", "pending", "closed"])


def test_only_what_changed_since_is_read(ctx: Context, server: PracticeClio, clock: Clock) -> None:
    ago = ctx.now - timedelta(minutes=10)
    assert len(read(ctx, "matter_changed", ago)) == 45
    clock.now += 3600
    server.edit("matters", str(server.records()["matters"][7]["id"]), {"description": "New"})
    changed = read(ctx, "matter_changed", ctx.now + timedelta(minutes=30))
    assert [m["description"] for m in changed] == ["New"]


def test_a_record_of_the_cursor_s_own_second_is_read_again(
    ctx: Context, server: PracticeClio
) -> None:
    """Clio's "after" leaves that second out, and two matters may share it."""
    newest = max(m["updated_at"] for m in server.records()["matters"])
    found = read(ctx, "matter_changed", datetime.fromisoformat(newest))
    assert newest in {m["updated_at"] for m in found}
    found = read(ctx, "matter_changed", datetime.fromisoformat(newest) + timedelta(seconds=2))
    assert found == []


@pytest.mark.parametrize("name", ["matter_changed", "contact_changed", "user_changed"])
def test_a_time_zone_does_not_matter(ctx: Context, server: PracticeClio, name: str) -> None:
    since = ctx.now - timedelta(days=200)
    from_tokyo = since.astimezone(datetime.strptime("+0900", "%z").tzinfo)
    assert read(ctx, name, from_tokyo) == read(ctx, name, since)


def test_a_matter_that_changes_while_it_is_read_is_read_next_time(
    ctx: Context, server: PracticeClio, clock: Clock
) -> None:
    clock.now += 60
    server.edit_while_read = {"description": "Amended while it was read"}
    first = read(ctx, "matter_changed")
    assert len({m["id"] for m in first}) == len(first) == 248
    assert not [m for m in first if m["description"] == "Amended while it was read"]
    cursor = max(datetime.fromisoformat(m["updated_at"]) for m in first)
    again = read(ctx, "matter_changed", cursor)
    assert "Amended while it was read" in [m["description"] for m in again]


def test_contacts_are_read_with_their_numbers(ctx: Context, server: PracticeClio) -> None:
    contacts = read(ctx, "contact_changed")
    assert [c["id"] for c in contacts] == [c["id"] for c in server.records()["contacts"]]
    assert len(server.requests) == 3  # two pages, and once the firm's custom fields
    assert sum(c["email"] is None for c in contacts) == 8
    assert {"name": "Mobile", "number": "+44 20 7946 0123"} in [
        phone for contact in contacts for phone in contact["phones"]
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        {"client_only": True},
        {"type": "Company"},
        {"type": "Person", "client_only": True},
        {"client_only": False, "type": None},
    ],
)
def test_contacts_can_be_narrowed(
    ctx: Context, server: PracticeClio, parameters: dict[str, Any]
) -> None:
    wanted = [
        c["id"]
        for c in server.records()["contacts"]
        if (not parameters.get("client_only") or c["is_client"])
        and c["type"] in (parameters.get("type") or ("Person", "Company"))
    ]
    assert [c["id"] for c in read(ctx, "contact_changed", **parameters)] == wanted


def test_a_changed_contact_is_read(ctx: Context, server: PracticeClio, clock: Clock) -> None:
    contact = next(c for c in server.records()["contacts"] if not c["phone_numbers"])
    clock.now += 5
    numbers = [{"name": "Mobile", "number": "212-555-0199"}]
    server.edit("contacts", str(contact["id"]), {"phone_numbers": numbers})
    (found,) = read(ctx, "contact_changed", ctx.now)
    assert (found["id"], found["phones"]) == (contact["id"], numbers)


def test_users_are_read(ctx: Context) -> None:
    users = read(ctx, "user_changed")
    assert [user["name"] for user in users][:3] == [
        "Dana Whitfield",
        "Marcus Oyelaran",
        "Søren Lindqvist",
    ]
    assert {user["enabled"] for user in users} == {True}


@pytest.mark.parametrize("name", ["matter_changed", "contact_changed", "user_changed"])
def test_one_record_is_fetched_as_it_is_read(ctx: Context, server: PracticeClio, name: str) -> None:
    server.edit_while_read = None
    trigger = connector.triggers[name]
    assert trigger.fetch is not None
    for record in read(ctx, name)[::40]:
        assert trigger.fetch(ctx, str(record["id"])) == record
    assert trigger.fetch(ctx, "1") is None


def test_an_account_s_custom_fields_are_part_of_its_records_schema(ctx: Context) -> None:
    matter = matter_schema(ctx)
    fields = matter["properties"]["custom_fields"]
    assert fields["additionalProperties"] is False  # a misspelt name is a mistake
    assert list(fields["properties"])[:3] == ["Case number", "Incident date", "Policy limit"]
    assert "Judge (old)" not in fields["properties"]
    assert fields["properties"]["Policy limit"]["anyOf"][0] == {"type": "number"}
    choices = fields["properties"]["Referral source"]["anyOf"][0]["description"]
    assert choices == "One of: Former client, Web site, Radio."
    contact = contact_schema(ctx)["properties"]["custom_fields"]["properties"]
    assert list(contact) == ["Preferred language", "Portal invited", "Reference"]
    for records, schema in (("matter_changed", matter), ("contact_changed", contact_schema(ctx))):
        for record in read(ctx, records)[:20]:
            jsonschema.validate(record, schema)
