"""A connector wired to its practice server through the engine's own HTTP client, in process."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from cryptography.fernet import Fernet

from engine import redaction
from engine.auth import Auth
from engine.calls import call_batch, call_find, call_single, read_trigger
from engine.context import Context, Folders
from engine.errors import BridgeworkError, InputError, PluginCrash
from engine.fields import Record
from engine.http.client import HttpClient, HttpSession, RetryPolicy
from engine.http.connect import new_connection
from engine.http.contexts import context_for
from engine.http.sessions import open_session
from engine.http.settings import secret_settings
from engine.operations import Action, Trigger
from engine.practice.server import Fault, PracticeServer
from engine.results import Accepted, BadRecord, Rejected, RowResult
from engine.store.connections import Connection
from engine.store.kept_files import KeptFiles
from engine.store.vault import Vault
from engine.testing.in_process import CheckEnds, InProcess
from engine.testing.subject import Subject

ADDRESS = "http://practice.test"
#: Records after which a read counts as endless.
MANY_RECORDS = 200_000
#: Seconds a fault asks to wait.
ASKED_WAIT = 7


@dataclass
class Rig:
    """What one check works with.

    :param given: the settings it is connected with.
    :param secrets: values that must not show anywhere.
    """

    subject: Subject
    server: PracticeServer | None
    session: HttpSession
    transport: InProcess
    context: Context
    given: Mapping[str, Any]
    secrets: dict[str, str]

    @property
    def auth(self) -> Auth:
        """How it is logged in."""
        return self.session.connector.auth

    def read(self, trigger: Trigger, since: datetime | None = None) -> list[Record]:
        """Read all of a trigger's records; a failure ends the check."""
        with _expected_to_work(trigger):
            return list(self.records(trigger, since))

    def send(self, action: Action, rows: list[Record]) -> list[RowResult | None]:
        """Do an action for rows, all in one call where it takes batches.

        A refusal is the answer of its row, as it is for the engine; another failure ends the check.
        """
        with _expected_to_work(action):
            if action.kind == "batch":
                return self._send(action, rows)
            return [answer for row in rows for answer in self._send_one(action, row)]

    def find(self, action: Action, row: Record) -> Accepted | None:
        """Ask an action's ``find`` about a row; a failure ends the check."""
        values = {**self.subject.parameters_of(action), **row}
        with _expected_to_work(action):
            context = replace(self.context_of(action), idempotency_key=key_of(row))
            return call_find(action, context, values, self.context.now)

    def try_out(self, operation: Trigger | Action) -> None:
        """Do an operation with its examples.

        :raises BridgeworkError: as the operation does.
        """
        if isinstance(operation, Trigger):
            list(self.records(operation))
        else:
            self._send(operation, self.subject.rows_of(operation) or [{}])

    def records(self, trigger: Trigger, since: datetime | None = None) -> Iterator[Record]:
        """Read a trigger's records one by one; what can't be a record is passed over."""
        parameters = self.subject.parameters_of(trigger)
        items = read_trigger(trigger, self.context_of(trigger), parameters, since)
        for count, item in enumerate(items):
            if count >= MANY_RECORDS:
                pytest.fail(f"{trigger.full_name} yielded {count:,} records and goes on.", False)
            if not isinstance(item, BadRecord):
                yield item

    def _send_one(self, action: Action, row: Record) -> list[RowResult | None]:
        try:
            return self._send(action, [row])
        except InputError as error:
            return [Rejected(error.message, code=error.code, field=error.field, hint=error.hint)]

    def _send(self, action: Action, rows: list[Record]) -> list[RowResult | None]:
        parameters = self.subject.parameters_of(action)
        context = self.context_of(action)
        if action.kind == "batch":
            keys = tuple(key_of(row) for row in rows)
            context = replace(context, idempotency_keys=keys if action.once else ())
            return [*call_batch(action, context, parameters, rows)]
        return [
            call_single(
                action,
                replace(context, key=f"example-{n}", idempotency_key=key_of(row)),
                {**parameters, **row},
            )
            for n, row in enumerate(rows)
        ]

    def break_down(
        self,
        status: int,
        body: str = "",
        *,
        times: int = 1000,
        headers: Mapping[str, str] | None = None,
    ) -> Fault:
        """Let the API, but not the log-in beside it, go wrong from now on; see :class:`Fault`."""
        assert self.server is not None
        path = urlsplit(self.session.addresses.base_url).path.rstrip("/") or "/"
        fault = Fault(path, times, status, body, dict(headers or {}))
        self.server.faults.append(fault)
        return fault

    def context_of(self, operation: Trigger | Action) -> Context:
        repeatable = isinstance(operation, Trigger) or operation.idempotent
        return replace(self.context, http=HttpClient(self.session, idempotent=repeatable))


def key_of(row: Record) -> str:
    """Return an idempotency key as a run would give the row."""
    return blake2b(orjson.dumps(row, default=str), digest_size=16).hexdigest()


@contextmanager
def _expected_to_work(operation: Trigger | Action) -> Iterator[None]:
    problem = ""
    try:
        yield
    except PluginCrash:  # a defect: its author wants the traceback
        raise
    except BridgeworkError as error:
        problem = str(error)
    if problem:
        pytest.fail(f"{operation.name} failed: {problem}", False)


@contextmanager
def rig(subject: Subject, *, attempts: int = 1, log_in: str = "") -> Iterator[Rig]:
    """Connect to a fresh practice server while the block runs.

    :param attempts: how often a request is tried; nothing is waited for in between.
    :param log_in: which of the ways to log in; default: the first.
    """
    server = None if subject.server is None else subject.server()
    with TemporaryDirectory() as folder, TemporaryDirectory() as kept, ExitStack() as stack:
        transport = InProcess(server)
        retry = RetryPolicy(attempts=attempts, sleep=lambda _: None)
        given: dict[str, Any] = {}
        if server is not None:
            stack.enter_context(server.listening())
            given = dict(server.credentials_for(log_in) if log_in else server.credentials())
        connection = _connection(subject, given, practice=server is not None)
        if subject.connector.after_connect_function is not None:
            with _session(subject, connection, transport, retry) as session:
                extra = subject.connector.after_connect_function(_context(session, connection))
            connection = replace(connection, settings={**connection.settings, **extra})
        transport.requests = 0
        session = stack.enter_context(_session(subject, connection, transport, retry))
        session.files = KeptFiles(Path(kept), Vault([Fernet.generate_key()]))
        for name, content in subject.files.items():
            data = content.encode() if isinstance(content, str) else content
            (Path(folder) / name).write_bytes(data)
            session.files.save(name, [data])
        folders = Folders(search=(Path(folder), Path.cwd()), output=Path(folder))
        try:
            yield Rig(
                subject=subject,
                server=server,
                session=session,
                transport=transport,
                context=replace(_context(session, connection), folders=folders, key="example"),
                given=given,
                secrets=_secrets(subject, connection, given),
            )
        except CheckEnds as why:
            said = str(why)
        else:
            return
    pytest.fail(said, False)


def _session(
    subject: Subject, connection: Connection, transport: InProcess, retry: RetryPolicy
) -> HttpSession:
    return open_session(subject.connector, connection, transport=transport, retry=retry)


def _context(session: HttpSession, connection: Connection) -> Context:
    http = HttpClient(session, idempotent=True)
    return context_for(session.connector, connection, http, datetime.now(UTC))


def _connection(subject: Subject, given: Mapping[str, Any], *, practice: bool) -> Connection:
    settings = {**given, "base_url": ADDRESS} if practice else given
    connection = new_connection(subject.connector, "practice", settings, practice=True)
    # as a stored connection does when it is opened
    redaction.register([dict(connection.secrets), dict(connection.tokens or {})])
    return connection


def _secrets(subject: Subject, connection: Connection, given: Mapping[str, Any]) -> dict[str, str]:
    hidden = secret_settings(subject.connector)
    found = {name: value for name, value in given.items() if name in hidden or sounds_secret(name)}
    found |= {k: v for k, v in (connection.tokens or {}).items() if k.endswith("_token")}
    return {name: str(value) for name, value in found.items() if value}


def sounds_secret(name: str) -> bool:
    """Say whether a setting of this name should never be shown."""
    words = set(name.lower().split("_"))
    return bool(words & {"secret", "token", "password", "passphrase"}) or name.endswith("key")


def again(records: list[Record], key: str) -> list[str]:
    """Return the keys that stand for more than one record."""
    return [name for name, count in Counter(str(r.get(key)) for r in records).items() if count > 1]
