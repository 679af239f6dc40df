"""What the operations are tried with in tests."""

from engine.sdk import Examples

CONTACTS = """email;first name;phone
ada@mail.example;Ada;+1 212 555 0123
zoë@mail.example;Zoë;+49 30 5550123
"""

EXAMPLES = Examples(
    files={"contacts.csv": CONTACTS},
    parameters={
        "row_read": {"file": "contacts.csv"},
        "append_rows": {"file": "out.csv"},
        "upsert_rows": {"file": "out.csv", "key_column": "email"},
    },
    rows={
        "append_rows": [{"columns": {"email": "ada@mail.example"}}, {"columns": {}}],
        "upsert_rows": [{"columns": {"email": "ada@mail.example"}}, {"columns": {"name": "Ada"}}],
    },
)
