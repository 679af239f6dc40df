"""One record of each operation, shown before there is a connection."""

from engine.sdk import Complete

MEMBER = {
    "id": "55502f40dc8b7c769880b10874abc9d0",
    "email_address": "ada@mail.example",
    "full_name": "Ada Byron",
    "status": "unsubscribed",
    "unsubscribe_reason": "NORMAL: I no longer want to receive these emails",
    "merge_fields": {"FNAME": "Ada", "LNAME": "Byron", "PHONE": "+12125550100"},
    "tags": [{"id": 1, "name": "Client"}],
    "tags_count": 1,
    "timestamp_signup": "2025-01-31T15:04:05+00:00",
    "timestamp_opt": "2025-01-31T15:10:05+00:00",
    "last_changed": "2026-01-31T15:04:05+00:00",
    "language": "en",
    "vip": False,
    "source": "API - Generic",
    "list_id": "a1b2c3d4e5",
}

UNSUBSCRIBED = {**MEMBER, "status": "unsubscribed"}

#: What the actions themselves put together.
WHO = {"id": "55502f40dc8b7c769880b10874abc9d0", "email_address": "ada@mail.example"}
TAGGED = Complete(**WHO, tags=["Client"])
ARCHIVED = Complete(**WHO, status="archived")
ERASED = Complete(**WHO, status="erased")
ON_JOURNEY = Complete(id="12/34/55502f40dc8b7c769880b10874abc9d0", email_address="ada@mail.example")
