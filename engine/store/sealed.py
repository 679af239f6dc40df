"""What is encrypted, column by column, and the proof at start-up that the keys are the right ones."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Engine, insert, select, union_all
from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy.exc import IntegrityError

from engine.errors import SetupError
from engine.store import tables
from engine.store.keys import KEYS_VARIABLE
from engine.store.vault import Vault

#: Every column whose values :class:`Vault` sealed. A new key goes over them in this order; the
#: canary comes last, so that it tells when all others are done.
SEALED: tuple[Column[Any], ...] = (
    tables.connections.c.secrets,
    tables.open_problems.c.source,
    tables.sent_rows.c.rows,
    tables.chunks.c.records,
    tables.collected.c.value,
    tables.hooks.c.address,
    tables.hooks.c.secret,
    tables.deliveries.c.payload,
    tables.deliveries.c.answer,
    tables.notice_channels.c.secrets,
    tables.notice_settings.c.sealed,
    tables.questions.c.details,
    tables.consents.c.sealed,
    tables.subscriptions.c.target,
    tables.subscriptions.c.secret,
    tables.canary.c.sealed,
)

#: Bytes that are no secret.
PLAIN: tuple[Column[Any], ...] = (
    tables.intents.c.fingerprint,
    tables.links.c.fingerprint,  # a hash
    tables.questions.c.fingerprint,
    tables.links.c.result,  # what the action answered, as readable as the ledger beside it
)

_CANARY = "The keys are the right ones."
#: Any one value that was encrypted: one statement, since a new home is asked before its first command.
_ANY = union_all(
    *(
        select(select(column).where(column.is_not(None), column != b"").limit(1).scalar_subquery())
        for column in SEALED
    )
).subquery("sealed")


def holds_sealed(connection: DatabaseConnection) -> bool:
    """Say whether anything was ever encrypted here."""
    return _canary(connection) is not None or _anything(connection) is not None


def prove(engine: Engine, vault: Vault) -> None:
    """Open the canary; in a database that has none yet, seal one.

    :raises SetupError: the database was encrypted with another key; nothing was changed.
    """
    with engine.begin() as connection:
        kept = _canary(connection)
        # A database from before there were canaries: any value will do.
        sealed = kept or _anything(connection)
    if sealed is not None:
        _open(vault, sealed)
    if kept is not None:
        return
    row = {"id": 1, "sealed": vault.seal(_CANARY), "made_at": datetime.now(UTC)}
    try:
        with engine.execution_options(bridgework_writes=True).begin() as connection:
            connection.execute(insert(tables.canary).values(row))
    except IntegrityError:  # another process was first, and perhaps with another key
        prove(engine, vault)


def _canary(connection: DatabaseConnection) -> bytes | None:
    return connection.execute(select(tables.canary.c.sealed)).scalar()


def _anything(connection: DatabaseConnection) -> bytes | None:
    """Return one value that was encrypted here, whichever; None: nothing was."""
    value = _ANY.c[0]
    return connection.execute(select(value).where(value.is_not(None)).limit(1)).scalar()


def _open(vault: Vault, sealed: bytes) -> None:
    try:
        vault.open_bytes(sealed)
    except SetupError:
        raise SetupError(
            "The encryption key is another one than this database was encrypted with.",
            hint=f"Put the right key into the folder 'keys' or into {KEYS_VARIABLE}, e.g. from a "
            "backup or from the computer that has it. Nothing was changed.",
        ) from None
