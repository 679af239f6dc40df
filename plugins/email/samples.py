"""One mail, shown before there is a connection."""

from engine.sdk import Complete

FILE = {"name": "invoice.pdf", "media_type": "application/pdf", "size": 12_345, "file": ""}
ADA = Complete(name="Ada Byron", address="ada@mail.example")
OFFICE = Complete(name="Office", address="office@firm.example")

MAIL = {
    "id": "<20260131.2030@mail.example>",
    "place": "1767225600/42/INBOX",
    "folder": "INBOX",
    "subject": "Invoice 2026-17",
    "sender": ADA,
    "to": [OFFICE],
    "cc": [],
    "reply_to": [],
    "sent_at": "2026-01-31T20:30:00+00:00",
    "received_at": "2026-01-31T20:30:04+00:00",
    "text": "Dear office,\nthe invoice is attached.\nAda",
    "html": "",
    "attachments": [FILE],
    "in_reply_to": "",
    "thread": "<20260131.2030@mail.example>",
    "headers": {},
}
