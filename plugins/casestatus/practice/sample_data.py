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

#: The integration id of the one case that came from another system long ago.
IMPORTED = "7700011"

#: People whose cases were typed into Case Status by hand: these have no integration id.
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
                "integration_id": IMPORTED if position == 11 else None,
                "name": f"{client['last_name']} {position + 1:02}",
                "attorney_id": 101 + random.randrange(5),
                "client_id": client["id"],
                "practice_area": random.choice(PRACTICE_AREAS),
                "stage": random.choice(STAGES),
                "description": "",
                "opened_on": opened.date().isoformat(),
                "closed_on": None,
                "case_type": None,
                "paralegal_id": 106 if position % 3 == 0 else None,
                "created_at": stamp(opened),
                "updated_at": stamp(opened + timedelta(days=7)),
            }
        )
    return found


#: What clients write, and what the firm answers; more than a page of ten.
SAID = (
    ("incoming", "Has the insurance answered yet?"),
    ("outgoing", "Not yet; we asked again this morning."),
    ("incoming", "I moved, what do you need from me?"),
    ("outgoing", "Your new address and the date you moved in, please."),
    ("incoming", "12 Dock Street, since Monday."),
    ("incoming", "¿Puedo hablar con alguien en español?"),
    ("outgoing", "Sí, Inés le llama hoy."),
    ("incoming", "Here is the photo of the car 🚗"),
    ("outgoing", "Thank you, we have it."),
    ("incoming", "When is my appointment?"),
    ("outgoing", "On Thursday at 10, at our office."),
    ("incoming", "See you then.\nBest, W."),
)


def messages(cases: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Return messages of the last days, the oldest first."""
    found = []
    for place, (type, content) in enumerate(SAID):
        made = message(place, _of(cases, place), now - timedelta(hours=6 * (len(SAID) - place)))
        sender = FIRM if type == "outgoing" else made["sender_name"]
        found.append({**made, "type": type, "content": content, "sender_name": sender})
    return found


def _of(cases: list[dict[str, Any]], place: int) -> dict[str, Any]:
    """Return a case that something belongs to: one of three, or the one from elsewhere."""
    return cases[(0, 1, 2, -1)[place % 4]]


def message(place: int, case: dict[str, Any], moment: datetime) -> dict[str, Any]:
    """Return an empty message of a case's client; that types are called so is assumed."""
    return {
        "id": 9001 + place,
        "type": "incoming",
        "content": "",
        "sent_at": stamp(moment),
        "created_at": stamp(moment),
        "sender_name": case["name"].rpartition(" ")[0] or case["name"],
        "readable_id": case["readable_id"],
        "integration_id": case["integration_id"],
    }


def files(cases: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Return files of the last days, the oldest first; more than a page of ten."""
    names = ("photo-of-the-car.jpg", "police report.pdf", "Rechnung März.pdf", "no-extension")
    found = []
    for place in range(11):
        made = file(place, _of(cases, place), now - timedelta(hours=5 * (11 - place)))
        name = names[place % 4]
        extension = name.rpartition(".")[2] if "." in name else None
        found.append({**made, "file_name": name, "extension": extension})
    return found


def file(place: int, case: dict[str, Any], moment: datetime) -> dict[str, Any]:
    """Return a file of a case."""
    return {
        "id": 7001 + place,
        "file_name": "scan.pdf",
        "extension": "pdf",
        "content_type": "application/pdf",
        "size": 18_432 + place * 1000,
        "url": f"https://files.casestatus.example/{7001 + place}",
        "case_id": str(case["id"]),
        "case_readable_id": case["readable_id"],
        "case_practice_area": case["practice_area"],
        "case_integration_id": case["integration_id"],
        "created_at": stamp(moment),
        "updated_at": stamp(moment),
    }


def stamp(moment: datetime) -> str:
    """Write a time as the API does (assumed: UTC, whole seconds)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
