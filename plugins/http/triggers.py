"""What starts a recipe: the entries of a list, read by the clock."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.sdk import BadRecord, Context, InputError, Record, Schema, SetupError, dig, tolerating
from plugins.http.fields import (
    Body,
    ChangedField,
    FirstPage,
    KeyField,
    ListAt,
    ListMethod,
    NextAt,
    One,
    OneAt,
    PageParameter,
    PageSize,
    PagingField,
    Path,
    Query,
    Sample,
    SinceFormat,
    SinceParameter,
    SinceText,
    SizeParameter,
    TitleField,
    TotalAt,
)
from plugins.http.moments import moment, written
from plugins.http.reading import Listing, pages
from plugins.http.requests import ask, content_of, text_of

#: Entries of the first page that are looked at, to know the fields.
LOOKED_AT = 50
#: Of a sample that somebody chose, other fields are mistakes; of entries that came first, not surely.
NO_OTHERS: Schema = {"additionalProperties": False}
OTHERS_MAY_BE: Schema = {"x-guessed": True}


def record_listed(
    ctx: Context,
    since: datetime | None,
    path: Path,
    method: ListMethod = "GET",
    query: Query = None,
    body: Body = None,
    list_at: ListAt = "",
    key_field: KeyField = "id",
    title_field: TitleField = None,
    changed_field: ChangedField = None,
    since_parameter: SinceParameter = None,
    since_format: SinceFormat = "iso",
    since_text: SinceText = "{since}",
    paging: PagingField = "none",
    next_at: NextAt = "next",
    page_parameter: PageParameter = None,
    total_at: TotalAt = None,
    size_parameter: SizeParameter = None,
    page_size: PageSize = 100,
    first_page: FirstPage = 1,
    one: One = None,
    one_at: OneAt = "",
    sample: Sample = None,
) -> Iterator[Record | BadRecord]:
    """Read the entries of a list that an API gives, page by page.

    The entry is the record's `item`, e.g. `record.item.customer.email`; `key` and `title` are what
    tells it apart and what people know it by.
    """
    listing = Listing(
        path=path,
        method=method,
        query=query or {},
        body=body,
        list_at=list_at,
        paging=paging,
        parameter=page_parameter or "",
        next_at=next_at,
        total_at=total_at or "",
        size_parameter=size_parameter or "",
        size=page_size,
        first_page=first_page,
        key_field=key_field,
    )
    if since is not None and since_parameter and changed_field:
        value = since_text.replace("{since}", written(since, since_format))
        listing = listing.with_value(since_parameter, value)
    shape = Shape(key_field, title_field, changed_field)
    place = 0
    for page in pages(ctx, listing):
        for entry in page:
            place += 1
            record = shape.record(entry, f"entry {place}")
            if since is None or not changed_field or not _is_older(record, since):
                yield record


def fetch_record(
    ctx: Context,
    key: str,
    key_field: str = "id",
    title_field: str | None = None,
    changed_field: str | None = None,
    one: str | None = None,
    one_at: str = "",
) -> Record | None:
    """Read one entry afresh; None where it is gone.

    :raises ConnectorError: it can't be read.
    """
    entry = None
    with tolerating("not_found"):
        entry = dig(content_of(ask(ctx, "GET", one or "", in_path={"key": key})), one_at)
    if isinstance(entry, list):
        entry = entry[0] if entry else None
    if entry is None:
        return None
    record = Shape(key_field, title_field, changed_field).record(entry, f"entry {key}")
    if isinstance(record, BadRecord):
        raise InputError(record.reason, hint=record.hint, code=record.code)
    return record


def lacks(changed_field: str | None = None, one: str | None = None) -> list[Any]:
    """Say what the trigger does without in a recipe that doesn't give these."""
    return [*(["cursor"] if not changed_field else []), *(["fetch"] if not one else [])]


def fields(
    ctx: Context,
    path: str,
    method: str = "GET",
    list_at: str = "",
    sample: str | None = None,
) -> Schema:
    """Return the JSON Schema of the records: what a sample says of the fields, else the first page.

    :raises SetupError: the sample isn't JSON, or no record.
    :raises ConnectorError: the page can't be read.
    """
    entries: list[Any] = []
    if sample is not None:
        try:
            entries = [json.loads(sample)]
        except (ValueError, RecursionError):
            entries = [None]
        if not isinstance(entries[0], dict):
            raise SetupError(
                "The sample is no record in JSON.",
                hint='Give one entry as the API sends it, e.g. `{"id": 17, "name": "Ada"}`.',
            )
    elif method == "GET":
        page = next(pages(ctx, Listing(path=path, list_at=list_at)), [])
        entries = [one for one in page[:LOOKED_AT] if isinstance(one, dict)]
    text: Schema = {"type": "string"}
    known = {
        "key": text,
        "title": text,
        "changed_at": {**text, "format": "date-time"},
        "item": schema_of_all(entries, OTHERS_MAY_BE if sample is None else NO_OTHERS),
    }
    return {"type": "object", "additionalProperties": False, "properties": known}


def schema_of_all(values: list[Any], rest: Schema) -> Schema:
    """Return what values have in common: of records, the fields that any of them has.

    :param rest: what is said of their other fields.
    """
    there = [value for value in values if value is not None]
    found: Schema = {}
    if there and all(isinstance(value, dict) for value in there):
        names = dict.fromkeys(str(name) for record in there for name in record)
        parts = {
            name: schema_of_all([record[name] for record in there if name in record], rest)
            for name in names
        }
        found = {"type": "object", "properties": parts, **rest}
    elif there and all(isinstance(value, list) for value in there):
        every = [one for part in there for one in part]
        found = {"type": "array", "items": schema_of_all(every, rest)}
    elif len(kinds := {_kind(value) for value in there}) == 1 and "" not in kinds:
        found = {"type": kinds.pop()}
    return {"anyOf": [found, {"type": "null"}]} if found and len(there) < len(values) else found


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
    return ""


@dataclass(frozen=True)
class Shape:
    """Where an entry's key, title and time of change are."""

    key_field: str
    title_field: str | None
    changed_field: str | None

    def record(self, entry: Any, called: str) -> Record | BadRecord:
        """Return what an entry is in a recipe.

        :param called: what people call it where it has no key.
        """
        key = text_of(dig(entry, self.key_field))
        if not key:
            is_record = isinstance(entry, dict)
            known = ", ".join(list(entry)[:8]) if is_record else ""
            return BadRecord(
                key=called,
                reason=f"{called.capitalize()} of the list has no '{self.key_field}', by which it "
                "would be known."
                if is_record
                else f"{called.capitalize()} of the list is no record.",
                code="missing_key" if is_record else "no_record",
                hint=f"Fill it in at the source, or choose another `key_field`: it has {known}."
                if known
                else "Look whether `list_at` names the right list.",
                label=called,
                source={"item": entry},
            )
        title = text_of(dig(entry, self.title_field)) if self.title_field else ""
        record: Record = {"key": key, "title": title or key, "item": entry}
        if self.changed_field:
            found = moment(dig(entry, self.changed_field))
            record["changed_at"] = None if found is None else found.isoformat()
        return record


def _is_older(record: Record | BadRecord, since: datetime) -> bool:
    if isinstance(record, BadRecord) or record["changed_at"] is None:
        return False
    return datetime.fromisoformat(record["changed_at"]) < since
