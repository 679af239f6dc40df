"""What can be done with records of any object: upsert, create, update and delete them."""

from typing import Annotated, Any
from urllib.parse import quote

from engine.sdk import (
    Accepted,
    Context,
    Field,
    Record,
    RowResult,
    TypedDict,
    tolerating,
)
from plugins.salesforce.api import answer_of, field_named, heard, name_of
from plugins.salesforce.fields import (
    Object,
    external_id_fields,
    to_create,
    to_update,
    to_upsert,
)
from plugins.salesforce.rows import send

#: Codes of a record that isn't there any more.
GONE = frozenset({"entity_is_deleted", "not_found", "invalid_cross_reference_key"})

ExternalIdField = Annotated[
    str,
    Field(
        "External id field",
        "The field that holds the other app's id, such as `Clio_Id__c`; in Setup it is marked as "
        "an external id.",
        schema=external_id_fields,
    ),
]

Id = Annotated[str, Field("Id", "The record's id in Salesforce, of 15 or 18 characters.")]

HOW = "By API name. A related record by its external id: `Account: {Clio_Id__c: '7'}`."


class UpsertRow(TypedDict):
    """One record, known by another app's id."""

    external_id: Annotated[str, Field("External id", "The record's id in the other app.")]
    fields: Annotated[dict[str, Any], Field("Fields", HOW, schema=to_upsert)]


class CreateRow(TypedDict):
    """One new record."""

    fields: Annotated[dict[str, Any], Field("Fields", HOW, schema=to_create)]


class UpdateRow(TypedDict):
    """One record that is there; fields that are left out stay as they are."""

    id: Id
    fields: Annotated[dict[str, Any], Field("Fields", HOW, schema=to_update)]


def upsert_records(
    ctx: Context, *, object: Object, external_id_field: ExternalIdField, rows: list[UpsertRow]
) -> list[RowResult]:
    """Create records, or update those that are there, by another app's id; 200 in one request."""
    external = field_named(ctx, object, external_id_field)
    name = str(external["name"])
    records = [to_send(object, row["fields"], {name: row["external_id"]}) for row in rows]
    path = f"/composite/sobjects/{name_of('an object', object)}/{name}"
    keys = [row["external_id"] for row in rows]
    return send(ctx, records, keys, lambda body: ctx.http.patch(path, json=body))


def create_records(ctx: Context, *, object: Object, rows: list[CreateRow]) -> list[RowResult]:
    """Create records, 200 in one request.

    Where the other app has ids, `upsert_records` is safer: it makes no record twice.
    """
    records = [to_send(object, row["fields"], {}) for row in rows]
    places = [str(place) for place in range(len(rows))]
    return send(ctx, records, places, lambda body: ctx.http.post("/composite/sobjects", json=body))


def update_records(ctx: Context, *, object: Object, rows: list[UpdateRow]) -> list[RowResult]:
    """Update records by their id in Salesforce, 200 in one request."""
    records = [to_send(object, row["fields"], {"id": row["id"]}) for row in rows]
    keys = [row["id"][:15] for row in rows]  # the three characters after them add nothing
    results = send(
        ctx, records, keys, lambda body: ctx.http.patch("/composite/sobjects", json=body)
    )
    return [_updated(result) for result in results]


def upsert_record(
    ctx: Context,
    object: Object,
    external_id_field: ExternalIdField,
    external_id: Annotated[str, Field("External id", "The record's id in the other app.")],
    fields: Annotated[dict[str, Any], Field("Fields", HOW, schema=to_upsert)],
    only_update: Annotated[
        bool, Field("Only update", "Reject the record where Salesforce has none yet.")
    ] = False,
) -> Accepted:
    """Create a record, or update the one that is there, in a request of its own.

    For single records, or to update only. `upsert_records` takes 200 in one request.
    """
    name = str(field_named(ctx, object, external_id_field)["name"])
    record = {key: value for key, value in fields.items() if key.lower() != name.lower()}
    path = f"/sobjects/{name_of('an object', object)}/{name}/{quote(external_id, safe='')}"
    params = {"updateOnly": "true"} if only_update else None
    response = heard(ctx, ctx.http.patch(path, json=record, params=params))
    if response.status_code == 204:  # an update, as older versions of the API answer it
        found = heard(ctx, ctx.http.get(path, params={"fields": "Id"}))
        return Accepted({"id": answer_of(found, "Id")["Id"], "success": True}, created=False)
    answer = answer_of(response, "id")
    saved: Record = {"id": answer["id"], "success": True}
    if "created" in answer:
        saved["created"] = answer["created"]
    return Accepted(saved, created=bool(answer.get("created", response.status_code == 201)))


def delete_record(ctx: Context, object: Object, id: Id) -> Record | Accepted:
    """Put a record into Salesforce's recycle bin; one that is gone already is no problem."""
    deleted = {"id": id, "deleted": True}
    with tolerating(*GONE):
        path = f"/sobjects/{name_of('an object', object)}/{quote(id, safe='')}"
        heard(ctx, ctx.http.delete(path))
        return deleted
    return Accepted(deleted, changed=False)


def to_send(object: str, fields: Record, by: Record) -> Record:
    """Return a record as requests for many take it.

    :param by: what it is known by; it goes before a field of the same name.
    """
    known = {name.lower() for name in by}
    own = {name: value for name, value in fields.items() if name.lower() not in known}
    return {"attributes": {"type": name_of("an object", object)}, **by, **own}


def _updated(result: RowResult) -> RowResult:
    if isinstance(result, Accepted):
        return Accepted(result.record, created=False)
    return result
