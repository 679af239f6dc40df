"""Matters, contacts and users that changed, each read page by page in the order of their ids.

Clio's cursor (``order=id(asc)``, documented) has no limit and neither loses nor doubles a record
that is edited while the list is read. The price is that records don't come in the order of their
changes; contacts can't be had in that order anyway (spec).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

from engine.sdk import Context, Field, InputError, Record
from plugins.clio.fields import Contact, ContactType, Matter, Phone, Status, User
from plugins.clio.records import (
    CONTACT_FIELDS,
    MATTER_FIELDS,
    PHONE_FIELDS,
    RELATIONSHIP_FIELDS,
    USER_FIELDS,
    Json,
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
    params = _changed_after(since) | {"fields": MATTER_FIELDS}
    if status:
        params["status"] = ",".join(status)
    for page in ctx.http.pages("matters.json", items="data", params=params):
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
    params = _changed_after(since) | {"fields": CONTACT_FIELDS}
    if client_only:
        params["client_only"] = "true"
    if type:
        params["type"] = type
    for contact in ctx.http.paginate("contacts.json", items="data", params=params):
        yield to_contact(contact)


def user_changed(ctx: Context, since: datetime | None) -> Iterator[User]:
    """Start with each user of the firm's Clio account that was added or changed."""
    params = _changed_after(since) | {"fields": USER_FIELDS}
    for user in ctx.http.paginate("users.json", items="data", params=params):
        yield to_user(user)


def fetch_matter(
    ctx: Context, key: str, further_clients: RelationshipNames = CLIENTS_TOO
) -> Record | None:
    """Read one matter afresh; None when it is gone."""
    found = _one(ctx, f"matters/{key}.json", MATTER_FIELDS)
    return None if found is None else dict(next(_with_clients(ctx, [found], further_clients)))


def fetch_contact(ctx: Context, key: str) -> Record | None:
    """Read one contact afresh; None when it is gone."""
    found = _one(ctx, f"contacts/{key}.json", CONTACT_FIELDS)
    return None if found is None else dict(to_contact(found))


def fetch_user(ctx: Context, key: str) -> Record | None:
    """Read one user afresh; None when it is gone."""
    found = _one(ctx, f"users/{key}.json", USER_FIELDS)
    return None if found is None else dict(to_user(found))


# -- a page of matters -----------------------------------------------------------------------------


def _with_clients(ctx: Context, page: list[Json], relationships: list[str]) -> Iterator[Matter]:
    """Complete a page of matters: one request for telephones, one for further clients if any."""
    further = _further_clients(ctx, page, {name.strip().lower() for name in relationships})
    contacts = {
        matter["id"]: [matter["client"]] * bool(matter["client"]) + further.get(matter["id"], [])
        for matter in page
    }
    phones = _phones(ctx, (contact["id"] for some in contacts.values() for contact in some))
    for matter in page:
        once = {contact["id"]: contact for contact in contacts[matter["id"]]}
        clients = [to_client(contact, phones.get(id, [])) for id, contact in once.items()]
        yield to_matter(matter, clients)


def _further_clients(ctx: Context, page: list[Json], wanted: set[str]) -> dict[int, list[Json]]:
    """Return by matter the contacts that a relationship with a ``wanted`` name makes clients too.

    Relationships can't be asked for by several matters at once (spec), but by their own ids.
    """
    ids = [
        relationship["id"]
        for matter in page
        for relationship in matter["relationships"]
        if (relationship["description"] or "").strip().lower() in wanted
    ]
    found: dict[int, list[Json]] = {}
    for row in _by_ids(ctx, "relationships.json", ids, RELATIONSHIP_FIELDS):
        if row["contact"]:
            found.setdefault(row["matter"]["id"], []).append(row["contact"])
    return found


def _phones(ctx: Context, contact_ids: Iterable[int]) -> dict[int, list[Phone]]:
    rows = _by_ids(ctx, "contacts.json", list(dict.fromkeys(contact_ids)), PHONE_FIELDS)
    return {row["id"]: to_phones(row) for row in rows}


def _by_ids(ctx: Context, url: str, ids: list[int], fields: str) -> Iterator[Json]:
    for start in range(0, len(ids), LOOKUP_SIZE):
        params = {"ids[]": ids[start : start + LOOKUP_SIZE], "fields": fields}
        yield from ctx.http.paginate(url, items="data", params=params)


# -- requests --------------------------------------------------------------------------------------


def _changed_after(since: datetime | None) -> dict[str, str]:
    """Ask for the cursor, and only for what changed.

    Clio's times have whole seconds, and ``updated_since`` is documented as "after": asking from a
    second earlier reads a record of that very second twice rather than never.
    """
    if since is None:
        return {"order": "id(asc)"}
    start = since.astimezone(UTC) - timedelta(seconds=1)
    return {"order": "id(asc)", "updated_since": start.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _one(ctx: Context, url: str, fields: str) -> Json | None:
    try:
        found: Json = ctx.http.get(url, params={"fields": fields}).json()["data"]
    except InputError as error:
        if error.code == "not_found":
            return None
        raise
    return found
