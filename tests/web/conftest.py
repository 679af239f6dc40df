"""A home with recipes, connections and runs, the pages on top of it."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from engine.host import Host, build_host
from engine.loopback import on_loopback
from engine.practice.server import PracticeServer
from engine.recipe.gallery import shipped_recipes
from engine.recipe.library import Library
from engine.store.connections import Connection, get_connection, save_connection
from engine.store.database import Store
from engine.store.hooks import Hook
from engine.store.questions import Asked, NewQuestion, pending, put
from engine.store.runs import list_runs
from engine.store.tasks import ResultField, Task, TaskField, task_document
from engine.store.users import add_first_user, find_user, has_users
from plugins import casestatus, clio, csv, http, mailchimp
from tests.web.seeding import SAMPLES, Row, Seeder, every_outcome
from tests.web.told import seed_webhook
from web import create_app
from web.accounts import begin_session
from web.passwords import hashed

EMAIL, PASSWORD = "admin@harborlaw.example", "four random little words"


@dataclass
class Visitor:
    """A person with a browser that shows text only: follows forms' rules, CSRF token included."""

    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, *, follow: bool = False, **form: Any) -> TestResponse:
        data = {"csrf_token": self.token(), **form}
        return self.client.post(path, data=data, follow_redirects=follow)

    def token(self) -> str:
        page = self.client.get("/", follow_redirects=True).text
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        assert found, page
        return found[1]


@pytest.fixture
def recipes_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "recipes"
    folder.mkdir()
    for name in ("contacts.yaml", "contacts.csv"):
        shutil.copy(SAMPLES / name, folder)
    shutil.copytree(shipped_recipes() / "blueprints", folder / "blueprints")
    return folder


@pytest.fixture
def library(recipes_folder: Path) -> Library:
    return Library(recipes_folder)


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    save_connection(
        sqlite_store,
        Connection(
            name="mailchimp",
            connector="mailchimp",
            label="Harbor Law",
            secrets={"api_key": "practice-mailchimp-key-us19"},
            checked_at=datetime.now(UTC) - timedelta(hours=2),
        ),
    )
    return sqlite_store


@pytest.fixture(scope="session")
def host() -> Host:
    plugins: list[ModuleType] = [casestatus, clio, csv, http, mailchimp]
    return build_host(plugins, strict=True)


@pytest.fixture
def queued() -> list[int]:
    """The runs the pages have handed to a worker."""
    return []


class Compiled(BytecodeCache):
    """Keeps what templates were compiled to, for all apps of a test session.

    Jinja looks whether a template has changed before it takes anything from here.
    """

    def __init__(self) -> None:
        self.code: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.code.get(bucket.key + bucket.checksum)

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self.code[bucket.key + bucket.checksum] = bucket.code


@pytest.fixture(scope="session")
def compiled() -> Compiled:
    return Compiled()


@pytest.fixture
def app(store: Store, host: Host, library: Library, queued: list[int], compiled: Compiled) -> Flask:
    # Hashes of passwords take a moment on purpose; tests/web/test_accounts.py has real ones.
    settings = {"TESTING": True, "PASSWORD_METHOD": "scrypt:1024:8:1"}
    app = create_app(store, host, library, enqueue=queued.append, settings=settings)
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def broken_recipe() -> str:
    return (SAMPLES / "unsubscribes.yaml").read_text("utf-8")


@pytest.fixture
def sample_rows() -> list[Row]:
    return every_outcome()


@pytest.fixture
def seed(store: Store) -> Seeder:
    return Seeder(store)


@pytest.fixture
def ask(store: Store, seed: Seeder) -> Callable[..., int]:
    """Ask something about a matter; the question's id is returned."""
    waits = seed.row("7", "00007 Whitfield", "waiting", code="asked", reason="?")

    def ask(
        text: str = "May 00007 go to the client?",
        *,
        key: str = "7",
        at: datetime | None = None,
        **fields: Any,
    ) -> int:
        given = {
            "step": "approval",
            "fingerprint": f"{key}{text}".encode()[:16],
            "text": text,
            "details": (("Client", "Ada <b>Whitfield</b>"),),
            "kind": "choice",
            "choices": ("yes", "no"),
            "people": (),
            "on_no": "skip",
            "otherwise": "",
            "within": None,
            **fields,
        }
        found = list_runs(store, recipe=seed.recipe, limit=1)
        run_id = found[0].id if found else seed.run([waits])
        asked = Asked(key, f"0000{key} Whitfield", NewQuestion(**given), at or datetime.now(UTC))
        with store.writing() as connection:
            put(store, connection, seed.recipe, run_id, [asked])
            return pending(connection, seed.recipe, [key])[-1][0]

    return ask


def a_task(**more: Any) -> Task:
    """Return what a person is to do in Case Status."""
    given: dict[str, Any] = {
        "use": "casestatus.upsert_case",
        "app": "Case Status",
        "action": "Create or update a case",
        "noun": "case",
        "search": False,
        "help": "Add a case, or update the one of the same id.",
        "note": "Cases → New case.",
        "fields": (
            TaskField(name="name", title="Case name", value="=Ada <b>Whitfield</b>"),
            TaskField(name="client.phone", title="Mobile number", value="+12125550100"),
        ),
        "results": (
            ResultField(name="url", title="Url", schema={"type": "string"}),
            ResultField(name="number", title="Number", schema={"type": "integer"}, required=True),
        ),
        "asks_id": True,
        "needs_id": True,
        **more,
    }
    return Task(**given)


@pytest.fixture
def task(ask: Callable[..., int]) -> Callable[..., int]:
    """Leave a step about a matter to a person; the task's id is returned."""

    def task(key: str = "7", people: tuple[str, ...] = (), **more: Any) -> int:
        made = a_task(**more)
        return ask(
            f"{made.action}: {key} Whitfield",
            key=key,
            kind="task",
            choices=made.ways,
            on_no="",
            people=people,
            details=tuple((one.title, one.value) for one in made.fields),
            task=task_document(made),
        )

    return task


@pytest.fixture
def webhook(store: Store, recipes_folder: Path) -> Hook:
    """The webhook of the recipe ``told``; see :func:`seed_webhook`."""
    save_connection(store, Connection(name="clio", connector="clio", label="Harbor Law"))
    return seed_webhook(store, recipes_folder)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who isn't logged in."""
    return Visitor(app.test_client())


@pytest.fixture
def session_of_admin(app: Flask, store: Store, visitor: Visitor) -> dict[str, Any]:
    """Make the admin; return what the cookie holds after the log-in."""
    with app.test_request_context(environ_base=visitor.client.environ_base):
        if not has_users(store):
            add_first_user(store, EMAIL, hashed(PASSWORD))
        user = find_user(store, EMAIL)
        assert user is not None
        begin_session(user)
        return dict(session)


@pytest.fixture
def admin(visitor: Visitor, session_of_admin: dict[str, Any]) -> Visitor:
    """The admin, logged in; tests/web/test_accounts.py goes that way page by page."""
    with visitor.client.session_transaction() as begun:
        begun.update(session_of_admin)
    return visitor


# -- the real thing ------------------------------------------------------------------------------


@dataclass
class Served:
    """A running ``bridgework serve``."""

    url: str
    home: Path
    process: subprocess.Popen[str]
    errors: Path

    def said(self) -> str:
        return self.errors.read_text("utf-8")


@pytest.fixture
def serving(tmp_path: Path, recipes_folder: Path) -> Callable[[], AbstractContextManager[Served]]:
    """Start ``bridgework serve`` in a process of its own; it is stopped when the block ends."""

    @contextmanager
    def start() -> Iterator[Served]:
        home, errors = tmp_path / "home", tmp_path / "stderr.txt"
        command = [sys.executable, "-m", "engine.cli", "serve", "--port", "0"]
        command += ["--home", str(home), "--recipes", str(recipes_folder)]
        with (
            errors.open("w") as stderr,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
        ):
            assert process.stdout is not None
            first = process.stdout.readline()
            found = re.search(r"http://\S+", first)
            try:
                assert found, first + errors.read_text("utf-8")
                yield Served(found[0], home, process, errors)
            finally:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()

    return start


@pytest.fixture
def practice_mailchimp(host: Host, store: Store) -> Iterator[PracticeServer]:
    """The practice server to which the connection ``mailchimp`` leads then."""
    make = host.connector("mailchimp").practice_function
    assert make is not None
    server = make(1)
    with on_loopback(server) as url:
        kept = get_connection(store, "mailchimp")
        save_connection(store, replace(kept, settings={"base_url": f"{url}/3.0"}))
        yield server
