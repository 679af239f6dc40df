"""From Clio's answers to the records that recipes see: which fields are asked for, and as what.

Only one level of fields may be nested (documented): a client's telephone numbers would be the
second, so triggers look them up for a whole page at once, as they do contacts of relationships.
A field that Clio leaves out of its answer is left out of the record, too: that it has vanished is
for Bridgework to notice, and not the same as a field that is empty.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from plugins.clio.asking import Json, Wanted
from plugins.clio.fields import (
    Address,
    Client,
    Communication,
    Contact,
    Matter,
    Note,
    Phone,
    Relationship,
    User,
)

CUSTOM_VALUES = {
    f"custom_field_values.{name}": "custom_fields" if name == "value" else ""
    for name in ("id", "field_name", "field_type", "value", "soft_deleted", "custom_field")
}
CLIENT = {
    "id": "id",
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "type": "type",
    "primary_email_address": "email",
}


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _within(outer: str, inner: Mapping[str, str], *places: str) -> dict[str, str]:
    """Return fields of an association, and where records have them."""
    return {
        f"{outer}.{name}": ",".join(f"{place}.{path}" for place in places or (outer,))
        for name, path in inner.items()
    }


MATTER = Wanted(
    "matter",
    {
        **_same("id", "display_number", "description", "status", "billing_method", "location"),
        **_same("open_date", "pending_date", "close_date", "created_at", "updated_at"),
        "practice_area.name": "practice_area",
        "matter_stage.name": "stage",
        **_within("responsible_attorney", _same("id", "name", "email")),
        **_within("client", CLIENT, "client", "clients[]"),
        "relationships.id": "",
        "relationships.description": "",
        **CUSTOM_VALUES,
    },
)
RELATED = Wanted("relationship", {"matter.id": "", **_within("contact", CLIENT, "clients[]")})
PHONES = Wanted(
    "contact",
    {
        "id": "",
        **_within(
            "phone_numbers", _same("name", "number"), "client.phones[]", "clients[].phones[]"
        ),
    },
)
CONTACT = Wanted(
    "contact",
    {
        **CLIENT,
        "title": "title",
        "company.name": "company",
        **_within("phone_numbers", _same("name", "number"), "phones[]"),
        **_within(
            "addresses",
            _same("name", "street", "city", "province", "postal_code", "country"),
            "addresses[]",
        ),
        **_same("date_of_birth", "is_client", "created_at", "updated_at"),
        **CUSTOM_VALUES,
    },
)
USER = Wanted(
    "user",
    _same("id", "name", "first_name", "last_name", "email", "enabled", "roles")
    | _same("created_at", "updated_at"),
)
ABOUT = {
    **_within("matter", _same("id", "display_number")),
    **_within("contact", _same("id", "name", "type")),
}
RELATIONSHIP = Wanted(
    "relationship", {**_same("id", "description"), **ABOUT, **_same("created_at", "updated_at")}
)
NOTE = Wanted(
    "note",
    {
        **_same("id", "type", "subject", "detail", "date"),
        "author.name": "author",
        **ABOUT,
        **_same("created_at", "updated_at"),
    },
)
COMMUNICATION = Wanted(
    "communication",
    {
        **_same("id", "type", "subject", "body", "date"),
        **_within("matter", _same("id", "display_number")),
        **_same("created_at", "updated_at"),
    },
)

#: What stands for a value that an answer doesn't have.
ABSENT = object()
Convert = Callable[[Any], Any]
Table = Mapping[str, tuple[str, Convert]]


def _as_it_is(*names: str) -> dict[str, tuple[str, Convert]]:
    return {name: (name, lambda value: value) for name in names}


def _made(row: Json, table: Table) -> Json:
    """Return a record of the fields that an answer has."""
    made = {
        name: convert(row[source]) for name, (source, convert) in table.items() if source in row
    }
    return {name: value for name, value in made.items() if value is not ABSENT}


def _name(association: Json | None) -> Any:
    return association.get("name", ABSENT) if association else None


def to_client(contact: Json, phones: list[Phone]) -> Client:
    return cast(Client, _made(contact, _CLIENT) | {"phones": phones})


def to_phones(contact: Json) -> list[Phone]:
    return [cast(Phone, _made(p, _PHONE)) for p in contact.get("phone_numbers") or []]


def to_matter(matter: Json, clients: list[Client], custom_fields: Json) -> Matter:
    """Return a matter with its clients, the main one first if there is one."""
    made = _made(matter, _MATTER)
    if "client" in matter:
        made |= {"client": clients[0] if matter["client"] and clients else None, "clients": clients}
    if "custom_field_values" in matter:
        made["custom_fields"] = custom_fields
    return cast(Matter, made)


def to_contact(contact: Json, custom_fields: Json) -> Contact:
    made = _made(contact, _CONTACT)
    if "custom_field_values" in contact:
        made["custom_fields"] = custom_fields
    return cast(Contact, made)


def to_user(user: Json) -> User:
    return cast(User, _made(user, _USER))


def to_relationship(relationship: Json) -> Relationship:
    return cast(Relationship, _made(relationship, _RELATIONSHIP))


def to_note(note: Json) -> Note:
    return cast(Note, _made(note, _NOTE))


def to_communication(communication: Json) -> Communication:
    return cast(Communication, _made(communication, _COMMUNICATION))


_CLIENT: Table = {
    **_as_it_is("id", "name", "first_name", "last_name", "type"),
    "email": ("primary_email_address", lambda value: value),
}
_PHONE: Table = _as_it_is("name", "number")
_ADDRESS: Table = _as_it_is("name", "street", "city", "province", "postal_code", "country")
_MATTER: Table = {
    **_as_it_is("id", "display_number", "description"),
    # Clio filters by "open" and answers "Open" (spec); recipes meet only the former.
    "status": ("status", lambda status: status.lower() if status else status),
    "practice_area": ("practice_area", _name),
    "stage": ("matter_stage", _name),
    **_as_it_is("responsible_attorney", "billing_method", "location"),
    **_as_it_is("open_date", "pending_date", "close_date", "created_at", "updated_at"),
}
_CONTACT: Table = {
    **_as_it_is("id", "name", "first_name", "last_name", "type", "title"),
    "company": ("company", _name),
    "email": ("primary_email_address", lambda value: value),
    "phones": ("phone_numbers", lambda found: [cast(Phone, _made(p, _PHONE)) for p in found]),
    "addresses": ("addresses", lambda found: [cast(Address, _made(a, _ADDRESS)) for a in found]),
    **_as_it_is("date_of_birth", "is_client", "created_at", "updated_at"),
}
_USER: Table = _as_it_is(*USER.fields)
_RELATIONSHIP: Table = _as_it_is(
    "id", "description", "matter", "contact", "created_at", "updated_at"
)
_NOTE: Table = {
    **_as_it_is("id", "type", "subject", "detail", "date"),
    "author": ("author", _name),
    **_as_it_is("matter", "contact", "created_at", "updated_at"),
}
_COMMUNICATION: Table = _as_it_is(
    "id", "type", "subject", "body", "date", "matter", "created_at", "updated_at"
)
