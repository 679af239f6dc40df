"""What can be done with many members at once: add and update them."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import httpx2

from engine.sdk import (
    Accepted,
    Context,
    Field,
    NotRequired,
    Record,
    RemoteError,
    RowResult,
    TypedDict,
)
from plugins.mailchimp.audiences import Audience, audience_id
from plugins.mailchimp.merge_fields import merge_fields
from plugins.mailchimp.refusals import LEFT_OUT, ignored_field, refused_member

#: Merge fields that have a field of their own in :class:`Member`.
NAMED_FIELDS: tuple[tuple[str, Literal["first_name", "last_name", "phone"]], ...] = (
    ("FNAME", "first_name"),
    ("LNAME", "last_name"),
    ("PHONE", "phone"),
)

#: How Mailchimp answers a merge field without a value.
EMPTY: tuple[Any, ...] = (None, "", {})

#: Members one batch call may carry (documented).
BATCH_SIZE = 500

Email = Annotated[str, Field("E-mail", format="email")]


class Member(TypedDict):
    """One member; fields that are left out stay as they are in Mailchimp."""

    email: Email
    status: NotRequired[
        Annotated[
            Literal["subscribed", "pending", "unsubscribed", "transactional"],
            Field("Status", "Forces this status. Left out, a member keeps the status it has."),
        ]
    ]
    first_name: NotRequired[Annotated[str, Field("First name", "The merge field FNAME.")]]
    last_name: NotRequired[Annotated[str, Field("Last name", "The merge field LNAME.")]]
    phone: NotRequired[Annotated[str, Field("Phone", "The merge field PHONE.")]]
    merge_fields: NotRequired[
        Annotated[
            dict[str, Any],
            Field("Merge fields", "By tag, as in `BIRTHDAY: 01/31`.", schema=merge_fields),
        ]
    ]


def upsert_members(
    ctx: Context,
    *,
    audience: Audience,
    rows: list[Member],
    status_if_new: Annotated[
        Literal["subscribed", "pending"],
        Field("Status of new members", "`pending` asks each by mail to confirm (double opt-in)."),
    ] = "subscribed",
    skip_required_fields: Annotated[
        bool, Field("Skip required fields", "Take members without the audience's required fields.")
    ] = False,
) -> list[RowResult]:
    """Add members, or update those who are there, up to 500 in one call.

    Rows with the same e-mail address, capitals aside, are sent as one member: where both have a
    value, the later row wins, and all of them get the answer that this member got.
    """
    members = _members(rows, status_if_new)
    reply = ctx.http.post(
        f"/lists/{audience_id(ctx, audience)}",
        params={"skip_merge_validation": "true"} if skip_required_fields else None,
        json={"members": list(members.values()), "update_existing": True},
    )
    return _results(rows, members, _batch_reply(reply))


def address_key(email: str) -> str:
    """Return what Mailchimp tells addresses apart by: the address in small letters (spec)."""
    return email.strip().lower()


def subscriber_hash(email: str) -> str:
    """Return a member's id: the MD5 of its address in small letters (spec)."""
    return hashlib.md5(address_key(email).encode(), usedforsecurity=False).hexdigest()


def _members(rows: Iterable[Member], status_if_new: str) -> dict[str, Record]:
    """Build the members to send, one for each address."""
    members: dict[str, Record] = {}
    for row in rows:
        one = to_send(row, status_if_new)
        member = members.setdefault(address_key(row["email"]), one)
        if member is not one:
            merged = member["merge_fields"] | one["merge_fields"]
            kept = {"email_address": member["email_address"], "merge_fields": merged}
            member |= {**one, "status_if_new": member["status_if_new"], **kept}
    return members


def to_send(row: Member, status_if_new: str) -> Record:
    """Return a member as Mailchimp takes it."""
    member: Record = {
        "email_address": row["email"].strip(),
        # A status is forced only where the row names one: whoever unsubscribed stays so.
        "status_if_new": row.get("status", status_if_new),
        "merge_fields": _merge_fields(row),
    }
    if "status" in row:
        member["status"] = row["status"]
    return member


def _merge_fields(row: Member) -> dict[str, Any]:
    named = {tag: row[field] for tag, field in NAMED_FIELDS if field in row}
    own = row.get("merge_fields", {})
    return {**named, **{tag: _as_written(value) for tag, value in own.items()}}


def _as_written(value: Any) -> Any:
    """Return a whole number without the point that makes Mailchimp show `2.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _results(
    rows: Iterable[Member], members: Mapping[str, Record], reply: Mapping[str, list[Record]]
) -> list[RowResult]:
    """Find each row's own answer in the reply, which is sorted by outcome and not by row."""
    created, updated, refused = (
        {address_key(str(item.get("email_address"))): item for item in reply[name]}
        for name in ("new_members", "updated_members", "errors")
    )
    results: list[RowResult] = []
    for row in rows:
        address = address_key(row["email"])
        saved = created.get(address) or updated.get(address)
        if saved is None:
            error = refused.get(address)
            results.append(LEFT_OUT if error is None else refused_member(error))
            continue
        lost = _ignored(members[address]["merge_fields"], saved)
        # A repeated address was new only the first time.
        is_new = created.pop(address, None) is not None
        updated.setdefault(address, saved)
        results.append(ignored_field(lost) if lost else Accepted(saved, created=is_new))
    return results


def _ignored(sent: Mapping[str, Any], saved: Record) -> str | None:
    """Return the tag of a value that was sent and is not there; None when all are."""
    kept = saved.get("merge_fields")
    if not isinstance(kept, Mapping):
        return None
    lost = (tag for tag, value in sent.items() if value and kept.get(tag) in EMPTY)
    return next(lost, None)


def _batch_reply(response: httpx2.Response) -> dict[str, list[Any]]:
    """Read the answer to a batch: status 200 whatever became of the members."""
    reply = response.json()
    lists = ("new_members", "updated_members", "errors")
    if not isinstance(reply, dict) or not all(isinstance(reply.get(n), list) for n in lists):
        raise RemoteError(
            "Mailchimp answered a batch without saying what became of its members.",
            hint="Its API may have changed.",
        )
    return reply
