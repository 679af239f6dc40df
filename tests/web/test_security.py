"""Headers, cookies, and pages without a script or style of their own."""

import logging
import re
import secrets

import pytest

from engine.redaction import RedactingFormatter
from web import create_app

PAGES = [
    "/",
    "/recipes/",
    "/recipes/contacts",
    "/runs/",
    "/runs/1",
    "/runs/1/report",
    "/connections/",
]


def test_every_answer_carries_the_headers(admin, seed):
    run = seed.run()
    paths = ["/", f"/runs/{run}/report", f"/runs/{run}/progress", "/static/zone.js", "/nowhere"]
    for path in paths:
        answer = admin.get(path)
        headers = answer.headers
        answer.close()
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"


def test_reports_are_not_kept_by_the_browser(admin, seed):
    run = seed.run()
    for path in (f"/runs/{run}/report", f"/runs/{run}/report.csv", f"/runs/{run}/progress"):
        assert admin.get(path).headers["Cache-Control"] == "no-store"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor):
    cookie = visitor.get("/setup").headers["Set-Cookie"]
    assert cookie.startswith("bridgework=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("address", "secure"),
    [("https://bridgework.firm.example", True), ("http://localhost:8080", False), ("", False)],
)
def test_where_pages_are_reached_by_https_the_cookie_never_travels_in_the_open(
    store, host, library, monkeypatch, address, secure
):
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", address)
    page = create_app(store, host, library).test_client().get("/setup")
    assert ("Secure" in page.headers["Set-Cookie"]) is secure


def test_pages_renew_the_log_in_and_answers_to_scripts_leave_it_alone(admin):
    """One that comes late would else bring back the cookie from before the page it crossed with."""
    page = admin.get("/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert "Set-Cookie" in page.headers
    asked = {"name": "contacts", "text": "name: Contacts"}
    headers = {"Accept": "application/json", "X-CSRFToken": admin.token()}
    answer = admin.client.post("/recipe-text/check", json=asked, headers=headers)
    assert answer.json["findings"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("name", "answered"),
    [
        ("localhost:8080", True),
        ("127.0.0.1", True),
        ("[::1]:8080", True),
        ("192.168.1.20:8080", True),
        ("demo.localhost", True),
        ("Bridge.firm.example", True),
        ("other.firm.example:443", True),
        ("office.firm.example", True),
        ("container:8080", True),
        ("rebound.attacker.example:8080", False),
        ("bridge.firm.example.attacker.example", False),
        ("127.0.0.1.attacker.example", False),
        ("[nonsense", False),
        ("", False),
        ("localhost@attacker.example", False),
    ],
)
def test_pages_answer_under_known_names_alone(store, host, library, monkeypatch, name, answered):
    monkeypatch.setenv("BRIDGEWORK_PUBLIC_URL", "https://bridge.firm.example")
    monkeypatch.setenv("BRIDGEWORK_HOSTS", "other.firm.example, third.firm.example")
    visitor = create_app(store, host, library, listening="office.firm.example").test_client()
    answer = visitor.get("/setup", headers={"Host": name})
    assert (answer.status_code == 200) is answered
    if not answered:
        assert answer.status_code in (400, 421)
        assert "Make the admin account" not in answer.text


@pytest.mark.parametrize(
    "written",
    ["https://Bridge.firm.example/", "bridge.firm.example:8443", " bridge.firm.example. ", "x,bridge.firm.example"],
)  # fmt: skip
def test_a_name_of_ours_may_be_written_as_a_whole_address(
    store, host, library, monkeypatch, written
):
    monkeypatch.setenv("BRIDGEWORK_HOSTS", f"{written},büro.example")
    visitor = create_app(store, host, library).test_client()
    for name in ("bridge.firm.example", "xn--bro-hoa.example"):
        assert visitor.get("/setup", headers={"Host": name}).status_code == 200
    assert visitor.get("/setup", headers={"Host": "firm.example"}).status_code == 421


def test_what_a_proxy_says_of_the_name_is_not_believed(store, host, library):
    visitor = create_app(store, host, library).test_client()
    said = {
        "Host": "attacker.example",
        "X-Forwarded-Host": "localhost",
        "Forwarded": "host=localhost",
    }
    assert visitor.get("/setup", headers=said).status_code == 421


def test_whoever_wants_any_name_says_so(store, host, library, monkeypatch):
    monkeypatch.setenv("BRIDGEWORK_HOSTS", "*")
    visitor = create_app(store, host, library).test_client()
    assert visitor.get("/setup", headers={"Host": "any.example"}).status_code == 200


def test_a_link_that_fails_is_not_in_the_log(app, monkeypatch):
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    def away(*_: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr("web.accounts.find_invitation", away)
    handler = Kept()
    handler.setFormatter(RedactingFormatter())
    app.logger.addHandler(handler)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    token = secrets.token_urlsafe(32)
    assert app.test_client().get(f"/welcome/{token}").status_code == 500
    assert "the database is away" in "".join(lines)
    assert "/welcome/•••" in "".join(lines)
    assert token not in "".join(lines)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_inline_code_or_foreign_files(admin, seed, path):
    seed.run()
    page = admin.get(path).text
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert not re.search(r"<[^>]+\son[a-z]+=", page)
    assert "<style" not in page
    for script in re.findall(r"<script[^>]*>", page):
        assert 'src="/' in script
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_what_other_systems_wrote_is_text_and_never_code(admin, seed, sample_rows):
    run = seed.run(sample_rows)
    for path in (f"/runs/{run}/report?outcome=failed", "/recipes/contacts/problems/"):
        page = admin.get(path).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page


def test_secrets_never_reach_a_page(admin, seed, store):
    from engine.store.connections import get_connection, mark_checked

    get_connection(store, "mailchimp")  # from now on its key is known as a secret
    key = "practice-mailchimp-key-us19"
    mark_checked(store, "mailchimp", problem=f"The key {key} was refused.")
    row = {"record_key": "1", "title": f"row {key}", "outcome": "rejected"}
    run = seed.run(
        [seed.row(**row, reason=f"{key} is wrong", how_to_fix=f"replace {key}")],
        status="failed",
        message=f"no entry for {key}",
        hint=f"try {key}",
    )
    from engine.store.runs import log

    log(store, run, f"sent {key}")
    paths = ["/", "/connections/", f"/runs/{run}", f"/runs/{run}/progress", f"/runs/{run}/report",
             f"/runs/{run}/report.csv", "/recipes/contacts", "/recipes/contacts/problems/"]  # fmt: skip
    for path in paths:
        page = admin.get(path).text.replace("\\u2022", "•")
        assert key not in page, path
        assert "•••" in page or path == "/recipes/contacts", path
