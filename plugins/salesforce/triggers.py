"""What starts a recipe from Salesforce: records of any object, and questions of one's own.

Records come in the order of their cursor, and a page is of one moment. What is committed late, by
seconds, is caught by the overlap of the next read: created records are told apart by their id,
changed ones by id and ``SystemModstamp``, which every change moves, whoever made it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from engine.sdk import BadRecord, Context, Field, Record, Schema, SetupError
from plugins.salesforce.api import query
from plugins.salesforce.fields import (
    Fields,
    Object,
    all_fields,
    known_fields,
    or_null,
    record_schema,
)
from plugins.salesforce.soql import moment, select, text

#: Read of every record: what tells records apart and says when they changed.
ALWAYS = ("Id", "CreatedDate", "SystemModstamp")

#: By what people know a record, where its object has it.
NAMES = ("Name", "Subject", "CaseNumber")

Where = Annotated[
    str | None,
    Field("Only where", "A condition in SOQL, such as `Industry = 'Legal'`."),
]


def record_changed(
    ctx: Context, object: Object, since: datetime | None, fields: Fields = None, where: Where = None
) -> Iterator[Record]:
    """Start with each record of an object that was made or changed, by people or programs."""
    yield from read(ctx, object, fields, "SystemModstamp", since, where)


def record_created(
    ctx: Context, object: Object, since: datetime | None, fields: Fields = None, where: Where = None
) -> Iterator[Record]:
    """Start with each new record of an object, once; later changes of it start nothing."""
    yield from read(ctx, object, fields, "CreatedDate", since, where)


def record_deleted(ctx: Context, object: Object, since: datetime | None) -> Iterator[Record]:
    """Start with each record of an object that was deleted and still lies in the recycle bin.

    Salesforce keeps them there for 15 days; what is emptied from it before the recipe runs is missed.
    """
    names = known_fields(ctx, object, [*ALWAYS, "IsDeleted", *NAMES])
    conditions = ["IsDeleted = true", _from("SystemModstamp", since)]
    soql = select(object, names, *conditions, order="SystemModstamp ASC, Id ASC")
    yield from query(ctx, soql, deleted=True)


def soql_query(
    ctx: Context,
    query_text: Annotated[
        str,
        Field("Query", "In SOQL, such as `SELECT Id, Name FROM Account WHERE Type = 'Client'`."),
    ],
    key: Annotated[
        str, Field("Key field", "Tells the query's records apart, such as `Id` or `Account.Id`.")
    ] = "Id",
) -> Iterator[Record | BadRecord]:
    """Start with each record that a SOQL query of your own finds; all of them, each time.

    What didn't change since it was sent is not sent again.
    """
    if not query_text.strip().lower().startswith("select"):
        raise SetupError(
            "The query is none that reads: it has to begin with SELECT.",
            hint="Such as `SELECT Id, Name FROM Account`.",
        )
    for place, record in enumerate(query(ctx, query_text.strip()), start=1):
        value = _at(record, key)
        if value in (None, ""):
            yield BadRecord(
                f"row {place}",
                f"A record of the query has no value in its key field '{key}'.",
                code="no_key",
                hint="Name another key field, and have the query select it.",
                source=record,
            )
        else:
            yield {**record, "key": str(value)}


def query_fields(ctx: Context, query_text: str) -> Schema:
    """Say what the records of a query hold, by its first one; what else is known nobody says."""
    text_or_null = or_null({"type": "string"})
    schema: Schema = {
        "type": "object",
        "properties": {"key": {"type": "string"}},
        "additionalProperties": True,
    }
    for record in query(ctx, query_text.strip()):
        for name, value in record.items():
            known = text_or_null if isinstance(value, str) else {}
            schema["properties"].setdefault(name, known)
        break
    return schema


def read(
    ctx: Context,
    object: str,
    fields: list[str] | None,
    cursor: str,
    since: datetime | None,
    *conditions: str | None,
) -> Iterator[Record]:
    """Yield an object's records in the order of a moment they have."""
    given = [f"({one})" for one in conditions if one]
    names = fields_of(ctx, object, fields)
    soql = select(object, names, _from(cursor, since), *given, order=f"{cursor} ASC, Id ASC")
    yield from query(ctx, soql)


def fields_of(ctx: Context, object: str, fields: list[str] | None) -> list[str]:
    """Return the fields that records are read with."""
    if fields is None:
        return all_fields(ctx, object)
    return [*known_fields(ctx, object, [*ALWAYS, *NAMES]), *fields]


def fields_read(ctx: Context, object: str, fields: list[str] | None = None) -> Schema:
    """Say what the records that start a recipe hold."""
    return record_schema(ctx, object, fields_of(ctx, object, fields))


def fetch(ctx: Context, key: str, object: str, fields: list[str] | None = None) -> Record | None:
    """Read one record afresh; None when it was deleted."""
    soql = select(object, fields_of(ctx, object, fields), f"Id = {text(key)}", limit=1)
    return next(query(ctx, soql), None)


def _from(cursor: str, since: datetime | None) -> str:
    return "" if since is None else f"{cursor} >= {moment(since)}"


def _at(record: Record, path: str) -> object:
    value: object = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
