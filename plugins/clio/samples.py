"""One record of each trigger, shown before there is a connection and used for trying recipes out."""

from plugins.clio.fields import Client, Contact, Matter, User

_CLIENT: Client = {
    "id": 2110045003,
    "name": "Ada Okafor",
    "first_name": "Ada",
    "last_name": "Okafor",
    "type": "Person",
    "email": "ada.okafor@inbox.example",
    "phones": [
        {"name": "Mobile", "number": "(212) 555-0123"},
        {"name": "Home", "number": "(212) 555-0188"},
    ],
}

MATTER: Matter = {
    "id": 1520030011,
    "display_number": "00042-Okafor",
    "description": "Rear-end collision",
    "status": "open",
    "practice_area": "Personal Injury",
    "stage": "Investigation",
    "client": _CLIENT,
    "clients": [_CLIENT],
    "responsible_attorney": {
        "id": 350410021,
        "name": "Dana Whitfield",
        "email": "dana.whitfield@harborlaw.example",
    },
    "billing_method": "contingency",
    "location": "Harbor County Courthouse",
    "open_date": "2026-03-02",
    "pending_date": None,
    "close_date": None,
    "created_at": "2026-03-02T15:04:05Z",
    "updated_at": "2026-05-19T09:30:00Z",
}

CONTACT: Contact = {
    **_CLIENT,
    "title": None,
    "company": None,
    "is_client": True,
    "created_at": "2026-03-02T14:58:11Z",
    "updated_at": "2026-03-02T14:58:11Z",
}

USER: User = {
    "id": 350410021,
    "name": "Dana Whitfield",
    "first_name": "Dana",
    "last_name": "Whitfield",
    "email": "dana.whitfield@harborlaw.example",
    "enabled": True,
    "roles": ["Administrator"],
    "created_at": "2024-01-08T10:00:00Z",
    "updated_at": "2025-11-03T16:20:00Z",
}
