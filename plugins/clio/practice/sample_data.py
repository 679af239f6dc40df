"""The practice server's law firm: 248 matters, most of them ordinary, the others awkward on purpose.

Which matters are awkward is drawn from the seed, each of them for one reason only, so that a
report can be checked by counting. Times are relative to ``now``.
"""

import marshal
import random
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from plugins.clio.practice import sample_custom
from plugins.clio.practice import sample_names as names
from plugins.clio.practice.sample_people import People
from plugins.clio.practice.sample_records import Records, Row, Tables, timestamp

#: As many as the awkward sorts want, and enough ordinary ones; more are ordinary, too.
MATTERS = 248

#: How many matters there are of each awkward sort; all of them are open.
AWKWARD = {
    "no client": 5,
    "no attorney": 3,
    "attorney J. Doe": 11,
    "rare stage": 4,
    "no stage": 2,
    "no phone": 5,
    "unusable phone": 2,
    "home phone only": 6,
    "UK phone": 1,
    "no e-mail": 8,
    "company": len(names.COMPANIES),
    "foreign name": len(names.FOREIGN_NAMES),
    "several clients": 8,
    "no description": 4,
    "same display number": 2,
}
CLOSED, PENDING = 28, 20

#: One client has this many matters; this many others have two each.
BUSY_CLIENT, DOUBLES = 5, 15

#: The firm has been going for so long; nothing was changed before the last 20 months.
HISTORY, CHANGES = timedelta(days=900), timedelta(days=600)

#: Matters touched by one bulk edit minutes before ``now``, the first of them in the same second.
BULK_EDITED, SAME_SECOND = 45, 30


def build_firm(rng: random.Random, now: datetime, matters: int = MATTERS) -> Tables:
    """Return the firm's records by kind and id.

    The same firm is built once a second: tests make servers by the hundred.

    :param rng: the same state gives the same firm; it moves on as if the firm were drawn anew.
    :param now: in UTC; nothing in the firm is newer.
    :param matters: at least as many as it has by default.
    """
    now = now.replace(microsecond=0)
    asked = (rng.getstate(), now, matters)
    if asked not in _BUILT:
        firm = _Firm(rng, now)
        firm.add_lists()
        firm.add_matters(matters)
        firm.bulk_edit()
        sample_custom.fill_in(firm.records, now)
        while len(_BUILT) >= KEPT:
            _BUILT.pop(next(iter(_BUILT)), None)
        _BUILT[asked] = (marshal.dumps(firm.records.tables), rng.getstate())
    kept, state = _BUILT[asked]
    rng.setstate(state)
    tables: Tables = marshal.loads(kept)  # noqa: S302 - what was written above
    return tables


#: Firms that are kept, by what they were asked with: as bytes, so that each server has its own.
_BUILT: dict[Any, tuple[bytes, Any]] = {}
KEPT = 4


class _Firm:
    def __init__(self, rng: random.Random, now: datetime) -> None:
        self.rng = rng
        self.now = now
        self.records = Records(now - HISTORY)
        self.people = People(self.records, rng, now)
        self.client_relationships = cycle(names.CLIENT_RELATIONSHIPS)
        self.other_relationships = cycle(names.OTHER_RELATIONSHIPS)
        self.more_clients = cycle((1, 2))

    def add_lists(self) -> None:
        """Add what matters refer to: users, practice areas and their stages."""
        start = self.records.start
        sample_custom.add_custom_fields(self.records)
        account = self.records.add("accounts", start, name=names.FIRM, state="active")
        for user in names.USERS:
            self.people.user(account, *user)
        for area, category, _ in names.PRACTICE_AREAS:
            row = self.records.add(
                "practice_areas", start, name=area, category=category, code=area[:2].upper()
            )
            for order, stage in enumerate((*names.STAGES, names.RARE_STAGE)):
                self.records.add(
                    "matter_stages", start, practice_area_id=row["id"], name=stage, order=order
                )

    def add_matters(self, number_of_matters: int) -> None:
        places = list(range(1, number_of_matters))  # the first matter is an ordinary one
        self.rng.shuffle(places)
        sorts = {place: sort for sort, size in AWKWARD.items() for place in _take(places, size)}
        statuses = dict.fromkeys(_take(places, CLOSED), "Closed")
        statuses |= dict.fromkeys(_take(places, PENDING), "Pending")
        shared = dict.fromkeys(_take(places, BUSY_CLIENT), -1)
        for number in range(DOUBLES):
            shared |= dict.fromkeys(_take(places, 2), number)
        clients: dict[int, Row] = {}
        for place in range(number_of_matters):
            created = self.records.start + timedelta(
                days=HISTORY.days / (number_of_matters + 2) * place,
                seconds=self.rng.randrange(80_000),
            )
            client = clients.get(shared.get(place, place + number_of_matters))
            sort = sorts.get(place, "")
            if client is None and sort != "no client":
                client = self.people.client(sort, created - timedelta(hours=1))
                clients[shared.get(place, place + number_of_matters)] = client
            matter = self.add_matter(place + 1, created, client, statuses.get(place, "Open"))
            self.make_awkward(matter, sort)
            if place % 9 == 0:
                self.relate(matter, next(self.other_relationships))
        share_an_address(clients[0], clients[1])

    def add_matter(self, number: int, created: datetime, client: Row | None, status: str) -> Row:
        area, _, descriptions = self.rng.choice(names.PRACTICE_AREAS)
        area_id = self.records.find("practice_areas", name=area)["id"]
        attorney = self.records.find("users", email=self.rng.choice(names.USERS[:-1])[2])
        ended = min(created + timedelta(days=self.rng.randrange(30, 400)), self.now).date()
        earliest = max(created, self.now - CHANGES)
        latest = self.now - timedelta(hours=1)
        label = (client["last_name"] or client["name"].split()[0]) if client else "Unassigned"
        return self.records.add(
            "matters",
            created,
            updated_at=timestamp(earliest + (latest - earliest) * self.rng.random()),
            number=number,
            display_number=f"{number:05d}-{label}",
            custom_number=None,
            description=self.rng.choice(descriptions),
            status=status,
            location=self.rng.choice((None, None, "Harbor County Courthouse")),
            client_reference=None,
            billable=True,
            billing_method=self.rng.choice(("contingency", "flat", "hourly")),
            open_date=created.date().isoformat(),
            pending_date=ended.isoformat() if status == "Pending" else None,
            close_date=ended.isoformat() if status == "Closed" else None,
            client=client["id"] if client else None,
            practice_area=area_id,
            matter_stage=self.stage(area_id, self.rng.choice(names.STAGES)),
            matter_stage_updated_at=timestamp(created),
            responsible_attorney=attorney["id"],
            originating_attorney=attorney["id"],
        )

    def make_awkward(self, matter: Row, sort: str) -> None:
        """Change what ``sort`` names; sorts that concern the client are People's business."""
        match sort:
            case "no attorney":
                matter["responsible_attorney"] = None
            case "attorney J. Doe":
                matter["responsible_attorney"] = self.records.find("users", name="J. Doe")["id"]
            case "rare stage":
                matter["matter_stage"] = self.stage(matter["practice_area"], names.RARE_STAGE)
            case "no stage":
                matter["matter_stage"] = matter["matter_stage_updated_at"] = None
            case "no description":
                matter["description"] = None
            case "same display number":
                matter.update(display_number="2024-0107", description="Initial consultation")
            case "several clients":
                for _ in range(next(self.more_clients)):
                    self.relate(matter, next(self.client_relationships))

    def stage(self, area_id: int, name: str) -> int:
        found: int = self.records.find("matter_stages", practice_area_id=area_id, name=name)["id"]
        return found

    def relate(self, matter: Row, description: str) -> None:
        """Add a person who has to do with a matter."""
        created = datetime.fromisoformat(matter["created_at"])
        self.records.add(
            "relationships",
            created,
            description=description,
            matter=matter["id"],
            contact=self.people.person(created)["id"],
        )

    def bulk_edit(self) -> None:
        """Touch a row of open matters within the last ten minutes, most of them in one second."""
        matters = self.records.tables["matters"].values()
        open_matters = [row for row in matters if row["status"] == "Open"]
        for place, row in enumerate(self.rng.sample(open_matters, BULK_EDITED)):
            seconds = 240 if place < SAME_SECOND else self.rng.randrange(30, 580)
            row["updated_at"] = timestamp(self.now - timedelta(seconds=seconds))


def share_an_address(first: Row, second: Row) -> None:
    """Let two clients have one e-mail address, as married couples do."""
    second["email_addresses"][0]["address"] = first["email_addresses"][0]["address"]


def _take(places: list[int], size: int) -> list[int]:
    """Take ``size`` places off the end, so that no two sorts share one."""
    taken = places[-size:]
    del places[-size:]
    return taken
