"""Secrets once known are in no text, log or traceback."""

import logging
import threading
from collections.abc import Iterator

import pytest

from engine import redaction
from engine.redaction import RedactingFormatter, redact, register


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test knows its own secrets only."""
    monkeypatch.setattr(redaction, "_known", set())


def test_every_text_within_a_value_is_secret() -> None:
    register(
        {"settings": {"key": "alpha-111"}, "more": ["beta-2222", ("gamma-333",)], "n": 1234567}
    )
    assert redact("alpha-111, beta-2222 and gamma-333 of 1234567") == "•••, ••• and ••• of 1234567"


def test_what_is_public_about_tokens_is_no_secret() -> None:
    register({"token_type": "bearer-kind", "scope": "read-only", "access_token": "access-123"})
    assert redact("bearer-kind read-only access-123") == "bearer-kind read-only •••"


def test_short_words_are_left_alone() -> None:
    register(["red", "", "12345"])
    assert redact("a red 12345") == "a red 12345"


def test_a_secret_that_begins_like_another_is_hidden_whole() -> None:
    register([f"secret-1{'x' * n}" for n in range(20)])
    for n in range(20):
        assert redact(f"<secret-1{'x' * n}>") == "<•••>"


def test_a_log_line_and_its_traceback_hold_no_secret() -> None:
    register("hunter2-hunter2")
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    log, handler = logging.getLogger("test.redaction"), Kept()
    handler.setFormatter(RedactingFormatter("%(levelname)s %(message)s"))
    log.addHandler(handler)
    log.propagate = False
    try:
        try:
            raise KeyError("no user with hunter2-hunter2")
        except KeyError:
            log.exception("the password %s failed", "hunter2-hunter2")
    finally:
        log.removeHandler(handler)
    assert lines[0].startswith("ERROR the password ••• failed\nTraceback")
    assert "KeyError: 'no user with •••'" in lines[0]
    assert "hunter2-hunter2" not in lines[0].partition("Traceback")[2].replace(
        'raise KeyError("no user with hunter2-hunter2")', ""
    )


def test_threads_may_learn_secrets_while_others_hide_them() -> None:
    done = threading.Event()

    def learn() -> None:
        for number in range(4000):
            register(f"secret-{number:06}")
        done.set()

    def texts() -> Iterator[str]:
        while not done.is_set():
            yield redact("nothing to hide")

    thread = threading.Thread(target=learn)
    thread.start()
    shown = set(texts())
    thread.join()
    assert shown <= {"nothing to hide"}
    assert redact("secret-003999") == "•••"
