"""What recipes read of Salesforce: any object, related records, deleted ones, queries, single ones."""

from datetime import timedelta
from typing import Any

import pytest

from engine.context import Context
from engine.errors import InputError, SetupError
from engine.results import BadRecord
from plugins.salesforce import connector
from plugins.salesforce.fields import objects, to_create, to_upsert
from plugins.salesforce.practice import PracticeSalesforce
from plugins.salesforce.ready import fields_of_won
from plugins.salesforce.triggers import fields_read
from tests.plugins.line import NOON
from tests.plugins.salesforce.organization import asked, do, read


def test_every_page_is_read_and_ties_in_a_second_are_kept(
    ctx: Context, server: PracticeSalesforce
) -> None:
    found = read(ctx, "record_changed", object="Contact")
    assert len({one["Id"] for one in found}) == len(found) == 34
    assert len(asked(server, "-20")) == 1  # the second page
    stamps = [one["SystemModstamp"] for one in found]
    assert stamps == sorted(stamps)
    since = read(ctx, "record_changed", NOON - timedelta(days=50), object="Contact")
    assert 0 < len(since) < 34


def test_fields_lead_through_related_records_and_moments_are_iso_8601(ctx: Context) -> None:
    fields = ["Email", "Account.Name", "Account.Owner.Email"]
    found = read(ctx, "record_created", object="Contact", fields=fields)
    one = next(record for record in found if record["Account"])
    assert one["Account"] == {
        "Name": one["Account"]["Name"],
        "Owner": {"Email": "ada@harborlaw.example"},
    }
    assert set(one) == {"Id", "CreatedDate", "SystemModstamp", "Name", "Email", "Account"}
    assert one["CreatedDate"].endswith(".000Z")
    assert any(record["Account"] is None for record in found)


def test_what_records_hold_is_known_from_the_organization(ctx: Context) -> None:
    schema = fields_read(ctx, "Contact", ["Birthdate", "Account.AnnualRevenue", "Owner.Email"])
    parts = schema["properties"]
    assert parts["Birthdate"]["anyOf"][0] == {"type": "string", "format": "date"}
    revenue = parts["Account"]["anyOf"][0]["properties"]["AnnualRevenue"]
    assert revenue["anyOf"][0] == {"type": "number"}
    assert parts["Owner"]["anyOf"][0]["properties"]["Email"]["title"] == "Email"
    assert "MailingAddress" not in fields_read(ctx, "Contact")["properties"]
    assert "WonAt" in fields_of_won(ctx)["properties"]


def test_what_may_be_written_is_known_with_types_and_choices(ctx: Context) -> None:
    parts = to_upsert(ctx, "Contact")["properties"]
    assert parts["Client_Type__c"]["anyOf"][0]["enum"] == ["Person", "Company", "Court"]
    email = {"type": "string", "format": "email", "maxLength": 80}
    assert parts["Email"]["anyOf"][0] == email
    assert parts["LastName"] == {"title": "Last Name", "type": "string", "maxLength": 80}
    assert parts["Account"]["maxProperties"] == 1
    assert not {"Id", "CreatedDate", "Name"} & set(parts)
    assert to_upsert(ctx, "Contact")["required"] == []
    assert to_create(ctx, "Opportunity")["required"] == ["Name", "StageName", "CloseDate"]
    assert to_create(ctx, "Lead")["required"] == ["LastName", "Company"]


def test_the_objects_are_offered(ctx: Context) -> None:
    assert {"Contact", "Opportunity"} <= {one.value for one in objects(ctx)}


def test_deleted_records_come_from_the_recycle_bin(
    ctx: Context, server: PracticeSalesforce
) -> None:
    assert len(read(ctx, "record_deleted", object="Contact")) == 2
    server.edit("Contact", "003Pr0000000001AAA", {"IsDeleted": True})
    [gone] = read(ctx, "record_deleted", NOON, object="Contact")
    assert (gone["Id"], gone["IsDeleted"]) == ("003Pr0000000001AAA", True)
    assert len(read(ctx, "record_changed", object="Contact")) == 33


def test_a_query_of_ones_own_names_its_key(ctx: Context) -> None:
    soql = "SELECT Name, Account.Id FROM Contact WHERE AccountId != null LIMIT 3"
    found = read(ctx, "soql_query", query_text=soql, key="Account.Id")
    assert [one["key"] for one in found] == [one["Account"]["Id"] for one in found]
    [*bad] = read(ctx, "soql_query", query_text="SELECT Name FROM Lead LIMIT 1")
    assert isinstance(bad[0], BadRecord)
    assert "no value in its key field 'Id'" in bad[0].reason
    with pytest.raises(SetupError, match="has to begin with SELECT"):
        read(ctx, "soql_query", query_text="DELETE FROM Lead")
    with pytest.raises(InputError, match="does not understand the question: unexpected token"):
        read(ctx, "soql_query", query_text="SELECT Id FROM Lead GROUP BY Id")


def test_an_opportunity_is_won_once(ctx: Context, server: PracticeSalesforce) -> None:
    found = {one["Id"]: one for one in read(ctx, "opportunity_won")}
    assert all(one["IsWon"] for one in found.values())
    assert {bool(one["LastStageChangeDate"]) for one in found.values()} == {True, False}
    id = next(iter(found))
    server.edit("Opportunity", id, {"Amount": 5})
    assert read(ctx, "opportunity_won", NOON) == []
    open_one = next(o["Id"] for o in server.records()["Opportunity"] if not o["IsClosed"])
    server.edit("Opportunity", open_one, {"StageName": "Closed Won"})
    assert [one["Id"] for one in read(ctx, "opportunity_won", NOON)] == [open_one]


def test_more_fields_come_with_the_usual_ones(ctx: Context) -> None:
    one = read(ctx, "contact_changed", more_fields=["Clio_Id__c", "Account.Clio_Id__c"])[0]
    assert {"Clio_Id__c", "HasOptedOutOfEmail"} < set(one)


def test_a_value_in_quotes_stays_a_value(ctx: Context, server: PracticeSalesforce) -> None:
    """No value of a record can become a part of the question."""
    name = 'O\'Brien "Quay" Partners'
    found = do(ctx, "find_record", object="Account", field="Name", value=name, fields=["Name"])
    assert found is not None
    assert found.record["Name"] == name
    for attack in ("x' OR Name != '", "x\\' OR Name != '", "\\", "'", "x'\n OR Id != null --"):
        assert do(ctx, "find_record", object="Account", field="Name", value=attack) is None
    questions = [one["query"]["q"][0] for one in asked(server, "/query")]
    assert any(r"x\\\' OR" in one for one in questions)
    with pytest.raises(SetupError, match="no name of a field"):
        do(
            ctx,
            "find_record",
            object="Account",
            field="Name",
            value="x",
            fields=["Id FROM User --"],
        )
    with pytest.raises(SetupError, match="no name of an object"):
        do(ctx, "find_record", object="Account/x", field="Name", value="x")


def test_values_of_other_types_are_asked_for_without_quotes(ctx: Context) -> None:
    def find(object: str, field: str, value: str) -> Any:
        return do(ctx, "find_record", object=object, field=field, value=value, if_several="newest")

    assert find("Account", "AnnualRevenue", "250000.5") is not None
    assert find("Opportunity", "IsWon", "yes") is not None
    assert find("Contact", "Birthdate", "1906-12-09") is not None
    assert find("Contact", "CreatedDate", "2020-01-01T00:00:00Z") is None
    with pytest.raises(InputError, match="'x' is no currency"):
        find("Account", "AnnualRevenue", "x")


def test_several_that_are_found_are_no_guess(ctx: Context) -> None:
    with pytest.raises(
        InputError, match="several records of Account whose Name is 'Navy Yard LLC'"
    ):
        do(ctx, "find_record", object="Account", field="Name", value="Navy Yard LLC")
    with pytest.raises(SetupError, match="Account has no field 'Nmae'"):
        do(ctx, "find_record", object="Account", field="Nmae", value="x")


def test_a_record_can_be_read_afresh_until_it_is_gone(
    ctx: Context, server: PracticeSalesforce
) -> None:
    fetch = connector.triggers["opportunity_won"].fetch
    assert fetch is not None
    id = read(ctx, "opportunity_won")[0]["Id"]
    assert fetch(ctx, id)["WonAt"]  # type: ignore[index]  # it is there
    server.edit("Opportunity", id, {"IsDeleted": True})
    assert fetch(ctx, id) is None
