"""What the operations are tried with on the practice server."""

from hashlib import sha256

from engine.sdk import Examples
from plugins.email.practice.sample_data import PDF

VALIDITY = 1_767_225_600
FIRST, GONE = f"{VALIDITY}/101/INBOX", f"{VALIDITY}/999/INBOX"

NOTICE = {
    "name": "notice.pdf",
    "media_type": "application/pdf",
    "size": len(PDF),
    "file": sha256(PDF).hexdigest(),
}

EXAMPLES = Examples(
    rows={
        "send_email": [
            {"to": ["Ada <ada@mail.example>"], "subject": "Hello", "text": "Dear Ada"},
            {"to": ["zoë@bücher.example"], "html": "<p>Dear Zoë</p>", "attachments": [NOTICE]},
            {"to": ["nobody@mail.example"], "subject": "Hello", "text": "Dear nobody"},
        ],
        "mark_email": [{"place": FIRST, "mark": "starred"}, {"place": GONE, "mark": "read"}],
        "move_email": [
            {"place": FIRST, "folder": "Done"},
            {"place": GONE, "folder": "Done"},
            {"place": f"{VALIDITY}/102/INBOX", "folder": "Nowhere"},
        ],
        "find_email": [{"message_id": "<invoice-17@mail.example>"}, {"subject": "no such subject"}],
    },
    files={"notice.pdf": PDF},
)
