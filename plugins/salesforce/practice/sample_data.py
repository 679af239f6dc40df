"""The practice organization's records, the awkward ones included; all names are made up."""

import random
from datetime import datetime, timedelta
from typing import Any

from plugins.salesforce.practice.model import OBJECTS
from plugins.salesforce.practice.store import Records, as_moment

ORGANIZATION = "Harbor Law"
ADA, GEORGE, LEFT = (f"005Pr000000000{n}AAA" for n in (1, 2, 3))
ORG_ID = "00DPr0000000001AAA"

ACCOUNTS = (
    "Navy Yard LLC",
    "Tides & Sons",
    'O\'Brien "Quay" Partners',
    "Zoë Büro GmbH",
    "Lighthouse Trust",
    "Navy Yard LLC",  # the same name twice
)
FIRST = ("Grace", "Mary", "Zoë", "Alan", "Emmy", "Søren", "Hedy", "Ida", "", "Kurt")
LAST = ("Hopper", "Somerville", "O'Neil", "Turing", "Noether", "Kierkegaard", "Lamarr", "Rhodes")

#: Contacts: more than a page, and several changed in the same second.
CONTACTS, LEADS, OPPORTUNITIES = 34, 12, 14


def fill(records: Records, chance: random.Random, now: datetime) -> None:
    _put(records, "Organization", now, {"Id": ORG_ID, "Name": ORGANIZATION})
    for id, name, active in ((ADA, "Ada Byron", True), (GEORGE, "George Boole", True)):
        _user(records, now, id, name, active)
    _user(records, now, LEFT, "Charles Babbage", False)
    accounts = [
        _put(
            *(records, "Account", now - timedelta(days=90 - n)),
            {
                "Name": name,
                "Type": "Client" if n % 2 else None,
                "Industry": chance.choice(("Government", "Legal", None)),
                "BillingStreet": "1 Quay\nSecond floor" if n == 0 else None,
                "BillingCity": "Boston",
                "Phone": f"+120255501{n:02}",
                "AnnualRevenue": 250000.5 if n == 1 else None,
                "Clio_Id__c": f"acc-{n}" if n < 3 else None,
            },
        )["Id"]
        for n, name in enumerate(ACCOUNTS)
    ]
    for n in range(CONTACTS):
        first, last = FIRST[n % len(FIRST)], LAST[n % len(LAST)]
        _put(
            # Three share each second.
            *(records, "Contact", now - timedelta(days=60 - n // 3, seconds=n // 3)),
            {
                "FirstName": first or None,
                "LastName": last,
                "Name": f"{first} {last}".strip(),
                "Email": None if n % 7 == 3 else f"contact{n}@clients.example",
                "Phone": f"(202) 555-0{n:03}",
                "AccountId": accounts[n % 5] if n % 4 else None,
                "OwnerId": (ADA, GEORGE)[n % 2],
                "Birthdate": "1906-12-09" if n == 0 else None,
                "Client_Type__c": "Person" if n % 2 else None,
            },
        )
    for n in range(LEADS):
        first, last = chance.choice(FIRST[:8]), LAST[n % len(LAST)]
        _put(
            *(records, "Lead", now - timedelta(days=20, hours=-n)),
            {
                "FirstName": first,
                "LastName": last,
                "Name": f"{first} {last}",
                "Email": f"lead{n}@prospects.example",
                "Company": f"Prospect {n}",
                "Status": "Closed - Converted" if n == 5 else "Open - Not Contacted",
                "IsConverted": n == 5,
                "LeadSource": "Web",
            },
        )
    for n in range(OPPORTUNITIES):
        made = now - timedelta(days=40 - n)
        stage = ("Prospecting", "Closed Won", "Negotiation", "Closed Lost", "Closed Won")[n % 5]
        moved = as_moment(made + timedelta(days=3)) if n % 5 not in (0, 4) else None
        _put(
            *(records, "Opportunity", made),
            {
                "Name": f"Matter {n}: {ACCOUNTS[n % 5]}",
                "StageName": stage,
                "Amount": None if n == 3 else 1000.0 * (n + 1) + 0.5,
                "CloseDate": (now + timedelta(days=n)).date().isoformat(),
                "Probability": 100.0 if stage == "Closed Won" else 20.0,
                "IsClosed": stage.startswith("Closed"),
                "IsWon": stage == "Closed Won",
                "LastStageChangeDate": moved,
                "AccountId": accounts[n % 5],
            },
        )
    for n in (0, 1):
        gone = {"LastName": f"Removed {n}", "Name": f"Removed {n}", "IsDeleted": True}
        _put(records, "Contact", now - timedelta(days=5 - n), gone)


def _user(records: Records, now: datetime, id: str, name: str, active: bool) -> None:
    address = f"{name.split()[0].lower()}@harborlaw.example"
    values = {"Id": id, "Name": name, "Username": address, "Email": address, "IsActive": active}
    _put(records, "User", now - timedelta(days=400), values)


def _put(records: Records, object: str, when: datetime, values: dict[str, Any]) -> dict[str, Any]:
    """Make a record that was made and changed at a moment."""
    stamp = as_moment(when)
    stamps = {"CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp}
    return records.put(OBJECTS[object.lower()], {**stamps, **values}, ADA)
