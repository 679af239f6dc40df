"""One audience of the practice server: its members, and Mailchimp's rules for keeping them.

Statuses and merge fields follow Mailchimp's published spec (3.0.55). The sentences of refusals are
those quoted in public issue reports, or our own where none was found.
"""

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from engine.sdk import PracticeRefusal, Record, Response, json_response
from plugins.mailchimp.practice.member import Member, member_id, timestamp

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


class Refused(PracticeRefusal):
    """A refusal as problem+json; of a member that can't be kept also as an item of a batch's errors."""

    def __init__(
        self,
        title: str,
        detail: str,
        errors: tuple[tuple[str, str], ...] = (),
        code: str = "ERROR_GENERIC",
        status: int = 400,
    ) -> None:
        self.title, self.detail, self.status = title, detail, status
        self.errors, self.code = errors, code
        super().__init__(detail)

    def response(self) -> Response:
        errors = [{"field": name, "message": text} for name, text in self.errors]
        body = {
            "type": "https://mailchimp.com/developer/marketing/docs/errors/",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": "",
        }
        more = {"errors": errors} if errors else {}
        return json_response({**body, **more}, self.status, kind="problem+json")


@dataclass
class MergeField:
    """A column of the audience, e.g. FNAME."""

    merge_id: int
    tag: str
    name: str
    type: Literal["text", "phone", "address", "birthday", "number", "date", "dropdown"] = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass
class Audience:
    """An audience with its members, by id, in the order in which they last changed.

    :param listener: told of each member the API changes, as it was (None: it is new) and as it is.
    """

    id: str
    name: str
    merge_fields: dict[str, MergeField]
    members: dict[str, Member] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    tag_ids: dict[str, int] = field(default_factory=dict)
    listener: Callable[[Member | None, Member], None] | None = None

    # -- changing ------------------------------------------------------------------------------

    def upsert(
        self, body: Mapping[str, Any], now: datetime, *, check_required: bool = True
    ) -> tuple[Member, bool]:
        """Add or update a member; returns it and whether it is new.

        :raises Refused: it breaks a rule; nothing is changed then.
        """
        address = str(body.get("email_address") or "").strip()
        id = member_id(address)
        self._check_address(address, id)
        old = self.members.get(id)
        is_new = old is None or old.status == "archived"  # archived ones come back as new
        status = self._status(body, None if is_new else old, address)
        values = self._merged(body.get("merge_fields") or {}, old, check_required)
        before = None if self.listener is None else copy.copy(old)
        member = old or Member(self.id, id, address, timestamp(now))
        member.merge_fields = values
        for name in ("email_type", "language", "vip"):
            if name in body:
                setattr(member, name, body[name])
        member.set_status(status)
        self.touch(member, now)
        self._tell(before, member)
        return member, is_new

    def touch(self, member: Member, now: datetime) -> None:
        """Keep a member as the one that changed last; the clock never goes back."""
        member.last_changed = timestamp(now)
        if member.status != "unsubscribed":
            member.unsubscribed_at = ""
        elif not member.unsubscribed_at:
            member.unsubscribed_at = member.last_changed
        self.members.pop(member.id, None)
        self.members[member.id] = member

    def archive(self, member: Member, now: datetime) -> None:
        """Hide a member, who may come back later."""
        before = copy.copy(member)
        member.set_status("archived")
        self.touch(member, now)
        self._tell(before, member)

    def rename(self, member: Member, address: str) -> None:
        """Give a member another address, and with it another id."""
        del self.members[member.id]
        member.id, member.email_address = member_id(address), address
        self.members[member.id] = member

    def forget(self, member: Member) -> None:
        """Erase a member for good; the API can't add that address again."""
        del self.members[member.id]
        self.forgotten.add(member.id)

    def tag(self, member: Member, names: Mapping[str, bool], now: datetime) -> None:
        """Add (true) and remove (false) tags."""
        kept = dict(member.tags or {})
        for name, active in names.items():
            if active:
                kept[name] = self.tag_ids.setdefault(name, len(self.tag_ids) + 1)
            else:
                kept.pop(name, None)
        member.tags = kept
        self.touch(member, now)

    def _tell(self, before: Member | None, after: Member) -> None:
        if self.listener is not None:
            self.listener(before, after)

    # -- reading -------------------------------------------------------------------------------

    def find(self, who: str) -> Member | None:
        """Return a member by id, address or contact id."""
        ids = (who, member_id(who), who[::-1])  # see Member.contact_id
        return next((self.members[id] for id in ids if id in self.members), None)

    def show(self, member: Member) -> Record:
        """Return a member as answers show it."""
        return member.shown(self.merge_fields)

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

    def refuse_known(self, address: str) -> None:
        """Refuse an address that is in the audience, archived ones aside."""
        known = self.members.get(member_id(address))
        if known is not None and known.status != "archived":
            raise Refused(
                "Member Exists",
                f"{address} is already a list member. Use PUT to insert or update list members.",
                code="ERROR_CONTACT_EXISTS",
            )

    def _status(self, body: Mapping[str, Any], old: Member | None, address: str) -> str:
        wanted = body.get("status")
        if old is None:
            wanted = wanted or body.get("status_if_new")
            if wanted is None:
                raise invalid("status_if_new", "This value should not be blank.")
        elif wanted is None:
            return old.status
        if wanted not in STATUSES:
            raise invalid("status", "Value not found in array of possible values.")
        if old is not None and old.status in COMPLIANCE and wanted == "subscribed":
            raise Refused(
                "Member In Compliance State",
                f"{address} is in a compliance state due to unsubscribe, bounce, or compliance "
                "review and cannot be subscribed.",
            )
        return str(wanted)

    def _merged(
        self, given: Mapping[str, Any], old: Member | None, check_required: bool
    ) -> dict[str, Any]:
        values = dict(old.merge_fields) if old else {}
        wrong: list[tuple[str, str]] = []
        for tag, value in given.items():
            column = self.merge_fields.get(tag)
            if column is None or value is None:
                continue  # a tag the audience lacks is ignored without a word
            if column.type == "address":
                # An incomplete address is ignored without a word, too.
                if isinstance(value, Mapping) and all(value.get(part) for part in ADDRESS_PARTS):
                    values[column.tag] = dict(value)
                continue
            if isinstance(value, Mapping | list | bool):
                message = "Data did not match any of the schemas described in anyOf."
                raise invalid(f"merge_fields.{tag}", message)
            if value == "":
                values.pop(tag, None)
                continue
            pattern, message = PATTERNS.get(column.type, (None, ""))
            if column.choices and value not in column.choices:
                wrong.append((tag, "Value must be one of: " + ", ".join(column.choices)))
            if pattern is not None and pattern.fullmatch(str(value)) is None:
                wrong.append((tag, message))
            values[column.tag] = value
        if check_required:
            wrong += [
                (column.tag, "Please enter a value")
                for column in self.merge_fields.values()
                if column.required and column.tag not in values
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
