"""The contract suite tries out what a connector promises of idempotency keys."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from engine.sdk import Accepted, Context, json_response, route
from engine.testing import connector_suite
from tests.engine.testing.suite.notes import ROWS, NotesServer, notes


class Counting(NotesServer):
    """Counts letters; one with a key that came before is the letter of before."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.letters: dict[str, str] = {}

    @route("POST", "/v1/letters")
    def send(self, request: Request) -> Response:
        key = request.headers.get("Idempotency-Key") or str(len(self.letters))
        return json_response({"id": self.letters.setdefault(key, f"l{len(self.letters)}")})


def send_letter(ctx: Context, text: str) -> Accepted:
    """Send a letter once."""
    headers = {"Idempotency-Key": ctx.idempotency_key or ""}
    letter = ctx.http.post("letters", json={"text": text}, headers=headers).json()
    return Accepted(letter, id=letter["id"])


def forgets_the_key(ctx: Context, text: str) -> Accepted:
    """Send a letter without its key."""
    letter = ctx.http.post("letters", json={"text": text}).json()
    return Accepted(letter, id=letter["id"])


def hides_the_key(ctx: Context, text: str) -> Accepted:
    """Send the key where the vendor doesn't look for it."""
    letter = ctx.http.post("letters", json={"text": text, "key": ctx.idempotency_key}).json()
    return Accepted(letter, id=letter["id"])


def said(function: Callable[..., Any]) -> str:
    built = notes()
    built.practice(Counting)
    built.action("Send a letter", idempotency_key=True, sample={"id": "l1"})(function)
    suite: Any = connector_suite(built, rows={**ROWS, function.__name__: [{"text": "Dear Ada"}]})
    try:
        suite().test_a_row_sent_twice_with_its_key_is_one(built.actions[function.__name__])
    except pytest.fail.Exception as failure:
        return str(failure)
    return ""


def test_a_key_that_is_sent_and_minded_passes() -> None:
    assert said(send_letter) == ""


def test_a_key_that_is_not_sent_or_not_minded_is_found() -> None:
    assert "doesn't send the idempotency key" in said(forgets_the_key)
    assert "'accepted as l0' and then 'accepted as l1'" in said(hides_the_key)
