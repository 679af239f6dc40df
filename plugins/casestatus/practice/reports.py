"""Rows of the report on cases: labels with spaces, as a published third-party connector reads them."""

from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]


def row_of(
    case: Row, staff: Mapping[str, Row], clients: Mapping[str, Row], messages: Iterable[Row]
) -> dict[str, Any]:
    """Return a case's row."""
    received = [
        message["sent_at"]
        for message in messages
        if message["readable_id"] == case["readable_id"] and message["type"] == "incoming"
    ]
    return {
        "Internal ID": case["id"],
        "Integration ID": case["integration_id"],
        "Case Name": case["name"],
        "Practice Area": case["practice_area"],
        "Status": case["stage"],
        "Incident Date": case["opened_on"],
        "Case Created At": case["created_at"],
        "Case Closed At": case["closed_on"],
        "Case Deleted At": case.get("deleted_at"),
        "Last Message Received": max(received, default=None),
        "Last Updated": case["updated_at"],
        "Attorneys": _attorney(staff[str(case["attorney_id"])]),
        "Clients": _client(clients[str(case["client_id"])]),
        **_manager(staff.get(str(case.get("paralegal_id")))),
    }


def _attorney(person: Row) -> dict[str, Any]:
    first, _, last = person["name"].rpartition(" ")
    return {
        "Attorney 1 Id": person["id"],
        "Attorney 1 Email": person["email"],
        "Attorney 1 First Name": first or None,
        "Attorney 1 Last Name": last,
        "Attorney 2 Id": None,
        "Attorney 2 Email": None,
    }


def _client(client: Row) -> dict[str, Any]:
    return {
        "Client 1 ID": client["id"],
        "Client 1 First Name": client["first_name"],
        "Client 1 Last Name": client["last_name"],
        "Client 1 Cell Phone": client["phone"],
        "Client 1 Email": client["email"],
        "Client 2 ID": None,
    }


def _manager(person: Row | None) -> dict[str, Any]:
    """Return the case manager; that a paralegal is one is assumed."""
    first, _, last = (person or {"name": ""})["name"].rpartition(" ")
    return {
        "Case Manager 1 ID": person["id"] if person else None,
        "Case Manager 1 First Name": first or None,
        "Case Manager 1 Last Name": last or None,
    }
