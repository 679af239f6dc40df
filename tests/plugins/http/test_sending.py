"""Requests of steps: bodies, answers, batches, look-ups and files."""

import json
from collections.abc import Callable

import httpx2
import pytest

from engine.errors import InputError, RemoteError
from engine.results import Accepted, Rejected
from plugins.http import connector
from plugins.http.practice import PracticeApi


def test_json_is_sent_and_the_answer_is_there_for_later_steps(line, api: PracticeApi) -> None:
    done = line.do("send", path="/orders", body={"number": "A-1", "total": 12.5, "lines": []})
    assert isinstance(done, Accepted)
    assert (done.target_id, done.created) == ("1231", True)
    assert done.record["answer"]["total"] == 12.5
    assert api.orders[1231]["number"] == "A-1"


def test_a_form_is_sent_where_one_is_wanted(line) -> None:
    done = line.do("send", path="/orders", form={"number": "A & B", "state": "open"})
    assert done.record["answer"]["number"] == "A & B"
    assert line.requests[-1].headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_values_of_records_go_into_the_path_as_one_part(line, answers: Callable) -> None:
    done = line.do("send", path="/orders/{id}", in_path={"id": "1002"}, method="PUT", body={"a": 1})
    assert (done.target_id, done.created) == ("1002", None)
    strange = answers(httpx2.Response(200, json={}))
    strange.do("send", path="/a/{x}/b", in_path={"x": "1/2?q=ü&x"})
    assert strange.requests[0].url.raw_path == b"/v1/a/1%2F2%3Fq%3D%C3%BC%26x/b"


def test_nothing_comes_back_from_a_delete(line) -> None:
    done = line.do("send", path="/orders/1001", method="DELETE")
    assert done.record == {"id": None, "status": 204, "answer": None}


def test_text_that_is_no_json_is_an_answer_too(answers: Callable) -> None:
    plain = httpx2.Response(200, text="OK 17", headers={"Content-Type": "text/plain"})
    assert answers(plain).do("send", path="/x").record["answer"] == "OK 17"


def test_a_key_is_sent_in_the_header_that_the_api_reads(line, api: PracticeApi) -> None:
    for _ in range(2):
        given = {"path": "/orders", "body": {"number": "K-1"}, "repeat": "with_key"}
        assert line.do("send", key="key-1", **given).target_id == "1231"
    assert len(api.orders) == 231
    line.do("send", key="key-2", path="/orders", body={"number": "K-2"}, repeat="ask")
    assert "Idempotency-Key" not in line.requests[-1].headers
    given = {"path": "/orders", "body": {"number": "K-3"}, "key_header": "X-Once"}
    line.do("send", key="key-3", **given, repeat="with_key")
    assert line.requests[-1].headers["X-Once"] == "key-3"


@pytest.mark.parametrize(
    ("given", "idempotent", "keyed"),
    [
        ({}, False, False),
        ({"method": "PATCH"}, False, False),
        ({"method": "PUT"}, True, False),
        ({"method": "DELETE"}, True, False),
        ({"method": "PUT", "repeat": "ask"}, False, False),
        ({"repeat": "harmless"}, True, False),
        ({"repeat": "with_key"}, False, True),
    ],
    ids=str,
)
def test_what_a_repeat_does_is_said_by_the_recipe_or_the_method(given, idempotent, keyed) -> None:
    action = connector.actions["send"].as_given(given)
    assert (action.idempotent, action.idempotency_key) == (idempotent, keyed)
    assert action.as_given({}).once  # and is asked anew of each step


# -- success is not always a status ----------------------------------------------------------------


def test_graphql_errors_are_refusals(line, api: PracticeApi) -> None:
    given = {"path": "/graphql", "error_at": "errors", "id_at": "data.packOrder.order.id"}
    query = "mutation($id: ID!) { packOrder(id: $id) { order { id } } }"
    done = line.do("send", **given, body={"query": query, "variables": {"id": "1003"}})
    assert done.target_id == "1003"
    assert api.orders[1003]["state"] == "packed"
    with pytest.raises(InputError, match="It was refused: Order 9 is unknown"):
        line.do("send", **given, body={"query": query, "variables": {"id": "9"}})


@pytest.mark.parametrize(
    ("answer", "given", "refusal"),
    [
        ({"ok": True}, {"ok_at": "ok"}, ""),
        (
            {"ok": False, "message": "No such list"},
            {"ok_at": "ok"},
            "It was refused: No such list.",
        ),
        ({}, {"ok_at": "ok"}, "Its answer has nothing at 'ok'."),
        ({"status": "success"}, {"ok_at": "status", "ok_value": "success"}, ""),
        ({"status": "error"}, {"ok_at": "status", "ok_value": "success"}, "Its answer has 'error'"),
        ({"ok": True}, {"ok_at": "ok", "ok_value": "true"}, ""),
        ({"code": 0}, {"ok_at": "code", "ok_value": "0"}, ""),
        ({"error": None}, {"error_at": "error"}, ""),
        ({"error": "Too late"}, {"error_at": "error"}, "It was refused: Too late."),
    ],
    ids=str,
)
def test_an_answer_of_200_may_say_that_it_is_none(
    answers: Callable, answer, given, refusal
) -> None:
    line = answers(httpx2.Response(200, json=answer))
    if not refusal:
        assert line.do("send", path="/x", **given).record["answer"] == answer
        return
    with pytest.raises(InputError) as told:
        line.do("send", path="/x", **given)
    assert refusal in told.value.message


# -- many ------------------------------------------------------------------------------------------

BATCH = {
    "path": "/customers/batch",
    "send_at": "customers",
    "results_at": "results",
    "match_by": "email",
    "id_at": "customer.id",
    "ok_at": "ok",
}


def test_each_entry_of_a_batch_gets_its_own_result(line) -> None:
    entries = [{"email": f"New{n}@mail.example" if n % 3 else "wrong"} for n in range(7)]
    results = line.batch(entries, **BATCH, at_once=2)
    assert len(line.requests) == 4
    assert [type(one) for one in results] == [Accepted if n % 3 else Rejected for n in range(7)]
    assert isinstance(results[0], Rejected)
    assert results[0].reason == "It was refused: The e-mail is not valid."
    assert isinstance(results[1], Accepted)
    assert results[1].target_id == "46"


def test_results_may_come_in_order_and_the_body_be_the_list(answers: Callable) -> None:
    body = [{"id": 7}, {"id": None, "error": "No"}]
    line = answers(httpx2.Response(200, json={"out": body}))
    one, two = line.batch([{"a": 1}, {"a": 2}], path="/x", results_at="out", error_at="error")
    assert (one.target_id, two.reason) == ("7", "It was refused: No.")
    assert json.loads(line.requests[0].content) == [{"a": 1}, {"a": 2}]


def test_a_batch_without_results_is_taken_as_a_whole(answers: Callable) -> None:
    one, two = answers(httpx2.Response(202)).batch([{"a": 1}, {"a": 2}], path="/x")
    assert isinstance(one, Accepted)
    assert isinstance(two, Accepted)


def test_results_that_cannot_be_told_apart_are_no_success(answers: Callable) -> None:
    line = answers(httpx2.Response(200, json={"results": [{"id": 1}]}))
    with pytest.raises(RemoteError, match="was sent 2 entries and answered 1 results"):
        line.batch([{"a": 1}, {"a": 2}], path="/x", results_at="results")
    with pytest.raises(RemoteError, match="no list of results at 'nowhere'"):
        line.batch([{"a": 1}], path="/x", results_at="nowhere")
    missing = line.batch([{"id": "1"}, {"id": "2"}], path="/x", results_at="results", match_by="id")
    assert isinstance(missing[0], Accepted)
    assert missing[1].reason == "The answer says nothing of this entry."


# -- look-ups and files ----------------------------------------------------------------------------


def test_what_is_looked_up_is_found_or_not(line) -> None:
    given = {"path": "/customers", "found_at": "customers"}
    found = line.do("look_up", **given, query={"email": "customer.3@mail.example"})
    assert found.record["id"] == "3"
    assert line.do("look_up", **given, query={"email": "nobody@mail.example"}) is None
    assert line.do("look_up", path="/orders/{id}", in_path={"id": "9"}, found_at="order") is None


def test_a_file_goes_out_and_comes_back(line, api: PracticeApi) -> None:
    got = line.do("download_file", path="/files/invoice-1001.pdf").record["file"]
    assert (got["name"], got["media_type"]) == ("invoice-1001.pdf", "application/pdf")
    form = {"file": got, "part": "document", "form": {"order": "1001"}}
    sent = line.do("send_file", path="/files", **form)
    assert sent.record["answer"] == {
        "id": "invoice-1001.pdf",
        "size": got["size"],
        "about": {"order": "1001"},
    }
    line.do("send_file", path="/files", file=got, sent_as="body")
    assert api.files["body"] == api.files["invoice-1001.pdf"]
    assert line.do("download_file", path="/files/none.pdf") is None
