"""The firm that the practice server starts with."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

FIRM = "Harbor Law"

PRACTICE_AREAS = ("Personal Injury", "Family Law", "Immigration", "Estate Planning")

#: The same in every practice area.
STAGES = (
    "Getting started",
    "Gathering records",
    "Medical treatment",
    "Demand sent",
    "Negotiation",
    "In litigation",
    "Settlement",
)

#: Attorneys first. More than a page of ten; one attorney of the firm is not among them.
STAFF = (
    ("Dana Whitfield", "dana.whitfield@harborlaw.example", "attorney"),
    ("Marcus Oyelaran", "marcus.oyelaran@harborlaw.example", "attorney"),
    ("Søren Lindqvist", "soren.lindqvist@harborlaw.example", "attorney"),
    ("Priya Raman", "priya.raman@harborlaw.example", "attorney"),
    ("Inés Calderón", "ines.calderon@harborlaw.example", "attorney"),
    ("Ruth Okafor", "ruth.okafor@harborlaw.example", "paralegal"),
    ("Tomás Herrera", "tomas.herrera@harborlaw.example", "paralegal"),
    ("Lena Fischer", "lena.fischer@harborlaw.example", "paralegal"),
    ("Kofi Mensah", "kofi.mensah@harborlaw.example", "paralegal"),
    ("Aiko Tanaka", "aiko.tanaka@harborlaw.example", "paralegal"),
    ("Grace Lin", "grace.lin@harborlaw.example", "receptionist"),
    ("Omar Haddad", "omar.haddad@harborlaw.example", "receptionist"),
)

#: People whose cases were typed into Case Status by hand: they have no integration id.
CLIENTS = (
    ("Walter", "Abernathy", "+12125550141", "walter.abernathy@mail.example"),
    ("Noor", "Bashir", "+12125550142", None),
    ("Chloé", "Dubois", "+13125550143", "chloe.dubois@mail.example"),
    ("Jürgen", "Großmann", "+13125550144", "j.grossmann@mail.example"),
    ("Ama", "Owusu", "+14155550145", "ama.owusu@mail.example"),
    (None, "Pier Nine Logistics LLC", "+14155550146", "office@pier-nine.example"),
    ("Siobhán", "O'Rourke", "+16175550147", "siobhan@mail.example"),
    ("Luis", "Peña", "+16175550148", None),
    ("Mei", "Zhang", "+12065550149", "mei.zhang@mail.example"),
)


def staff() -> list[dict[str, Any]]:
    """Return the staff as the API lists it."""
    return [
        {"id": 101 + position, "name": name, "email": email, "role": role}
        for position, (name, email, role) in enumerate(STAFF)
    ]


def clients() -> list[dict[str, Any]]:
    """Return the clients that exist before any import."""
    return [
        {
            "id": 3001 + position,
            "first_name": first,
            "last_name": last,
            "phone": phone,
            "email": email,
        }
        for position, (first, last, phone, email) in enumerate(CLIENTS)
    ]


def cases(random: Random, now: datetime) -> list[dict[str, Any]]:
    """Return the cases that exist before any import: a dozen, three clients with two each."""
    found = []
    for position in range(12):
        client = clients()[position % len(CLIENTS)]
        opened = now - timedelta(days=random.randrange(30, 700))
        found.append(
            {
                "id": 5001 + position,
                "readable_id": f"HL-{5001 + position}",
                "integration_id": None,
                "name": f"{client['last_name']} {position + 1:02}",
                "attorney_id": 101 + random.randrange(5),
                "client_id": client["id"],
                "practice_area": random.choice(PRACTICE_AREAS),
                "stage": random.choice(STAGES),
                "description": "",
                "opened_on": opened.date().isoformat(),
                "closed_on": None,
                "created_at": stamp(opened),
                "updated_at": stamp(opened + timedelta(days=7)),
            }
        )
    return found


def stamp(moment: datetime) -> str:
    """Write a time as the API does (assumed: UTC, whole seconds)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
