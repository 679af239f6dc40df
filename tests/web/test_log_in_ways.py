"""Connecting in the browser: the way to log in is chosen first, and can be changed later."""

from html import unescape
from re import search
from urllib.parse import urlsplit

import httpx2
import pytest

from engine.cli.practice_process import PracticeProcess
from engine.errors import AuthError
from engine.host import build_host
from engine.loopback import on_loopback
from engine.store.connections import get_connection, mark_checked, save_connection
from tests.log_ins import keep


@pytest.fixture
def host():
    return build_host([keep], strict=True)


@pytest.fixture
def server():
    return keep.Keep()


@pytest.fixture
def url(server):
    with on_loopback(server) as url:
        yield url


@pytest.fixture
def connected(admin, store, url):
    """A connection with a key."""
    form = {"name": "keep", "setting_api_key": keep.KEY, "base_url": url}
    page = admin.post("/connections/add/keep?log_in=key", follow=True, **form).text
    assert "“keep” is connected to The Keep: North Keep." in page
    return get_connection(store, "keep")


def test_the_ways_are_offered_first_with_what_they_are_for(admin):
    page = unescape(admin.get("/connections/add/keep?name=north").text)
    assert "How do you log in?" in page
    assert "Under Gates, Keys." in page
    for way in keep.connector.log_ins:
        assert f"/connections/add/keep?log_in={way}&name=north" in page
    assert "setting_" not in page
    assert "How do you log in?" in admin.get("/connections/add/keep?log_in=drawbridge").text


def test_each_way_has_its_own_form(admin):
    key = admin.get("/connections/add/keep?log_in=key").text
    assert "setting_api_key" in key
    assert "setting_username" not in key
    assert "setting_log_in" not in key
    assert "Another way to log in" in key
    assert "redirect address" not in key
    person = admin.get("/connections/add/keep?log_in=person").text
    assert "redirect address" in person
    assert "Continue to The Keep" in person


def test_the_way_is_kept_with_the_connection(connected):
    assert connected.settings["log_in"] == "key"
    assert connected.secrets == {"api_key": keep.KEY}


def test_a_consent_page_is_opened_where_the_way_has_one(admin, store, server, url):
    form = {
        "name": "keep",
        "setting_client_id": "keep-app",
        "setting_client_secret": keep.SECRET,
        "base_url": url,
    }
    page = admin.post("/connections/add/keep?log_in=person", follow=True, **form).text
    found = search(r'href="([^"]*/authorize\?[^"]*)"', page)
    with httpx2.Client() as browser:
        asked = unescape(found[1])
        query = dict(httpx2.URL(asked).params)
        answer = browser.post(asked, data=query)
    back = urlsplit(answer.headers["Location"])
    page = admin.client.get(f"{back.path}?{back.query}", follow_redirects=True).text
    assert "“keep” is connected: North Keep" in page
    assert get_connection(store, "keep").settings["log_in"] == "person"
    again = admin.client.get("/connections/keep/reconnect", follow_redirects=True).text
    assert "/authorize?" in again


@pytest.mark.usefixtures("connected")
def test_a_change_keeps_the_way_and_the_secret_that_is_not_typed(admin, store, url):
    page = admin.get("/connections/keep/change").text
    assert "Leave it empty to keep the one that is stored." in page
    admin.post("/connections/keep/change", base_url=url, setting_tower="east")
    kept = get_connection(store, "keep")
    assert (kept.settings["tower"], kept.settings["log_in"]) == ("east", "key")
    assert kept.secrets == {"api_key": keep.KEY}


@pytest.mark.usefixtures("connected")
def test_another_way_takes_the_place_of_the_first_and_its_secret_is_forgotten(admin, store, url):
    page = unescape(admin.get("/connections/keep/change").text)
    assert "/connections/keep/change?log_in=password" in page
    assert "is stored" not in admin.get("/connections/keep/change?log_in=password").text
    address = "/connections/keep/change?log_in=password"
    empty = admin.post(address, base_url=url, setting_username="warden").text
    assert "Fill in “Password”." in empty
    admin.post(address, base_url=url, setting_username="warden", setting_password=keep.PASSWORD)
    kept = get_connection(store, "keep")
    assert kept.settings["log_in"] == "password"
    assert kept.secrets == {"password": keep.PASSWORD}


@pytest.mark.usefixtures("connected")
def test_reconnect_leads_to_the_form_of_its_way(admin, store):
    mark_checked(store, "keep", problem="It is refused.", code=AuthError.code)
    page = admin.client.get("/connections/keep/reconnect", follow_redirects=True).text
    assert "With an API key" in page
    assert "setting_api_key" in page


def test_a_connection_whose_way_is_no_more_is_shown_all_the_same(admin, store, connected):
    save_connection(store, get_connection(store, "keep").__class__(
        name="keep", connector="keep", settings={"log_in": "drawbridge"}, label="North Keep"
    ))  # fmt: skip
    assert "North Keep" in admin.get("/connections/").text
    assert "How do you log in?" not in admin.get("/connections/keep/change").text
    page = admin.post("/connections/keep/test", follow=True).text
    assert "no way to log in to The Keep called" in page


def test_the_practice_server_is_joined_in_the_way_that_was_chosen(
    admin, store, server, url, monkeypatch
):
    log_ins = {way: server.credentials_for(way) for way in keep.connector.log_ins}
    process = PracticeProcess("keep", url, 0, server.credentials(), log_ins)
    monkeypatch.setattr("web.connecting.running_practice", lambda *_: process)
    form = unescape(admin.get("/connections/add/keep?log_in=machine").text)
    action = search(r'action="(/connections/add/keep/practice\?[^"]*)"', form)[1]
    assert "log_in=machine" in action
    admin.post(action)
    assert get_connection(store, "keep").settings["log_in"] == "machine"
