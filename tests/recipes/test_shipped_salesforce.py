"""The shipped recipes with Salesforce from end to end, each run twice against practice servers."""

import csv

from tests.recipes.conftest import Bench


def leads(bench: Bench) -> dict[str, dict]:
    found = bench.servers["salesforce"].records()["Lead"]
    return {one["Web_Id__c"]: one for one in found if one["Web_Id__c"]}


def test_clients_become_contacts_once_and_changes_follow(bench: Bench) -> None:
    server = bench.servers["salesforce"]
    first = bench.run("clio-contacts-to-salesforce")
    kept = {one["Clio_Id__c"]: one for one in server.records()["Contact"] if one["Clio_Id__c"]}
    assert set(kept) == bench.keys("created")
    assert first["created"] > 50
    sent = [one for one in server.requests if "/composite/" in one["path"]]
    assert len(sent) == -(-first["created"] // 200)
    server.requests.clear()
    assert not {"created", "updated"} & set(bench.run("clio-contacts-to-salesforce", "--full"))
    again = [one for sent in server.requests if sent["body"] for one in sent["body"]["records"]]
    assert not {one["Clio_Id__c"] for one in again} & set(kept)  # the refused ones alone
    key = min(kept)
    bench.servers["clio"].edit("contacts", key, {"last_name": "Lovelace"})
    assert bench.run("clio-contacts-to-salesforce")["updated"] == 1
    assert kept[key]["LastName"] == "Lovelace"


def test_won_opportunities_become_rows_once(bench: Bench) -> None:
    server = bench.servers["salesforce"]
    assert bench.run("salesforce-won-opportunities-to-csv") == {"created": 5}
    open_one = next(one for one in server.records()["Opportunity"] if not one["IsClosed"])
    won = next(one for one in server.records()["Opportunity"] if one["IsWon"])
    server.edit("Opportunity", won["Id"], {"Amount": 77})  # an edit of one that is told already
    server.edit("Opportunity", open_one["Id"], {"StageName": "Closed Won"})
    second = bench.run("salesforce-won-opportunities-to-csv")
    assert second.get("created") == 1
    assert "updated" not in second
    path = bench.home / "files" / "won-opportunities.csv"
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert len(rows) == 6
    assert rows[open_one["Id"]]["owner"] == "ada@harborlaw.example"


def test_leads_of_a_file_go_in_bulk_and_each_has_its_outcome(bench: Bench) -> None:
    assert bench.run("csv-leads-to-salesforce") == {"created": 5, "rejected": 2}
    refused = {one["key"]: one["code"] for one in bench.records() if one["outcome"] == "rejected"}
    assert refused == {
        "00106": "field_custom_validation_exception",
        "00107": "duplicates_detected",
    }
    found = leads(bench)
    assert found["00104"]["Company"] == 'Lindqvist "Nord" AB'
    assert found["00102"]["Email"] == "tomas@novak.example"
    server = bench.servers["salesforce"]
    server.requests.clear()
    again = bench.run("csv-leads-to-salesforce", "--full")
    assert again == {"unchanged": 5, "rejected": 2}
    assert leads(bench) == found
