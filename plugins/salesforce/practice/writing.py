"""What the practice organization takes of a record, and what it refuses."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from plugins.salesforce.practice.answers import Refused
from plugins.salesforce.practice.model import NUMBERS, FieldModel, ObjectModel
from plugins.salesforce.practice.store import Record, Records, as_moment, object_named

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

#: A validation rule of this organization.
RULE = "A lead must name a real company."


class Writer:
    """Saves records as a user would.

    :param user: whose name stands in what is made.
    :ivar locked: ids of records that somebody else is changing, with how many writes more.
    """

    def __init__(self, records: Records, user: str) -> None:
        self.records, self.user = records, user
        self.locked: dict[str, int] = {}

    def create(self, model: ObjectModel, given: Mapping[str, Any]) -> Record:
        """Make a record.

        :raises Refused: it can't be.
        """
        self._may_write(model)
        values = self._values(model, given, "insert")
        missing = [
            one.name
            for one in model.fields.values()
            if one.required and one.default is None and values.get(one.name) in (None, "")
        ]
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise Refused(400, "REQUIRED_FIELD_MISSING", message, missing)
        self._check_unique(model, values, None)
        self._check_rules(model, values)
        return self._finished(model, self._put(model, values), new=True)

    def update(self, model: ObjectModel, record: Record, given: Mapping[str, Any]) -> Record:
        """Change a record.

        :raises Refused: it can't be.
        """
        self._may_write(model)
        if record["IsDeleted"]:
            raise Refused(404, "ENTITY_IS_DELETED", "entity is deleted", [])
        self._check_lock(record["Id"])
        values = self._values(model, given, "update")
        for name, value in values.items():
            field = model.find(name)
            if value is None and field is not None and field.required:
                message = f"Required fields are missing: [{name}]"
                raise Refused(400, "REQUIRED_FIELD_MISSING", message, [name])
        self._check_unique(model, values, record["Id"])
        self._check_rules(model, {**record, **values})
        stage = record.get("StageName")
        record |= values
        return self._finished(model, record, new=False, moved=record.get("StageName") != stage)

    def upsert(
        self, model: ObjectModel, field: str, value: Any, given: Mapping[str, Any]
    ) -> tuple[Record, bool]:
        """Make or change the record that an external id stands for; return it, and if it is new.

        :raises Refused: it can't be.
        """
        external = external_id(model, field)
        if value in (None, ""):
            raise Refused(400, "MISSING_ARGUMENT", f"{external.name} not specified", [])
        found = self.records.by(model.name, external.name, str(value))
        if len(found) > 1:
            message = f"{external.name}: more than one record found for external id field: "
            message += f"[{', '.join(one['Id'] for one in found)}]"
            raise Refused(300, "DUPLICATE_EXTERNAL_ID", message, [])
        if found:
            return self.update(model, found[0], given), False
        self._check_lock(str(value))
        if external.name == "Id":
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist", [])
        return self.create(model, {**given, external.name: value}), True

    def delete(self, model: ObjectModel, id: str) -> Record:
        """Put a record into the recycle bin.

        :raises Refused: there is none, or others depend on it.
        """
        record = self.records.get(model.name, id)
        if record is None:
            raise Refused(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        if record["IsDeleted"]:
            raise Refused(404, "ENTITY_IS_DELETED", "entity is deleted", [])
        if model.name == "Account" and any(
            one.get("AccountId") == record["Id"] and one["IsClosed"]
            for one in self.records.alive("Opportunity")
        ):
            message = "Your attempt to delete it could not be completed because it is associated "
            raise Refused(400, "DELETE_FAILED", f"{message}with closed won opportunities.", [])
        record |= {"IsDeleted": True, "SystemModstamp": self.records.now()}
        return record

    def _put(self, model: ObjectModel, values: Record) -> Record:
        id = self.records.id_for(model, values)
        return self.records.put(model, {**values, "Id": id}, self.user)

    # -- checks --------------------------------------------------------------------------------

    def _values(
        self, model: ObjectModel, given: Mapping[str, Any], how: Literal["insert", "update"]
    ) -> Record:
        values: Record = {}
        for name, value in given.items():
            if name == "attributes":
                continue
            relation = model.relation(name) if isinstance(value, Mapping) else None
            if relation is not None:
                values[relation.name] = self._referred(relation, value)
                continue
            field = model.find(name)
            if field is None:
                message = f"No such column '{name}' on sobject of type {model.name}"
                raise Refused(400, "INVALID_FIELD", message)
            if field.made:
                message = (
                    f"Unable to create/update fields: {field.name}. Please check the security "
                )
                raise Refused(
                    400,
                    "INVALID_FIELD_FOR_INSERT_UPDATE",
                    f"{message}settings of this field and verify that it is read/write for your "
                    "profile or permission set.",
                    [field.name],
                )
            values[field.name] = self._value(field, value)
        return values

    def _referred(self, relation: FieldModel, value: Mapping[str, Any]) -> str:
        [(field, id)] = [(name, one) for name, one in value.items() if name != "attributes"]
        external = external_id(object_named(relation.to), field)
        found = self.records.by(relation.to, external.name, str(id))
        if len(found) != 1:
            message = f"Foreign key external ID: {str(id).lower()} not found for field "
            raise Refused(
                400,
                "INVALID_FIELD",
                f"{message}{external.name} in entity {relation.to}",
                [],
            )
        return str(found[0]["Id"])

    def _value(self, field: FieldModel, value: Any) -> Any:
        if value is None or value == "":
            return False if field.kind == "boolean" else None
        if field.kind == "boolean":
            if isinstance(value, bool) or str(value).lower() in ("true", "false", "1", "0"):
                return str(value).lower() in ("true", "1")
            raise _of_type(field, value)
        if field.kind in NUMBERS:
            if isinstance(value, bool):
                raise _of_type(field, value)
            try:
                return int(value) if field.kind == "int" else float(value)
            except (TypeError, ValueError):
                raise _of_type(field, value) from None
        if not isinstance(value, str | int | float):
            raise _of_type(field, value)
        text = str(value)
        if field.kind in ("date", "datetime"):
            return _moment(field, text)
        if field.length and len(text) > field.length:
            message = (
                f"{field.label}: data value too large: {text[:40]} (max length={field.length})"
            )
            raise Refused(400, "STRING_TOO_LONG", message, [field.name])
        if field.kind == "email" and not EMAIL.fullmatch(text):
            message = f"{field.label}: invalid email address: {text}"
            raise Refused(400, "INVALID_EMAIL_ADDRESS", message, [field.name])
        if field.restricted and text not in field.choices:
            message = f"{field.label}: bad value for restricted picklist field: {text}"
            raise Refused(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])
        if field.kind == "reference":
            return self._reference(field, text)
        return text

    def _reference(self, field: FieldModel, id: str) -> str:
        if len(id) not in (15, 18) or not id.isalnum():
            message = f"{field.label}: id value of incorrect type: {id}"
            raise Refused(400, "MALFORMED_ID", message, [field.name])
        found = self.records.get(field.to, id)
        if found is None or found["IsDeleted"]:
            message = "insufficient access rights on cross-reference id"
            raise Refused(400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message, [])
        if field.name == "OwnerId" and not found["IsActive"]:
            message = "operation performed with inactive user [" + id + "] as owner"
            raise Refused(400, "INACTIVE_OWNER_OR_USER", message, ["OwnerId"])
        return str(found["Id"])

    def _check_unique(self, model: ObjectModel, values: Record, id: str | None) -> None:
        for field in model.fields.values():
            if not field.external_id or not values.get(field.name):
                continue
            found = self.records.by(model.name, field.name, str(values[field.name]))
            if other := next((one for one in found if one["Id"] != id), None):
                message = (
                    f"duplicate value found: {field.name} duplicates value on record with id: "
                )
                raise Refused(400, "DUPLICATE_VALUE", message + other["Id"][:15], [])

    def _check_rules(self, model: ObjectModel, values: Record) -> None:
        """Apply this organization's own rules: a validation rule and a duplicate rule, of leads."""
        if model.name != "Lead":
            return
        if str(values.get("Company") or "").strip(" -.").lower() in ("", "none", "test"):
            raise Refused(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", RULE, ["Company"])
        email = str(values.get("Email") or "").lower()
        for one in self.records.alive("Lead") if email else ():
            if str(one["Email"] or "").lower() == email and one["Id"] != values.get("Id"):
                if one.get("Web_Id__c") and one["Web_Id__c"] == values.get("Web_Id__c"):
                    continue
                message = "Use one of these records?"
                raise Refused(400, "DUPLICATES_DETECTED", message, [])

    def _check_lock(self, id: str) -> None:
        if self.locked.get(id, 0) > 0:
            self.locked[id] -= 1
            message = f"unable to obtain exclusive access to this record or 1 records: {id}"
            raise Refused(400, "UNABLE_TO_LOCK_ROW", message, [])

    def _may_write(self, model: ObjectModel) -> None:
        if model.name in ("User", "Organization"):
            message = f"entity type cannot be written: {model.label}"
            raise Refused(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, [])

    def _finished(
        self, model: ObjectModel, record: Record, *, new: bool, moved: bool = False
    ) -> Record:
        """Fill in what Salesforce fills in."""
        now = self.records.now()
        record |= {"LastModifiedDate": now, "SystemModstamp": now}
        if model.made_name:
            names = (record.get("FirstName"), record.get("LastName"))
            record["Name"] = " ".join(str(one) for one in names if one)
        if model.name == "Lead":
            record["IsConverted"] = record["Status"] == "Closed - Converted"
        if model.name == "Opportunity":
            stage = str(record["StageName"])
            record |= {"IsWon": stage == "Closed Won", "IsClosed": stage.startswith("Closed")}
            if moved and not new:
                record["LastStageChangeDate"] = now
        return record


def external_id(model: ObjectModel, name: str) -> FieldModel:
    """Return a field by which records can be upserted.

    :raises Refused: it is none.
    """
    field = model.find(name)
    if field is None or not (field.external_id or field.name == "Id"):
        message = f"Field name provided, {name} is not an External ID or indexed field for "
        raise Refused(400, "INVALID_FIELD", message + model.name, [])
    return field


def _moment(field: FieldModel, text: str) -> str:
    try:
        if field.kind == "date":
            return date.fromisoformat(text[:10]).isoformat()
        return as_moment(datetime.fromisoformat(text))
    except ValueError:
        raise _of_type(field, text) from None


def _of_type(field: FieldModel, value: Any) -> Refused:
    message = f"{field.label}: value not of required type: {value}"
    return Refused(400, "INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field.name])
