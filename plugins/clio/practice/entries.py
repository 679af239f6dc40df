"""Lists within a record at the practice server: telephone numbers, addresses, custom fields' values.

From Clio's published OpenAPI v4: an entry with an ``id`` is updated in place, with ``_destroy`` as
well it is removed, without one it is added. A custom field's value has an id of its own, such as
``text_line-123``, which is not the id of the field.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from plugins.clio.practice.model import ApiError
from plugins.clio.practice.sample_records import Row

#: What may be written to an entry; the last name says whether it becomes the contact's first one.
WRITABLE: Mapping[str, tuple[str, ...]] = {
    "phone_numbers": ("name", "number", "default_number"),
    "email_addresses": ("name", "address", "default_email"),
    "addresses": ("name", "street", "city", "province", "postal_code", "country"),
    "external_properties": ("name", "value"),
}
LABELS: Mapping[str, tuple[str, ...]] = {
    "phone_numbers": ("Work", "Home", "Mobile", "Fax", "Pager", "Skype", "Other"),
    "email_addresses": ("Work", "Home", "Other"),
    "addresses": ("Work", "Home", "Billing", "Other"),
}

New = Callable[[str], Row]


def changed_entries(kind: str, rows: list[Row], body: Any, new: New) -> list[Row]:
    """Return a contact's list as a body of a POST or PATCH leaves it.

    :param new: makes an empty row of a kind, with an id.
    :raises ApiError: 400 for an unknown field, 422 for a value or an id that can't be.
    """
    kept = [dict(row) for row in rows]
    for entry in _list(kind, body):
        fields = {name: value for name, value in entry.items() if name not in ("id", "_destroy")}
        if unknown := set(fields) - set(WRITABLE[kind]):
            raise ApiError(400, "InvalidParameter", f"'{min(unknown)}' can't be set in {kind}.")
        label = fields.get("name", "Other")
        if kind in LABELS and label not in LABELS[kind]:
            raise ApiError(422, "ArgumentError", f"'{label}' is not a name in {kind}.")
        first = bool(fields.pop("default_number", False) or fields.pop("default_email", False))
        if "id" in entry:
            row = _by_id(kept, entry["id"], kind)
            if entry.get("_destroy") is True:
                kept.remove(row)
                continue
            row.update(fields, version=row["version"] + 1)
        else:
            row = {**new(kind), "name": "Other", "primary": not kept, **fields}
            kept.append(row)
        if first:
            for other in kept:
                other["primary"] = other is row
    if kept and kind in LABELS and not any(row["primary"] for row in kept):
        kept[0]["primary"] = True
    return kept


def changed_values(
    rows: list[Row], body: Any, fields: Mapping[int, Row], parent: str, new: New
) -> list[Row]:
    """Return a record's custom field values as a body leaves them.

    A bare number is looked up among the numbers of the values' ids, whatever field they are of:
    who sends the id of a field there may overwrite another one (third party).

    :param fields: definitions by id.
    :param parent: ``Matter`` or ``Contact``.
    :raises ApiError: 400 for a body that is none, 422 for a value or an id that can't be.
    """
    kept = [dict(row) for row in rows]
    for entry in _list("custom_field_values", body):
        if entry.get("id") is not None:
            value = _value_by_id(kept, entry["id"])
            if entry.get("_destroy") is True:
                kept.remove(value)
                continue
            definition = fields[value["custom_field"]]
        else:
            id = (entry.get("custom_field") or {}).get("id")
            definition = fields.get(id or 0, {})
            if definition.get("parent_type") != parent or definition["deleted"]:
                raise ApiError(422, "ArgumentError", f"There is no custom field '{id}'.")
            if any(row["custom_field"] == id for row in kept):
                message = f"'{definition['name']}' has a value already: name the id of that value."
                raise ApiError(422, "ArgumentError", message)
            value = {**new("custom_field_values"), "custom_field": id}
            value["id"] = f"{definition['field_type']}-{value['id']}"
            kept.append(value)
        value["value"] = checked_value(definition, entry.get("value"))
        value["version"] += 1
    return kept


def checked_value(definition: Row, value: Any) -> Any:
    """Return a value as it is kept.

    :raises ApiError: 422; the field's type has no such value.
    """
    try:
        match definition["field_type"]:
            case "picklist":
                options = definition["picklist_options"]
                return {option["id"]: option["id"] for option in options}[int(value)]
            case "contact" | "matter":
                return int(value)
            case "checkbox":
                return {"true": True, "false": False}[str(value).lower()]
            case "numeric" | "currency":
                return float(value)
            case "date":
                return date.fromisoformat(str(value)).isoformat()
    except (ValueError, TypeError, KeyError):
        message = (
            f"'{value}' is not a value of the {definition['field_type']} {definition['name']}."
        )
        raise ApiError(422, "ArgumentError", message) from None
    return str(value)


def _list(kind: str, body: Any) -> list[Mapping[str, Any]]:
    if not isinstance(body, list) or not all(isinstance(entry, Mapping) for entry in body):
        raise ApiError(400, "InvalidParameter", f"'{kind}' must be a list.")
    return body


def _by_id(rows: list[Row], id: Any, kind: str) -> Row:
    for row in rows:
        if row["id"] == id:
            return row
    raise ApiError(422, "ArgumentError", f"There is no '{id}' in {kind}.")


def _value_by_id(rows: list[Row], id: Any) -> Row:
    for row in rows:
        if id in (row["id"], row["id"].rpartition("-")[2]) or str(id) == row["id"].split("-")[-1]:
            return row
    raise ApiError(422, "ArgumentError", f"There is no custom field value '{id}'.")
