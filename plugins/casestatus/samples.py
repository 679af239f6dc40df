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
    "case_type": None,
    "paralegal_id": None,
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

FILE = {
    "id": 7001,
    "file_name": "police-report.pdf",
    "extension": "pdf",
    "content_type": "application/pdf",
    "size": 184320,
    "url": "https://files.casestatus.example/7001",
    "case_id": "5001",
    "case_readable_id": "HL-5001",
    "case_practice_area": "Personal Injury",
    "case_integration_id": "1234567",
    "created_at": "2026-02-06T09:12:44Z",
    "updated_at": "2026-02-06T09:12:44Z",
}

REPORTED_CASE = {
    "id": 5001,
    "integration_id": "1234567",
    "name": "00042 Abernathy v. Harbor Transit",
    "practice_area": "Personal Injury",
    "stage": "Demand sent",
    "incident_date": "2025-12-19",
    "clients": [
        {
            "id": 3001,
            "first_name": "Walter",
            "last_name": "Abernathy",
            "phone": "+12125550141",
            "email": "walter.abernathy@mail.example",
        }
    ],
    "attorneys": [
        {
            "id": 101,
            "first_name": "Dana",
            "last_name": "Whitfield",
            "email": "dana.whitfield@harborlaw.example",
        }
    ],
    "case_managers": [
        {"id": 106, "first_name": "Ruth", "last_name": "Okafor", "email": None},
    ],
    "last_message_received": "2026-02-06T17:20:10Z",
    "created_at": "2026-01-31T15:04:05Z",
    "closed_at": None,
    "updated_at": "2026-02-07T15:04:05Z",
}
