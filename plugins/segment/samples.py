"""One record of each operation, shown before there is a connection."""

from engine.sdk import Complete

#: What the actions themselves put together.
SENT = Complete(id="5f0c2a7e9b1d4c3a8e6f7a0b1c2d3e4f", type="track", who="user-17")

#: As segmentio/segment-docs shows the fields of an event.
EVENT = {
    "messageId": "ajs-next-1709-17",
    "type": "track",
    "event": "Form Sent",
    "userId": "user-17",
    "anonymousId": "f1c2a7e9-4c3a",
    "properties": {"form": "Intake"},
    "traits": {"email": "ada@mail.example"},
    "context": {"ip": "203.0.113.7", "locale": "en-US"},
    "timestamp": "2026-01-31T20:30:00.000Z",
    "receivedAt": "2026-01-31T20:30:01.000Z",
    "sentAt": "2026-01-31T20:30:01.000Z",
}
