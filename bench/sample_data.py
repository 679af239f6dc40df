"""What the jobs read: matters behind an API, and a CSV file; the same ones every time."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COLUMNS = (
    "number", "description", "client", "email", "location", "opened", "billing", "phone",
    "status", "area", "attorney", "note",
)  # fmt: skip

#: One in so many matters is closed, and one in so many has no location.
CLOSED_EVERY, UNLOCATED_EVERY = 5, 10
#: One in so many rows of the file has no e-mail.
BLANK_EVERY = 50

_CAUSES = ("Collision on Route 9", "Estate of the late", "Visa renewal for", "Lease dispute of")
_NAMES = ("Ada Lovelace", "Søren Lindqvist", "Inés Calderón", "Priya Raman", "Marcus Oyelaran")
_PLACES = ("Boston", "Portland", "Providence", "New Haven", "Salem", "Nashua", "Bangor")
_AREAS = ("Personal Injury", "Family", "Immigration", "Estate Planning")


def matter(index: int) -> dict[str, Any]:
    """Return a matter as an API tells it: 20 fields, some of them records."""
    name = _NAMES[index % 5]
    opened = f"{2019 + index % 6}-{index % 12 + 1:02}-{index % 28 + 1:02}"
    return {
        "id": index + 1,
        "etag": f'"{index * 7919:08x}"',
        "display_number": f"{index + 1:05}-{name.split()[-1]}",
        "number": index + 1,
        "description": f"{_CAUSES[index % 4]} {index}",
        "status": "Closed" if index % CLOSED_EVERY == 4 else "Open",
        "location": None if index % UNLOCATED_EVERY == 7 else _PLACES[index % 7],
        "open_date": opened,
        "close_date": None,
        "created_at": f"{opened}T09:00:00Z",
        "updated_at": f"{opened}T{index % 24:02}:{index % 60:02}:00Z",
        "billable": True,
        "billing_method": "hourly" if index % 3 else "flat",
        "client_reference": f"REF-{index:06}",
        "maildrop_address": f"m{index}@maildrop.example",
        "client": {
            "id": index + 500_000,
            "name": f"{name} {index}",
            "type": "Person",
            "primary_email_address": f"Client.{index}@Mail.Example",
            "primary_phone_number": f"+1617555{index % 10_000:04}",
        },
        "practice_area": {"id": index % 4, "name": _AREAS[index % 4]},
        "matter_stage": {"id": index % 7, "name": "Intake"},
        "responsible_attorney": {"id": index % 6, "email": "dana.whitfield@harborlaw.example"},
        "originating_attorney": None,
    }


def row(index: int) -> dict[str, str]:
    """Return a row of the file: 12 columns of text."""
    told = matter(index)
    client = told["client"]
    return {
        "number": told["display_number"],
        "description": told["description"],
        "client": client["name"],
        "email": "" if index % BLANK_EVERY == 30 else client["primary_email_address"],
        "location": told["location"] or "",
        "opened": told["open_date"],
        "billing": told["billing_method"],
        "phone": client["primary_phone_number"],
        "status": told["status"],
        "area": told["practice_area"]["name"],
        "attorney": told["responsible_attorney"]["email"],
        "note": "Called, left a message",
    }


def write_csv(path: Path, rows: int) -> None:
    """Write the first ``rows`` rows, under a header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(row(index).values() for index in range(rows))


# -- what must come out ----------------------------------------------------------------------------


def case(index: int) -> dict[str, str]:
    """Return the case that a matter or row becomes, worked out apart from everything measured."""
    told = matter(index)
    year, month, day = told["open_date"].split("-")
    return {
        "case_number": told["display_number"],
        "title": f"{told['description']} / {told['client']['name']}",
        "email": f"client.{index}@mail.example",
        "location": told["location"] or "Unknown",
        "opened": f"{day}/{month}/{year}",
        "billing": "Hourly" if told["billing_method"] == "hourly" else "Fixed fee",
    }


def open_matters(count: int) -> Iterator[dict[str, str]]:
    """Yield what the first ``count`` matters become: the closed ones nothing."""
    return (case(index) for index in range(count) if matter(index)["status"] == "Open")


def rows_with_email(count: int) -> Iterator[dict[str, str]]:
    """Yield what the first ``count`` rows become: those without an e-mail nothing."""
    return (case(index) for index in range(count) if row(index)["email"])
