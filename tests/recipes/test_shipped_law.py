"""The shipped recipes that write into Clio and start from Case Status, from end to end."""

from typing import Any

from tests.recipes.conftest import Bench

MATTERS = "clio-matters-to-case-status"


def case_of_a_matter(bench: Bench) -> dict[str, Any]:
    """Let a matter become a case, as the evening's recipe does, and return the case."""
    bench.run(MATTERS, "--limit", "30")
    cases = bench.servers["casestatus"].records()["cases"]
    case: dict[str, Any] = next(c for c in reversed(cases) if c["integration_id"])
    return case


def notes(bench: Bench, kind: str) -> list[dict[str, Any]]:
    return bench.servers["clio"].records()[kind]


def test_what_a_client_writes_is_kept_once_with_the_matter(bench: Bench) -> None:
    case, recipe = case_of_a_matter(bench), "case-status-messages-to-clio"
    before = len(notes(bench, "communications"))
    portal = bench.servers["casestatus"]
    portal.edit("messages", "new", {"case_id": case["id"], "content": "Any news?\nBest, A."})
    portal.edit("messages", "new", {"case_id": case["id"], "content": "x", "type": "outgoing"})
    first = bench.run(recipe)
    assert first["created"] == 1  # what the firm wrote isn't read
    assert first["skipped"] > 3  # cases typed in by hand
    assert first["rejected"] == 2  # the case from long ago has no matter here
    (new,) = notes(bench, "communications")[before:]
    assert new["body"] == "Any news?\nBest, A."
    assert str(new["matter"]["id"]) == case["integration_id"]

    for options in ((), ("--full",)):
        again = bench.run(recipe, *options)
        assert "created" not in again
        assert len(notes(bench, "communications")) == before + 1
    portal.edit("messages", "new", {"case_id": case["id"], "content": "Thank you!"})
    assert bench.run(recipe)["created"] == 1
    assert notes(bench, "communications")[-1]["body"] == "Thank you!"


def test_a_new_file_in_the_portal_is_noted_once(bench: Bench) -> None:
    case, recipe = case_of_a_matter(bench), "case-status-files-to-clio"
    before = len(notes(bench, "notes"))
    portal = bench.servers["casestatus"]
    portal.edit("files", "new", {"case_id": case["id"], "file_name": "lease.pdf"})
    first = bench.run(recipe)
    assert first["created"] == 1
    assert {"skipped", "rejected"} <= set(first)
    (new,) = notes(bench, "notes")[before:]
    assert new["subject"] == "New file in Case Status: lease.pdf"
    assert str(new["matter"]["id"]) == case["integration_id"]
    assert "created" not in bench.run(recipe, "--full")
    assert len(notes(bench, "notes")) == before + 1


def test_clients_are_tagged_with_the_language_that_a_custom_field_says(bench: Bench) -> None:
    recipe = "clio-contacts-by-language-to-mailchimp"
    first = bench.run(recipe)
    assert first["created"] > 50
    assert first["skipped"] > 50
    members = bench.servers["mailchimp"].records()["members"]
    tags = {tag["name"] for member in members for tag in member["tags"]}
    assert tags >= {"English", "Español", "中文"}
    bench.writes("mailchimp")
    again = bench.run(recipe, "--full")
    assert "created" not in again
    assert bench.writes("mailchimp") == []


def test_case_numbers_of_the_court_are_filled_in_once(bench: Bench) -> None:
    recipe = "csv-court-numbers-to-clio"
    first = bench.run(recipe)
    assert first["rejected"] == 2
    reasons = {r["key"]: r["reason"] for r in bench.records() if r["outcome"] == "rejected"}
    assert "no matter with the number 99999-Nobody" in reasons["99999-Nobody"]
    assert "2 matters with the number '2024-0107'" in reasons["2024-0107"]
    matters = {m["display_number"]: m for m in notes(bench, "matters")}
    for number, expected in (
        ("00001-Hayes", "24-CV-10311"),
        ("00002-Ortiz", "24-CV-10318"),
        ("00005-Adeyemi", "24-PR-00420"),
    ):
        values = {v["field_name"]: v["value"] for v in matters[number]["custom_field_values"]}
        assert values["Case number"] == expected
    untouched = {v["field_name"]: v["value"] for v in matters["00002-Ortiz"]["custom_field_values"]}
    assert untouched["Referral source"] is not None
    written = [
        note for note in notes(bench, "notes") if note["subject"] == "The court's case number"
    ]
    assert len(written) == 4

    bench.writes("clio")
    again = bench.run(recipe)
    assert set(again) == {"unchanged", "rejected"}
    assert bench.writes("clio") == []
