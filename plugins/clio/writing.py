"""How records are written in Clio: made, or changed only as they were when they were read.

A single record has an ETag, and a PATCH with ``If-Match`` is refused with 412 when somebody changed
the record meanwhile (documented). Then it is read and compared again, once.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.sdk import Accepted, Context, InputError, RemoteError
from plugins.clio.asking import Json, Wanted, still_known

#: Default of fields that may be left out: recipes give text that isn't empty, or null to clear.
LEFT_OUT = ""
#: How far Clio's clock may be behind ours.
CLOCKS_DIFFER = timedelta(minutes=5)

ToRecord = Callable[[Json], Mapping[str, Any]]


def given(**fields: Any) -> Json:
    """Leave out what the recipe left out; null, from `blank: clear`, is sent and empties a field."""
    return {name: value for name, value in fields.items() if value != LEFT_OUT}


def create(ctx: Context, url: str, data: Json, wanted: Wanted, to_record: ToRecord) -> Accepted:
    """Make a record and return it as recipes see it."""
    answer = ctx.http.post(url, params={"fields": still_known(ctx, wanted)}, json={"data": data})
    return Accepted(dict(to_record(_data(answer.json()))), created=True)


def change(
    ctx: Context,
    url: str,
    body_of: Callable[[Json], Json],
    read: str,
    wanted: Wanted,
    to_record: ToRecord,
) -> Accepted:
    """Change a record; nothing is sent where it is already as it should be.

    :param body_of: what to send, given the record as it is; empty where nothing is to change.
    :param read: the fields that ``body_of`` wants to see.
    :raises InputError: ``not_found``, or ``edited_meanwhile`` when it was changed twice meanwhile.
    """
    fields = {"fields": still_known(ctx, wanted)}
    for last in (False, True):
        found = ctx.http.get(url, params={"fields": f"id,etag,{read}" if read else "id,etag"})
        present = _data(found.json())
        body = body_of(present)
        if not body:
            return Accepted(
                dict(to_record(_data(ctx.http.get(url, params=fields).json()))),
                created=False,
                changed=False,
            )
        etag = found.headers.get("ETag") or present.get("etag")
        try:
            answer = ctx.http.patch(
                url,
                params=fields,
                json={"data": body},
                headers={"If-Match": etag} if etag else None,
            )
        except InputError as error:
            if error.code != "edited_meanwhile" or last:
                raise
        else:
            return Accepted(dict(to_record(_data(answer.json()))), created=False)
    raise AssertionError("unreachable")


def sent_after(since: datetime) -> str:
    """Return the time from which a record is looked for that was sent at ``since``."""
    return (since.astimezone(UTC) - CLOCKS_DIFFER).strftime("%Y-%m-%dT%H:%M:%SZ")


def reference(id: str | int, field: str) -> Json:
    """Return ``{"id": 12}``.

    :raises InputError: it isn't an id of Clio's.
    """
    text = str(id).strip()
    if not text.isdigit():
        raise InputError(
            f"'{text}' is not an id of Clio's, which are whole numbers.",
            hint="Take the id that a trigger or a search of Clio gives, such as `matter.id`.",
            field=field,
            code="not_an_id",
        )
    return {"id": int(text)}


def _data(document: Any) -> Json:
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict) or not data.get("id"):
        raise RemoteError("Clio answered without a record.", hint="Its API may have changed.")
    return data
