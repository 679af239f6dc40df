"""Lists are read whole, however an API divides them, and each entry is known by its key."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from engine.errors import InputError, RemoteError, SetupError
from engine.results import BadRecord
from plugins.http import connector, triggers
from plugins.http.moments import moment, written
from plugins.http.practice import PracticeApi

ORDERS = {"path": "/orders", "list_at": "data.orders", "size_parameter": "per_page"}


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({**ORDERS, "paging": "page"}, 230),
        ({**ORDERS, "paging": "page", "total_at": "meta.total", "page_size": 23}, 230),
        (
            {
                "path": "/customers",
                "list_at": "customers",
                "paging": "next_link",
                "next_at": "links.next",
            },
            45,
        ),
        ({"path": "/products", "key_field": "sku", "paging": "link_header"}, 26),
        (
            {"path": "/lines", "list_at": "items", "paging": "offset", "size_parameter": "limit"},
            230,
        ),
        ({"path": "/customers", "list_at": "customers", "paging": "last_key"}, 45),
        (
            {
                "path": "/events/search",
                "method": "POST",
                "body": {"from": "0"},
                "list_at": "events",
                "key_field": "uuid",
                "paging": "token",
                "next_at": "next.cursor",
                "page_parameter": "page.cursor",
            },
            60,
        ),
    ],
    ids=["page", "page and total", "link", "header", "offset", "last key", "token in a body"],
)
def test_every_page_of_a_list_is_read_once(line, given, count: int) -> None:
    records = line.read(**given)
    assert len(records) == count
    keys = [one.key if isinstance(one, BadRecord) else one["key"] for one in records]
    assert len(set(keys)) == count


def test_a_list_without_pages_is_read_with_one_request(line) -> None:
    assert len(line.read(path="/customers", list_at="customers")) == 20
    assert len(line.requests) == 1


def test_a_server_that_gives_smaller_pages_than_asked_for_loses_nothing(line) -> None:
    records = line.read(**ORDERS, paging="page", page_size=500)  # it gives 50
    assert len(records) == 230


def test_a_page_beyond_the_last_may_be_a_404(answers: Callable) -> None:
    line = answers(
        httpx2.Response(200, json=[{"id": 1}]), httpx2.Response(404, json={"error": "no page"})
    )
    assert [one["key"] for one in line.read(path="/x", paging="page")] == ["1"]


def test_an_empty_list_may_be_null_or_no_content(answers: Callable) -> None:
    assert (
        answers(httpx2.Response(200, json={"orders": None})).read(path="/x", list_at="orders") == []
    )
    assert answers(httpx2.Response(204)).read(path="/x", list_at="orders") == []


def test_an_entry_has_key_title_time_and_all_its_fields(line) -> None:
    record = line.read(
        **ORDERS, title_field="number", changed_field="updated_at", query={"state": "open"}
    )[0]
    assert record["key"] == str(record["item"]["id"])
    assert record["title"].startswith("0000")
    assert moment(record["changed_at"]) == moment(record["item"]["updated_at"])
    assert record["item"]["lines"][0]["sku"].startswith("APPLE-")


def test_an_entry_without_its_key_is_rejected_and_the_rest_is_read(line) -> None:
    records = line.read(path="/products", key_field="sku", paging="link_header")
    [bad] = [one for one in records if isinstance(one, BadRecord)]
    assert bad.reason == "Entry 4 of the list has no 'sku', by which it would be known."
    assert "it has name, price" in bad.hint
    assert bad.source == {"item": {"name": "Windfall, not numbered yet", "price": 0}}


def test_an_entry_that_is_no_record_is_rejected(answers: Callable) -> None:
    [good, bad] = answers(httpx2.Response(200, json=[{"id": 1}, "two"])).read(path="/x")
    assert good["key"] == "1"
    assert bad.reason == "Entry 2 of the list is no record."


# -- only what changed -----------------------------------------------------------------------------

SINCE = datetime(2026, 1, 8, tzinfo=UTC)


def test_what_changed_is_asked_for_with_the_apis_own_parameter(line, api: PracticeApi) -> None:
    found = line.read(
        SINCE, **ORDERS, paging="page", changed_field="updated_at", since_parameter="updated_since"
    )
    wanted = {
        str(o["id"]) for o in api.orders.values() if o["updated_at"] >= "2026-01-08T00:00:00Z"
    }
    assert {one["key"] for one in found} == wanted
    assert line.requests[0].url.params["updated_since"] == "2026-01-08T00:00:00Z"


def test_what_did_not_change_is_dropped_where_the_api_has_no_such_parameter(line) -> None:
    asked = line.read(
        SINCE, **ORDERS, paging="page", changed_field="updated_at", since_parameter="updated_since"
    )
    dropped = line.read(SINCE, **ORDERS, paging="page", changed_field="updated_at")
    assert [one["key"] for one in dropped] == [one["key"] for one in asked]


def test_without_a_field_of_change_everything_is_read(line) -> None:
    assert len(line.read(SINCE, **ORDERS, paging="page", since_parameter="updated_since")) == 230
    trigger = connector.triggers["record_listed"]
    assert (trigger.as_given({}).cursor, trigger.as_given({}).fetch) == (None, None)
    whole = trigger.as_given({"changed_field": "updated_at", "one": "/orders/{key}"})
    assert (whole.cursor, whole.fetch) == ("changed_at", triggers.fetch_record)


def test_the_time_goes_into_a_body_and_among_other_text_where_it_belongs(line) -> None:
    found = line.read(
        datetime(2026, 1, 1, 8, 0, 30, tzinfo=UTC),
        path="/events/search",
        method="POST",
        list_at="events",
        key_field="uuid",
        changed_field="at",
        since_parameter="from",
        since_format="milliseconds",
    )
    assert [one["key"] for one in found][:2] == ["ev-030", "ev-031"]
    line.read(
        SINCE,
        path="/orders",
        list_at="data.orders",
        changed_field="updated_at",
        since_parameter="filter",
        since_text="updated>{since}",
        since_format="date",
    )
    assert line.requests[-1].url.params["filter"] == "updated>2026-01-08"


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("2026-01-31T20:30:00Z", datetime(2026, 1, 31, 20, 30, tzinfo=UTC)),
        ("2026-01-31 20:30:00", datetime(2026, 1, 31, 20, 30, tzinfo=UTC)),
        ("20260131", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T15:30:00-05:00", datetime(2026, 1, 31, 20, 30, tzinfo=UTC)),
        ("Sat, 31 Jan 2026 20:30:00 GMT", datetime(2026, 1, 31, 20, 30, tzinfo=UTC)),
        (1769891400, datetime(2026, 1, 31, 20, 30, tzinfo=UTC)),
        ("1769891400.5", datetime(2026, 1, 31, 20, 30, 0, 500_000, tzinfo=UTC)),
        (1769891400000, datetime(2026, 1, 31, 20, 30, tzinfo=UTC)),
        (1769891400000000, datetime(2026, 1, 31, 20, 30, tzinfo=UTC)),
        *((nothing, None) for nothing in (None, "", "soon", True, 17, [], float("nan"))),
    ],
    ids=str,
)
def test_times_are_read_in_every_usual_spelling(value, meant) -> None:
    assert moment(value) == meant


def test_times_are_written_as_asked_for() -> None:
    at = datetime(2026, 1, 31, 23, 30, tzinfo=UTC).astimezone(None) + timedelta(0)
    assert [written(at, kind) for kind in ("iso", "date", "seconds", "milliseconds")] == [
        "2026-01-31T23:30:00Z",
        "2026-01-31",
        "1769902200",
        "1769902200000",
    ]


# -- one by its key, and what is known before ------------------------------------------------------


def test_one_entry_is_read_afresh_by_its_path(line, api: PracticeApi) -> None:
    given = {"one": "/orders/{key}", "one_at": "order", "title_field": "number"}
    found = triggers.fetch_record(line.context, "1005", **given)
    assert found == {"key": "1005", "title": "00001005", "item": api.orders[1005]}
    assert triggers.fetch_record(line.context, "9", **given) is None
    with pytest.raises(InputError, match="has no 'uuid'"):
        triggers.fetch_record(line.context, "1005", **given, key_field="uuid")


def test_a_sample_tells_the_fields(line) -> None:
    sample = '{"id": 1, "lines": [{"sku": "a"}], "paid": true}'
    schema = triggers.fields(line.context, "/x", sample=sample)
    item = schema["properties"]["item"]["properties"]
    assert item["id"] == {"type": "number"}
    assert item["lines"]["items"]["properties"] == {"sku": {"type": "string"}}
    assert item["paid"] == {"type": "boolean"}
    assert line.requests == []
    searched = triggers.fields(line.context, "/events/search", method="POST")
    assert searched["properties"]["item"] == {}
    for wrong in ("{", "[1]", "7"):
        with pytest.raises(SetupError, match="The sample is no record in JSON"):
            triggers.fields(line.context, "/x", sample=wrong)


def test_the_first_page_tells_the_fields_where_there_is_no_sample(line) -> None:
    schema = triggers.fields(line.context, "/orders", list_at="data.orders")
    item = schema["properties"]["item"]["properties"]
    assert item["total"] == {"type": "number"}
    assert item["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert item["customer"]["properties"]["name"] == {"type": "string"}
    assert item["lines"]["items"]["properties"]["count"] == {"type": "number"}
    assert len(line.requests) == 1


def test_a_list_that_is_elsewhere_is_pointed_out(line) -> None:
    with pytest.raises(RemoteError, match="sent no list as its answer") as told:
        line.read(path="/orders")
    assert "`list_at: data.orders`" in told.value.hint
