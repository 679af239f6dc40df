"""Webhook endpoints of the practice server: signed deliveries, tried again, given up in the end.

Live accounts try for up to three days, more and more rarely; a sandbox three times over some hours
(third party, who cites the documentation). The waits here are a sandbox's; that an endpoint which
never answers well is disabled is our reading of it.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

from engine.sdk import HookSender, is_https_or_loopback
from plugins.stripe.practice.answers import Refused, as_json, flag, refuse_unknown, required
from plugins.stripe.practice.store import Json, Store

#: Seconds before each further try.
WAITS = (600, 3600)

FIELDS = ("url", "enabled_events", "api_version", "description", "metadata", "connect", "disabled")
#: Endpoints an account may have.
MOST = 16


class Endpoints:
    """Sends every event to the endpoints that want it.

    :param known_version: says whether there is such a version of the API.
    """

    def __init__(
        self, store: Store, sender: HookSender, lock: Any, known_version: Callable[[str], bool]
    ) -> None:
        self.store, self.sender, self.lock = store, sender, lock
        self.known_version = known_version
        self.secrets: dict[str, str] = {}
        store.listeners.append(self.tell)

    def create(self, form: Mapping[str, Any]) -> Json:
        """Make an endpoint; only this answer has its secret."""
        required(form, "url", "enabled_events")
        if len(self.store.tables["webhook_endpoints"]) >= MOST:
            raise Refused(f"You have reached the maximum of {MOST} test webhook endpoints.")
        values = self._checked(form)
        row = self.store.add(
            "webhook_endpoints",
            {
                "api_version": form.get("api_version"),
                "application": None,
                "description": form.get("description"),
                "status": "enabled",
                "metadata": form.get("metadata") or {},
                **values,
            },
            event="",
        )
        secret = "whsec_" + self.store.new_id("")
        self.secrets[row["id"]] = secret
        return {**row, "secret": secret}

    def update(self, row: Json, form: Mapping[str, Any]) -> Json:
        """Change an endpoint, or enable it again."""
        values = self._checked(form)
        if "disabled" in form:
            values["status"] = "disabled" if flag(form["disabled"], default=False) else "enabled"
        return self.store.change("webhook_endpoints", row, values, event="")

    def tell(self, event: Json) -> None:
        """Send an event to whoever wants it."""
        for row in self.store.tables["webhook_endpoints"].values():
            wanted = row["enabled_events"]
            if row["status"] == "enabled" and ("*" in wanted or event["type"] in wanted):
                event["pending_webhooks"] += 1
                self.send(row, event)

    def send(self, row: Json, event: Json) -> None:
        """Send one event to one endpoint, in the version that the endpoint asks for."""
        body = as_json({**event, "api_version": row["api_version"] or event["api_version"]})
        self.sender.send(
            row["url"],
            body,
            lambda: self._signed(row, body),
            lambda answer: "done" if not self._lives(row) or _taken(answer) else "again",
            gave_up=lambda: self._give_up(row),
        )

    def _lives(self, row: Json) -> bool:
        return row["id"] in self.store.tables["webhook_endpoints"]

    def _signed(self, row: Json, body: bytes) -> dict[str, str]:
        """Sign with the time of this try (documented)."""
        stamp = str(self.store.now())
        digest = hmac.new(
            self.secrets[row["id"]].encode(), stamp.encode() + b"." + body, hashlib.sha256
        )
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            # v0 is there for nobody, as in real test deliveries.
            "Stripe-Signature": f"t={stamp},v1={digest.hexdigest()},v0={'0' * 64}",
        }

    def _give_up(self, row: Json) -> None:
        with self.lock:
            row["status"] = "disabled"

    def _checked(self, form: Mapping[str, Any]) -> Json:
        refuse_unknown(form, FIELDS)
        values: Json = {}
        if "url" in form:
            if not is_https_or_loopback(str(form["url"])):
                raise Refused(
                    "Invalid URL: URL must be publicly accessible and use https.",
                    code="url_invalid",
                    param="url",
                )
            values["url"] = form["url"]
        if "enabled_events" in form:
            values["enabled_events"] = list(form["enabled_events"])
        if form.get("api_version") and not self.known_version(form["api_version"]):
            raise Refused(f"Invalid API version: {form['api_version']}", param="api_version")
        return values


def _taken(answer: httpx2.Response | None) -> bool:
    return answer is not None and answer.is_success
