"""Triggers for the objects that people use most, with their usual fields."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache

from engine.sdk import Context, Record, Schema
from plugins.salesforce.api import query
from plugins.salesforce.fields import MoreFields, known_fields, record_schema
from plugins.salesforce.soql import moment, select, text
from plugins.salesforce.triggers import ALWAYS

#: Standard fields (documented); an organization may hide some of them.
USUAL: dict[str, tuple[str, ...]] = {
    "Account": (
        *("Name", "Type", "Industry", "Phone", "Website", "BillingStreet", "BillingCity"),
        *("BillingState", "BillingPostalCode", "BillingCountry", "Owner.Name", "Owner.Email"),
    ),
    "Contact": (
        *("Name", "FirstName", "LastName", "Email", "Phone", "MobilePhone", "Title", "AccountId"),
        *("Account.Name", "MailingStreet", "MailingCity", "MailingState", "MailingPostalCode"),
        *("MailingCountry", "HasOptedOutOfEmail", "Owner.Name", "Owner.Email"),
    ),
    "Lead": (
        *("Name", "FirstName", "LastName", "Email", "Phone", "Company", "Title", "Status"),
        *("LeadSource", "IsConverted", "Owner.Name"),
    ),
    "Opportunity": (
        *("Name", "StageName", "Amount", "CloseDate", "Probability", "IsClosed", "IsWon"),
        *("AccountId", "Account.Name", "LastStageChangeDate", "Owner.Name", "Owner.Email"),
    ),
}


def contact_changed(
    ctx: Context, since: datetime | None, more_fields: MoreFields = None
) -> Iterator[Record]:
    """Start with each contact that was added or changed."""
    yield from _read(ctx, "Contact", "SystemModstamp", since, more_fields)


def account_changed(
    ctx: Context, since: datetime | None, more_fields: MoreFields = None
) -> Iterator[Record]:
    """Start with each account that was added or changed."""
    yield from _read(ctx, "Account", "SystemModstamp", since, more_fields)


def lead_created(
    ctx: Context, since: datetime | None, more_fields: MoreFields = None
) -> Iterator[Record]:
    """Start with each new lead, once."""
    yield from _read(ctx, "Lead", "CreatedDate", since, more_fields)


def lead_changed(
    ctx: Context, since: datetime | None, more_fields: MoreFields = None
) -> Iterator[Record]:
    """Start with each lead that was added or changed, converted ones too."""
    yield from _read(ctx, "Lead", "SystemModstamp", since, more_fields)


def opportunity_changed(
    ctx: Context, since: datetime | None, more_fields: MoreFields = None
) -> Iterator[Record]:
    """Start with each opportunity that was added or changed."""
    yield from _read(ctx, "Opportunity", "SystemModstamp", since, more_fields)


def opportunity_won(
    ctx: Context, since: datetime | None, more_fields: MoreFields = None
) -> Iterator[Record]:
    """Start with each opportunity that was won, once; edits of it afterwards start nothing.

    `WonAt` is when its stage changed, or when it was made if it was won from the first. One that is
    opened again and won once more starts the recipe again.
    """
    stage = "LastStageChangeDate"
    moved = "" if since is None else f"{stage} >= {moment(since)}"
    born = "" if since is None else f" AND CreatedDate >= {moment(since)}"
    names = _names(ctx, "Opportunity", more_fields)
    # Two questions: a condition on both would be read without an index.
    never_moved = f"{stage} = null{born}"
    for condition in (moved or f"{stage} != null", never_moved):
        for record in query(ctx, select("Opportunity", names, "IsWon = true", condition)):
            yield _won(record)


def fetcher(object: str) -> Callable[..., Record | None]:
    """Return the function that reads one record of an object afresh."""

    def fetch(ctx: Context, key: str, more_fields: list[str] | None = None) -> Record | None:
        soql = select(object, _names(ctx, object, more_fields), f"Id = {text(key)}", limit=1)
        return next(query(ctx, soql), None)

    return fetch


def fetch_won(ctx: Context, key: str, more_fields: list[str] | None = None) -> Record | None:
    """Read an opportunity afresh; None when it was deleted."""
    found = fetcher("Opportunity")(ctx, key, more_fields)
    return None if found is None else _won(found)


@cache
def fields_of_object(object: str) -> Callable[..., Schema]:
    """Return the function that says what the records of an object hold."""

    def fields(ctx: Context, more_fields: list[str] | None = None) -> Schema:
        return record_schema(ctx, object, _names(ctx, object, more_fields))

    # What is kept of it goes by the function's name.
    fields.__name__ = f"fields_of_{object.lower()}"
    return fields


def fields_of_won(ctx: Context, more_fields: list[str] | None = None) -> Schema:
    """Say what opportunities that were won hold."""
    schema = fields_of_object("Opportunity")(ctx, more_fields)
    schema["properties"]["WonAt"] = {"type": "string", "format": "date-time", "title": "Won at"}
    return schema


def _read(
    ctx: Context,
    object: str,
    cursor: str,
    since: datetime | None,
    more_fields: list[str] | None,
) -> Iterator[Record]:
    wanted = "" if since is None else f"{cursor} >= {moment(since)}"
    names = _names(ctx, object, more_fields)
    yield from query(ctx, select(object, names, wanted, order=f"{cursor} ASC, Id ASC"))


def _names(ctx: Context, object: str, more_fields: list[str] | None) -> list[str]:
    return [*known_fields(ctx, object, [*ALWAYS, *USUAL[object]]), *(more_fields or ())]


def _won(record: Record) -> Record:
    return {**record, "WonAt": record.get("LastStageChangeDate") or record["CreatedDate"]}
