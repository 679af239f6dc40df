"""What the operations are tried with on the practice server."""

from engine.sdk import Examples

ADA, NOBODY = "cus_practice0000", "cus_nobody"

EXAMPLES = Examples(
    rows={
        "create_customer": [
            {"email": "new@mail.example", "name": "Nell New", "metadata": {"matter": "00042"}},
            {"email": "no address"},
        ],
        "update_customer": [
            {"customer": ADA, "phone": "+12125550111"},
            {"customer": NOBODY, "phone": "+12125550111"},
        ],
        "upsert_customer": [
            {"email": "ada@mail.example", "name": "Ada Lovelace"},
            {"email": "upserted@mail.example", "external_id": "A'42"},
            {"email": "twice@mail.example"},
        ],
        "create_invoice": [
            {
                "customer": ADA,
                "lines": [
                    {"description": "Five hours", "amount": "1250.00"},
                    {"price": "price_practice0001", "quantity": 2},
                ],
                "then": "send",
            },
            {"customer": NOBODY, "lines": [{"description": "None", "amount": "1"}]},
        ],
        "add_invoice_item": [
            {"customer": ADA, "amount": "12.50", "description": "Copies"},
            {"customer": ADA, "amount": "12.505", "description": "Copies"},
        ],
        "create_refund": [
            {"payment": "pi_practice0001", "amount": "1.00"},
            {"payment": "pi_practice0003"},
        ],
        "create_payment_link": [{"price": "price_practice0001"}, {"price": "price_none"}],
        "update_metadata": [
            {"kind": "customer", "id": ADA, "metadata": {"matter": "00042"}},
            {"kind": "invoice", "id": "in_none", "metadata": {"matter": "00042"}},
        ],
        "find_customer": [{"email": "ada@mail.example"}, {"customer": NOBODY}],
        "find_payment": [{"payment": "pi_practice0000"}, {"payment": "pi_none"}],
        "find_invoice": [{"number": "PRAC-0002"}, {"invoice": "in_none"}],
    },
)
