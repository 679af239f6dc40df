"""A connection whose address is changed on its page: secrets stay, and practice ends."""

import pytest

from engine.host import build_host
from engine.loopback import on_loopback
from engine.store.connections import Connection, get_connection, save_connection
from plugins import http, webhook


@pytest.fixture
def host():
    return build_host([http, webhook], strict=True)


@pytest.fixture
def practice(store, host):
    """A connection to the practice server of any API."""
    server = host.connector("http").practice_function(1)
    with on_loopback(server) as url:
        settings = {"address": url, "base_url": url, "log_in": "none"}
        save_connection(
            store, Connection(name="api", connector="http", settings=settings, practice=True)
        )
        yield url


def test_elsewhere_than_at_its_server_a_practice_connection_is_one_like_any_other(
    admin, store, practice
):
    page = admin.post(
        "/connections/api/change",
        follow=True,
        setting_address="http://127.0.0.2:9",
        base_url="http://127.0.0.2:9",
    ).text
    assert "must begin with https" in page
    kept = get_connection(store, "api")
    assert kept.practice
    assert kept.settings["base_url"] == practice


def test_a_secret_address_is_typed_again_before_another_server_stands_in_for_it(admin, store):
    secrets = {"address": "https://hooks.example.com/T1/secret-path"}
    save_connection(store, Connection(name="bell", connector="webhook", secrets=secrets))
    page = admin.post(
        "/connections/bell/change", follow=True, base_url="https://elsewhere.example"
    ).text
    assert "Type it again: it goes to another address from now on." in page
    assert get_connection(store, "bell").settings == {}
