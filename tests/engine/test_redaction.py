"""Secrets once known are in no text, log or traceback."""

import json
import logging
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import redaction
from engine.redaction import REMEMBERED, RedactingFormatter, Secrets, redact, register


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test knows its own secrets only."""
    monkeypatch.setattr(redaction, "_secrets", Secrets())


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


@pytest.mark.parametrize(
    "shown",
    [
        "{}",
        "https://api.test/?key={url}&page=2",
        "https://api.test/{path}/lists",
        "no entry for {repr}",
        '{{"password": "{json}"}}',
        "Authorization: Basic {basic}",
    ],
)
@pytest.mark.parametrize(
    "secret", ["s3cret/with+signs==", 'quo"te\\back', "größe & höhe", "simple-one", "日本語のかぎ"]
)
def test_a_secret_is_hidden_in_whatever_form_it_is_shown(shown: str, secret: str) -> None:
    register(secret)
    forms = {
        "url": quote_plus(secret),
        "path": quote(secret, safe=""),
        "repr": repr(secret),
        "json": json.dumps(secret)[1:-1],
        "basic": b64encode(f"anybody:{secret}".encode()).decode(),
    }
    line = redact(shown.format(secret, **forms))
    assert "•••" in line
    for form in (secret, *forms.values()):
        assert form not in line


#: No dots, so that what stands for a secret is none itself.
texts = st.text(st.characters(exclude_characters="•", exclude_categories=["Cs"]), max_size=30)
secrets = texts.filter(lambda text: len(text) >= 6)


@given(secret=secrets, before=texts, after=texts)
def test_no_way_of_writing_a_secret_is_let_through(secret: str, before: str, after: str) -> None:
    known = Secrets([secret])
    whole = before + secret + after
    forms = [
        secret,
        quote(secret),
        quote_plus(secret),
        urlencode({"": secret})[1:],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    ]
    for form in forms:
        shown = known.redact(before + form + after)
        assert form not in shown or form in before + "•••" + after
        assert "•••" in shown
    for encode in (b64encode, urlsafe_b64encode):
        shown = known.redact(encode(whole.encode()).decode())
        assert "•••" in shown
        left = max(len(part) for part in shown.split("•••"))
        assert left <= len(encode(max(before, after, key=lambda t: len(t.encode())).encode())) + 4


@given(known=st.lists(secrets, max_size=6), text=texts)
def test_what_holds_no_secret_is_left_as_it_is(known: list[str], text: str) -> None:
    shown = Secrets(known).redact(text)
    assert shown == text or "•••" in shown
    assert not any(secret in shown for secret in known)


def test_what_was_registered_long_ago_is_forgotten_what_is_in_use_is_not() -> None:
    register("in-use-since-long")
    for number in range(REMEMBERED * 2):
        register(f"access-{number:06}")
        register("in-use-since-long")
    last = f"access-{REMEMBERED * 2 - 1:06}"
    assert redact(f"in-use-since-long {last}") == "••• •••"
    assert redact("access-000000") == "access-000000"


def test_addresses_in_the_log_open_nothing_though_nobody_registered_them() -> None:
    record = logging.makeLogRecord(
        {
            "msg": "GET https://x.example/hooks/%s?secret=s3cr3t&page=2, /welcome/%s, "
            "/hooks/deliveries/7, https://y.example/a?x=1&api_key=k-1'",
            "args": ("A-" + "b" * 41, "C_" + "d" * 41),
        }
    )
    assert RedactingFormatter().format(record) == (
        "GET https://x.example/hooks/•••?secret=•••&page=2, /welcome/•••, "
        "/hooks/deliveries/7, https://y.example/a?x=1&api_key=•••'"
    )
