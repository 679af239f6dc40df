"""Webhooks: one address for each recipe and connection, and how its subscription stands.

An address ends in a random token. The database holds its digest, to find it by, and the token
encrypted, to show it; so a copy of the database alone doesn't tell where to send.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import case, insert, select, update
from sqlalchemy.engine import Row

from engine import redaction
from engine.store.database import Store
from engine.store.tables import hooks
from engine.store.tokens import digest_of, new_token
from engine.waits import doubled
from engine.webhooks import Subscription

State = Literal["pending", "enabled", "broken", "removed"]

#: Waits between two tries to subscribe or renew: this long, doubled each time up to the longest.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)

#: It takes requests, unless the recipe was switched off meanwhile.
_ENABLED = case((hooks.c.state == "removed", "removed"), else_="enabled")


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A webhook as it stands now.

    :param trigger: ``connector.trigger``.
    :param parameters: the trigger's, as they were when it was subscribed.
    :param token: the secret end of its address.
    :param secret: what requests are signed with; empty where none is known.
    :param subscription_id: what the vendor calls it; empty while it isn't subscribed there.
    :param reached_at: where Bridgework was reached when it was subscribed.
    :param asked_at: subscribing began then, and what came of it is not known.
    :param retry_at: nothing is tried before, after a failure.
    :param refused: requests that were not genuine.
    """

    id: int
    recipe: str
    connection: str
    trigger: str
    parameters: Mapping[str, Any]
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: State
    problem: str
    subscription_id: str
    expires_at: datetime | None
    subscribed_at: datetime | None
    reached_at: str
    asked_at: datetime | None
    failures: int
    retry_at: datetime | None
    refused: int
    refused_at: datetime | None
    refused_because: str
    created_at: datetime

    @property
    def subscription(self) -> Subscription:
        return Subscription(self.subscription_id, self.secret, self.expires_at)


# -- reading ---------------------------------------------------------------------------------------


def find_hook(store: Store, token: str) -> Hook | None:
    """Return the webhook with this token, removed ones too; None where there is none."""
    with store.reading() as connection:
        row = connection.execute(
            select(hooks).where(hooks.c.address_digest == digest_of(token))
        ).first()
    return None if row is None else _hook(store, row)


def get_hook(store: Store, hook_id: int) -> Hook | None:
    with store.reading() as connection:
        row = connection.execute(select(hooks).where(hooks.c.id == hook_id)).first()
    return None if row is None else _hook(store, row)


def list_hooks(store: Store, *, recipe: str | None = None) -> list[Hook]:
    """Return all webhooks, removed ones too, or those of one recipe."""
    query = select(hooks).order_by(hooks.c.recipe, hooks.c.id)
    if recipe is not None:
        query = query.where(hooks.c.recipe == recipe)
    with store.reading() as connection:
        return [_hook(store, row) for row in connection.execute(query)]


def beside(store: Store, hook: Hook) -> list[Hook]:
    """Return the other webhooks of the same app and connection that are not removed."""
    app = hook.trigger.partition(".")[0]
    query = select(hooks).where(
        hooks.c.connection == hook.connection,
        hooks.c.trigger.startswith(f"{app}.", autoescape=True),
        hooks.c.id != hook.id,
        hooks.c.state != "removed",
    )
    with store.reading() as connection:
        return [_hook(store, row) for row in connection.execute(query.order_by(hooks.c.id))]


# -- its life --------------------------------------------------------------------------------------


def want_hook(
    store: Store,
    *,
    recipe: str,
    connection: str,
    trigger: str,
    parameters: Mapping[str, Any],
    now: datetime,
) -> Hook:
    """Return the recipe's webhook for this connection, made or brought back if need be.

    A webhook that was removed gets its old address again, since people may have copied it.
    """
    table = hooks.c
    mine = (table.recipe == recipe) & (table.connection == connection)
    wanted = {"trigger": trigger, "parameters": dict(parameters)}
    with store.writing() as database:
        row = database.execute(select(hooks).where(mine).with_for_update()).first()
        if row is None:
            token = new_token()
            database.execute(
                insert(hooks).values(
                    **wanted,
                    recipe=recipe,
                    connection=connection,
                    address_digest=digest_of(token),
                    address=store.vault.seal(token),
                    state="pending",
                    created_at=now,
                )
            )
        elif row.state == "removed":
            database.execute(
                update(hooks)
                .where(mine)
                .values(**wanted, state="pending", problem="", failures=0, retry_at=None)
            )
        row = database.execute(select(hooks).where(mine)).one()
    return _hook(store, row)


def note_asking(
    store: Store, hook: Hook, parameters: Mapping[str, Any], reached_at: str, now: datetime
) -> None:
    """Note, before the vendor is asked, that it is: after a crash its answer is looked for.

    The secret is forgotten, because the new subscription brings its own.

    :param reached_at: where Bridgework is reached.
    """
    _change(
        store,
        hook,
        parameters=dict(parameters),
        reached_at=reached_at,
        asked_at=now,
        secret=None,
    )


def note_subscribed(store: Store, hook: Hook, subscription: Subscription, now: datetime) -> None:
    """Keep what the vendor answered; a secret that a handshake brought meanwhile stays."""
    values: dict[str, Any] = {
        "subscription_id": subscription.id,
        "expires_at": subscription.expires_at,
        "subscribed_at": now,
        "asked_at": None,
        "problem": "",
        "failures": 0,
        "retry_at": None,
        "state": _ENABLED,
    }
    if subscription.secret:
        redaction.register(subscription.secret)
        values["secret"] = store.vault.seal(subscription.secret)
    _change(store, hook, **values)


def note_ready(store: Store, hook: Hook, parameters: Mapping[str, Any]) -> None:
    """Note that a webhook which nobody subscribes takes what is sent to it."""
    _change(
        store,
        hook,
        parameters=dict(parameters),
        problem="",
        failures=0,
        retry_at=None,
        state=_ENABLED,
    )


def note_parameters(store: Store, hook: Hook, parameters: Mapping[str, Any]) -> None:
    """Keep the trigger's parameters as they are now; its subscription doesn't depend on them."""
    _change(store, hook, parameters=dict(parameters))


def note_waiting(store: Store, hook: Hook, problem: str) -> None:
    """Note what has to be set up before it can be subscribed; that is looked at all the time."""
    _change(store, hook, state="pending", problem=problem, retry_at=None)


def note_not_sent(store: Store, hook: Hook) -> None:
    """Note that the vendor certainly made no subscription."""
    _change(store, hook, asked_at=None)


def note_problem(store: Store, hook: Hook, problem: str, now: datetime) -> None:
    """Note why it doesn't work, and when it is tried next."""
    wait = doubled(FIRST_WAIT, hook.failures, LONGEST_WAIT)
    values: dict[str, Any] = {
        "problem": redaction.redact(problem),
        "failures": hook.failures + 1,
        "retry_at": now + wait,
    }
    if hook.state != "removed":
        values["state"] = "broken"
    _change(store, hook, **values)


def note_dropped(store: Store, hook: Hook) -> None:
    """Note that the vendor no longer knows the subscription."""
    _change(store, hook, subscription_id="", expires_at=None, secret=None)


def close_hook(store: Store, hook: Hook) -> None:
    """Take nothing more; what the vendor holds is ended by whoever calls :func:`note_ended`."""
    _change(store, hook, state="removed", problem="", failures=0, retry_at=None)


def note_ended(store: Store, hook: Hook) -> None:
    """Note that the vendor holds nothing any more."""
    _change(
        store,
        hook,
        subscription_id="",
        expires_at=None,
        asked_at=None,
        secret=None,
        problem="",
        failures=0,
        retry_at=None,
    )


# -- what its requests tell ------------------------------------------------------------------------


def take_secret(store: Store, hook: Hook, secret: str) -> bool:
    """Keep the secret that a handshake brought, if none is known yet; return whether it counts."""
    redaction.register(secret)
    with store.writing() as connection:
        taken = connection.execute(
            update(hooks)
            .where(hooks.c.id == hook.id, hooks.c.secret.is_(None))
            .values(secret=store.vault.seal(secret))
        )
        if taken.rowcount == 1:
            return True
        kept = connection.execute(select(hooks.c.secret).where(hooks.c.id == hook.id)).scalar()
    return kept is not None and secrets.compare_digest(store.vault.open(kept), secret)


def note_refused(store: Store, hook: Hook, because: str, now: datetime) -> None:
    """Count a request that was not genuine."""
    _change(
        store,
        hook,
        refused=hooks.c.refused + 1,
        refused_at=now,
        refused_because=redaction.redact(because),
    )


def _change(store: Store, hook: Hook, **values: Any) -> None:
    with store.writing() as connection:
        connection.execute(update(hooks).where(hooks.c.id == hook.id).values(**values))


def _hook(store: Store, row: Row[Any]) -> Hook:
    token = store.vault.open(row.address)
    secret = "" if row.secret is None else store.vault.open(row.secret)
    redaction.register([token, secret])
    return Hook(
        id=row.id,
        recipe=row.recipe,
        connection=row.connection,
        trigger=row.trigger,
        parameters=dict(row.parameters),
        token=token,
        secret=secret,
        state=row.state,
        problem=row.problem,
        subscription_id=row.subscription_id,
        expires_at=row.expires_at,
        subscribed_at=row.subscribed_at,
        reached_at=row.reached_at,
        asked_at=row.asked_at,
        failures=row.failures,
        retry_at=row.retry_at,
        refused=row.refused,
        refused_at=row.refused_at,
        refused_because=row.refused_because,
        created_at=row.created_at,
    )
