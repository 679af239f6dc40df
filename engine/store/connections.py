"""Connections: one account each; secrets and tokens are encrypted, everything else is readable."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import delete, select, update
from sqlalchemy.engine import Row

from engine import redaction
from engine.errors import AuthError, SetupError
from engine.store.database import Store, upsert
from engine.store.live import forget_fields
from engine.store.locks import exclusive
from engine.store.notices import add_notice, close_notice
from engine.store.tables import budgets, connections, field_changes, shapes

#: Problems of a connection that don't pass by themselves: codes of AuthError and SetupError.
NEEDS_PERSON = frozenset({AuthError.code, SetupError.code})

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
    :param account_id: the vendor's id of that account; empty where the connector doesn't tell.
    :param address: where its API is.
    :param problem: why it no longer works; empty while it does.
    :param problem_code: the problem in one short word, e.g. ``reconnect`` or ``unavailable``.
    :param broken_since: when the problem was met first.
    :param created_at: when it became this account's; connecting again the same one keeps it.
    """

    name: str
    connector: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tokens: Mapping[str, Any] | None = field(default=None, repr=False)
    label: str = ""
    practice: bool = False
    account_id: str = ""
    address: str = ""
    problem: str = ""
    problem_code: str = ""
    broken_since: datetime | None = None
    created_at: datetime | None = None
    checked_at: datetime | None = None

    @property
    def needs_person(self) -> bool:
        """Whether someone must connect it again; other problems may pass by themselves."""
        return bool(self.problem) and self.problem_code in NEEDS_PERSON

    @property
    def state(self) -> Literal["working", "broken", "unreachable", "untried"]:
        """How it stands; what is ``unreachable`` may work again by itself."""
        if self.problem:
            return "broken" if self.needs_person else "unreachable"
        return "working" if self.checked_at else "untried"

    @property
    def all_settings(self) -> dict[str, Any]:
        """Everything it was given, and what its token answers say besides the tokens."""
        return {**self.settings, **self.secrets, **(self.tokens or {}).get("values", {})}

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
    row: dict[str, Any] = {
        "name": connection.name,
        "connector": connection.connector,
        "settings": dict(connection.settings),
        "secrets": _sealed(store, connection.secrets, connection.tokens),
        "label": connection.label,
        "practice": connection.practice,
        "account_id": connection.account_id,
        "address": connection.address,
        "problem": connection.problem,
        "problem_code": connection.problem_code,
        "broken_since": connection.broken_since,
        "created_at": connection.created_at or datetime.now(UTC),
        "checked_at": connection.checked_at,
    }
    with store.writing() as database:
        upsert(database, connections, [row], update=[name for name in row if name != "name"])
        forget_fields(database, connection.name, before=row["created_at"])
        if not connection.problem:
            _note_well(database, connection.name, connection.checked_at)


def save_tokens(store: Store, name: str, tokens: Mapping[str, Any]) -> None:
    """Store new tokens before anyone uses them.

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
            update(connections).where(by_name).values(secrets=_sealed(store, secrets, tokens))
        )


def mark_checked(
    store: Store,
    name: str,
    *,
    label: str | None = None,
    account_id: str = "",
    address: str = "",
    problem: str = "",
    code: str = AuthError.code,
    notice: tuple[str, str] | None = None,
    at: datetime | None = None,
) -> bool:
    """Note that a connection was tried, and how it went; return whether that is a change.

    People hear of it when it breaks and when it is well again, each once.

    :param account_id: fills in which account it is, where that isn't known yet.
    :param address: of its API, beside ``account_id``.
    :param code: the problem in one short word.
    :param notice: subject and body of what people hear of the problem; None where it may pass.
    :param at: when it was tried; default: now.
    """
    at = at or datetime.now(UTC)
    table = connections.c
    with store.writing() as database:
        before = database.execute(
            select(table.problem, table.broken_since, table.account_id)
            .where(table.name == name)
            .with_for_update()
        ).first()
        if before is None:
            return False
        values: dict[str, Any] = {
            "checked_at": at,
            "problem": redaction.redact(problem),
            "problem_code": code if problem else "",
            "broken_since": (before.broken_since or at) if problem else None,
        }
        if label is not None:
            values["label"] = label
        if account_id and not before.account_id:
            values |= {"account_id": account_id, "address": address}
        database.execute(update(connections).where(table.name == name).values(**values))
        if not problem:
            _note_well(database, name, at)
        elif notice is not None:
            subject, body = notice
            add_notice(
                database,
                kind="connection_broke",
                about=_about(name),
                subject=subject,
                body=body,
                link=_page(name),
                at=at,
            )
    return bool(before.problem) != bool(problem)


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


def connections_to(store: Store, connector: str) -> list[Connection]:
    """Return all connections to one app."""
    return [one for one in list_connections(store) if one.connector == connector]


def list_connections(store: Store) -> list[Connection]:
    """Return all connections without their secrets."""
    with store.reading() as database:
        rows = database.execute(select(connections).order_by(connections.c.name))
        return [_public(row) for row in rows]


def broken_among(
    store: Store, names: Collection[str], *, for_people: bool = False
) -> tuple[str, ...]:
    """Return those of some connections that don't work.

    :param for_people: only those that a person must connect again; others may work again by
        themselves.
    """
    table = connections.c
    query = select(table.name).where(table.name.in_(names), table.problem != "")
    if for_people:
        query = query.where(table.problem_code.in_(NEEDS_PERSON))
    with store.reading() as database:
        return tuple(database.execute(query.order_by(table.name)).scalars())


def same_account(
    store: Store, connector: str, address: str, account_id: str, *, besides: str
) -> Connection | None:
    """Return another connection to the same account, if there is one.

    :param besides: the name of the connection that is not meant.
    """
    table = connections.c
    with store.reading() as database:
        row = database.execute(
            select(connections)
            .where(
                table.connector == connector,
                table.address == address,
                table.account_id == account_id,
                table.account_id != "",
                table.name != besides,
            )
            .order_by(table.created_at)
            .limit(1)
        ).first()
    return None if row is None else _public(row)


def remove_connection(store: Store, name: str) -> None:
    with store.writing() as database:
        close_notice(database, kind="connection_broke", about=_about(name))
        database.execute(delete(connections).where(connections.c.name == name))
        forget_fields(database, name)
        # Another account of this name has not asked for anything yet.
        database.execute(delete(budgets).where(budgets.c.connection == name))
        # Nor need its records look like those of this one.
        for table in (shapes, field_changes):
            database.execute(delete(table).where(table.c.connection == name))


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
        account_id=row.account_id,
        address=row.address,
        problem=row.problem,
        problem_code=row.problem_code,
        broken_since=row.broken_since,
        created_at=row.created_at,
        checked_at=row.checked_at,
    )


def _note_well(database: DatabaseConnection, name: str, at: datetime | None) -> None:
    """Tell people who heard that it broke; nobody else hears of it."""
    add_notice(
        database,
        kind="connection_well",
        about=_about(name),
        subject=f"The connection “{name}” works again",
        body=f"“{name}” works again. Recipes that waited for it go on when they are due.",
        link=_page(name),
        at=at,
    )


def _about(name: str) -> str:
    return f"connection:{name}"


def _page(name: str) -> str:
    return f"/connections/#{name}"
