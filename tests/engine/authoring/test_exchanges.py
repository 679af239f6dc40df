"""What an author sees of requests and answers holds no secret, and is never endless."""

import httpx2
import pytest

from engine.authoring.exchanges import Exchange, Exchanges, sounds_secret, without_secrets
from engine.redaction import HIDDEN, register


def heard(answer: httpx2.Response, **request: object) -> Exchange:
    exchanges = Exchanges()
    client = httpx2.Client(transport=httpx2.MockTransport(lambda asked: answer))
    exchanges.listen(client)
    client.request("POST", "https://a.example/x", **request)  # type: ignore[arg-type]
    (found,) = exchanges.made
    return found


def test_fields_that_sound_secret_are_covered_on_both_sides() -> None:
    found = heard(
        httpx2.Response(200, json={"access_token": "abc", "list": [{"client_secret": "def"}]}),
        data={"password": "ghi", "name": "Ada"},
    )
    assert found.sent == f"password={HIDDEN}&name=Ada"
    assert found.answer == {"access_token": HIDDEN, "list": [{"client_secret": HIDDEN}]}


def test_known_secrets_are_covered_wherever_they_stand() -> None:
    register("very-secret-value")
    found = heard(httpx2.Response(200, json={"note": "it is very-secret-value"}))
    assert found.answer == {"note": f"it is {HIDDEN}"}


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (httpx2.Response(204), None),
        (httpx2.Response(200, content=b"\xff\xfe\x00"), "(3 bytes that are no text)"),
        (httpx2.Response(200, content=b"x" * 300_000), "(300,000 bytes)"),
        (httpx2.Response(200, text="<p>hello"), "<p>hello"),
    ],
    ids=["nothing", "bytes", "much", "text"],
)
def test_bodies_of_any_kind_are_shown_somehow(answer: httpx2.Response, shown: object) -> None:
    assert heard(answer).answer == shown


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("Authorization", True),
        ("X-Api-Key", True),
        ("apiKey", True),
        ("refreshToken", True),
        ("Set-Cookie", True),
        ("next_page_token", False),
        ("key", False),
        ("monkey", False),
        ("Content-Type", False),
    ],
)
def test_names_give_secrets_away(name: str, secret: bool) -> None:
    assert sounds_secret(name) is secret


def test_what_is_no_text_stays_as_it_is() -> None:
    assert without_secrets({"token": 5, "password": None}) == {"token": 5, "password": None}


def test_what_a_secret_field_holds_is_covered_whatever_it_is() -> None:
    seen = {"tokens": ["abc"], "secret": {"value": "x"}, "note": "hello"}
    assert without_secrets(seen) == {
        "tokens": [HIDDEN],
        "secret": {"value": HIDDEN},
        "note": "hello",
    }
