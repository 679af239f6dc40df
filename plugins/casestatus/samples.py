"""One answer of each operation, shown before there is a connection."""

STAFF = {
    "id": "101",
    "name": "Dana Whitfield",
    "email": "dana.whitfield@harborlaw.example",
}

CLIENT = {
    "id": 3001,
    "first_name": "Walter",
    "last_name": "Abernathy",
    "phone": "+12125550141",
    "email": "walter.abernathy@mail.example",
}

CASE = {
    "id": 5001,
    "readable_id": "HL-5001",
    "integration_id": "1234567",
    "name": "00042 Abernathy v. Harbor Transit",
    "attorney_id": 101,
    "client_id": 3001,
    "practice_area": "Personal Injury",
    "stage": "Demand sent",
    "description": "Rear-end collision",
    "opened_on": "2026-01-31",
    "closed_on": None,
    "created_at": "2026-01-31T15:04:05Z",
    "updated_at": "2026-02-07T15:04:05Z",
}

MESSAGE = {
    "id": 9001,
    "type": "outgoing",
    "content": "Your case moved to 'Demand sent'.",
    "sent_at": "2026-02-07T15:04:05Z",
    "created_at": "2026-02-07T15:04:05Z",
    "sender_name": "Harbor Law",
    "readable_id": "HL-5001",
    "integration_id": "1234567",
}
