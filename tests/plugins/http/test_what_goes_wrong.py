"""What any API may do wrong, and what people are told then."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from engine import redaction
from engine.errors import (
    AuthError,
    ConnectorError,
    InputError,
    RemoteError,
    RetryableError,
)
from plugins.http.practice import access
from plugins.http.refusals import explain, field_in, message_in

HTML = "<!DOCTYPE html><html><title>Log in</title></html>"


def told(line: Any, expected: type[Exception], **given: Any) -> Any:
    with pytest.raises(expected) as error:
        line.do("send", **{"path": "/x", "method": "GET", **given})
    return error.value


def test_a_web_page_instead_of_json(answers: Callable) -> None:
    line = answers(httpx2.Response(200, html=HTML))
    assert told(line, RemoteError).message == "api.test answered a web page instead of JSON."
    with pytest.raises(RemoteError, match="a web page instead of JSON"):
        line.read(path="/x")
    with pytest.raises(RemoteError, match="A web page came instead of the file"):
        line.do("download_file", path="/invoice.pdf")


def test_xml_and_pictures_instead_of_json(answers: Callable) -> None:
    assert "XML" in told(answers(httpx2.Response(200, text="<?xml?><a/>")), RemoteError).message
    picture = httpx2.Response(200, content=b"\x89PNG", headers={"Content-Type": "image/png"})
    error = told(answers(picture), RemoteError)
    assert "neither JSON nor text (image/png)" in error.message
    assert "http.download_file" in error.hint


def test_json_that_is_cut_short(answers: Callable) -> None:
    half = httpx2.Response(200, text='{"a": [', headers={"Content-Type": "application/json"})
    assert "JSON that can't be read" in told(answers(half), RemoteError).message


def test_an_empty_answer_of_204_is_success(answers: Callable) -> None:
    done = answers(httpx2.Response(204)).do("send", path="/x")
    assert done.record == {"id": None, "status": 204, "answer": None}


def test_a_list_that_is_not_at_its_place(answers: Callable) -> None:
    line = answers(httpx2.Response(200, json={"result": {"rows": [{"id": 1}]}, "count": 1}))
    with pytest.raises(RemoteError, match=r"sent no list at 'data\.items'") as error:
        line.read(path="/x", list_at="data.items")
    assert "`list_at: result.rows`" in error.value.hint


def test_the_same_page_again_and_again(line) -> None:
    with pytest.raises(RemoteError, match="sent the same page twice") as error:
        line.read(path="/forgetful", list_at="items", paging="page")
    assert "may not know the parameter 'page'" in error.value.hint


def test_the_same_next_page_again_and_again(answers: Callable) -> None:
    numbers = iter(range(9))

    def page(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"items": [{"id": next(numbers)}], "next": "t1"})

    with pytest.raises(RemoteError, match="named the same next page twice"):
        answers(page).read(path="/x", list_at="items", paging="token")


def test_a_redirect_is_not_followed_so_no_key_goes_along(line) -> None:
    error = told(line, ConnectorError, path="/old-orders")
    assert error.message == (
        "api.test says that '/v1/old-orders' has moved to elsewhere.example (answer 301)."
    )
    assert {one.url.host for one in line.requests} == {"api.test"}


def test_a_file_that_is_elsewhere_is_not_fetched_there(answers: Callable) -> None:
    moved = httpx2.Response(302, headers={"Location": "https://files.example/x?sig=1"})
    line = answers(moved)
    with pytest.raises(ConnectorError, match=r"has moved to files\.example"):
        line.do("download_file", path="/invoice.pdf")
    assert {one.url.host for one in line.requests} == {"api.test"}


def test_a_path_that_leads_elsewhere(line) -> None:
    for path in ("https://evil.example/x", "//evil.example/x", "/../admin", "/%2e%2e/a", "/a?b=c"):
        assert told(line, InputError, path=path).code == "bad_path"
    for value in ("", " ", "..", "a/../../b"):
        assert told(line, InputError, path="/a/{id}", in_path={"id": value})
    assert line.requests == []


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, AuthError, "api.test does not accept this connection's log-in"),
        (403, ConnectorError, "api.test does not allow this"),
        (404, InputError, "api.test has nothing at '/v1/x'"),
        (405, ConnectorError, "api.test does not take a GET like this"),
        (409, InputError, "api.test refused this"),
        (413, InputError, "api.test refused this"),
        (422, InputError, "api.test refused this"),
        (429, RetryableError, "asks for fewer requests"),
        (500, RetryableError, "has a problem of its own"),
        (503, RetryableError, "has a problem of its own"),
    ],
)
def test_each_status_is_one_sentence(answers: Callable, status: int, kind: Any, said: str) -> None:
    error = told(answers(httpx2.Response(status)), kind)
    assert error.message.startswith(said) or said in error.message
    assert error.hint
    assert not (status == 403 and isinstance(error, AuthError))


def test_a_busy_api_says_when_to_go_on(answers: Callable) -> None:
    error = told(answers(httpx2.Response(429, headers={"Retry-After": "600"})), RetryableError)
    assert error.after == 600


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"error": "invalid_grant", "error_description": "It is used"}, "It is used."),
        ({"error": {"message": "No such list", "code": 17}}, "No such list."),
        ({"errors": [{"message": "One"}, {"message": "Two."}]}, "One. Two."),
        ({"errors": ["One", "Two"]}, "One. Two."),
        ({"type": "about:blank", "title": "Bad", "detail": "Too long"}, "Too long."),
        ({"title": "Bad"}, "Bad."),
        ({"errors": {"email": ["has been taken"]}}, "email has been taken."),
        ({"detail": [{"loc": ["body", "email"], "msg": "field required"}]}, "field required."),
        ({"data": {"error": {"msg": "Deep"}}}, "Deep."),
        ({"error": "Plain"}, "Plain."),
        ("Just text", "Just text."),
        ({"message": "a" * 500}, "a" * 199 + "…"),
        ({"message": "<html>"}, ""),
        ({}, ""),
        ([], ""),
        (None, ""),
        (17, ""),
    ],
    ids=str,
)
def test_the_apis_own_message_is_found_where_apis_put_it(document: Any, message: str) -> None:
    assert message_in(document) == message


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"errors": [{"field": "email", "message": "no"}]}, "email"),
        ({"errors": [{"source": {"pointer": "/data/attributes/email"}}]}, "data.attributes.email"),
        ({"detail": [{"loc": ["body", "email"]}]}, "body.email"),
        ({"error": {"param": "amount"}}, "amount"),
        ({"path": "https://x"}, ""),
        ([], ""),
    ],
    ids=str,
)
def test_the_field_it_complains_about_is_named(document: Any, field: str) -> None:
    assert field_in(document) == field


def test_a_message_that_repeats_the_key_is_covered(connect: Callable) -> None:
    redaction.register(access.TOKEN)
    said = httpx2.Response(400, json={"message": f"The token {access.TOKEN} may not do this"})
    line = connect(httpx2.MockTransport(lambda _: said), log_in="bearer", token=access.TOKEN)
    error = told(line, InputError)
    assert access.TOKEN not in f"{error!r} {error} {error.hint}"
    assert "The token ••• may not do this" in error.message


def test_a_lost_answer_of_what_may_not_be_sent_twice_is_left_to_a_person(answers: Callable) -> None:
    def broken(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadError("gone", request=request)

    line = answers(broken)
    error = told(line, RetryableError, method="POST")
    assert error.maybe_sent
    assert len(line.requests) == 1
    assert not told(line, RetryableError, method="POST", repeat="harmless").maybe_sent
    assert len(line.requests) == 3


def test_an_api_without_a_name_is_not_called_by_its_number(answers: Callable) -> None:
    line = answers(
        lambda request: httpx2.Response(422, json={"message": "Taken."}, request=request)
    )
    assert told(line, InputError).message == "api.test refused this: Taken."
    local = httpx2.Response(422, request=httpx2.Request("POST", "http://127.0.0.1:9000/x"))
    assert str(explain(local)).startswith("The API refused this")
