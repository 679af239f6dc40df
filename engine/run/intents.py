"""Rows that must not be sent twice, and the journal that tells what a dead process may have sent.

Before such a row is sent its intent is written, and removed in the transaction that keeps its
outcome. So an intent that a run meets is of a row whose answer nobody heard: the other system is
asked (the action's ``find``), or told that it is the same again (its idempotency key). Where it
knows neither way the record is unsure, and a person decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from engine.run.links import keep_links
from engine.run.plan_steps import PlannedStep
from engine.run.shape import Link, Row
from engine.store.database import Store
from engine.store.intents import Intent, find_intents, forget_intents, write_intents
from engine.store.silence import silence

#: Vendors remember idempotency keys for at least a day (Stripe's documentation); a little less is
#: counted on, since a request may take its time.
KEY_LASTS = timedelta(hours=23)


@dataclass
class Journal:
    """What a run writes down between two chunks' settling.

    :param pretend: a preview: what was written down is read, and nothing is written.
    """

    store: Store
    recipe: str
    run_id: int
    pretend: bool = False
    _noted: dict[str, set[str]] = field(default_factory=dict)
    _first_sent: dict[str, datetime] = field(default_factory=dict)

    def left(self, step: PlannedStep, rows: Sequence[Row]) -> dict[str, Intent]:
        """Return the intents, by key, that rows of this step left behind without an outcome."""
        keys = list({row.key for row in rows})
        return find_intents(self.store, self.recipe, step.id, keys) if keys else {}

    def keep(self, step: PlannedStep, done: Sequence[Row], coming: Sequence[Row] = ()) -> None:
        """Store the links of rows already answered, and the intents of those about to be sent."""
        if self.pretend or not (done or coming):
            return
        noted = self._noted.setdefault(step.id, set())
        # An unsure row's intent goes with its line in the ledger, when the chunk is settled.
        told = noted & {row.key for row in done if row.traveller.outcome != "unsure"}
        now = datetime.now(UTC)
        new = [
            Intent(
                row.key,
                row.fingerprint,
                row.idempotency_key,
                self._first_sent.pop(row.idempotency_key, now),
            )
            for row in coming
        ]
        with self.store.writing() as connection:
            sent = keep_links(self.store, connection, self.recipe, self.run_id, step, done)
            forget_intents(connection, self.recipe, step.id, told)
            write_intents(connection, self.recipe, step.id, self.run_id, new)
        for one in sent:
            one.kept = True
        noted -= told
        noted |= {intent.key for intent in new}

    def send_again(self, row: Row, intent: Intent) -> None:
        """Let a row be sent with the key it was sent with before, whose time runs since then."""
        row.idempotency_key = intent.idempotency_key
        self._first_sent[intent.idempotency_key] = intent.sent_at

    def told(self, step: PlannedStep, row: Row) -> None:
        """Let the row's intent be removed when the chunk is settled."""
        self._noted.setdefault(step.id, set()).add(row.key)

    def untold(self, step: PlannedStep, row: Row) -> None:
        """Leave the row's intent for a later run, which asks what became of it."""
        self._noted.setdefault(step.id, set()).discard(row.key)

    def take(self) -> Mapping[str, set[str]]:
        """Return, by step, the keys whose intents are to be removed with the chunk's outcomes."""
        noted, self._noted = self._noted, {}
        return noted


def in_doubt(
    rows: Sequence[Row], left: Mapping[str, Intent], links: Mapping[str, Link]
) -> tuple[list[tuple[Row, Intent]], list[Row]]:
    """Return the rows whose key left an intent, and those whose answer was kept all the same.

    Of several rows with one key it is the one that was about to be sent.
    """
    doubtful: dict[str, tuple[Row, Intent]] = {}
    kept = []
    for row in rows:
        intent = left.get(row.key)
        if intent is None:
            continue
        link = links.get(row.key)
        if link is not None and link.fingerprint == intent.fingerprint:
            kept.append(row)
        elif row.key not in doubtful or row.fingerprint == intent.fingerprint:
            doubtful[row.key] = row, intent
    return list(doubtful.values()), kept


def may_go_again(step: PlannedStep, row: Row, intent: Intent, now: datetime) -> bool:
    """Return whether the other system would know the same row by its idempotency key."""
    return (
        step.action.idempotency_key
        and row.fingerprint == intent.fingerprint
        and now - intent.sent_at < KEY_LASTS
    )


def still_under_way(intent: Intent, now: datetime) -> float:
    """Return for how many seconds a request may still be carried out whose sender died.

    The other system goes on with what it has received. It is given as long as a silent process is.
    """
    return min(silence() - (now - intent.sent_at).total_seconds(), silence())


def settle_unsure(step: PlannedStep, row: Row) -> None:
    """Settle a record that may have been sent by a process that ended before the answer came."""
    app = step.rows.app
    row.traveller.end(
        "unsure",
        code="no_answer",
        reason=f"It was being sent to {app} when Bridgework was stopped, so it may have arrived.",
        how_to_fix=f"Look in {app}; retry it if it is not there, else say that it is there.",
        step=step.id,
    )


def send_key(step: PlannedStep, row: Row, link: Link | None) -> str:
    """Return the idempotency key of a row: another one for each record and each change of it."""
    before = b"" if link is None else b"%b %d" % (link.fingerprint, link.run_id)
    name = row.key.encode("utf-8", "replace")
    return blake2b(
        b"\n".join((step.origin, name, row.fingerprint, before)), digest_size=16
    ).hexdigest()
