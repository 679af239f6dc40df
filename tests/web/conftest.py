"""A home with recipes, connections and runs, the pages on top of it."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import delete, insert
from werkzeug.test import TestResponse

from engine.host import Host, build_host
from engine.recipe.gallery import shipped_recipes
from engine.recipe.library import Library
from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from engine.store.hooks import Hook
from engine.store.ledger import NEEDS_ATTENTION
from engine.store.questions import Asked, NewQuestion, pending, put
from engine.store.runs import RunRequest, change_run, create_run, list_runs
from engine.store.tables import ledger, links, open_problems
from engine.store.users import add_first_user, find_user, has_users
from engine.store.versions import save_version
from plugins import casestatus, clio, csv, mailchimp
from tests.web.told import seed_webhook
from web import create_app
from web.accounts import begin_session
from web.passwords import hashed

EMAIL, PASSWORD = "admin@harborlaw.example", "four random little words"

SAMPLES = Path(__file__).with_name("samples")


@dataclass
class Row:
    """One ledger row to seed; the fields are the table's columns."""

    record_key: str
    title: str
    outcome: str
    target_id: str | None = None
    code: str | None = None
    reason: str | None = None
    how_to_fix: str | None = None
    step: str | None = None
    field: str | None = None


@dataclass
class Seeder:
    """Writes runs as the runner leaves them, through the store's own functions and tables."""

    store: Store
    recipe: str = "contacts"
    title: str = "Contacts join the newsletter"
    nouns: dict[str, Sequence[str]] = field(
        default_factory=lambda: {"source": ("matter", "matters"), "target": ("case", "cases")}
    )

    def run(
        self,
        rows: Sequence[Row] = (),
        *,
        status: str | None = None,
        unchanged: Sequence[tuple[str, str]] = (),
        origin: str = "manual",
        request: RunRequest | None = None,
        parent_id: int | None = None,
        ago: timedelta = timedelta(minutes=3),
        **values: Any,
    ) -> int:
        """Make a finished run with these ledger rows; ``unchanged`` are key and title."""
        counts: dict[str, int] = {}
        for row in rows:
            counts[row.outcome] = counts.get(row.outcome, 0) + 1
        if unchanged:
            counts["unchanged"] = len(unchanged)
        attention = any(outcome in counts for outcome in NEEDS_ATTENTION)
        started = datetime.now(UTC) - ago
        path = SAMPLES / "contacts.yaml"
        with self.store.writing() as connection:
            version = save_version(connection, self.recipe, path, path.read_text())
            run_id = create_run(
                connection,
                recipe=self.recipe,
                title=self.title,
                version_id=version,
                request=request or RunRequest(),
                nouns=self.nouns,
                origin=origin,
                parent_id=parent_id,
            )
            settled = {
                "status": status or ("partial" if attention else "succeeded"),
                "read": len(rows) + len(unchanged),
                "counts": counts,
                "created_at": started,
                "started_at": started,
                "finished_at": started + timedelta(seconds=4),
            }
            change_run(connection, run_id, **{**settled, **values})
            self._settle(connection, run_id, rows, unchanged)
        return run_id

    def close_problem(self, key: str) -> None:
        table = open_problems.c
        with self.store.writing() as connection:
            connection.execute(
                delete(open_problems).where(table.recipe == self.recipe, table.record_key == key)
            )

    def row(self, record_key: str, title: str, outcome: str, **values: Any) -> Row:
        return Row(record_key, title, outcome, **values)

    def _settle(
        self,
        connection: Any,
        run_id: int,
        rows: Sequence[Row],
        unchanged: Sequence[tuple[str, str]],
    ) -> None:
        if rows:
            connection.execute(insert(ledger), [{"run_id": run_id, **vars(row)} for row in rows])
        still_open = [row for row in rows if row.outcome in NEEDS_ATTENTION]
        if still_open:
            sealed = self.store.vault.seal({})
            common = {"recipe": self.recipe, "first_run_id": run_id, "run_id": run_id}
            connection.execute(
                insert(open_problems),
                [
                    {
                        **common,
                        "record_key": row.record_key,
                        "outcome": row.outcome,
                        "source": sealed,
                    }
                    for row in still_open
                ],
            )
        came_over = [(row.record_key, row.title, row.target_id) for row in rows if row.target_id]
        came_over += [(key, title, f"T{key}") for key, title in unchanged]
        if came_over:
            connection.execute(
                insert(links),
                [
                    {
                        "recipe": self.recipe,
                        "step": "member",
                        "record_key": key,
                        "target_id": target,
                        "fingerprint": b"0" * 16,
                        "title": title,
                        "run_id": run_id,
                    }
                    for key, title, target in came_over
                ],
            )


def every_outcome() -> list[Row]:
    """Return rows with every outcome that has one."""
    no_user = "The responsible attorney j.doe@harborlaw.example is not a user in Case Status yet."
    rows = [
        Row(str(n), f"{n:05} Whitfield v. Harbor Trust Company", "created", f"C{n}")
        for n in range(100, 160)
    ]
    rows += [
        Row(str(n), f"{n:05} Estate of Søren Ångström", "updated", f"C{n}") for n in range(200, 207)
    ]
    rows += [
        Row(str(n), f"{n:05} Álvarez, name change", "rejected", None, "no_staff", no_user,
            "Invite j.doe@harborlaw.example in Case Status under Staff.", "lawyer", "email")
        for n in range(300, 341)
    ]  # fmt: skip
    rows += [
        Row("400", "=HYPERLINK(\"http://x.example\")", "rejected", None, "missing_value",
            "The client has no phone number.", "Add a mobile number to the client in Clio.",
            "case", "client.phone"),
        Row("401", "00401 Ng and Ng", "skipped", None, "skipped",
            "This matter has no client in Clio.", None, "skip", None),
        Row("402", "00402 <script>alert(1)</script>", "failed", None, "unavailable",
            "Case Status did not answer for 30 seconds.", "Try again later.", "case", None),
        Row("403", "00403 Okafor", "unsure", None, "no_answer",
            "The message was sent, but no answer came.", "Look whether it is there.", "note", None),
        Row("404", "00404 Petrov", "waiting", None, "asked",
            "Someone must say which client this is.", "Answer the question.", "ask", None),
    ]  # fmt: skip
    return rows


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
    plugins: list[ModuleType] = [casestatus, clio, csv, mailchimp]
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
