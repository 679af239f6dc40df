"""What the operations are tried with on the practice server."""

from hashlib import sha256

from engine.sdk import Examples

PDF = b"%PDF-1.4\nA delivery note.\n%%EOF\n"
FILE = {
    "name": "note.pdf",
    "media_type": "application/pdf",
    "size": len(PDF),
    "file": sha256(PDF).hexdigest(),
}
OPEN = "It takes a log-in page for the answer of a server that says nothing, as it is told to."

EXAMPLES = Examples(
    parameters={
        "record_listed": {
            "path": "/orders",
            "list_at": "data.orders",
            "title_field": "number",
            "changed_field": "updated_at",
            "since_parameter": "updated_since",
            "paging": "page",
            "total_at": "meta.total",
            "size_parameter": "per_page",
            "one": "/orders/{key}",
            "one_at": "order",
        },
        "send_batch": {
            "path": "/customers/batch",
            "send_at": "customers",
            "results_at": "results",
            "match_by": "email",
            "id_at": "customer.id",
            "ok_at": "ok",
        },
    },
    rows={
        "send": [
            {"path": "/orders", "body": {"number": "A-1", "state": "open"}},
            {"path": "/orders", "body": {"number": "A-2", "state": "eaten"}},
            {
                "path": "/orders/{id}",
                "in_path": {"id": "1002"},
                "method": "PUT",
                "body": {"note": "x"},
            },
        ],
        "send_batch": [
            {"entry": {"email": "new@mail.example", "name": "New"}},
            {"entry": {"email": "not an address"}},
            {"entry": {"email": "customer.2@mail.example", "name": "Changed"}},
        ],
        "look_up": [
            {
                "path": "/customers",
                "query": {"email": "customer.3@mail.example"},
                "found_at": "customers",
            },
            {"path": "/orders/{id}", "in_path": {"id": "9"}, "found_at": "order"},
        ],
        "download_file": [
            {"path": "/files/{name}", "in_path": {"name": "invoice-1001.pdf"}},
            {"path": "/files/{name}", "in_path": {"name": "none.pdf"}},
        ],
        "send_file": [{"path": "/files", "file": FILE, "part": "document", "form": {"order": "1"}}],
    },
    files={"note.pdf": PDF},
)
