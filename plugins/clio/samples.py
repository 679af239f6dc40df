"""One record or answer of each operation, shown before there is a connection and used for trying recipes out."""

from plugins.clio.contacts import WrittenContact
from plugins.clio.fields import (
    Client,
    Communication,
    Contact,
    ContactName,
    Matter,
    MatterName,
    Note,
    Relationship,
    Stage,
    User,
)
from plugins.clio.matters import WrittenMatter

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
    "custom_fields": {
        "Case number": "CV-2026-00042",
        "Incident date": "2026-02-27",
        "Policy limit": 100000,
        "Referral source": "Former client",
    },
    "created_at": "2026-03-02T15:04:05Z",
    "updated_at": "2026-05-19T09:30:00Z",
}

CONTACT: Contact = {
    **_CLIENT,
    "title": None,
    "company": None,
    "addresses": [
        {
            "name": "Home",
            "street": "12 Dock Street",
            "city": "Harbor Point",
            "province": "NY",
            "postal_code": "10004",
            "country": "United States",
        }
    ],
    "date_of_birth": "1988-07-14",
    "is_client": True,
    "custom_fields": {"Preferred language": "English", "Reference": "REF-0042"},
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

_ABOUT: MatterName = {"id": 1520030011, "display_number": "00042-Okafor"}
_WHO: ContactName = {"id": 2110045016, "name": "Luis Ortiz", "type": "Person"}

RELATIONSHIP: Relationship = {
    "id": 61500118,
    "description": "Witness",
    "matter": _ABOUT,
    "contact": _WHO,
    "created_at": "2026-03-04T11:20:00Z",
    "updated_at": "2026-03-04T11:20:00Z",
}

NOTE: Note = {
    "id": 702400013,
    "type": "Matter",
    "subject": "Conflict check",
    "detail": "No conflict was found.",
    "date": "2026-03-02",
    "author": "Dana Whitfield",
    "matter": _ABOUT,
    "contact": None,
    "created_at": "2026-03-02T15:30:00Z",
    "updated_at": "2026-03-02T15:30:00Z",
}

COMMUNICATION: Communication = {
    "id": 803100017,
    "type": "PhoneCommunication",
    "subject": "Call with the client",
    "body": "Asked for the missing papers; they come next week.",
    "date": "2026-03-05",
    "matter": _ABOUT,
    "created_at": "2026-03-05T10:15:00Z",
    "updated_at": "2026-03-05T10:15:00Z",
}

STAGE: Stage = {"id": 912048, "name": "Investigation", "practice_area": "Personal Injury"}

WRITTEN_MATTER: WrittenMatter = {
    "id": 1520030011,
    "display_number": "00042-Okafor",
    "description": "Rear-end collision",
    "status": "open",
    "open_date": "2026-03-02",
    "updated_at": "2026-03-02T15:04:05Z",
}

WRITTEN_CONTACT: WrittenContact = {
    "id": 2110045003,
    "name": "Ada Okafor",
    "first_name": "Ada",
    "last_name": "Okafor",
    "type": "Person",
    "email": "ada.okafor@inbox.example",
    "updated_at": "2026-03-02T14:58:11Z",
}
