"""One record of each operation, shown before there is a connection."""

from engine.sdk import Complete

RECEIVED = {"id": "5f0c2a7e", "title": "Ada Byron", "fields": {"email": "ada@mail.example"}}

#: What the actions answer, Zapier's own number of the request first.
SENT = Complete(
    id="018d2c3e-7d0a-4d0e-9d5e-000000000001",
    event_id="9b1f0c3a5d7e4f60a1b2c3d4e5f60718",
    status="success",
)
