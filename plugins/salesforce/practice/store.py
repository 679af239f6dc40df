"""The practice organization's records, and questions to them."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from plugins.salesforce.practice.answers import Refused, attributes
from plugins.salesforce.practice.model import OBJECTS, FieldModel, ObjectModel
from plugins.salesforce.practice.soql import Query

Record = dict[str, Any]


class Records:
    """All records, by object and by the first 15 characters of their ids.

    :param clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._made: dict[str, int] = {}
        self.tables: dict[str, dict[str, Record]] = {one.name: {} for one in OBJECTS.values()}

    def now(self) -> str:
        return as_moment(datetime.fromtimestamp(self._clock(), UTC))

    def id_for(self, model: ObjectModel, values: Mapping[str, Any]) -> str:
        """Return a new record's id; whatever else was made before, the same record gets the same."""
        number = crc32(json.dumps(values, sort_keys=True, default=str).encode()) % 10**9
        while f"{model.prefix}Pr9{number:09}" in self.tables[model.name]:
            number = (number + 1) % 10**9
        return f"{model.prefix}Pr9{number:09}AAA"

    def new_id(self, model: ObjectModel) -> str:
        number = self._made[model.name] = self._made.get(model.name, 0) + 1
        return f"{model.prefix}Pr{number:010}AAA"

    def get(self, object: str, id: str) -> Record | None:
        """Return a record by id; deleted ones too."""
        return self.tables[object].get(id[:15]) if len(id) in (15, 18) else None

    def alive(self, object: str) -> Iterator[Record]:
        return (one for one in self.tables[object].values() if not one["IsDeleted"])

    def by(self, object: str, field: str, value: str) -> list[Record]:
        """Return the records that an external id, or the id itself, stands for."""
        if field == "Id":
            found = self.get(object, value)
            return [] if found is None or found["IsDeleted"] else [found]
        wanted = value.casefold()
        return [one for one in self.alive(object) if str(one.get(field) or "").casefold() == wanted]

    def put(self, model: ObjectModel, values: Mapping[str, Any], by: str) -> Record:
        """Make a record without asking whether it may be."""
        now = self.now()
        record: Record = {one.name: one.default for one in model.fields.values()}
        for one in model.fields.values():
            if one.kind == "boolean" and record[one.name] is None:
                record[one.name] = False
        made = {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
        record |= {**made, "CreatedById": by, "OwnerId": by, **values}
        record.setdefault("Id", "")
        record["Id"] = values.get("Id") or self.new_id(model)
        self.tables[model.name][record["Id"][:15]] = record
        return record

    # -- questions -----------------------------------------------------------------------------

    def find(self, query: Query, *, deleted: bool) -> list[Record]:
        """Answer a query.

        :raises Refused: it names what there isn't.
        """
        model = object_named(query.object)
        for name in (*query.names, *(() if query.counts else query.fields)):
            self._field(model, name)
        rows = self.tables[model.name].values() if deleted else self.alive(model.name)
        found = [
            one
            for one in rows
            if query.condition is None or query.condition(self._values(model, one))
        ]
        for name, descends in reversed(query.order):
            found.sort(key=lambda one: _rank(self.value(model, one, name)), reverse=descends)
        until = None if query.limit is None else query.offset + query.limit
        return found[query.offset : until]

    def shown(self, query: Query, record: Record) -> Record:
        """Return a record with what a query selects."""
        model = object_named(query.object)
        shown: Record = {"attributes": attributes(model.name, record["Id"])}
        for path in query.fields:
            self._show(model, record, path.split("."), shown)
        return shown

    def whole(self, model: ObjectModel, record: Record) -> Record:
        return {"attributes": attributes(model.name, record["Id"])} | {
            name: value for name, value in record.items() if not name.startswith("_")
        }

    def value(self, model: ObjectModel, record: Record, path: str) -> Any:
        """Return what stands at a name, which may lead through related records."""
        first, _, rest = path.partition(".")
        if not rest:
            found = model.find(first)
            return None if found is None else record.get(found.name)
        relation = model.relation(first)
        related = None if relation is None else self._related(relation, record)
        if relation is None or related is None:
            return None
        return self.value(object_named(relation.to), related, rest)

    def _values(self, model: ObjectModel, record: Record) -> Callable[[str], Any]:
        return lambda path: self.value(model, record, path)

    def _related(self, relation: FieldModel, record: Record) -> Record | None:
        id = record.get(relation.name)
        return self.get(relation.to, id) if id else None

    def _show(self, model: ObjectModel, record: Record, path: list[str], shown: Record) -> None:
        first, *rest = path
        if not rest:
            found = model.find(first)
            if found is not None:
                shown[found.name] = record.get(found.name)
            return
        relation = model.relation(first)
        assert relation is not None
        related = self._related(relation, record)
        if related is None:
            shown[relation.relation] = None
            return
        attr = {"attributes": attributes(relation.to, related["Id"])}
        inner = shown.setdefault(relation.relation, attr)
        self._show(object_named(relation.to), related, rest, inner)

    def _field(self, model: ObjectModel, path: str) -> None:
        first, _, rest = path.partition(".")
        found = model.relation(first) if rest else model.find(first)
        if found is None:
            kind = "relationship" if rest else "column"
            raise Refused(
                400,
                "INVALID_FIELD",
                f"No such {kind} '{first}' on entity '{model.name}'. If you are attempting to use "
                "a custom field, be sure to append the '__c' after the custom field name.",
            )
        if rest:
            self._field(object_named(found.to), rest)


def object_named(name: str, status: int = 400) -> ObjectModel:
    """Return an object.

    :raises Refused: there is none.
    """
    model = OBJECTS.get(name.lower())
    if model is None:
        if status == 404:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        raise Refused(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return model


def as_moment(when: datetime) -> str:
    """Return a moment as Salesforce writes it."""
    return (
        when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}+0000"
    )


def _rank(value: Any) -> tuple[bool, Any]:
    """Order nothing before everything, as Salesforce does unless told otherwise."""
    return (value is not None, value if value is not None else 0)
