"""Consents under way: kept here, encrypted, until whoever was sent to an app's page comes back.

Not in the browser's cookie, which anyone who sees it can read: it would hold the app's secret and
the proof (PKCE's verifier) that who brings the code back is who asked for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select

from engine.store.connections import Connection
from engine.store.database import Store
from engine.store.tables import consents
from engine.store.tokens import digest_of

#: How long someone may take on the app's page: long enough to look for a password there.
LASTS = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class PendingConsent:
    """Someone is at an app's consent page.

    :param connection: as it will be stored, but for the tokens that are still missing.
    :param returning: it is there already, and is connected again.
    :param replace_account: it may become another account's.
    :param authorization: fields of engine.http.connect.Authorization.
    """

    connection: Connection
    returning: bool
    replace_account: bool = False
    authorization: Mapping[str, str] = field(default_factory=dict, repr=False)


def keep_consent(store: Store, user_id: int, pending: PendingConsent) -> str:
    """Remember where someone was sent; return the name by which :func:`read_consent` finds it."""
    now = datetime.now(UTC)
    connection = pending.connection
    value = {
        "connection": {
            "name": connection.name,
            "connector": connection.connector,
            "settings": dict(connection.settings),
            "secrets": dict(connection.secrets),
            "practice": connection.practice,
        },
        "returning": pending.returning,
        "replace_account": pending.replace_account,
        "authorization": dict(pending.authorization),
    }
    digest = digest_of(pending.authorization["state"])
    row = {
        "digest": digest,
        "user_id": user_id,
        "sealed": store.vault.seal(value),
        "expires_at": now + LASTS,
    }
    with store.writing() as database:
        database.execute(delete(consents).where(consents.c.expires_at < now))
        database.execute(insert(consents).values(row))
    return digest


def read_consent(store: Store, user_id: int, name: str) -> PendingConsent | None:
    """Return a consent under way; None where it is over, or another person's."""
    with store.reading() as database:
        sealed = database.execute(select(consents.c.sealed).where(_is(user_id, name))).scalar()
    return None if sealed is None else _opened(store, sealed)


def take_consent(store: Store, user_id: int, state: str) -> PendingConsent | None:
    """Return the consent that a browser comes back with, and forget it: it counts once."""
    found = _is(user_id, digest_of(state))
    with store.writing() as database:
        sealed = database.execute(select(consents.c.sealed).where(found)).scalar()
        if database.execute(delete(consents).where(found)).rowcount != 1:
            return None
    return None if sealed is None else _opened(store, sealed)


def _is(user_id: int, digest: str) -> ColumnElement[bool]:
    return (
        (consents.c.digest == digest)
        & (consents.c.user_id == user_id)
        & (consents.c.expires_at >= datetime.now(UTC))
    )


def _opened(store: Store, sealed: bytes) -> PendingConsent:
    value: dict[str, Any] = store.vault.open(sealed)
    return PendingConsent(
        connection=Connection(**value["connection"]),
        returning=value["returning"],
        replace_account=value["replace_account"],
        authorization=value["authorization"],
    )
