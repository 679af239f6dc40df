"""The shipped bridge in both directions: a file and a newsletter keep each other up to date."""

import csv
import io

from tests.recipes.conftest import Bench

TO_MAILCHIMP = "csv-mailing-list-to-mailchimp"
TO_FILE = "mailchimp-mailing-list-to-csv"
CHIARA = "chiara.rossi@inbox.example"


def rows(bench: Bench) -> dict[str, dict[str, str]]:
    text = bench.mailing_list.read_text("utf-8-sig")
    return {row["email"].strip().lower(): row for row in csv.DictReader(io.StringIO(text))}


def names(bench: Bench, *, status: str = "") -> dict[str, str]:
    members = bench.servers["mailchimp"].records()["members"]
    return {
        member["email_address"].lower(): member["merge_fields"]["FNAME"]
        for member in members
        if member["list_id"] == "a1b2c3d4e5" and status in ("", member["status"])
    }


def test_each_side_hears_of_the_other_and_neither_repeats_it(bench: Bench) -> None:
    # Who left and is not in the file: it never writes them, and a change at once after a write counts as its echo.
    left = min(set(names(bench, status="unsubscribed")) - set(rows(bench)))
    bench.run(TO_MAILCHIMP)
    assert names(bench)[CHIARA] == "Chiara"
    bench.run(TO_FILE)
    assert set(rows(bench)) >= set(names(bench))
    assert rows(bench)[CHIARA]["phone"] == "+1 212 555 0102"  # what the other side has not stays

    # A file doesn't say when a row changed: the other one's rows go back once, as they are.
    before = names(bench)
    bench.run(TO_MAILCHIMP)
    assert not bench.keys("created")
    assert names(bench) == before
    # Mailchimp does: what the other one wrote there is left out.
    bench.run(TO_FILE)
    assert not bench.keys("created") | bench.keys("updated")
    bench.run(TO_MAILCHIMP)
    assert not bench.keys("created") | bench.keys("updated")

    # A change at either side comes over.
    bench.servers["mailchimp"].edit(
        "members", f"a1b2c3d4e5/{left}", {"merge_fields": {"FNAME": "Clara", "LNAME": "Rossi"}}
    )
    bench.run(TO_FILE)
    assert rows(bench)[left]["first_name"] == "Clara"
    text = bench.mailing_list.read_text("utf-8-sig").replace("Björn", "Bjarne", 1)
    bench.mailing_list.write_text(text, "utf-8")
    bench.run(TO_MAILCHIMP)
    assert {**before, left: "Clara", "bjorn.akesson@post.example": "Bjarne"} == names(bench)
