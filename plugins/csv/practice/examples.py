"""What the operations are tried with in tests."""

from hashlib import sha256

from engine.sdk import Examples, File

CONTACTS = """email;first name;phone
ada@mail.example;Ada;+1 212 555 0123
zoë@mail.example;Zoë;+49 30 5550123
"""
ATTACHED = CONTACTS.encode()
FILE: File = {
    "name": "contacts.csv",
    "media_type": "text/csv",
    "size": len(ATTACHED),
    "file": sha256(ATTACHED).hexdigest(),
}

EXAMPLES = Examples(
    files={"contacts.csv": CONTACTS},
    parameters={
        "row_read": {"file": "contacts.csv"},
        "row_of_new_file": {"folder": ".", "unchanged_for": 0},
        "file_added": {"folder": ".", "unchanged_for": 0},
        "append_rows": {"file": "out.csv"},
        "upsert_rows": {"file": "out.csv", "key_column": "email"},
    },
    rows={
        "append_rows": [{"columns": {"email": "ada@mail.example"}}, {"columns": {}}],
        "upsert_rows": [{"columns": {"email": "ada@mail.example"}}, {"columns": {"name": "Ada"}}],
        "rows_of_file": [{"file": FILE}],
        "save_file": [{"folder": "out", "file": FILE}],
    },
)
