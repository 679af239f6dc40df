"""The people around the practice server's law firm: its users, its clients, and everyone else."""

import random
import unicodedata
from datetime import datetime, timedelta
from itertools import count, cycle

from plugins.clio.practice import sample_names as names
from plugins.clio.practice.sample_records import Records, Row, timestamp

UNUSABLE_PHONES = ("call the office", "555-0142")

Name = tuple[str | None, str | None, str]


class People:
    """Makes up users and contacts."""

    def __init__(self, records: Records, rng: random.Random, now: datetime) -> None:
        self.records = records
        self.rng = rng
        self.now = now
        self._lines = {code: count() for code in names.AREA_CODES}
        self._addresses: set[str] = set()
        self._foreign = cycle(names.FOREIGN_NAMES)
        self._companies = cycle(names.COMPANIES)
        self._unusable = cycle(UNUSABLE_PHONES)

    def user(self, account: Row, first: str, last: str, email: str) -> Row:
        owner = first == "Dana"
        return self.records.add(
            "users",
            self.records.start + timedelta(days=self.rng.randrange(30)),
            account=account["id"],
            name=f"{first} {last}",
            first_name=first,
            last_name=last,
            initials=first[0] + last[0],
            email=email,
            enabled=True,
            account_owner=owner,
            roles=["Administrator"] if owner else [],
            subscription_type="Attorney",
            time_zone="Eastern Time (US & Canada)",
        )

    def client(self, sort: str, created: datetime) -> Row:
        """Add a client who is awkward in the way that ``sort`` names, or ordinary."""
        if sort == "company":
            return self._company(next(self._companies), created)
        name = next(self._foreign) if sort == "foreign name" else None
        client = self.person(created, name, is_client=True)
        match sort:
            case "no phone":
                client["phone_numbers"] = []
            case "unusable phone":
                client["phone_numbers"] = self._phone("Mobile", next(self._unusable))
            case "home phone only":
                client["phone_numbers"] = self._phone("Home", self._number())
            case "UK phone":
                client["phone_numbers"] = self._phone("Mobile", names.UK_PHONE)
            case "no e-mail":
                client["email_addresses"] = []
        return client

    def person(
        self, created: datetime, name: Name | None = None, *, is_client: bool = False
    ) -> Row:
        """Add a person with a mobile number and an e-mail address."""
        if name is None:
            first, last = self.rng.choice(names.FIRST_NAMES), self.rng.choice(names.LAST_NAMES)
            name = (first, last, f"{first} {last}")
        return self._contact(created, name, "Person", self._phones(), is_client)

    def _company(self, name: str, created: datetime) -> Row:
        phones = self._phone("Work", self._number())
        return self._contact(created, (None, None, name), "Company", phones, is_client=True)

    def _contact(
        self, created: datetime, name: Name, type: str, phones: list[Row], is_client: bool
    ) -> Row:
        first, last, full = name
        address = self._address(f"{first}.{last}" if last else full)
        row = self.records.add(
            "contacts",
            created,
            name=full,
            first_name=first,
            last_name=last,
            title=None,
            type=type,
            company=None,
            date_of_birth=None,
            addresses=[],
            is_client=is_client,
            phone_numbers=phones,
            email_addresses=self.records.entries("email_addresses", "address", [("Home", address)]),
        )
        changed = created + (self.now - timedelta(hours=2) - created) * self.rng.random() ** 3
        row["updated_at"] = timestamp(max(changed, self.now - timedelta(days=600)))
        return row

    def _phones(self) -> list[Row]:
        """Mostly a mobile number; some people also have one at home, or a fax listed first."""
        choices = (["Mobile"], ["Mobile", "Home"], ["Home", "Mobile"], ["Fax", "Mobile"])
        labels = self.rng.choices(choices, weights=(12, 3, 2, 1))[0]
        named = [(label, self._number()) for label in labels]
        return self.records.entries("phone_numbers", "number", named)

    def _phone(self, label: str, number: str) -> list[Row]:
        return self.records.entries("phone_numbers", "number", [(label, number)])

    def _number(self) -> str:
        code = self.rng.choice(names.AREA_CODES)
        return self.rng.choice(names.PHONE_SHAPES).format(
            code, f"01{next(self._lines[code]) % 100:02d}"
        )

    def _address(self, name: str) -> str:
        """Return an e-mail address nobody else has; "client@" for names without Latin letters."""
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        local = "".join(c for c in plain if c.isalnum() or c == ".").strip(".") or "client"
        domain = self.rng.choice(names.MAIL_DOMAINS)
        number = 1
        while (address := f"{local}{number if number > 1 else ''}@{domain}") in self._addresses:
            number += 1
        self._addresses.add(address)
        return address
