"""One member: kept small, for there may be hundred thousands, and shown in full as the API does.

The fields are those of Mailchimp's published spec (3.0.55).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.sdk import Record


@dataclass(slots=True)
class Member:
    """What the server remembers of a member.

    :param merge_fields: values by tag; empty ones are left out.
    :param tags: ids by name.
    """

    list_id: str
    id: str
    email_address: str
    timestamp_opt: str
    last_changed: str = ""
    status: str = ""
    unsubscribe_reason: str = ""
    merge_fields: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, int] | None = None
    email_type: str = "html"
    language: str = ""
    vip: bool = False
    unsubscribed_at: str = ""

    def set_status(self, status: str) -> None:
        """Change the status; a reason for leaving is kept only while they are away."""
        if status not in ("unsubscribed", "archived"):
            self.unsubscribe_reason = ""
        self.status = status

    def shown(self, columns: Iterable[str]) -> Record:
        """Return the member as answers show it.

        :param columns: tags of the audience's merge fields, all of which are shown.
        """
        values = self.merge_fields
        tags = self.tags or {}
        record = {
            "id": self.id,
            "email_address": self.email_address,
            "unique_email_id": self.id[:10],
            "contact_id": self.contact_id,
            "full_name": f"{values.get('FNAME', '')} {values.get('LNAME', '')}".strip(),
            "web_id": int(self.id[:7], 16),
            "email_type": self.email_type,
            "status": self.status,
            "merge_fields": {tag: values.get(tag, "") for tag in columns},
            "stats": {"avg_open_rate": 0, "avg_click_rate": 0},
            "ip_signup": "",
            "timestamp_signup": "",
            "ip_opt": "",
            "timestamp_opt": self.timestamp_opt,
            "member_rating": 2,
            "last_changed": self.last_changed,
            "language": self.language,
            "vip": self.vip,
            "email_client": "",
            "source": "API - Generic",
            "tags_count": len(tags),
            "tags": [{"id": id, "name": name} for name, id in tags.items()],
            "list_id": self.list_id,
            "_links": [
                {
                    "rel": "self",
                    "href": f"/3.0/lists/{self.list_id}/members/{self.id}",
                    "method": "GET",
                }
            ],
        }
        if self.unsubscribe_reason:
            record["unsubscribe_reason"] = self.unsubscribe_reason
        return record

    @property
    def contact_id(self) -> str:
        """An id that outlives the address; Mailchimp's is not made from it as this one is."""
        return self.id[::-1]


def member_id(address: str) -> str:
    """Return the id that Mailchimp gives the member with this address."""
    return hashlib.md5(address.strip().lower().encode(), usedforsecurity=False).hexdigest()


def timestamp(moment: datetime) -> str:
    """Write a time as Mailchimp does, always in UTC, so that text sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
