"""Matters made and changed in Clio."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from engine.sdk import Accepted, Context, Field, TypedDict, Unpack
from plugins.clio.asking import Json, Wanted, rows
from plugins.clio.custom_fields import VALUES, MatterCustomFields, changed_values
from plugins.clio.fields import Date, Status
from plugins.clio.lookups import AREA, STAGE, USER, area_id, stage_id, user_id
from plugins.clio.writing import change, create, reference, sent_after

WRITTEN = Wanted(
    "matter",
    {
        name: name
        for name in ("id", "display_number", "description", "status", "open_date", "updated_at")
    },
)

MatterId = Annotated[str, Field("Matter", "Its id in Clio, such as `matter.id`.")]
ContactId = Annotated[str, Field("Client", "The contact's id in Clio, such as `contact.id`.")]
Description = Annotated[str, Field("Description")]


class MatterFields(TypedDict, total=False):
    """What a matter may be given; null empties a field, and what is left out stays."""

    practice_area: Annotated[str | None, AREA]
    stage: Annotated[str | None, STAGE]
    status: Annotated[Status | None, Field("Status")]
    responsible_attorney: Annotated[str, replace(USER, title="Responsible attorney")]
    open_date: Annotated[Date | None, Field("Opened on")]
    location: Annotated[str | None, Field("Location")]
    client_reference: Annotated[str | None, Field("Client reference", "Any text of yours.")]
    custom_fields: MatterCustomFields


class ChangedFields(MatterFields, total=False):
    """What a matter may be given besides, once there is one."""

    description: Description
    close_date: Annotated[Date | None, Field("Closed on")]


class WrittenMatter(TypedDict):
    """What is known of a matter after it was written."""

    id: int
    display_number: str
    description: str | None
    status: Status
    open_date: Date | None
    updated_at: str


def create_matter(
    ctx: Context,
    *,
    client: ContactId,
    description: Description,
    **fields: Unpack[MatterFields],
) -> Accepted:
    """Add a matter for a client; when the same record comes again, its matter is changed.

    Custom fields are written by name, as in `custom_fields: {Case number: …}`.
    """
    values = {**fields, "description": description}
    if ctx.target_id:
        return _change(ctx, ctx.target_id, values)
    body = _body(ctx, values, {})
    body["client"] = reference(client, "client")
    return create(ctx, "matters.json", body, WRITTEN, to_written)


def find_created(
    ctx: Context, client: str, description: str, since: datetime
) -> dict[str, Any] | None:
    """Look whether a matter that was being made is there."""
    params = {"client_id": client, "created_since": sent_after(since), "order": "id(asc)"}
    for row in rows(ctx, "matters.json", WRITTEN, params):
        if row.get("description") == description:
            return dict(to_written(row))
    return None


def update_matter(ctx: Context, *, matter: MatterId, **fields: Unpack[ChangedFields]) -> Accepted:
    """Change a matter; what is left out stays as it is."""
    return _change(ctx, matter, fields)


def to_written(row: Json) -> Mapping[str, Any]:
    known = {name: row[name] for name in WRITTEN.fields if name in row}
    return known | ({"status": known["status"].lower()} if known.get("status") else {})


def _change(ctx: Context, id: str, fields: Mapping[str, Any]) -> Accepted:
    reads = ["practice_area{id}", *([VALUES] if fields.get("custom_fields") else [])]
    return change(
        ctx,
        f"matters/{reference(id, 'matter')['id']}.json",
        lambda present: _body(ctx, fields, present),
        ",".join(reads),
        WRITTEN,
        to_written,
    )


def _body(ctx: Context, fields: Mapping[str, Any], present: Json) -> Json:
    """Return what to send: names looked up, and custom fields by the ids their values have."""
    body: Json = {**fields}
    if body.get("status") is None:  # it can't be emptied
        body.pop("status", None)
    area = (present.get("practice_area") or {}).get("id")
    if "practice_area" in body:
        wanted = body["practice_area"]
        area = area_id(ctx, wanted) if wanted is not None else None
        body["practice_area"] = {"id": area}
    if "stage" in body:
        wanted = body.pop("stage")
        body["matter_stage"] = {"id": None if wanted is None else stage_id(ctx, wanted, area)}
    if "responsible_attorney" in body:  # it can be changed, but not emptied (spec)
        who = body["responsible_attorney"]
        body["responsible_attorney"] = {"id": user_id(ctx, who, "responsible_attorney")}
    if changed := changed_values(ctx, "Matter", body.pop("custom_fields", {}), present):
        body["custom_field_values"] = changed
    return body
