"""An app with several ways to log in: each connection goes its own."""

import copy
from typing import Any

import httpx2
import pytest

from engine.errors import AuthError, PluginLoadError, SetupError
from engine.host import Host
from engine.http.connect import (
    add_connection,
    begin_oauth,
    check_connection,
    finish_oauth,
    new_connection,
)
from engine.http.settings import (
    asks_consent,
    of_other_ways,
    required_settings,
    secret_settings,
    setting_schemas,
    way_of,
)
from engine.sdk import ApiKey, Basic, Connector, LogIn
from engine.store.connections import Connection, get_connection
from engine.store.database import Store
from engine.testing import connector_suite
from engine.validation import validate
from tests.log_ins import keep

TestKeep = connector_suite(keep.connector)

WAYS = list(keep.connector.log_ins)


def connected(store: Store, line: Any, server: keep.Keep, way: str, **more: Any) -> Connection:
    settings = {**server.credentials_for(way), **more}
    new = new_connection(keep.connector, "keep", settings)
    return add_connection(store, keep.connector, new, transport=line)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_logs_in_as_it_is_declared(
    store: Store, host: Host, server: keep.Keep, line: httpx2.WSGITransport, way: str
) -> None:
    connected(store, line, server, way)
    assert check_connection(store, host, "keep", transport=line) == "North Keep"
    assert set(server.seen) == {way}
    kept = get_connection(store, "keep")
    assert kept.settings["log_in"] == way
    assert not set(map(str, kept.settings.values())) & {keep.KEY, keep.PASSWORD, keep.SECRET}


def test_a_connection_of_before_there_were_several_goes_the_first_way() -> None:
    assert keep.connector.for_connection({}).log_in == "key"
    assert keep.connector.for_connection({"log_in": ""}).auth == ApiKey(header="{header}")


def test_a_way_that_is_no_more_is_told_and_does_not_stop_what_is_shown() -> None:
    gone = {"log_in": "drawbridge"}
    with pytest.raises(
        SetupError, match="no way to log in to The Keep called 'drawbridge'"
    ) as told:
        keep.connector.for_connection(gone)
    assert "key, link, password, machine, person" in told.value.hint
    assert way_of(keep.connector, gone).log_in == "key"
    assert not asks_consent(keep.connector, gone)


def test_each_way_asks_for_what_it_needs() -> None:
    ways = keep.connector.ways
    assert set(setting_schemas(ways["key"])) == {"log_in", "tower", "api_key", "header"}
    assert set(setting_schemas(ways["password"])) == {"log_in", "tower", "username", "password"}
    assert required_settings(ways["password"]) == ("username", "password")
    assert required_settings(keep.connector) == ("api_key",)
    assert secret_settings(ways["machine"]) == {"client_secret"}
    assert secret_settings(keep.connector) == {"api_key", "password", "client_secret"}
    assert of_other_ways(ways["machine"]) == {
        *("api_key", "header", "username", "password", "access_token", "refresh_token")
    }
    assert of_other_ways(keep.connector) == set()


def test_what_another_way_asked_for_is_forgotten_with_the_change(
    store: Store, line: httpx2.WSGITransport, server: keep.Keep
) -> None:
    connected(store, line, server, "key", tower="east", header="X-Other")
    old = get_connection(store, "keep")
    settings = {**old.all_settings, **server.credentials_for("password")}
    new = new_connection(keep.connector, "keep", settings)
    add_connection(store, keep.connector, new, transport=line)
    kept = get_connection(store, "keep")
    assert kept.settings == {"log_in": "password", "tower": "east", "username": "warden"}
    assert kept.secrets == {"password": keep.PASSWORD}


def test_the_name_of_a_keys_header_may_be_a_setting(
    store: Store, line: httpx2.WSGITransport, server: keep.Keep
) -> None:
    assert connected(store, line, server, "key", header="X-Other").label == "North Keep"
    with pytest.raises(AuthError):
        connected(store, line, server, "key", header="X-Wrong")


def test_an_empty_scope_is_not_asked_for(
    store: Store, line: httpx2.WSGITransport, server: keep.Keep
) -> None:
    connected(store, line, server, "machine")
    connected(store, line, server, "machine", scope="read write")
    assert server.scopes == ["", "read write"]


def test_a_person_is_sent_to_the_consent_page_of_that_way(
    store: Store, line: httpx2.WSGITransport, server: keep.Keep
) -> None:
    known = server.credentials_for("person")
    app = {name: known[name] for name in ("log_in", "client_id", "client_secret")}
    new = new_connection(keep.connector, "keep", app)
    asked = begin_oauth(keep.connector, new, "http://127.0.0.1/back")
    assert asked.url.startswith("https://keep.test/authorize?")
    back = f"http://127.0.0.1/back?code=keep-code-1&state={asked.state}"
    done = finish_oauth(keep.connector, new, asked, back, transport=line)
    made = add_connection(store, keep.connector, done, transport=line)
    assert (made.tokens or {})["access_token"] == "keep-token-p-2"


def test_a_key_in_the_address_is_in_no_error(
    store: Store, line: httpx2.WSGITransport, server: keep.Keep
) -> None:
    server.closed = {"link"}
    with pytest.raises(AuthError) as told:
        connected(store, line, server, "link")
    assert keep.KEY not in f"{told.value!r} {told.value}"


def test_one_way_and_several_are_not_declared_together() -> None:
    both = Connector(
        name="both", title="Both", auth=Basic(), log_ins={"key": LogIn("Key", ApiKey())}
    )
    both.check(lambda ctx: "x")
    with pytest.raises(PluginLoadError, match="it has both `auth` and `log_ins`"):
        validate(both, "tests")


def test_an_app_with_several_ways_needs_a_connection_and_its_test() -> None:
    untested = copy.copy(keep.connector)
    untested.check_function = None
    assert untested.needs_connection
    with pytest.raises(PluginLoadError, match="it logs in but can't test a connection"):
        validate(untested, "tests")


def test_the_suite_tells_a_way_that_does_not_work() -> None:
    class Deaf(keep.Keep):
        """Knows no password."""

        def __init__(self) -> None:
            super().__init__()
            self.closed = {"password"}

    suite = connector_suite(keep.connector, server=Deaf)
    with pytest.raises(pytest.fail.Exception, match="With log_in=password, prisoner_listed failed"):
        suite().test_every_way_to_log_in_works()
