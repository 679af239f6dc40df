"""The choices an app has for a field are asked for while a person chooses."""

import httpx2
import pytest

import plugins.mailchimp
from engine.errors import SetupError
from engine.host import Host, build_host
from engine.run.connections.choices import has_options, options_of
from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp

AUDIENCE = "mailchimp.upsert_members.audience"


@pytest.fixture
def host() -> Host:
    return build_host([plugins.mailchimp], strict=True)


def test_an_apps_choices_are_asked_for(store: Store, host: Host) -> None:
    save_connection(
        store, Connection(name="news", connector="mailchimp", secrets={"api_key": API_KEY})
    )
    line = httpx2.WSGITransport(app=PracticeMailchimp(seed=1))
    found = options_of(store, host, AUDIENCE, "news", transport=line)
    assert "Newsletter" in [option.label for option in found]
    assert has_options(host, AUDIENCE)


def test_a_field_without_choices_is_refused(store: Store, host: Host) -> None:
    assert not has_options(host, "mailchimp.upsert_members.email")
    assert not has_options(host, "mailchimp.nothing.email")
    with pytest.raises(SetupError, match="has no field 'email' with choices"):
        options_of(store, host, "mailchimp.upsert_members.email", "news")
