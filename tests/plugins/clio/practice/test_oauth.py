"""Logging in at Clio's practice server: consent, codes, tokens, refresh and expiry."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from plugins.clio.practice import PracticeClio
from tests.plugins.line import Clock

REDIRECT = "http://127.0.0.1:8080/oauth/callback"


@pytest.fixture
def browser(server: PracticeClio) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        transport=httpx2.WSGITransport(app=server), base_url="http://clio.test"
    ) as client:
        yield client


def consent(server: PracticeClio, **changes: str) -> dict[str, str]:
    asked = {
        "response_type": "code",
        "client_id": server.credentials()["client_id"],
        "redirect_uri": REDIRECT,
        "state": "s 1&2",
    }
    return asked | changes


def app(server: PracticeClio, **form: str) -> dict[str, str]:
    known = server.credentials()
    return {"client_id": known["client_id"], "client_secret": known["client_secret"]} | form


def allow(server: PracticeClio, browser: httpx2.Client) -> str:
    """Press "Allow access" and return the code."""
    answer = browser.post("/oauth/authorize", params=consent(server), data={"decision": "allow"})
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def log_in(server: PracticeClio, browser: httpx2.Client) -> dict[str, Any]:
    form = app(
        server,
        grant_type="authorization_code",
        code=allow(server, browser),
        redirect_uri=REDIRECT,
    )
    answer = browser.post("/oauth/token", data=form)
    assert answer.status_code == 200
    tokens: dict[str, Any] = answer.json()
    return tokens


def refresh(server: PracticeClio, browser: httpx2.Client, token: str) -> httpx2.Response:
    return browser.post(
        "/oauth/token", data=app(server, grant_type="refresh_token", refresh_token=token)
    )


def who(browser: httpx2.Client, token: str) -> httpx2.Response:
    return browser.get("/api/v4/users/who_am_i.json", headers={"Authorization": f"Bearer {token}"})


def test_the_consent_page_names_the_app_and_the_firm(
    server: PracticeClio, browser: httpx2.Client
) -> None:
    page = browser.get("/oauth/authorize", params=consent(server))
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Bridgework" in page.text
    assert "Harbor Law" in page.text
    assert '<form method="post">' in page.text


def test_allowing_redirects_with_a_code_and_the_state(
    server: PracticeClio, browser: httpx2.Client
) -> None:
    answer = browser.post("/oauth/authorize", params=consent(server))
    assert answer.status_code == 302
    address = urlsplit(answer.headers["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == REDIRECT
    assert parse_qs(address.query)["state"] == ["s 1&2"]
    assert parse_qs(address.query)["code"][0]


def test_a_redirect_address_with_a_query_keeps_it(
    server: PracticeClio, browser: httpx2.Client
) -> None:
    asked = consent(server, redirect_uri="http://localhost:9/cb?for=clio")
    query = parse_qs(
        urlsplit(browser.post("/oauth/authorize", params=asked).headers["Location"]).query
    )
    assert query["for"] == ["clio"]
    assert query["code"]


def test_denying_redirects_with_an_error_and_no_code(
    server: PracticeClio, browser: httpx2.Client
) -> None:
    answer = browser.post("/oauth/authorize", params=consent(server), data={"decision": "deny"})
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query == {"error": ["access_denied"], "state": ["s 1&2"]}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("client_id", "someone-else", "client_id"),
        ("redirect_uri", "https://evil.example/cb", "redirect_uri"),
        ("redirect_uri", "http://127.0.0.1.evil.example/cb", "redirect_uri"),
        ("redirect_uri", "", "redirect_uri"),
        ("response_type", "token", "response_type"),
    ],
)
def test_a_wrong_app_gets_an_error_page_and_no_redirect(
    server: PracticeClio, browser: httpx2.Client, method: str, name: str, value: str, said: str
) -> None:
    answer = browser.request(method, "/oauth/authorize", params=consent(server, **{name: value}))
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert said in answer.text


def test_a_code_gives_tokens_as_documented(server: PracticeClio, browser: httpx2.Client) -> None:
    tokens = log_in(server, browser)
    assert tokens.keys() == {"token_type", "access_token", "refresh_token", "expires_in"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 2_592_000)
    assert who(browser, tokens["access_token"]).status_code == 200


def test_a_code_works_once(server: PracticeClio, browser: httpx2.Client) -> None:
    form = app(
        server,
        grant_type="authorization_code",
        code=allow(server, browser),
        redirect_uri=REDIRECT,
    )
    assert browser.post("/oauth/token", data=form).status_code == 200
    again = browser.post("/oauth/token", data=form)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_belongs_to_its_redirect_address(
    server: PracticeClio, browser: httpx2.Client
) -> None:
    form = app(
        server,
        grant_type="authorization_code",
        code=allow(server, browser),
        redirect_uri="http://127.0.0.1:9999/other",
    )
    assert browser.post("/oauth/token", data=form).json()["error"] == "invalid_grant"


def test_a_code_grows_old(server: PracticeClio, browser: httpx2.Client, clock: Clock) -> None:
    code = allow(server, browser)
    clock.now += 600
    form = app(server, grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert browser.post("/oauth/token", data=form).json()["error"] == "invalid_grant"


def test_a_refresh_gives_a_new_access_token_and_keeps_the_refresh_token(
    server: PracticeClio, browser: httpx2.Client
) -> None:
    tokens = log_in(server, browser)
    first = refresh(server, browser, tokens["refresh_token"]).json()
    second = refresh(server, browser, tokens["refresh_token"]).json()
    assert "refresh_token" not in first
    assert len({tokens["access_token"], first["access_token"], second["access_token"]}) == 3
    assert who(browser, second["access_token"]).status_code == 200
    assert server.refreshes == 2


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "made up"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "made up"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_secret": "wrong", "grant_type": "refresh_token"}, 401, "invalid_client"),
        ({"client_id": "wrong", "grant_type": "refresh_token"}, 401, "invalid_client"),
    ],
)
def test_the_token_endpoint_says_what_is_wrong(
    server: PracticeClio, browser: httpx2.Client, form: dict[str, str], status: int, error: str
) -> None:
    answer = browser.post("/oauth/token", data=app(server, **form))
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert isinstance(answer.json()["error_description"], str)
    assert server.refreshes == 0


def test_the_token_endpoint_reads_forms_only(server: PracticeClio, browser: httpx2.Client) -> None:
    body = app(
        server,
        grant_type="refresh_token",
        refresh_token=server.credentials()["refresh_token"],
    )
    assert browser.post("/oauth/token", json=body).json()["error"] == "invalid_client"


def test_ready_made_tokens_work_without_a_log_in(
    server: PracticeClio, browser: httpx2.Client
) -> None:
    known = server.credentials()
    assert who(browser, known["access_token"]).status_code == 200
    assert refresh(server, browser, known["refresh_token"]).status_code == 200


def test_access_tokens_run_out(browser: httpx2.Client, server: PracticeClio, clock: Clock) -> None:
    token = server.credentials()["access_token"]
    clock.now += 2_592_000 - 1
    assert who(browser, token).status_code == 200
    clock.now += 1
    refused = who(browser, token)
    assert refused.status_code == 401
    # Here, unlike in other answers of the API, `error` is a text.
    assert refused.json()["error"] == "invalid_token"
    assert "expired" in refused.json()["error_description"]


def test_a_token_may_run_out_after_some_requests_and_its_successor_does_not(clock: Clock) -> None:
    server = PracticeClio(clock=clock, token_requests=2)
    known = server.credentials()
    with httpx2.Client(
        transport=httpx2.WSGITransport(app=server), base_url="http://clio.test"
    ) as browser:
        statuses = [who(browser, known["access_token"]).status_code for _ in range(4)]
        assert statuses == [200, 200, 401, 401]
        renewed = refresh(server, browser, known["refresh_token"]).json()["access_token"]
        assert {who(browser, renewed).status_code for _ in range(5)} == {200}


def test_all_tokens_can_be_made_to_run_out(server: PracticeClio, browser: httpx2.Client) -> None:
    log_in(server, browser)
    assert browser.post("/_practice/expire").json() == {"expired": 2}
    known = server.credentials()
    assert who(browser, known["access_token"]).status_code == 401
    assert refresh(server, browser, known["refresh_token"]).status_code == 200


def test_every_access_can_be_withdrawn(server: PracticeClio, browser: httpx2.Client) -> None:
    log_in(server, browser)
    assert browser.post("/_practice/revoke").json() == {"revoked": 2}
    known = server.credentials()
    assert who(browser, known["access_token"]).status_code == 401
    assert refresh(server, browser, known["refresh_token"]).status_code == 400
    log_in(server, browser)  # connecting again works


def test_deauthorizing_revokes_both_tokens(server: PracticeClio, browser: httpx2.Client) -> None:
    tokens = log_in(server, browser)
    renewed = refresh(server, browser, tokens["refresh_token"]).json()["access_token"]
    bearer = {"Authorization": f"Bearer {renewed}"}
    assert browser.post("/oauth/deauthorize", headers=bearer).status_code == 200
    assert who(browser, renewed).status_code == 401
    assert who(browser, tokens["access_token"]).status_code == 401
    assert refresh(server, browser, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert browser.post("/oauth/deauthorize", headers=bearer).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer made-up", "Basic YTpi"])
def test_other_credentials_are_refused(browser: httpx2.Client, header: str) -> None:
    answer = browser.get("/api/v4/matters.json", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_a_token_of_another_region_is_refused(clock: Clock, browser: httpx2.Client) -> None:
    elsewhere = PracticeClio(clock=clock, region="eu").credentials()
    assert elsewhere["region"] == "eu"
    assert who(browser, elsewhere["access_token"]).status_code == 401


def test_an_app_of_another_region_is_unknown(
    clock: Clock, server: PracticeClio, browser: httpx2.Client
) -> None:
    elsewhere = PracticeClio(clock=clock, region="ca").credentials()
    answer = browser.get(
        "/oauth/authorize", params=consent(server, client_id=elsewhere["client_id"])
    )
    assert answer.status_code == 400


def test_no_secret_stands_in_the_request_log(server: PracticeClio, browser: httpx2.Client) -> None:
    tokens = log_in(server, browser)
    refresh(server, browser, tokens["refresh_token"])
    who(browser, tokens["access_token"])
    log = str(browser.get("/_practice/requests").json())
    assert "/oauth/token" in log
    for secret in (
        tokens["access_token"],
        tokens["refresh_token"],
        server.credentials()["client_secret"],
    ):
        assert secret not in log
