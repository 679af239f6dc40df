"""Notes, communications and relationships: read, written down, and changed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from engine.sdk import Accepted, Context, Field, InputError, Record
from plugins.clio.asking import one, rows
from plugins.clio.fields import Date, DateTime, Note, Relationship
from plugins.clio.records import (
    COMMUNICATION,
    NOTE,
    RELATIONSHIP,
    to_communication,
    to_note,
    to_relationship,
)
from plugins.clio.triggers import changed_after
from plugins.clio.writing import LEFT_OUT, change, create, given, reference, sent_after

#: By this property of a communication, which people don't see in Clio, a repeat is known.
PROPERTY = "Bridgework"

MatterIn = Annotated[str, Field("Matter", "Its id in Clio, such as `matter.id`.")]
ContactIn = Annotated[str, Field("Contact", "Its id in Clio, such as `contact.id`.")]
Subject = Annotated[str, Field("Subject")]
Detail = Annotated[str | None, Field("Text")]
DateIn = Annotated[Date, Field("Date", "Today if not said.")]


def note_changed(
    ctx: Context,
    since: datetime | None,
    about: Annotated[
        Literal["Matter", "Contact"], Field("About", "Notes of matters, or of contacts.")
    ] = "Matter",
) -> Iterator[Note]:
    """Start with each note that was added or changed in Clio."""
    for row in rows(ctx, "notes.json", NOTE, changed_after(since) | {"type": about}):
        yield to_note(row)


def fetch_note(ctx: Context, key: str) -> Record | None:
    """Read one note afresh; None when it is gone."""
    found = one(ctx, f"notes/{key}.json", NOTE)
    return None if found is None else dict(to_note(found))


def create_note(
    ctx: Context,
    *,
    matter: MatterIn = LEFT_OUT,
    contact: ContactIn = LEFT_OUT,
    subject: Subject,
    detail: Detail = LEFT_OUT,
    date: DateIn = LEFT_OUT,
) -> Accepted:
    """Write a note about a matter or a contact; when the same record comes again, it is changed."""
    if bool(matter) == bool(contact):
        raise InputError(
            "A note is about either a matter or a contact.",
            hint="Fill in `matter` or `contact`, and only one of them.",
            field="matter",
            code="about_nothing",
        )
    values = given(subject=subject, detail=detail, date=date)
    if ctx.target_id:
        return _change_note(ctx, ctx.target_id, values)
    about = "matter" if matter else "contact"
    body = {**values, "type": about.title(), about: reference(matter or contact, about)}
    return create(ctx, "notes.json", body, NOTE, to_note)


def find_note(
    ctx: Context,
    subject: str,
    since: datetime,
    matter: str = "",
    contact: str = "",
    detail: str | None = "",
) -> Record | None:
    """Look whether a note that was being written is there."""
    about = "matter" if matter else "contact"
    params = {
        "type": about.title(),
        f"{about}_id": matter or contact,
        "created_since": sent_after(since),
        "order": "id(asc)",
    }
    for row in rows(ctx, "notes.json", NOTE, params):
        if row.get("subject") == subject and (row.get("detail") or "") == (detail or ""):
            return dict(to_note(row))
    return None


def update_note(
    ctx: Context,
    *,
    note: Annotated[str, Field("Note", "Its id in Clio, such as `note.id`.")],
    subject: Subject = LEFT_OUT,
    detail: Detail = LEFT_OUT,
    date: DateIn = LEFT_OUT,
) -> Accepted:
    """Change a note; what is left out stays as it is."""
    return _change_note(ctx, note, given(subject=subject, detail=detail, date=date))


def _change_note(ctx: Context, id: str, values: dict[str, Any]) -> Accepted:
    url = f"notes/{reference(id, 'note')['id']}.json"

    def differing(present: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if present.get(name) != value}

    return change(ctx, url, differing, "subject,detail,date", NOTE, to_note)


def create_communication(
    ctx: Context,
    *,
    matter: MatterIn,
    subject: Subject,
    body: Annotated[str, Field("Text")],
    type: Annotated[
        Literal["PhoneCommunication", "EmailCommunication"],
        Field("Type", "A call, or an e-mail. Nothing is sent: it is only written down."),
    ] = "PhoneCommunication",
    received_at: Annotated[DateTime, Field("Received at", "Now if not said.")] = LEFT_OUT,
    date: DateIn = LEFT_OUT,
    from_contact: Annotated[str, Field("From", "Id of the contact it came from.")] = LEFT_OUT,
    to_user: Annotated[str, Field("To", "Id of the user it went to.")] = LEFT_OUT,
) -> Accepted:
    """Write down a call or an e-mail among a matter's communications."""
    data = given(subject=subject, body=body, received_at=received_at, date=date)
    data |= {"type": type, "matter": reference(matter, "matter")}
    if from_contact:
        data["senders"] = [{**reference(from_contact, "from_contact"), "type": "Contact"}]
    if to_user:
        data["receivers"] = [{**reference(to_user, "to_user"), "type": "User"}]
    if ctx.idempotency_key:
        data["external_properties"] = [{"name": PROPERTY, "value": ctx.idempotency_key}]
    return create(ctx, "communications.json", data, COMMUNICATION, to_communication)


def find_communication(ctx: Context, matter: str) -> Record | None:
    """Look whether a communication that was being written is there, by the key it was given."""
    params = {
        "matter_id": matter,
        "external_property_name": PROPERTY,
        "external_property_value": ctx.idempotency_key,
        "order": "id(asc)",
    }
    for row in rows(ctx, "communications.json", COMMUNICATION, params):
        return dict(to_communication(row))
    return None


def relationship_changed(ctx: Context, since: datetime | None) -> Iterator[Relationship]:
    """Start with each relationship between a contact and a matter that was added or changed."""
    params = changed_after(since)
    del params["order"]  # relationships take none, and come by their ids (spec)
    for row in rows(ctx, "relationships.json", RELATIONSHIP, params):
        yield to_relationship(row)


def fetch_relationship(ctx: Context, key: str) -> Record | None:
    """Read one relationship afresh; None when it is gone."""
    found = one(ctx, f"relationships/{key}.json", RELATIONSHIP)
    return None if found is None else dict(to_relationship(found))


def create_relationship(
    ctx: Context,
    *,
    matter: MatterIn,
    contact: ContactIn,
    description: Annotated[str, Field("Relationship", "In free text, such as Witness.")],
) -> Accepted:
    """Say how a contact has to do with a matter; one that is there already is left as it is."""
    if found := find_relationship(ctx, matter, contact, description):
        return Accepted(found, created=False, changed=False)
    data = {
        "matter": reference(matter, "matter"),
        "contact": reference(contact, "contact"),
        "description": description,
    }
    return create(ctx, "relationships.json", data, RELATIONSHIP, to_relationship)


def find_relationship(ctx: Context, matter: str, contact: str, description: str) -> Record | None:
    """Look whether a contact has this relationship to a matter."""
    params = {"matter_id": matter, "contact_id": contact}
    for row in rows(ctx, "relationships.json", RELATIONSHIP, params):
        if (row.get("description") or "").casefold() == description.casefold():
            return dict(to_relationship(row))
    return None
