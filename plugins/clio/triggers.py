"""Matters, contacts and users that changed, each read page by page in the order of their ids.

Clio's cursor (``order=id(asc)``, documented) has no limit and neither loses nor doubles a record
that is edited while the list is read. The price is that records don't come in the order of their
changes; contacts can't be had in that order anyway (spec).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from engine.sdk import Context, Field, Record
from plugins.clio.asking import Json, Wanted, one, pages, rows
from plugins.clio.custom_fields import definitions, values_by_name
from plugins.clio.fields import Contact, ContactType, Matter, Phone, Status, User
from plugins.clio.records import (
    CONTACT,
    MATTER,
    PHONES,
    RELATED,
    USER,
    to_client,
    to_contact,
    to_matter,
    to_phones,
    to_user,
)

#: A relationship is free text in Clio; these are usual words for someone who is a client too.
CLIENTS_TOO = ["Client", "Co-client"]

RelationshipNames = Annotated[
    list[str],
    Field(
        "Relationships of further clients",
        "Contacts with one of these relationships to a matter are its clients too.",
    ),
]

#: Ids asked for at once; with ids of ten digits that is an address of 4,500 characters.
LOOKUP_SIZE = 200


def matter_changed(
    ctx: Context,
    since: datetime | None,
    status: Annotated[
        list[Status], Field("Status", "Only matters with one of these; all of them if not said.")
    ] = [],  # noqa: B006 - a field's default, never changed
    further_clients: RelationshipNames = CLIENTS_TOO,
) -> Iterator[Matter]:
    """Start with each matter that was added or changed in Clio."""
    params = changed_after(since)
    if status:
        params["status"] = ",".join(status)
    for page in pages(ctx, "matters.json", MATTER, params):
        yield from _with_clients(ctx, page, further_clients)


def contact_changed(
    ctx: Context,
    since: datetime | None,
    client_only: Annotated[
        bool, Field("Clients only", "Leave out everyone who is no client of the firm.")
    ] = False,
    type: Annotated[
        ContactType | None, Field("Type", "Only people, or only companies; both if not said.")
    ] = None,
) -> Iterator[Contact]:
    """Start with each contact that was added or changed in Clio."""
    params = changed_after(since)
    if client_only:
        params["client_only"] = "true"
    if type:
        params["type"] = type
    for contact in rows(ctx, "contacts.json", CONTACT, params):
        yield as_contact(ctx, contact)


def user_changed(ctx: Context, since: datetime | None) -> Iterator[User]:
    """Start with each user of the firm's Clio account that was added or changed."""
    for user in rows(ctx, "users.json", USER, changed_after(since)):
        yield to_user(user)


def fetch_matter(
    ctx: Context, key: str, further_clients: RelationshipNames = CLIENTS_TOO
) -> Record | None:
    """Read one matter afresh; None when it is gone."""
    found = one(ctx, f"matters/{key}.json", MATTER)
    return None if found is None else dict(as_matter(ctx, found, further_clients))


def fetch_contact(ctx: Context, key: str) -> Record | None:
    """Read one contact afresh; None when it is gone."""
    found = one(ctx, f"contacts/{key}.json", CONTACT)
    return None if found is None else dict(as_contact(ctx, found))


def fetch_user(ctx: Context, key: str) -> Record | None:
    """Read one user afresh; None when it is gone."""
    found = one(ctx, f"users/{key}.json", USER)
    return None if found is None else dict(to_user(found))


# -- a page of matters -----------------------------------------------------------------------------


def _with_clients(ctx: Context, page: list[Json], relationships: list[str]) -> Iterator[Matter]:
    """Complete a page of matters: one request for telephones, one for further clients if any."""
    further = _further_clients(ctx, page, {name.strip().lower() for name in relationships})
    contacts = {
        matter["id"]: [
            contact
            for contact in (matter.get("client"), *further.get(matter["id"], []))
            if contact and "id" in contact
        ]
        for matter in page
    }
    phones = _phones(ctx, (contact["id"] for some in contacts.values() for contact in some))
    for matter in page:
        once = {contact["id"]: contact for contact in contacts[matter["id"]]}
        clients = [to_client(contact, phones.get(id, [])) for id, contact in once.items()]
        yield to_matter(matter, clients, _custom_fields(ctx, "Matter", matter))


def _further_clients(ctx: Context, page: list[Json], wanted: set[str]) -> dict[int, list[Json]]:
    """Return by matter the contacts that a relationship with a ``wanted`` name makes clients too.

    Relationships can't be asked for by several matters at once (spec), but by their own ids.
    """
    ids = [
        relationship["id"]
        for matter in page
        for relationship in matter.get("relationships") or ()
        if (relationship.get("description") or "").strip().lower() in wanted
    ]
    found: dict[int, list[Json]] = {}
    for row in _by_ids(ctx, "relationships.json", ids, RELATED):
        if row.get("contact") and row.get("matter"):
            found.setdefault(row["matter"]["id"], []).append(row["contact"])
    return found


def _phones(ctx: Context, contact_ids: Iterable[int]) -> dict[int, list[Phone]]:
    found = _by_ids(ctx, "contacts.json", list(dict.fromkeys(contact_ids)), PHONES)
    return {row["id"]: to_phones(row) for row in found}


def _by_ids(ctx: Context, url: str, ids: list[int], wanted: Wanted) -> Iterator[Json]:
    for start in range(0, len(ids), LOOKUP_SIZE):
        yield from rows(ctx, url, wanted, {"ids[]": ids[start : start + LOOKUP_SIZE]})


def as_matter(
    ctx: Context, matter: Json, further_clients: RelationshipNames = CLIENTS_TOO
) -> Matter:
    """Return one matter as recipes see it, what must be looked up included."""
    return next(_with_clients(ctx, [matter], further_clients))


def as_contact(ctx: Context, contact: Json) -> Contact:
    """Return one contact as recipes see it."""
    return to_contact(contact, _custom_fields(ctx, "Contact", contact))


def _custom_fields(ctx: Context, parent: Literal["Matter", "Contact"], row: Json) -> Json:
    if "custom_field_values" not in row:
        return {}
    return values_by_name(definitions(ctx), parent, row)


# -- requests --------------------------------------------------------------------------------------


def changed_after(since: datetime | None) -> dict[str, str]:
    """Ask for the cursor, and only for what changed.

    Clio's times have whole seconds, and ``updated_since`` is documented as "after": asking from a
    second earlier reads a record of that very second twice rather than never.
    """
    if since is None:
        return {"order": "id(asc)"}
    start = since.astimezone(UTC) - timedelta(seconds=1)
    return {"order": "id(asc)", "updated_since": start.strftime("%Y-%m-%dT%H:%M:%SZ")}
