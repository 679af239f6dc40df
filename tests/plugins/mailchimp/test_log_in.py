"""Mailchimp's own log-in: the account says where it is kept, and its token doesn't end."""

from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from werkzeug.test import Client

from engine.errors import AuthError
from engine.http.connect import add_connection, begin_oauth, finish_oauth, new_connection
from engine.store.database import Store
from plugins.mailchimp.practice.oauth import CLIENT_ID, CLIENT_SECRET
from plugins.mailchimp.practice.server import PracticeMailchimp
from tests.plugins.mailchimp.account import CONNECTOR

APP = {"log_in": "oauth", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
BACK = "http://127.0.0.1:8080/back"


def test_a_person_logs_in_and_the_data_centre_is_kept(
    store: Store, server: PracticeMailchimp
) -> None:
    line = httpx2.WSGITransport(app=server)
    new = new_connection(CONNECTOR, "news", APP)
    asked = begin_oauth(CONNECTOR, new, BACK)
    assert asked.url.startswith("https://login.mailchimp.com/oauth2/authorize?")
    page = Client(server)
    path = f"/oauth2/authorize?{urlsplit(asked.url).query}"
    assert "Allow" in page.get(path).text
    answer = page.post(path, data={"decision": "allow"})
    done = finish_oauth(CONNECTOR, new, asked, answer.headers["Location"], transport=line)
    made = add_connection(store, CONNECTOR, done, transport=line)
    assert made.settings["dc"] == "us19"
    assert made.label == "Harbor Law"
    assert made.account_id == "practice"
    assert "expires_at" not in (made.tokens or {})  # expires_in is 0, for never


def test_whoever_says_no_is_told(store: Store, server: PracticeMailchimp) -> None:
    new = new_connection(CONNECTOR, "news", APP)
    asked = begin_oauth(CONNECTOR, new, BACK)
    path = f"/oauth2/authorize?{urlsplit(asked.url).query}"
    answer = Client(server).post(path, data={"decision": "deny"})
    assert dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["error"] == "access_denied"
    with pytest.raises(AuthError):
        finish_oauth(CONNECTOR, new, asked, answer.headers["Location"])


def test_a_key_needs_no_look_at_the_metadata(store: Store, server: PracticeMailchimp) -> None:
    line = httpx2.WSGITransport(app=server)
    new = new_connection(CONNECTOR, "news", server.credentials())
    made = add_connection(store, CONNECTOR, new, transport=line)
    assert "dc" not in made.settings
    assert not any("metadata" in one["path"] for one in server.requests)


def test_an_app_that_is_not_registered_is_refused(server: PracticeMailchimp) -> None:
    query = {"client_id": "other", "redirect_uri": BACK, "response_type": "code"}
    assert Client(server).get("/oauth2/authorize", query_string=query).status_code == 400
    form = {"client_id": "other", "client_secret": "x", "grant_type": "authorization_code"}
    assert Client(server).post("/oauth2/token", data=form).status_code == 400
    assert Client(server).get("/oauth2/metadata").status_code == 401
