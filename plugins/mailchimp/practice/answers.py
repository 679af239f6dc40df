"""How the practice server reads a query and words its answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.sdk import Record, Request
from plugins.mailchimp.practice.audience import Audience, invalid
from plugins.mailchimp.practice.member import Member, timestamp

#: Rows of a page where the request names no count, and the most it gets (documented).
PAGE_SIZE, LONGEST_PAGE = 10, 1000


def chosen_members(audience: Audience, query: Mapping[str, str]) -> list[Member]:
    """Return the members that a query of the members list asks for, in its order."""
    status = query.get("status")
    since, before = instant(query, "since_last_changed"), instant(query, "before_last_changed")
    left_since = instant(query, "unsubscribed_since")
    if left_since and status != "unsubscribed":
        raise invalid("unsubscribed_since", "This needs the status 'unsubscribed'.")
    members = [
        member
        for member in audience.members.values()
        if (member.status == status if status else member.status != "archived")
        and (not since or member.last_changed > since)
        and (not left_since or member.unsubscribed_at > left_since)
        and (not before or member.last_changed < before)
    ]
    sort_field = query.get("sort_field", "last_changed")
    if sort_field == "timestamp_opt":
        members.sort(key=lambda member: member.timestamp_opt)
    elif sort_field != "last_changed":  # the order in which an audience keeps them
        raise invalid("sort_field", "Value not found in array of possible values.")
    return members[::-1] if query.get("sort_dir", "").upper() == "DESC" else members


def instant(query: Mapping[str, str], name: str) -> str:
    """Return a time of the query as the members have it; empty when it isn't given."""
    text = query.get(name, "")
    if not text:
        return ""
    try:
        return timestamp(datetime.fromisoformat(text))
    except ValueError:
        raise invalid(name, "Please use ISO 8601, as in 2015-10-21T15:41:36+00:00.") from None


def page_of(rows: Sequence[Any], request: Request) -> list[Any]:
    """Return the rows of a page: ten unless asked for more, a thousand at the most."""
    count = min(request.args.get("count", PAGE_SIZE, type=int), LONGEST_PAGE)
    offset = request.args.get("offset", 0, type=int)
    return list(rows[max(0, offset) : max(0, offset) + max(0, count)])


def checks_required(request: Request) -> bool:
    """Return whether required merge fields matter to this request."""
    return request.args.get("skip_merge_validation") != "true"


def list_info(audience: Audience) -> Record:
    """Return an audience as answers show it."""
    statuses = [member.status for member in audience.members.values()]
    return {
        "id": audience.id,
        "name": audience.name,
        "double_optin": False,
        "stats": {
            "member_count": statuses.count("subscribed"),
            "unsubscribe_count": statuses.count("unsubscribed"),
            "cleaned_count": statuses.count("cleaned"),
            "merge_field_count": len(audience.merge_fields),
        },
    }


def field_info(audience: Audience, tag: str) -> Record:
    """Return a merge field as answers show it."""
    field = audience.merge_fields[tag]
    return {
        "merge_id": field.merge_id,
        "tag": field.tag,
        "name": field.name,
        "type": field.type,
        "required": field.required,
        "default_value": "",
        "public": False,
        "display_order": field.merge_id + 1,
        "options": {"choices": list(field.choices)} if field.choices else {"size": 25},
        "help_text": "",
        "list_id": audience.id,
    }
