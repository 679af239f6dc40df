"""One audience of the practice server: its members, and Mailchimp's rules for keeping them.

Statuses, merge fields and the shape of a member follow Mailchimp's published spec (3.0.55). The
sentences of refusals are those quoted in public issue reports, or our own where none was found.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from engine.sdk import Record

STATUSES = frozenset({"subscribed", "unsubscribed", "cleaned", "pending", "transactional"})

#: Only the person can end these; the API can't subscribe them again.
COMPLIANCE = frozenset({"unsubscribed", "cleaned"})

ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s.]+(\.[^@\s.]+)+")

#: What stands before the @ of an address that this server takes for a fake one (our choice).
FAKE_NAMES = frozenset({"asdf", "fake", "noemail", "none", "test"})

#: Values a merge field of each type takes (the types are a part of Mailchimp's).
PATTERNS = {
    "birthday": (re.compile(r"(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])"), "Please write it as MM/DD"),
    "number": (re.compile(r"-?\d+(\.\d+)?"), "Please enter a number"),
    "date": (re.compile(r"\d{4}-\d\d-\d\d"), "Please enter a date"),
}

ADDRESS_PARTS = ("addr1", "city", "state", "zip")


class Refused(Exception):
    """A member that can't be kept; answered as problem+json or as an item of a batch's errors."""

    def __init__(
        self, title: str, detail: str, errors: tuple[tuple[str, str], ...] = (), code: str = ""
    ) -> None:
        self.title = title
        self.detail = detail
        self.errors = errors
        self.code = code or "ERROR_GENERIC"
        super().__init__(detail)


@dataclass
class MergeField:
    """A column of the audience, e.g. FNAME."""

    merge_id: int
    tag: str
    name: str
    type: Literal["text", "phone", "address", "birthday", "number", "date"] = "text"
    required: bool = False


@dataclass
class Audience:
    """An audience with its members, by id, in the order in which they last changed."""

    id: str
    name: str
    merge_fields: dict[str, MergeField]
    members: dict[str, Record] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    tag_ids: dict[str, int] = field(default_factory=dict)

    # -- changing ------------------------------------------------------------------------------

    def upsert(
        self,
        body: Mapping[str, Any],
        now: datetime,
        *,
        check_required: bool = True,
        force_status: bool = True,
    ) -> tuple[Record, bool]:
        """Add or update a member; returns it and whether it is new.

        :param force_status: whether ``status`` changes that of a member who is there.
        :raises Refused: it breaks a rule; nothing is changed then.
        """
        address = str(body.get("email_address") or "").strip()
        id = member_id(address)
        self._check_address(address, id)
        old = self.members.get(id)
        is_new = old is None or old["status"] == "archived"  # archived ones come back as new
        status = self._status(body, None if is_new else old, address, force=force_status)
        values = self._merged(body.get("merge_fields") or {}, old, check_required)
        member = new_member(self.id, id, address, now) if old is None else dict(old)
        member["merge_fields"] = values
        member["full_name"] = f"{values.get('FNAME', '')} {values.get('LNAME', '')}".strip()
        for name in ("email_type", "language", "vip"):
            if name in body:
                member[name] = body[name]
        set_status(member, status)
        self.store(member, now)
        return member, is_new

    def store(self, member: Record, now: datetime) -> None:
        """Keep a changed member, as the one that changed last."""
        member["last_changed"] = timestamp(now)
        self.members.pop(member["id"], None)
        self.members[member["id"]] = member

    def archive(self, member: Record, now: datetime) -> None:
        """Hide a member, who may come back later."""
        set_status(member, "archived")
        self.store(member, now)

    def forget(self, member: Record) -> None:
        """Erase a member for good; the API can't add that address again."""
        del self.members[member["id"]]
        self.forgotten.add(member["id"])

    def tag(self, member: Record, names: Mapping[str, bool], now: datetime) -> None:
        """Add (true) and remove (false) tags."""
        kept = {tag["name"]: tag for tag in member["tags"]}
        for name, active in names.items():
            if active:
                kept[name] = {
                    "id": self.tag_ids.setdefault(name, len(self.tag_ids) + 1),
                    "name": name,
                }
            else:
                kept.pop(name, None)
        member["tags"] = list(kept.values())
        member["tags_count"] = len(kept)
        self.store(member, now)

    def refuse_known(self, address: str) -> None:
        """Refuse an address that is in the audience, archived ones aside."""
        known = self.members.get(member_id(address))
        if known and known["status"] != "archived":
            raise Refused(
                "Member Exists",
                f"{address} is already a list member. Use PUT to insert or update list members.",
                code="ERROR_CONTACT_EXISTS",
            )

    # -- reading -------------------------------------------------------------------------------

    def find(self, who: str) -> Record | None:
        """Return a member by id, address or contact id."""
        ids = (who, member_id(who), who[::-1])  # see new_member for contact ids
        return next((self.members[id] for id in ids if id in self.members), None)

    def oldest_change_first(self) -> Iterator[Record]:
        """Yield the members in the order of their last change."""
        return iter(self.members.values())

    # -- rules ---------------------------------------------------------------------------------

    def _check_address(self, address: str, id: str) -> None:
        if ADDRESS.fullmatch(address) is None:
            raise Refused("Invalid Resource", "Please provide a valid email address.")
        if address.partition("@")[0].lower() in FAKE_NAMES:
            raise Refused(
                "Invalid Resource",
                f"{address} looks fake or invalid, please enter a real email address.",
            )
        if id in self.forgotten:
            raise Refused(
                "Forgotten Email Not Subscribed",
                f"{address} was permanently deleted and cannot be re-imported. "
                "The contact must re-subscribe to get back on the list.",
            )

    def _status(
        self, body: Mapping[str, Any], old: Record | None, address: str, *, force: bool
    ) -> str:
        wanted = body.get("status")
        if old is None:
            wanted = wanted or body.get("status_if_new")
            if wanted is None:
                raise invalid("status_if_new", "This value should not be blank.")
        elif wanted is None or not force:
            return str(old["status"])
        if wanted not in STATUSES:
            raise invalid("status", "Value not found in array of possible values.")
        if old is not None and old["status"] in COMPLIANCE and wanted == "subscribed":
            raise Refused(
                "Member In Compliance State",
                f"{address} is in a compliance state due to unsubscribe, bounce, or compliance "
                "review and cannot be subscribed.",
            )
        return str(wanted)

    def _merged(
        self, given: Mapping[str, Any], old: Record | None, check_required: bool
    ) -> dict[str, Any]:
        values = dict(old["merge_fields"]) if old else dict.fromkeys(self.merge_fields, "")
        wrong: list[tuple[str, str]] = []
        for tag, value in given.items():
            column = self.merge_fields.get(tag)
            if column is None or value is None:
                continue  # a tag the audience lacks is ignored without a word
            if column.type == "address":
                # An incomplete address is ignored without a word, too.
                if isinstance(value, Mapping) and all(value.get(part) for part in ADDRESS_PARTS):
                    values[tag] = dict(value)
                continue
            if isinstance(value, Mapping | list | bool):
                message = "Data did not match any of the schemas described in anyOf."
                raise invalid(f"merge_fields.{tag}", message)
            pattern, message = PATTERNS.get(column.type, (None, ""))
            if value != "" and pattern and pattern.fullmatch(str(value)) is None:
                wrong.append((tag, message))
            values[tag] = value
        if check_required:
            wrong += [
                (column.tag, "Please enter a value")
                for column in self.merge_fields.values()
                if column.required and not values.get(column.tag)
            ]
        if wrong:
            raise Refused("Invalid Resource", "Your merge fields were invalid.", tuple(wrong))
        return values


def invalid(field: str, message: str) -> Refused:
    """Refuse a body that doesn't fit the schema."""
    return Refused(
        "Invalid Resource",
        "The resource submitted could not be validated. For field-specific details, see the "
        "'errors' array.",
        ((field, message),),
    )


def member_id(address: str) -> str:
    """Return the id that Mailchimp gives the member with this address."""
    return hashlib.md5(address.strip().lower().encode(), usedforsecurity=False).hexdigest()


def set_status(member: Record, status: str) -> None:
    """Change a member's status; a reason for leaving is kept only while they are away."""
    if status not in ("unsubscribed", "archived"):
        member.pop("unsubscribe_reason", None)
    member["status"] = status


def new_member(list_id: str, id: str, address: str, now: datetime) -> Record:
    """Build a member with every field that the spec lists and this server knows."""
    return {
        "id": id,
        "email_address": address,
        "unique_email_id": id[:10],
        "contact_id": id[::-1],  # Mailchimp's are unrelated to the address
        "full_name": "",
        "web_id": int(id[:7], 16),
        "email_type": "html",
        "status": "",
        "merge_fields": {},
        "stats": {"avg_open_rate": 0, "avg_click_rate": 0},
        "ip_signup": "",
        "timestamp_signup": "",
        "ip_opt": "",
        "timestamp_opt": timestamp(now),
        "member_rating": 2,
        "last_changed": timestamp(now),
        "language": "",
        "vip": False,
        "email_client": "",
        "source": "API - Generic",
        "tags_count": 0,
        "tags": [],
        "list_id": list_id,
    }


def timestamp(moment: datetime) -> str:
    """Write a time as Mailchimp does, always in UTC, so that text sorts as time does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
