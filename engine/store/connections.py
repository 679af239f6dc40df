"""Connections: one account each; secrets and tokens are encrypted, everything else is readable."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.engine import Row

from engine import redaction
from engine.errors import SetupError
from engine.store.database import Store, upsert
from engine.store.locks import exclusive
from engine.store.tables import connections

#: Seconds to wait for someone else who renews the same tokens.
PATIENCE_SECONDS = 90


@dataclass(frozen=True, kw_only=True)
class Connection:
    """One account at one connector.

    :param settings: public settings, e.g. region and ``base_url``.
    :param secrets: secret settings; never shown, logged or given to templates.
    :param tokens: OAuth tokens as the vendor answered, with ``expires_at``; None before.
    :param label: what the account is called there.
    :param practice: it belongs to a practice server.
    :param problem: why it no longer works; empty while it does.
    """

    name: str
    connector: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tokens: Mapping[str, Any] | None = field(default=None, repr=False)
    label: str = ""
    practice: bool = False
    problem: str = ""
    created_at: datetime | None = None
    checked_at: datetime | None = None

    @property
    def all_settings(self) -> dict[str, Any]:
        return {**self.settings, **self.secrets}

    def required(self, name: str) -> str:
        """Return a setting.

        :raises SetupError: it isn't there.
        """
        value = self.all_settings.get(name)
        if not value:
            raise SetupError(
                f"The connection {self.name!r} lacks the setting {name!r}.",
                hint=f"Add it again with `--set {name}=…`.",
            )
        return str(value)


def connection_lock(store: Store, name: str) -> AbstractContextManager[None]:
    """Let one at a time replace a connection's secrets or tokens, of all processes.

    Long enough for a token request that times out, and the one after it.
    """
    return exclusive(store, f"connection:{name}", PATIENCE_SECONDS)


def save_connection(store: Store, connection: Connection) -> None:
    """Store a connection, replacing the one of the same name."""
    row = {
        "name": connection.name,
        "connector": connection.connector,
        "settings": dict(connection.settings),
        "secrets": _sealed(store, connection.secrets, connection.tokens),
        "label": connection.label,
        "practice": connection.practice,
        "problem": connection.problem,
        "created_at": connection.created_at or datetime.now(UTC),
        "checked_at": connection.checked_at,
    }
    with store.writing() as database:
        upsert(database, connections, [row], update=[name for name in row if name != "name"])


def save_tokens(store: Store, name: str, tokens: Mapping[str, Any]) -> None:
    """Store new tokens before anyone uses them; the connection counts as well again.

    Its other secrets are read in the same transaction: someone may be changing them.
    """
    by_name = connections.c.name == name
    with store.writing() as database:
        sealed = database.execute(
            select(connections.c.secrets).where(by_name).with_for_update()
        ).scalar()
        if sealed is None:  # removed a moment ago: there is nothing to keep them for
            return
        secrets = store.vault.open(sealed)["settings"]
        database.execute(
            update(connections)
            .where(by_name)
            .values(secrets=_sealed(store, secrets, tokens), problem="")
        )


def mark_checked(store: Store, name: str, *, label: str | None = None, problem: str = "") -> None:
    """Note that a connection was tried, and how it went."""
    values: dict[str, Any] = {"checked_at": datetime.now(UTC), "problem": redaction.redact(problem)}
    if label is not None:
        values["label"] = label
    with store.writing() as database:
        database.execute(update(connections).where(connections.c.name == name).values(**values))


def get_connection(store: Store, name: str) -> Connection:
    """Return a connection with its secrets, which are from now on kept out of every log.

    :raises SetupError: there is none of that name, or its key is missing.
    """
    with store.reading() as database:
        row = database.execute(select(connections).where(connections.c.name == name)).first()
        if row is None:
            known = sorted(database.execute(select(connections.c.name)).scalars())
            listed = f"There are: {', '.join(known)}." if known else "There is none yet."
            raise SetupError(
                f"There is no connection called {name!r}.",
                hint=f"{listed} Add it with `bridgework connections add {name}`.",
            )
    connection = _public(row)
    opened = store.vault.open(row.secrets)
    redaction.register(opened)
    return replace(connection, secrets=opened["settings"], tokens=opened["tokens"])


def list_connections(store: Store) -> list[Connection]:
    """Return all connections without their secrets."""
    with store.reading() as database:
        rows = database.execute(select(connections).order_by(connections.c.name))
        return [_public(row) for row in rows]


def remove_connection(store: Store, name: str) -> None:
    with store.writing() as database:
        database.execute(delete(connections).where(connections.c.name == name))


def _sealed(store: Store, secrets: Mapping[str, Any], tokens: Mapping[str, Any] | None) -> bytes:
    value = {"settings": dict(secrets), "tokens": None if tokens is None else dict(tokens)}
    redaction.register(value)
    return store.vault.seal(value)


def _public(row: Row[Any]) -> Connection:
    return Connection(
        name=row.name,
        connector=row.connector,
        settings=row.settings,
        label=row.label,
        practice=row.practice,
        problem=row.problem,
        created_at=row.created_at,
        checked_at=row.checked_at,
    )
