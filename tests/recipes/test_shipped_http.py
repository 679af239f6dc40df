"""The shipped recipes with an API of any kind from end to end, against its practice server."""

import csv

import pytest

from engine.host import build_host
from engine.recipe.checking.check import check_text
from tests.recipes.conftest import CONNECTED, FOLDER, Bench

ORDERS = "orders-of-an-api-to-csv"


def test_orders_become_rows_and_only_what_changed_comes_again(bench: Bench) -> None:
    assert bench.run(ORDERS) == {"created": 230}
    with (bench.home / "files" / "orders.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = {row["order"]: row for row in csv.DictReader(file)}
    assert len(rows) == 230
    assert rows["00001001"]["customer"]
    api = bench.servers["http"]
    change = {"total": 1.5, "updated_at": "2026-03-01T00:00:00Z"}
    api.edit("orders", "1003", change)
    api.requests.clear()
    assert bench.run(ORDERS)["updated"] == 1
    assert len(api.requests) <= 4  # the test of the connection, and pages of what changed


def test_lines_become_orders_once_and_a_refused_one_says_why(bench: Bench) -> None:
    first = bench.run("csv-orders-to-an-api")
    assert first == {"created": 3, "rejected": 1}
    [refused] = [one for one in bench.records() if one["outcome"] == "rejected"]
    assert "This number is taken." in refused["reason"]
    [sent, *_] = bench.writes("http")
    assert sent["body"]["total"] == 12.5
    assert sent["body"]["lines"] == [{"sku": "APPLE-1", "count": 3}]
    assert len(bench.servers["http"].keys_seen) == 3  # one idempotency key for each taken
    second = bench.run("csv-orders-to-an-api")
    assert "created" not in second
    assert second["rejected"] == 1


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("order.item.customer.name", "order.item.custmer.name", "custmer"),
        ("order.item.state", "order.status", "no field 'status'"),
        ("path: /orders", "pfad: /orders", "no field 'pfad'"),
        ("paging: page", "paging: pages", "'paging' can't be 'pages'"),
    ],
)
def test_a_mistake_is_found_by_the_pasted_sample_without_a_connection(
    was: str, becomes: str, said: str
) -> None:
    path = FOLDER / f"{ORDERS}.yaml"
    text = path.read_text("utf-8").replace(was, becomes)
    found = check_text(text, path, build_host(strict=True), set(CONNECTED), hints=True)
    assert said in "\n".join(finding.as_text() for finding in found)


def test_a_body_may_hold_any_field_of_any_depth() -> None:
    text = (FOLDER / "csv-orders-to-an-api.yaml").read_text("utf-8")
    text = text.replace("state: open", "anything: {at: {all: 'yes'}}")
    found = check_text(
        text, FOLDER / "csv-orders-to-an-api.yaml", build_host(strict=True), set(CONNECTED)
    )
    assert found == []


def test_what_the_shop_refuses_is_told_once_to_a_system_of_ones_own(bench: Bench) -> None:
    recipe = "refused-orders-told-to-another-system"
    first = bench.run(recipe)
    assert first == {"created": 4}
    [told] = bench.servers["webhook"].records()["events"]
    assert told["event"] == "order refused"
    assert told["body"]["number"] == "00001005"
    assert "This number is taken." in told["body"]["reason"]
    bench.run(recipe, "--full")
    assert len(bench.servers["webhook"].records()["events"]) == 1
