"""Webhooks at the practice server: made, confirmed, sent, tried again, suspended and run out.

From Clio's published OpenAPI v4 and its guide: https only, ``fields`` of 1,000 characters at most,
three days unless said otherwise, 31 at most; a handshake by ``X-Hook-Secret``; each delivery signed;
``fields`` is what updates are watched for, too, save that the first of a record is told whatever it
was; 2xx, 3xx and 410 count as taken, 410 ends it; else five more tries, two minutes at first,
each wait double the last. What is assumed is listed in this connector's README.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal

import httpx2

from engine.sdk import HookSender, is_https_or_loopback
from plugins.clio.practice.model import ApiError, parse_fields
from plugins.clio.practice.sample_records import Row, timestamp
from plugins.clio.practice.store import Store

#: Models that can be watched here, and the kind of record they are; Clio has more.
KINDS = {"matter": "matters", "contact": "contacts", "communication": "communications"}
LIFE_CYCLE = ("created", "updated", "deleted")
MATTER_EVENTS = {"Open": "matter_opened", "Pending": "matter_pended", "Closed": "matter_closed"}

DEFAULT_LIFE, LONGEST_LIFE = timedelta(days=3), timedelta(days=31)
LONGEST_FIELDS = 1000

#: Seconds before each further try (documented).
WAITS = (120, 240, 480, 960, 1920)

#: Change with every edit, so that watching them would be watching everything.
ALWAYS_NEW = {"etag", "updated_at"}


class Webhooks:
    """The webhooks of one Clio; its rows are kept beside the other records.

    :param clock: seconds since 1970.
    :param lock: held by whoever changes records.
    """

    def __init__(self, store: Store, clock: Callable[[], float], lock: Any, secrets: Any) -> None:
        self.store, self.clock, self.lock = store, clock, lock
        self.sender = HookSender(WAITS, clock)
        self._secrets = secrets
        self._ids = count(8_801_001)
        self.rows: dict[int, Row] = store.tables.setdefault("webhooks", {})

    # -- what the API does ---------------------------------------------------------------------

    def create(self, data: Mapping[str, Any], user: int) -> Row:
        """Add a webhook, and ask its address whether it is wanted.

        :raises ApiError: 400 for what is missing or unknown, 422 for a value that can't be.
        """
        for name in ("url", "model", "fields"):
            if not data.get(name):
                raise ApiError(400, "InvalidParameter", f"A Webhook needs '{name}'.")
        now = timestamp(self._now())
        row: Row = {
            "id": next(self._ids),
            "version": 1,
            "created_at": now,
            "updated_at": now,
            "status": "pending",
            "shared_secret": f"{self._secrets.getrandbits(128):032x}",
            "user": user,
            "told": {},
        }
        row |= self._checked({"events": list(LIFE_CYCLE), "expires_at": None, **data})
        self.rows[row["id"]] = row
        self._ask(row)
        return row

    def update(self, row: Row, data: Mapping[str, Any]) -> None:
        """Change a webhook; at a new address it has to be confirmed anew.

        :raises ApiError: as :meth:`create` does.
        """
        shown = {name: row[name] for name in ("url", "model", "fields", "events", "expires_at")}
        values = self._checked({**shown, **data}, said=data)
        moved = values["url"] != row["url"]
        self.store.change("webhooks", row, values, self.clock())
        if moved:
            row["status"] = "pending"
            self._ask(row)

    def activate(self, row: Row, secret: str) -> None:
        """Confirm a webhook without its address being asked.

        :raises ApiError: 403 for another secret.
        """
        if not hmac.compare_digest(secret.encode(), row["shared_secret"].encode()):
            raise ApiError(403, "Forbidden", "The X-Hook-Secret is not this webhook's.")
        row["status"] = "enabled"

    def delete(self, row: Row) -> None:
        del self.rows[row["id"]]

    def run_out(self) -> None:
        """Drop what has expired."""
        now = timestamp(self._now())
        for row in [row for row in self.rows.values() if row["expires_at"] <= now]:
            self.delete(row)

    # -- what happens to records ---------------------------------------------------------------

    def tell(self, kind: str, row: Row, *events: str) -> None:
        """Send what happened to a record to every webhook that watches it."""
        self.run_out()
        for hook in self.rows.values():
            if KINDS[hook["model"]] != kind or hook["status"] != "enabled":
                continue
            shown = self.store.render(kind, row, parse_fields(hook["fields"], kind))
            watched = {name: value for name, value in shown.items() if name not in ALWAYS_NEW}
            news = hook["told"].get(row["id"]) != watched
            hook["told"][row["id"]] = watched
            for event in events:
                if event in hook["events"] and (news or event != "updated"):
                    self._send(hook, event, shown)

    # -- requests to the address ---------------------------------------------------------------

    def _ask(self, hook: Row) -> None:
        """Send the handshake: whoever echoes the secret wants the webhook."""
        secret = hook["shared_secret"]

        def answered(answer: httpx2.Response | None) -> Literal["done", "again"]:
            echoed = answer is not None and answer.headers.get("X-Hook-Secret")
            if answer is None or answer.status_code != 200 or echoed != secret:
                return "again"
            with self.lock:
                if hook["status"] == "pending":
                    hook["status"] = "enabled"
            return "done"

        body = json.dumps({"meta": {"webhook_id": hook["id"]}}).encode()
        headers = {"X-Hook-Secret": secret, "Content-Type": "application/json"}
        self.sender.send(hook["url"], body, headers, answered)

    def _send(self, hook: Row, event: str, shown: Mapping[str, Any]) -> None:
        body = json.dumps(
            {"data": shown, "meta": {"event": event, "webhook_id": hook["id"]}},
            ensure_ascii=False,
        ).encode()
        digest = hmac.new(hook["shared_secret"].encode(), body, hashlib.sha256).hexdigest()

        def suspend() -> None:
            with self.lock:
                hook["status"] = "suspended"

        def answered(answer: httpx2.Response | None) -> Literal["done", "again"]:
            if hook["id"] not in self.rows or hook["status"] == "suspended":
                return "done"  # ended while this one waited
            if answer is not None and answer.status_code == 410:
                suspend()
                return "done"
            taken = answer is not None and 200 <= answer.status_code < 400
            return "done" if taken else "again"

        headers = {"X-Hook-Signature": digest, "Content-Type": "application/json"}
        self.sender.send(hook["url"], body, headers, answered, suspend)

    # -- values --------------------------------------------------------------------------------

    def _checked(self, data: Mapping[str, Any], said: Mapping[str, Any] | None = None) -> Row:
        """Return the values to keep; ``said`` are those that the request itself named."""
        unknown = set(said if said is not None else data) - {
            "url", "model", "fields", "events", "expires_at",
        }  # fmt: skip
        if unknown:
            raise ApiError(400, "InvalidParameter", f"'{min(unknown)}' can't be set on a Webhook.")
        if not is_https_or_loopback(str(data["url"])):
            raise ApiError(422, "ArgumentError", "The url of a Webhook must use https.")
        kind = KINDS.get(str(data["model"]))
        if kind is None:
            raise ApiError(422, "ArgumentError", f"'{data['model']}' is not a model with webhooks.")
        if len(str(data["fields"])) > LONGEST_FIELDS:
            raise ApiError(422, "ArgumentError", f"fields is longer than {LONGEST_FIELDS}.")
        parse_fields(str(data["fields"]), kind, self.store.removed)
        known = {*LIFE_CYCLE, *(MATTER_EVENTS.values() if kind == "matters" else ())}
        if not data["events"] or not set(data["events"]) <= known:
            raise ApiError(422, "ArgumentError", f"'{data['events']}' are not events of a {kind}.")
        kept = {name: data[name] for name in ("url", "model", "fields", "events")}
        return {**kept, "expires_at": self._expiry(data["expires_at"])}

    def _expiry(self, given: Any) -> str:
        now = self._now()
        if given is None:
            return timestamp(now + DEFAULT_LIFE)
        try:
            moment = datetime.fromisoformat(str(given))
        except ValueError:
            raise ApiError(
                422, "ArgumentError", f"'{given}' can't be used as expires_at."
            ) from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        if not now < moment <= now + LONGEST_LIFE:
            raise ApiError(
                422, "ArgumentError", f"expires_at must be within {LONGEST_LIFE.days} days."
            )
        return timestamp(moment.astimezone(UTC))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)


def events_of(before: Row, row: Row) -> list[str]:
    """Return what an edit was: a change of status is told apart besides."""
    status = row.get("status")
    moved = status in MATTER_EVENTS and status != before.get("status")
    return ["updated", MATTER_EVENTS[str(status)]] if moved else ["updated"]
