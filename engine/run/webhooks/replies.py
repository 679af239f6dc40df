"""What the caller of a webhook is told where its record came to no ``answer``: in plain JSON, why."""

import json
from collections.abc import Mapping

from engine.run.traveller import Traveller
from engine.webhooks import HookReply

#: Statuses for records that ended before an answer, by outcome: refused as it is, not to be done now,
#: and nothing to be said.
STATUSES: Mapping[str, int] = {"rejected": 422, "failed": 502, "unsure": 502, "skipped": 204}


def reply(status: int, **document: str) -> HookReply:
    """Return an answer of Bridgework's own."""
    return HookReply(status, json.dumps(document) + "\n", {"Content-Type": "application/json"})


#: It is on the disk, and will be done.
ACCEPTED = reply(202, outcome="accepted")


def ending_of(traveller: Traveller) -> HookReply | None:
    """Return what a record's caller is told of its end; None where there is nothing to be told of."""
    status = STATUSES.get(traveller.outcome or "")
    if status is None:
        return None
    if status == 204:
        return HookReply(204)
    told = {"outcome": traveller.outcome, "code": traveller.code, "reason": traveller.reason}
    if traveller.field:
        told["field"] = traveller.field
    return reply(status, **{name: text for name, text in told.items() if text})
