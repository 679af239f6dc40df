"""What may be written at the practice server, and what becomes of it.

Names are of Clio's published OpenAPI v4, a subset; the status of a refusal (400 for what is unknown
or missing, 422 for a value that can't be) is an assumption where the spec lists both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugins.clio.practice import entries
from plugins.clio.practice.kinds import MODELS
from plugins.clio.practice.model import ApiError
from plugins.clio.practice.sample_records import Row
from plugins.clio.practice.store import STATUSES, Store


@dataclass(frozen=True)
class Writable:
    """What a body may hold: plain fields, associations, lists, and what a new record needs."""

    plain: tuple[str, ...]
    one: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


#: Associations that ``null`` may empty (spec).
NULLABLE = ("matter_stage", "practice_area")

WRITABLE: Mapping[str, Writable] = {
    "matters": Writable(
        (
            "description",
            "status",
            "location",
            "client_reference",
            "display_number",
            "billable",
            "open_date",
            "pending_date",
            "close_date",
        ),
        (
            "client",
            "matter_stage",
            "practice_area",
            "responsible_attorney",
            "originating_attorney",
        ),
        ("custom_field_values", "relationships"),
        needs=("client", "description"),
        choices={"status": tuple(STATUSES)},
    ),
    "contacts": Writable(
        ("name", "first_name", "last_name", "title", "type", "date_of_birth"),
        ("company",),
        ("phone_numbers", "email_addresses", "addresses", "custom_field_values"),
        needs=("type",),
        choices={"type": ("Person", "Company")},
    ),
    "notes": Writable(
        ("type", "subject", "detail", "detail_text_type", "date"),
        ("matter", "contact"),
        needs=("type",),
        choices={"type": ("Matter", "Contact"), "detail_text_type": ("plain_text", "rich_text")},
    ),
    "communications": Writable(
        ("type", "subject", "body", "date", "received_at"),
        ("matter",),
        ("senders", "receivers", "external_properties"),
        needs=("type", "subject", "body"),
        choices={"type": ("PhoneCommunication", "EmailCommunication")},
    ),
    "relationships": Writable(("description",), ("matter", "contact"), needs=("matter", "contact")),
}


def add(store: Store, kind: str, data: Mapping[str, Any], author: int, now: float) -> Row:
    """Add a record from the body of a POST.

    :param author: the user whose token it is.
    :param now: seconds since 1970.
    :raises ApiError: 400 for an unknown field or a missing one, 422 for a value that can't be.
    """
    title = MODELS[kind].title
    for name in WRITABLE[kind].needs:
        if not data.get(name):
            raise ApiError(400, "InvalidParameter", f"A {title} needs '{name}'.")
    if kind == "notes" and not data.get(name := str(data["type"]).lower()):
        raise ApiError(400, "InvalidParameter", f"A Note of this type needs '{name}'.")
    row = store.blank(kind, now)
    today = row["created_at"][:10]
    match kind:
        case "matters":
            return _add_matter(store, row, data, today, now)
        case "contacts":
            row["is_client"] = False
        case "notes":
            row |= {"author": author, "date": today, "detail_text_type": "plain_text"}
        case "communications":
            row |= {"user": author, "date": today, "received_at": row["created_at"]}
    row |= changes(store, kind, row, data, now)
    return store.keep(kind, row)


def changes(
    store: Store, kind: str, row: Row, data: Mapping[str, Any], now: float
) -> dict[str, Any]:
    """Translate the body of a POST or PATCH into stored fields of ``row``.

    :raises ApiError: 400 for an unknown field, 422 for a value that can't be.
    """
    model, may = MODELS[kind], WRITABLE[kind]
    values: Row = {}
    for name, value in data.items():
        if name in may.plain:
            if name in may.choices and value not in may.choices[name]:
                wanted = ", ".join(may.choices[name])
                raise ApiError(422, "ArgumentError", f"'{value}' is not one of {wanted}.")
            values[name] = value
        elif name in may.one:
            values[name] = _reference(store, model.one[name], name, value, model.title)
        elif name in may.lists:
            values |= _list(store, kind, row, name, value, now)
        else:
            raise ApiError(400, "InvalidParameter", f"'{name}' can't be set on a {model.title}.")
    if kind == "matters":
        values |= _status(values.pop("status", None), store.today(now))
    if kind == "contacts":
        values |= _name({**row, **values}, values)
    return values


def remove(store: Store, kind: str, row: Row) -> None:
    """Delete a record, and with a matter the relationships it had.

    :raises ApiError: 422; a contact that is a matter's client (assumed).
    """
    if kind == "contacts" and any(m["client"] == row["id"] for m in store.rows("matters")):
        raise ApiError(422, "ArgumentError", "A client of a Matter can't be deleted.")
    del store.tables[kind][row["id"]]
    if kind == "matters":
        relationships = store.tables["relationships"]
        for id in [r["id"] for r in relationships.values() if r["matter"] == row["id"]]:
            del relationships[id]


def _add_matter(store: Store, row: Row, data: Mapping[str, Any], today: str, now: float) -> Row:
    related = data.get("relationships", [])
    body = {name: value for name, value in data.items() if name != "relationships"}
    values = changes(store, "matters", row, {"status": "open", **body}, now)
    number = max(other["number"] for other in store.rows("matters")) + 1
    client = store.tables["contacts"][values["client"]]
    row |= {
        "number": number,
        "display_number": f"{number:05d}-{client['last_name'] or client['name'].split()[0]}",
        "billable": True,
        "open_date": today,
        **values,
    }
    store.keep("matters", row)
    client["is_client"] = True
    _relate(store, row, related, now)
    return row


def _list(store: Store, kind: str, row: Row, name: str, body: Any, now: float) -> Row:
    if name == "relationships":
        _relate(store, row, body, now)
        return {}
    if name in ("senders", "receivers"):
        return {name: [_participant(store, entry, now) for entry in body]}
    old = row.get(name) or []
    if name == "custom_field_values":
        definitions, parent = store.tables["custom_fields"], MODELS[kind].title
        return {
            name: entries.changed_values(
                old, body, definitions, parent, lambda kind: store.blank(kind, now)
            )
        }
    return {name: entries.changed_entries(name, old, body, lambda kind: store.blank(kind, now))}


def _relate(store: Store, matter: Row, body: Any, now: float) -> None:
    for entry in body:
        if entry.get("_destroy") and entry.get("id") in store.tables["relationships"]:
            del store.tables["relationships"][entry["id"]]
            continue
        contact = _reference(store, "contacts", "contact", entry.get("contact"), "Relationship")
        row = {**store.blank("relationships", now), "matter": matter["id"], "contact": contact}
        store.keep("relationships", {**row, "description": entry.get("description")})


def _participant(store: Store, entry: Any, now: float) -> Row:
    kinds = {"User": "users", "Contact": "contacts"}
    found = store.get(kinds.get(entry.get("type"), "users"), entry.get("id"))
    if found is None:
        raise ApiError(
            422, "ArgumentError", f"There is no {entry.get('type')} '{entry.get('id')}'."
        )
    row = {name: found[name] for name in ("id", "version", "created_at", "updated_at", "name")}
    return {**row, "type": found.get("type", "User"), "identifier": found.get("email")}


def _reference(store: Store, kind: str, name: str, value: Any, title: str) -> int | None:
    id = value.get("id") if isinstance(value, Mapping) else value
    if id is None and name in NULLABLE:
        return None
    if id not in store.tables[kind]:
        raise ApiError(422, "ArgumentError", f"The {name} of a {title} must exist.")
    return int(id)


def _status(status: str | None, today: str) -> Row:
    dates = {"pending": {"pending_date": today}, "closed": {"close_date": today}}
    return {} if status is None else {"status": STATUSES[status], **dates.get(status, {})}


def _name(contact: Row, values: Row) -> Row:
    """Keep the parts of a name and the whole of it together, as Clio does.

    :raises ApiError: 422; there is no name, or none that could be one.
    """
    first, last = contact.get("first_name"), contact.get("last_name")
    if contact["type"] == "Person" and {"first_name", "last_name"} & values.keys():
        whole = " ".join(part for part in (first, last) if part)
    else:
        whole = str(contact.get("name") or "")
        if contact["type"] == "Person":
            first, _, last = whole.strip().rpartition(" ")
    if not re.search(r"\w", whole):
        raise ApiError(422, "ArgumentError", f"'{whole}' can't be read as a name.")
    if contact["type"] == "Company":
        return {"name": whole}
    return {"name": whole, "first_name": first or None, "last_name": last or None}
