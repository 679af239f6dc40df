"""Matters made and changed in Clio."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from engine.sdk import Accepted, Context, Field, TypedDict
from plugins.clio.asking import Json, Wanted, rows
from plugins.clio.custom_fields import VALUES, MatterCustomFields, changed_values
from plugins.clio.fields import Date, Status
from plugins.clio.lookups import AREA, STAGE, USER, area_id, stage_id, user_id
from plugins.clio.writing import LEFT_OUT, change, create, given, reference, sent_after

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
Location = Annotated[str | None, Field("Location")]
Reference = Annotated[str | None, Field("Client reference", "Any text of yours.")]
OpenedOn = Annotated[Date | None, Field("Opened on")]
ClosedOn = Annotated[Date | None, Field("Closed on")]
StatusIn = Annotated[Status | None, Field("Status")]
AreaIn = Annotated[str | None, AREA]
StageIn = Annotated[str | None, STAGE]
Responsible = Annotated[str, replace(USER, title="Responsible attorney")]
NO_CUSTOM_FIELDS: dict[str, Any] = {}


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
    practice_area: AreaIn = LEFT_OUT,
    stage: StageIn = LEFT_OUT,
    status: StatusIn = None,
    responsible_attorney: Responsible = LEFT_OUT,
    open_date: OpenedOn = LEFT_OUT,
    location: Location = LEFT_OUT,
    client_reference: Reference = LEFT_OUT,
    custom_fields: MatterCustomFields = NO_CUSTOM_FIELDS,
) -> Accepted:
    """Add a matter for a client; when the same record comes again, its matter is changed.

    Custom fields are written by name, as in `custom_fields: {Case number: …}`.
    """
    values = given(
        description=description,
        practice_area=practice_area,
        stage=stage,
        status=status or LEFT_OUT,
        responsible_attorney=responsible_attorney,
        open_date=open_date,
        location=location,
        client_reference=client_reference,
    )
    if ctx.target_id:
        return _change(ctx, ctx.target_id, values, custom_fields)
    body = _body(ctx, values, {}, custom_fields)
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


def update_matter(
    ctx: Context,
    *,
    matter: MatterId,
    description: Description = LEFT_OUT,
    practice_area: AreaIn = LEFT_OUT,
    stage: StageIn = LEFT_OUT,
    status: StatusIn = None,
    responsible_attorney: Responsible = LEFT_OUT,
    open_date: OpenedOn = LEFT_OUT,
    close_date: ClosedOn = LEFT_OUT,
    location: Location = LEFT_OUT,
    client_reference: Reference = LEFT_OUT,
    custom_fields: MatterCustomFields = NO_CUSTOM_FIELDS,
) -> Accepted:
    """Change a matter; what is left out stays as it is."""
    values = given(
        description=description,
        practice_area=practice_area,
        stage=stage,
        status=status or LEFT_OUT,
        responsible_attorney=responsible_attorney,
        open_date=open_date,
        close_date=close_date,
        location=location,
        client_reference=client_reference,
    )
    return _change(ctx, matter, values, custom_fields)


def to_written(row: Json) -> Mapping[str, Any]:
    known = {name: row[name] for name in WRITTEN.fields if name in row}
    return known | ({"status": known["status"].lower()} if known.get("status") else {})


def _change(ctx: Context, id: str, values: Json, custom_fields: Mapping[str, Any]) -> Accepted:
    reads = ["practice_area{id}", *([VALUES] if custom_fields else [])]
    url = f"matters/{reference(id, 'matter')['id']}.json"
    return change(
        ctx,
        url,
        lambda present: _body(ctx, values, present, custom_fields),
        ",".join(reads),
        WRITTEN,
        to_written,
    )


def _body(ctx: Context, values: Json, present: Json, custom_fields: Mapping[str, Any]) -> Json:
    """Return what to send: names looked up, and custom fields by the ids their values have."""
    body = dict(values)
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
    if changed := changed_values(ctx, "Matter", custom_fields, present):
        body["custom_field_values"] = changed
    return body
