"""The practice server's memory: records, what is shown of them, and how they change."""

from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import md5
from itertools import count
from typing import Any

from plugins.clio.practice.kinds import MODELS
from plugins.clio.practice.model import DEFAULT_FIELDS, Selection, is_removed
from plugins.clio.practice.sample_records import Row, Tables, timestamp

STATUSES = {"open": "Open", "pending": "Pending", "closed": "Closed"}

#: Fields that are worked out from others, and so are not kept.
COMPUTED = ("etag", "client_id", "primary_email_address", "primary_phone_number", "relationships")


class Store:
    """Records by kind and id, as :func:`~plugins.clio.practice.sample_data.build_firm` makes them."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        #: Fields that the API has no more; see :func:`~plugins.clio.practice.model.parse_fields`.
        self.removed: set[str] = set()
        self._ids = count(7_700_001)

    def rows(self, kind: str) -> Iterable[Row]:
        """Return the records of a kind by ascending id."""
        return self.tables[kind].values()

    def get(self, kind: str, id: int) -> Row | None:
        return self.tables[kind].get(id)

    # -- showing -------------------------------------------------------------------------------

    def render(
        self, kind: str, row: Row, selection: Selection, only: Container[int] | None = None
    ) -> dict[str, Any]:
        """Return the chosen fields of a record and of its associations.

        :param only: custom fields whose values are shown; None: of all.
        """
        model = MODELS[kind]
        shown: dict[str, Any] = {}
        for name, nested in selection.items():
            other = model.kind_of(name)
            if is_removed(kind, name, self.removed):
                continue
            if other is None:
                shown[name] = self.value(kind, row, name)
            elif name in model.many:
                items = self._many(kind, row, name, only)
                shown[name] = [self._nested(other, item, nested) for item in items]
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

    def _many(
        self, kind: str, row: Row, name: str, only: Container[int] | None = None
    ) -> list[Row]:
        if name == "relationships":
            return [r for r in self.rows("relationships") if r["matter"] == row["id"]]
        found: list[Row] = row[name]
        if name == "custom_field_values":
            shown = [self._custom_value(value) for value in found]
            shown += self._without_value(kind, {value["custom_field"] for value in found})
            return [v for v in shown if only is None or v["custom_field"] in only]
        return found

    def _custom_value(self, value: Row) -> Row:
        """Return a custom field's value with what is known of its field."""
        definition = self.tables["custom_fields"][value["custom_field"]]
        kind = definition["field_type"]
        return {
            **value,
            **_of_definition(definition),
            "picklist_option": value["value"] if kind == "picklist" else None,
            "contact": value["value"] if kind == "contact" else None,
            "matter": value["value"] if kind == "matter" else None,
        }

    def _without_value(self, kind: str, given: Container[int]) -> list[Row]:
        """Return what is shown of fields that are always displayed and have no value: its id is null."""
        blank = dict.fromkeys(("id", "value", "picklist_option", "contact", "matter"))
        return [
            {**definition, **blank, **_of_definition(definition), "custom_field": definition["id"]}
            for definition in self.rows("custom_fields")
            if definition["parent_type"] == MODELS[kind].title
            and definition["displayed"]
            and not definition["deleted"]
            and definition["id"] not in given
        ]

    # -- changing ------------------------------------------------------------------------------

    def change(self, kind: str, row: Row, values: Mapping[str, Any], now: float) -> None:
        """Set stored fields, count the version up and note the time (seconds since 1970)."""
        row.update(values)
        row["version"] += 1
        row["updated_at"] = timestamp(datetime.fromtimestamp(now, UTC))

    def blank(self, kind: str, now: float) -> Row:
        """Return a new record without any value, with an id; it isn't kept yet."""
        model, stamp = MODELS[kind], timestamp(datetime.fromtimestamp(now, UTC))
        table = self.tables.get(kind)
        row: Row = dict.fromkeys((*model.plain, *model.one))
        row |= {name: [] for name in model.many}
        id = max(table) + 7 if table else next(self._ids)
        row |= {"id": id, "version": 1, "created_at": stamp, "updated_at": stamp}
        return {name: value for name, value in row.items() if name not in COMPUTED}

    def keep(self, kind: str, row: Row) -> Row:
        self.tables[kind][row["id"]] = row
        return row

    def today(self, now: float) -> str:
        return datetime.fromtimestamp(now, UTC).date().isoformat()

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
            elif name == "custom_field_values":
                values[name] = self._custom_by_name(kind, row, value)
            elif name in model.many:
                values[name] = [
                    {**_blank_entry(row), "primary": place == 0, **entry}
                    for place, entry in enumerate(value)
                ]
            else:
                values[name] = STATUSES.get(value, value) if name == "status" else value
        return values

    def _custom_by_name(self, kind: str, row: Row, changes: Mapping[str, Any]) -> list[Row]:
        """Change custom fields by their names, as on the page of a matter."""
        values = [dict(value) for value in row["custom_field_values"]]
        for name, value in changes.items():
            parent = MODELS[kind].title
            definition = self._find("custom_fields", row, {"name": name, "parent_type": parent})
            own = [v for v in values if v["custom_field"] == definition["id"]]
            if not own:
                blank = {**self.blank("custom_field_values", 0), "custom_field": definition["id"]}
                own = [{**blank, "id": f"{definition['field_type']}-{blank['id']}"}]
                values += own
            own[0].update(value=value, version=own[0]["version"] + 1)
        return values

    def _find(self, kind: str, row: Row, wanted: Mapping[str, Any]) -> Row:
        if kind == "matter_stages":  # stages of the same name exist in each practice area
            wanted = {**wanted, "practice_area_id": row["practice_area"]}
        for candidate in self.rows(kind):
            if all(candidate.get(name) == value for name, value in wanted.items()):
                return candidate
        raise KeyError(str(dict(wanted)))


def _primary(entries: list[Row], field: str) -> str | None:
    return next((str(entry[field]) for entry in entries if entry["primary"]), None)


def _of_definition(definition: Row) -> Row:
    return {
        "field_name": definition["name"],
        "field_type": definition["field_type"],
        "field_required": definition["required"],
        "field_displayed": definition["displayed"],
        "field_display_order": definition["display_order"],
        "soft_deleted": definition["deleted"],
    }


def _blank_entry(row: Row) -> Row:
    """Return what an entry a person adds to a contact's list has besides its name and value."""
    return {
        "id": row["id"],
        "version": 1,
        "created_at": row["updated_at"],
        "updated_at": row["updated_at"],
        "name": "Other",
    }
