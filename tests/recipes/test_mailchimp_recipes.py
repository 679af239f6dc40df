"""The recipes for Mailchimp's tags and merge fields, run against practice servers."""

from plugins.mailchimp.practice.sample_data import CLIENTS, NEWSLETTER
from tests.recipes.conftest import Bench


def test_fields_and_tags_come_from_the_columns_of_a_file(bench: Bench) -> None:
    counts = bench.run("csv-client-tags-to-mailchimp")
    assert counts == {"created": 4, "rejected": 1}
    (refused,) = [one for one in bench.records() if one["outcome"] == "rejected"]
    assert refused["field"] == "merge_fields.AREA"
    assert "Tax" in refused["reason"]
    members = bench.servers["mailchimp"].records()["members"]
    found = {one["email_address"]: one for one in members if one["list_id"] == CLIENTS}
    amara, carmen = found["amara.diallo@mail.example"], found["carmen.ibarra@inbox.example"]
    own = {"AREA": "Family", "MATTERS": 2, "SINCE": "2021-03-14"}
    assert {**amara["merge_fields"], **own} == amara["merge_fields"]
    assert isinstance(amara["merge_fields"]["MATTERS"], int)
    assert [tag["name"] for tag in carmen["tags"]] == ["Former client", "VIP"]
    assert bench.run("csv-client-tags-to-mailchimp") == {"unchanged": 4, "rejected": 1}


def test_whoever_unsubscribes_changes_tags_once(bench: Bench) -> None:
    first = bench.run("mailchimp-unsubscribed-lose-their-tag")
    assert first["skipped"] + first.get("created", 0) == 8
    server = bench.servers["mailchimp"]
    edit = {"status": "unsubscribed"}
    server.edit("members", f"{NEWSLETTER}/ada.byron@mail.example", edit)
    bench.run("mailchimp-unsubscribed-lose-their-tag")
    (ada,) = [
        one
        for one in server.records()["members"]
        if one["email_address"] == "ada.byron@mail.example"
    ]
    assert [tag["name"] for tag in ada["tags"]] == ["Left"]
