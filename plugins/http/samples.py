"""What its operations give, for whoever builds a recipe before there is a connection."""

RECORD = {
    "key": "1001",
    "title": "Order 1001",
    "changed_at": "2026-01-31T20:30:00+00:00",
    "item": {"id": 1001, "customer": {"name": "Ada Byron", "email": "ada@mail.example"}},
}
ANSWER = {"id": "1001", "status": 201, "answer": {"id": 1001, "state": "open"}}
ENTRY = {"id": "1001", "answer": {"id": 1001, "state": "open"}}
FOUND = {"id": "7", "found": {"id": 7, "email": "ada@mail.example"}}
DOWNLOADED = {
    "file": {
        "name": "invoice-1001.pdf",
        "media_type": "application/pdf",
        "size": 12345,
        "file": "0" * 64,
    }
}
