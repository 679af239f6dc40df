"""Custom fields and addresses at the practice server's firm, and notes and calls kept of its matters.

Nothing here is drawn by lot, so that the firm's other records stay the same whatever is added.
"""

from datetime import datetime, timedelta
from typing import Any

from plugins.clio.practice.sample_records import Records, Row, timestamp

#: (parent, name, type, options, always displayed, deleted)
FIELDS: tuple[tuple[str, str, str, tuple[str, ...], bool, bool], ...] = (
    ("Matter", "Case number", "text_line", (), True, False),
    ("Matter", "Incident date", "date", (), False, False),
    ("Matter", "Policy limit", "currency", (), False, False),
    ("Matter", "Referral source", "picklist", ("Former client", "Web site", "Radio"), True, False),
    ("Matter", "Settled", "checkbox", (), False, False),
    ("Matter", "Treating physician", "contact", (), False, False),
    ("Matter", "Judge (old)", "text_line", (), False, True),
    ("Contact", "Preferred language", "picklist", ("English", "Español", "中文"), True, False),
    ("Contact", "Portal invited", "date", (), False, False),
    ("Contact", "Reference", "text_line", (), False, False),
)


HOME = {
    "name": "Home",
    "city": "Harbor Point",
    "province": "NY",
    "postal_code": "10004",
    "country": "United States",
    "primary": True,
}


def add_custom_fields(records: Records) -> None:
    """Add the firm's definitions; two share a name, as a matter's and a contact's may."""
    for order, (parent, name, kind, options, displayed, deleted) in enumerate(FIELDS):
        made = [
            records.add("picklist_options", records.start, option=option, deleted_at=None)
            for option in options
        ]
        records.add(
            "custom_fields",
            records.start,
            name=name,
            parent_type=parent,
            field_type=kind,
            displayed=displayed,
            deleted=deleted,
            required=False,
            display_order=order,
            picklist_options=made,
        )


def fill_in(records: Records, now: datetime) -> None:
    """Give most matters and some contacts values, and a few matters notes and calls."""
    contacts = list(records.tables["contacts"].values())
    for place, matter in enumerate(records.tables["matters"].values()):
        values: dict[str, Any] = {}
        if place % 4:
            values["Case number"] = f"CV-{2024 + place % 3}-{place:05d}"
        if place % 3 == 0:
            values |= {"Incident date": matter["open_date"], "Policy limit": 25_000.0 + place * 500}
        if place % 2:
            values["Referral source"] = _option(records, "Referral source", place)
        if place % 5 == 0:
            values |= {"Settled": matter["status"] == "Closed", "Judge (old)": "Hon. R. Stone"}
        if place % 7 == 0:
            values["Treating physician"] = contacts[place % len(contacts)]["id"]
        matter["custom_field_values"] = _values(records, "Matter", values)
        if place % 20 == 0:
            _correspondence(records, matter, now - timedelta(hours=place + 1))
    for place, contact in enumerate(contacts):
        values = {"Reference": f"REF-{place:04d}"} if place % 3 else {}
        if place % 2:
            values["Preferred language"] = _option(records, "Preferred language", place)
        if place % 3 == 0 and contact["type"] == "Person":
            contact["date_of_birth"] = f"{1940 + place % 60}-{place % 12 + 1:02d}-14"
            home = records.entry("addresses")
            contact["addresses"] = [{**home, **HOME, "street": f"{place + 1} Dock Street"}]
        contact["custom_field_values"] = _values(records, "Contact", values)
    for contact in contacts[:3]:
        _note(records, now - timedelta(days=2), "Contact", contact=contact["id"])


def _values(records: Records, parent: str, values: dict[str, Any]) -> list[Row]:
    made = []
    for name, value in values.items():
        definition = records.find("custom_fields", name=name, parent_type=parent)
        entry = records.entry("custom_field_values")
        # A value's id is its type and a number; it isn't the id of the field.
        entry |= {"id": f"{definition['field_type']}-{entry['id']}", "value": value}
        made.append({**entry, "custom_field": definition["id"]})
    return made


def _option(records: Records, name: str, place: int) -> int:
    options = records.find("custom_fields", name=name)["picklist_options"]
    id: int = options[place % len(options)]["id"]
    return id


def _correspondence(records: Records, matter: Row, moment: datetime) -> None:
    _note(records, moment, "Matter", matter=matter["id"])
    records.add(
        "communications",
        moment,
        type="PhoneCommunication",
        subject="Call with the client",
        body="Asked for the missing papers; they come next week.",
        date=moment.date().isoformat(),
        received_at=timestamp(moment),
        user=next(iter(records.tables["users"])),
        matter=matter["id"],
        senders=[],
        receivers=[],
        external_properties=[],
    )


def _note(records: Records, moment: datetime, type: str, **about: int) -> None:
    records.add(
        "notes",
        moment,
        type=type,
        subject="Conflict check",
        detail="No conflict was found.",
        detail_text_type="plain_text",
        date=moment.date().isoformat(),
        author=next(iter(records.tables["users"])),
        **{"matter": None, "contact": None, **about},
    )
