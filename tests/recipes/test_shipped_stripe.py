"""The shipped recipes with Stripe from end to end, each run twice against practice servers."""

import csv

from tests.recipes.conftest import Bench


def rows(bench: Bench, name: str) -> dict[str, dict[str, str]]:
    """Return a written file's rows by their first column."""
    with (bench.home / "files" / name).open(newline="", encoding="utf-8-sig") as file:
        return {next(iter(row.values())): row for row in csv.DictReader(file)}


def test_paid_invoices_become_rows_and_those_paid_later_too(bench: Bench) -> None:
    assert bench.run("stripe-paid-invoices-to-csv") == {"created": 2}
    found = {row["number"]: row for row in rows(bench, "paid-invoices.csv").values()}
    assert found["PRAC-0002"]["amount"] == "1262.50"
    assert found["PRAC-0002"]["for"] == "Five hours; Copies"
    server = bench.servers["stripe"]
    [open_one] = [one for one in server.records()["invoices"] if one["status"] == "open"]
    server.edit("invoices", open_one["id"], {"then": "pay"})
    assert bench.run("stripe-paid-invoices-to-csv").get("created") == 1
    assert len(rows(bench, "paid-invoices.csv")) == 3


def test_failed_payments_are_listed_with_the_number_to_call(bench: Bench) -> None:
    assert bench.run("stripe-failed-payments-to-csv") == {"created": 1}
    customer = "cus_practice0006"
    declined = {"amount": 1200, "declined": "expired_card"}
    bench.servers["stripe"].edit("payments", customer, declined)
    assert bench.run("stripe-failed-payments-to-csv").get("created") == 1
    found = rows(bench, "failed-payments.csv").values()
    [row] = [row for row in found if row["amount"] == "12.00 USD"]
    assert (row["client"], row["reason"]) == ("Zoë O'Hara", "Your card has expired.")
    assert row["phone"] == "+12125550006"


def test_new_customers_join_the_mailing_once(bench: Bench) -> None:
    first = bench.run("stripe-customers-to-mailchimp")
    assert first["skipped"] == 1
    assert first["created"] + first.get("updated", 0) == 11
    assert not {"created", "updated"} & set(bench.run("stripe-customers-to-mailchimp", "--full"))


def test_companies_become_customers_once(bench: Bench) -> None:
    first = bench.run("clio-companies-to-stripe")
    sent = bench.writes("stripe")
    assert len(sent) == first["created"]
    kept = {
        one["metadata"].get("external_id") for one in bench.servers["stripe"].records()["customers"]
    }
    assert bench.keys("created") <= kept
    assert "created" not in bench.run("clio-companies-to-stripe", "--full")
    assert bench.writes("stripe") == []
