"""One record of each operation, shown before there is a file."""

from engine.sdk import Complete

ROW = {
    "key": "2",
    "line": 2,
    "first_name": "Ada",
    "last_name": "Byron",
    "email": "ada@mail.example",
    "phone": "+12125550100",
}

ROW_OF_NEW_FILE = {**ROW, "key": "contacts.csv|2", "file_name": "contacts.csv"}

FILE = {"name": "contacts.csv", "media_type": "text/csv", "size": 1234, "file": ""}

NEW_FILE = Complete(
    key="contacts.csv|1234|2026-01-31T20:30:00+00:00",
    name="contacts.csv",
    size=1234,
    changed_at="2026-01-31T20:30:00+00:00",
    file=FILE,
)

ROWS_OF_FILE = {
    "name": "contacts.csv",
    "count": 1,
    "columns": ["First name", "E-Mail"],
    "rows": [{"key": "2", "line": 2, "first_name": "Ada", "e_mail": "ada@mail.example"}],
}

WRITTEN = Complete(file="unsubscribes.csv", columns={"email": "ada@mail.example"})

SAVED = Complete(name="invoice.pdf", size=12_345)
