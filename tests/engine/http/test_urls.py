"""Where requests go: placeholders, computed values, and another server in the app's place."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.errors import SetupError
from engine.http.urls import addresses, host_of, origin_of
from engine.sdk import Connector, OAuth2


def connector(base_url: str = "https://{region}.archive.test/v1/{folder}") -> Connector:
    return Connector(
        name="archive",
        title="The Archive",
        base_url=base_url,
        auth=OAuth2(
            authorize_url="https://log-in.archive.test/{region}/authorize",
            token_url="https://log-in.archive.test/token?for={region}",
        ),
    )


def test_placeholders_are_filled_from_the_settings() -> None:
    found = addresses(connector(), {"region": "eu", "folder": 7})
    assert found.base_url == "https://eu.archive.test/v1/7"
    assert found.authorize_url == "https://log-in.archive.test/eu/authorize"
    assert found.token_url == "https://log-in.archive.test/token?for=eu"
    assert found.origins == {"https://eu.archive.test", "https://log-in.archive.test"}


def test_computed_values_come_before_settings() -> None:
    archive = connector("https://{host}/v1")

    @archive.url_values
    def host(settings: Mapping[str, Any]) -> Mapping[str, str]:
        return {"host": f"{settings['region']}.archive.test"}

    found = addresses(archive, {"region": "ca", "host": "elsewhere.test"})
    assert found.base_url == "https://ca.archive.test/v1"


@pytest.mark.parametrize("settings", [{"region": "eu"}, {"region": "eu", "folder": ""}])
def test_a_missing_setting_is_named(settings: dict[str, str]) -> None:
    with pytest.raises(
        SetupError, match="connection to The Archive lacks the setting 'folder'"
    ) as caught:
        addresses(connector(), settings)
    assert "--set folder=" in caught.value.hint


@pytest.mark.parametrize(
    "region",
    ["thief.test/", "thief.test#", "thief.test?x=", "eu@thief.test", "eu\\\\", "eu eu", "é"],
)
def test_a_setting_leads_to_no_other_host_than_the_connector_declares(region: str) -> None:
    with pytest.raises(SetupError, match="'region' of the connection to The Archive is no part"):
        addresses(connector(), {"region": region, "folder": 7})


def test_below_the_host_a_setting_may_hold_anything() -> None:
    found = addresses(connector(), {"region": "eu.west-1:8443", "folder": "a/b c"})
    assert found.base_url == "https://eu.west-1:8443.archive.test/v1/a/b c"


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:9001", "http://127.0.0.1:9001/", "127.0.0.1:9001"]
)
def test_another_server_takes_the_place_of_every_host(origin: str) -> None:
    found = addresses(connector(), {"region": "eu", "folder": "7", "base_url": origin})
    assert found.base_url == "http://127.0.0.1:9001/v1/7"
    assert found.authorize_url == "http://127.0.0.1:9001/eu/authorize"
    assert found.token_url == "http://127.0.0.1:9001/token?for=eu"
    assert found.origins == {"http://127.0.0.1:9001"}


def test_with_another_server_the_hosts_own_settings_may_be_missing() -> None:
    archive = Connector(name="a", title="The Archive", base_url="https://{region}.archive.test/v1")
    origin = {"base_url": "http://127.0.0.1:9001"}
    assert addresses(archive, origin).base_url == "http://127.0.0.1:9001/v1"
    with pytest.raises(SetupError, match="'folder'"):
        addresses(connector(), {**origin, "region": "eu"})  # part of the path: needed all the same


def test_a_connector_without_a_url_has_no_addresses() -> None:
    found = addresses(Connector(name="files", title="Files"), {})
    assert found.base_url == ""
    assert found.origins == set()


def test_credentials_are_bound_to_scheme_host_and_port() -> None:
    assert origin_of("HTTPS://App.Archive.test/v1") == "https://app.archive.test"
    assert origin_of("http://app.archive.test") != origin_of("https://app.archive.test")
    assert origin_of("https://app.archive.test:8443") != origin_of("https://app.archive.test")
    assert origin_of("https://app.archive.test@elsewhere.test/") != origin_of(
        "https://elsewhere.test"
    )


def test_people_are_told_the_host_alone() -> None:
    assert host_of("https://user:secret@App.Archive.test:8443/v1?x=1") == "app.archive.test:8443"
