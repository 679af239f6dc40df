"""Batch subscribe: up to 500 members in one request, each with an outcome of its own."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.sdk import Record
from plugins.mailchimp.practice.audience import Audience, Refused
from plugins.mailchimp.practice.member import member_id

#: Members of one request (documented).
BATCH_SIZE = 500


def subscribe(
    audience: Audience,
    members: Iterable[Mapping[str, Any]],
    now: datetime,
    *,
    update_existing: bool,
    check_required: bool,
    skip_duplicates: bool,
) -> Record:
    """Keep the members that can be kept, and tell what became of each.

    :param update_existing: else members that are there are errors.
    :param skip_duplicates: the first of several equal addresses counts and the others are
        ignored; else the others are errors.
    """
    new: list[Record] = []
    updated: list[Record] = []
    errors: list[Record] = []
    seen: set[str] = set()
    for item in members:
        address = str(item.get("email_address", ""))
        id = member_id(address)
        if id in seen:
            if not skip_duplicates:
                errors.append(_error(address, DUPLICATE))
            continue
        seen.add(id)
        try:
            if not update_existing:
                audience.refuse_known(address)
            member, is_new = audience.upsert(item, now, check_required=check_required)
        except Refused as refusal:
            errors.append(_error(address, refusal))
        else:
            (new if is_new else updated).append(audience.show(member))
    return {
        "new_members": new,
        "updated_members": updated,
        "errors": errors,
        "total_created": len(new),
        "total_updated": len(updated),
        "error_count": len(errors),
    }


#: That duplicates are refused is documented, the sentence is ours.
DUPLICATE = Refused("Invalid Resource", "This address appears more than once in this request.")


def _error(address: str, refusal: Refused) -> Record:
    """Tell of one member of a batch that was refused."""
    name, text = refusal.errors[0] if refusal.errors else ("", "")
    return {
        "email_address": address,
        "error": refusal.detail,
        "error_code": refusal.code,
        "field": name,
        "field_message": text,
    }
