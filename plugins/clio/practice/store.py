"""The practice server's memory: records, what is shown of them, and how they change."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

from plugins.clio.practice.model import DEFAULT_FIELDS, MODELS, ApiError, Selection
from plugins.clio.practice.sample_records import Row, Tables, timestamp

STATUSES = {"open": "Open", "pending": "Pending", "closed": "Closed"}

#: What may be written to a matter (spec), as far as the server keeps it.
WRITABLE = (
    "description",
    "status",
    "location",
    "client_reference",
    "display_number",
    "billable",
    "open_date",
    "pending_date",
    "close_date",
    "client",
    "matter_stage",
    "practice_area",
    "responsible_attorney",
    "originating_attorney",
)


class Store:
    """Records by kind and id, as :func:`~plugins.clio.practice.sample_data.build_firm` makes them."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def rows(self, kind: str) -> Iterable[Row]:
        """Return the records of a kind by ascending id."""
        return self.tables[kind].values()

    def get(self, kind: str, id: int) -> Row | None:
        return self.tables[kind].get(id)

    # -- showing -------------------------------------------------------------------------------

    def render(self, kind: str, row: Row, selection: Selection) -> dict[str, Any]:
        """Return the chosen fields of a record and of its associations."""
        model = MODELS[kind]
        shown: dict[str, Any] = {}
        for name, nested in selection.items():
            other = model.kind_of(name)
            if other is None:
                shown[name] = self.value(kind, row, name)
            elif name in model.many:
                shown[name] = [self._nested(other, item, nested) for item in self._many(row, name)]
            else:
                shown[name] = self._nested(other, self._one(other, row[name]), nested)
        return shown

    def everything(self, kind: str, row: Row) -> dict[str, Any]:
        """Return all of a record, and the plain fields of its associations."""
        model = MODELS[kind]
        chosen = {
            name: MODELS[other].plain for name, other in (*model.one.items(), *model.many.items())
        }
        return self.render(kind, row, {**dict.fromkeys(model.plain, ()), **chosen})

    def value(self, kind: str, row: Row, name: str) -> Any:
        """Return one plain field; a few are worked out from others."""
        match name:
            case "etag":
                digest = md5(f"{kind}:{row['id']}:{row['version']}".encode(), usedforsecurity=False)
                return f'"{digest.hexdigest()}"'
            case "practice_area_id":  # a text in the spec, unlike other ids
                return str(row[name])
            case "client_id":
                return row["client"]
            case "primary_email_address":
                return _primary(row["email_addresses"], "address")
            case "primary_phone_number":
                return _primary(row["phone_numbers"], "number")
        return row[name]

    def _nested(self, kind: str, row: Row | None, names: Iterable[str]) -> dict[str, Any] | None:
        if row is None:
            return None
        # An association of an association can't be chosen from; it shows its defaults.
        below = {name: DEFAULT_FIELDS if MODELS[kind].kind_of(name) else () for name in names}
        return self.render(kind, row, below)

    def _one(self, kind: str, id: int | None) -> Row | None:
        return None if id is None else self.tables[kind][id]

    def _many(self, row: Row, name: str) -> list[Row]:
        if name == "relationships":
            return [r for r in self.rows("relationships") if r["matter"] == row["id"]]
        found: list[Row] = row[name]
        return found

    # -- changing ------------------------------------------------------------------------------

    def change(self, kind: str, row: Row, values: Mapping[str, Any], now: float) -> None:
        """Set stored fields, count the version up and note the time (seconds since 1970)."""
        row.update(values)
        row["version"] += 1
        row["updated_at"] = timestamp(datetime.fromtimestamp(now, UTC))

    def add_matter(self, data: Mapping[str, Any], today: str, now: float) -> Row:
        """Add a matter from the body of a POST; it needs a client and a description (spec).

        :raises ApiError: 400 for an unknown field or a missing one, 422 for a value that can't be.
        """
        for name in ("client", "description"):
            if not data.get(name):
                raise ApiError(400, "InvalidParameter", f"A Matter needs '{name}'.")
        values = self.writable({"status": "open", **data}, today)
        matters = self.tables["matters"]
        number = max(row["number"] for row in matters.values()) + 1
        stamp = timestamp(datetime.fromtimestamp(now, UTC))
        client = self.tables["contacts"][values["client"]]
        row: Row = dict.fromkeys(next(iter(matters.values()))) | {
            "id": max(matters) + 7,
            "version": 1,
            "created_at": stamp,
            "updated_at": stamp,
            "number": number,
            "display_number": f"{number:05d}-{client['last_name'] or client['name'].split()[0]}",
            "billable": True,
            "open_date": today,
            **values,
        }
        matters[row["id"]] = row
        return row

    def remove_matter(self, row: Row) -> None:
        """Delete a matter, and with it the relationships it had."""
        del self.tables["matters"][row["id"]]
        relationships = self.tables["relationships"]
        for id in [r["id"] for r in relationships.values() if r["matter"] == row["id"]]:
            del relationships[id]

    def writable(self, data: Mapping[str, Any], today: str) -> Row:
        """Translate the body of a PATCH of a matter into stored fields.

        :raises ApiError: 400 for an unknown field, 422 for a value that can't be.
        """
        values: Row = {}
        for name, value in data.items():
            if name not in WRITABLE:
                raise ApiError(400, "InvalidParameter", f"'{name}' can't be set on a Matter.")
            kind = MODELS["matters"].one.get(name)
            values[name] = self._reference(kind, name, value) if kind else value
        if "status" in values:
            if values["status"] not in STATUSES:
                raise ApiError(
                    422, "ArgumentError", f"'{values['status']}' is not open, pending or closed."
                )
            values |= {
                "open": {},
                "pending": {"pending_date": today},
                "closed": {"close_date": today},
            }[values["status"]]
            values["status"] = STATUSES[values["status"]]
        return values

    def by_name(self, kind: str, row: Row, changes: Mapping[str, Any]) -> Row:
        """Translate a person's changes into stored fields: associations may be given by name.

        :raises KeyError: an unknown field, or nothing of that name.
        """
        model, values = MODELS[kind], dict[str, Any]()
        for name, value in changes.items():
            if name not in row or name in ("id", "version"):
                raise KeyError(name)
            if name in model.one and isinstance(value, Mapping):
                values[name] = self._find(model.one[name], row, value)["id"]
            elif name in model.many:
                values[name] = [
                    {**_blank_entry(row), "primary": place == 0, **entry}
                    for place, entry in enumerate(value)
                ]
            else:
                values[name] = STATUSES.get(value, value) if name == "status" else value
        return values

    def _find(self, kind: str, row: Row, wanted: Mapping[str, Any]) -> Row:
        if kind == "matter_stages":  # stages of the same name exist in each practice area
            wanted = {**wanted, "practice_area_id": row["practice_area"]}
        for candidate in self.rows(kind):
            if all(candidate.get(name) == value for name, value in wanted.items()):
                return candidate
        raise KeyError(str(dict(wanted)))

    def _reference(self, kind: str, name: str, value: Any) -> int | None:
        id = value.get("id") if isinstance(value, Mapping) else value
        if id is None and name != "client":
            return None
        if id not in self.tables[kind]:
            raise ApiError(422, "ArgumentError", f"The {name} of a Matter must exist.")
        return int(id)


def _primary(entries: list[Row], field: str) -> str | None:
    return next((str(entry[field]) for entry in entries if entry["primary"]), None)


def _blank_entry(row: Row) -> Row:
    """Return what an entry a person adds to a contact's list has besides its name and value."""
    return {
        "id": row["id"],
        "version": 1,
        "created_at": row["updated_at"],
        "updated_at": row["updated_at"],
        "name": "Other",
    }
