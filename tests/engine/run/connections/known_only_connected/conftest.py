"""A connection to a practice Mailchimp, of which nothing was asked yet."""

import httpx2
import pytest

import plugins.csv
import plugins.mailchimp
from engine.host import Host, build_host
from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from engine.store.live import with_live_fields
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp


@pytest.fixture
def app() -> PracticeMailchimp:
    return PracticeMailchimp(seed=1)


@pytest.fixture
def lines(app: PracticeMailchimp) -> dict[str, httpx2.BaseTransport]:
    return {"news": httpx2.WSGITransport(app=app)}


@pytest.fixture
def host(store: Store) -> Host:
    save_connection(
        store, Connection(name="news", connector="mailchimp", secrets={"api_key": API_KEY})
    )
    return with_live_fields(build_host([plugins.csv, plugins.mailchimp], strict=True), store)
