"""From Clio's answers to the records that recipes see: which fields are asked for, and as what.

Only one level of fields may be nested (documented): a client's telephone numbers would be the
second, so triggers look them up for a whole page at once, as they do contacts of relationships.
"""

from collections.abc import Mapping
from typing import Any

from plugins.clio.fields import Attorney, Client, Contact, Matter, Phone, User

Json = dict[str, Any]

CLIENT_FIELDS = "id,name,first_name,last_name,type,primary_email_address"
MATTER_FIELDS = (
    "id,display_number,description,status,billing_method,location,open_date,pending_date,"
    "close_date,created_at,updated_at,practice_area{name},matter_stage{name},"
    f"responsible_attorney{{id,name,email}},client{{{CLIENT_FIELDS}}},relationships{{id,description}}"
)
RELATIONSHIP_FIELDS = f"matter{{id}},contact{{{CLIENT_FIELDS}}}"
PHONE_FIELDS = "id,phone_numbers{name,number}"
CONTACT_FIELDS = (
    "id,name,first_name,last_name,type,title,company{name},primary_email_address,"
    "phone_numbers{name,number},is_client,created_at,updated_at"
)
USER_FIELDS = "id,name,first_name,last_name,email,enabled,roles,created_at,updated_at"


def to_matter(matter: Json, clients: list[Client]) -> Matter:
    """Return a matter with its clients, the main one first if there is one."""
    return Matter(
        id=matter["id"],
        display_number=matter["display_number"],
        description=matter["description"],
        # Clio filters by "open" and answers "Open" (spec); recipes meet only the former.
        status=matter["status"].lower(),
        practice_area=_name(matter["practice_area"]),
        stage=_name(matter["matter_stage"]),
        client=clients[0] if matter["client"] else None,
        clients=clients,
        responsible_attorney=_attorney(matter["responsible_attorney"]),
        billing_method=matter["billing_method"],
        location=matter["location"],
        open_date=matter["open_date"],
        pending_date=matter["pending_date"],
        close_date=matter["close_date"],
        created_at=matter["created_at"],
        updated_at=matter["updated_at"],
    )


def to_client(contact: Json, phones: list[Phone]) -> Client:
    return Client(
        id=contact["id"],
        name=contact["name"],
        first_name=contact["first_name"],
        last_name=contact["last_name"],
        type=contact["type"],
        email=contact["primary_email_address"],
        phones=phones,
    )


def to_contact(contact: Json) -> Contact:
    return Contact(
        id=contact["id"],
        name=contact["name"],
        first_name=contact["first_name"],
        last_name=contact["last_name"],
        type=contact["type"],
        title=contact["title"],
        company=_name(contact["company"]),
        email=contact["primary_email_address"],
        phones=to_phones(contact),
        is_client=contact["is_client"],
        created_at=contact["created_at"],
        updated_at=contact["updated_at"],
    )


def to_user(user: Json) -> User:
    return User(
        id=user["id"],
        name=user["name"],
        first_name=user["first_name"],
        last_name=user["last_name"],
        email=user["email"],
        enabled=user["enabled"],
        roles=user["roles"],
        created_at=user["created_at"],
        updated_at=user["updated_at"],
    )


def to_phones(contact: Json) -> list[Phone]:
    return [Phone(name=p["name"], number=p["number"]) for p in contact["phone_numbers"]]


def _attorney(user: Json | None) -> Attorney | None:
    if user is None:
        return None
    return Attorney(id=user["id"], name=user["name"], email=user["email"])


def _name(association: Mapping[str, Any] | None) -> str | None:
    return association["name"] if association else None
