"""People and companies made and changed in Clio, with their numbers and addresses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from engine.sdk import Accepted, Context, Field, InputError, TypedDict, Unpack
from plugins.clio.asking import Json, Wanted, rows
from plugins.clio.custom_fields import VALUES, ContactCustomFields, changed_values
from plugins.clio.fields import ContactType, Date, Email
from plugins.clio.writing import change, create, reference, sent_after

WRITTEN = Wanted(
    "contact",
    {name: name for name in ("id", "name", "first_name", "last_name", "type", "updated_at")}
    | {"primary_email_address": "email"},
)


class Phones(TypedDict, total=False):
    """Telephone numbers by their label in Clio (spec); null removes one."""

    Mobile: str | None
    Home: str | None
    Work: str | None
    Fax: str | None
    Pager: str | None
    Skype: str | None
    Other: str | None


class Emails(TypedDict, total=False):
    """E-mail addresses by their label in Clio (spec); null removes one."""

    Home: Email | None
    Work: Email | None
    Other: Email | None


class Place(TypedDict, total=False):
    """A postal address; what is left out stays as it is."""

    street: str | None
    city: str | None
    province: Annotated[str | None, Field("Province or state")]
    postal_code: str | None
    country: str | None


class Places(TypedDict, total=False):
    """Postal addresses by their label in Clio (spec); null removes one."""

    Home: Place | None
    Work: Place | None
    Billing: Place | None
    Other: Place | None


class WrittenContact(TypedDict):
    """What is known of a contact after it was written."""

    id: int
    name: str
    first_name: str | None
    last_name: str | None
    type: ContactType
    email: Email | None
    updated_at: str


Id = Annotated[str, Field("Contact", "Its id in Clio, such as `contact.id`.")]


class ContactFields(TypedDict, total=False):
    """What a contact may be given; null empties a field, and what is left out stays."""

    first_name: Annotated[str | None, Field("First name", "Of a person.")]
    last_name: Annotated[str | None, Field("Last name", "Of a person.")]
    name: Annotated[str, Field("Name", "Of a company.")]
    title: Annotated[str | None, Field("Title", "Of a person at work, such as Manager.")]
    date_of_birth: Annotated[Date | None, Field("Date of birth")]
    company: Annotated[str, Field("Company", "Id of the company a person works for.")]
    phones: Annotated[Phones, Field("Telephone numbers", "By label; other labels stay.")]
    emails: Annotated[Emails, Field("E-mail addresses", "By label; other labels stay.")]
    addresses: Annotated[Places, Field("Addresses", "By label; other labels stay.")]
    custom_fields: ContactCustomFields


#: A contact's lists: the parameter, Clio's name, and which field of an entry holds its value.
LISTS = (
    ("phones", "phone_numbers", "number"),
    ("emails", "email_addresses", "address"),
    ("addresses", "addresses", ""),
)
READ = (
    "type,phone_numbers{id,name,number},email_addresses{id,name,address},"
    "addresses{id,name,street,city,province,postal_code,country}"
)


def create_contact(
    ctx: Context,
    *,
    type: Annotated[ContactType, Field("Type")] = "Person",
    **fields: Unpack[ContactFields],
) -> Accepted:
    """Add a person or company; when the same record comes again, its contact is changed.

    A person has a first and a last name, a company its name. Look with `find_contact` first, where
    the contact may be in Clio already.
    """
    fields = _as_named(type, fields)
    if ctx.target_id:
        return _change(ctx, ctx.target_id, fields)
    body = _body(ctx, fields, {}) | {"type": type}
    return create(ctx, "contacts.json", body, WRITTEN, to_written)


def find_created(
    ctx: Context,
    since: datetime,
    type: str = "Person",
    first_name: str | None = "",
    last_name: str | None = "",
    name: str = "",
    emails: Mapping[str, str | None] | None = None,
) -> dict[str, Any] | None:
    """Look whether a contact that was being made is there."""
    whole = name if type == "Company" else " ".join(filter(None, (first_name, last_name)))
    params = {"query": whole, "type": type, "created_since": sent_after(since)}
    wanted = {email.casefold() for email in (emails or {}).values() if email}
    for row in rows(ctx, "contacts.json", WRITTEN, {**params, "order": "id(asc)"}):
        email = (row.get("primary_email_address") or "").casefold()
        if row.get("name") == whole and (not wanted or email in wanted):
            return dict(to_written(row))
    return None


def update_contact(ctx: Context, *, contact: Id, **fields: Unpack[ContactFields]) -> Accepted:
    """Change a person or company; what is left out stays as it is.

    A number or address takes the place of the one with its label; others stay.
    """
    return _change(ctx, contact, fields)


def to_written(row: Json) -> Mapping[str, Any]:
    return {place: row[name] for name, place in WRITTEN.fields.items() if name in row}


def _as_named(type: ContactType, fields: ContactFields) -> ContactFields:
    """Return the fields with the names that a new contact of this type has, of which one is needed."""
    kept = fields.copy()
    if type == "Company":
        kept.pop("first_name", None)
        kept.pop("last_name", None)
    elif "first_name" in kept or "last_name" in kept:
        kept.pop("name", None)
    if not any(kept.get(name) for name in ("first_name", "last_name", "name")):
        whose = "company needs `name`" if type == "Company" else "person needs a first or last name"
        raise InputError(
            "This contact has no name.",
            hint=f"A {whose}.",
            field="name" if type == "Company" else "last_name",
            code="no_name",
        )
    return kept


def _change(ctx: Context, id: str, fields: ContactFields) -> Accepted:
    reads = [READ, *([VALUES] if fields.get("custom_fields") else [])]
    return change(
        ctx,
        f"contacts/{reference(id, 'contact')['id']}.json",
        lambda present: _body(ctx, fields, present),
        ",".join(reads),
        WRITTEN,
        to_written,
    )


def _body(ctx: Context, fields: ContactFields, present: Json) -> Json:
    body: Json = {**fields}
    for parameter, name, value in LISTS:
        if changed := changed_entries(body.pop(parameter, {}), present.get(name) or [], value):
            body[name] = changed
    if company := body.pop("company", None):
        body["company"] = reference(company, "company")
    if changed := changed_values(ctx, "Contact", body.pop("custom_fields", {}), present):
        body["custom_field_values"] = changed
    return body


def changed_entries(
    wanted: Mapping[str, Any], present: list[Json], field: str
) -> list[dict[str, Any]]:
    """Return the entries of a contact's list to send: in place by their ids, else added.

    :param wanted: by label; None removes what has the label.
    :param field: which field of an entry holds the value; empty: the value has several fields.
    """
    changes: list[dict[str, Any]] = []
    for label, value in wanted.items():
        same = [entry for entry in present if entry.get("name") == label]
        if value in (None, "", {}):
            changes += [{"id": entry["id"], "_destroy": True} for entry in same]
            continue
        fields = {field: value} if field else dict(value)
        if any(all(entry.get(n) == v for n, v in fields.items()) for entry in same):
            continue
        changes.append(({"id": same[0]["id"]} if same else {"name": label}) | fields)
    return changes
