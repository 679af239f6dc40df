"""What can be done with one member: find, add, tag, archive, erase, send on a journey."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from engine.sdk import Context, Field, Option, Record, Schema, tolerating
from plugins.mailchimp.actions import Email, Member, subscriber_hash, to_send
from plugins.mailchimp.audiences import Audience, audience_id, audiences
from plugins.mailchimp.merge_fields import merge_fields

#: What a recipe writes so that nobody erases people by a slip of a word.
FOR_GOOD = "erase for good"


def tags(ctx: Context) -> Iterator[Option]:
    """Offer the tags of all audiences in pickers."""
    for audience in audiences(ctx):
        path = f"/lists/{audience.value}/tag-search"
        for tag in ctx.http.get(path).json().get("tags", ()):
            yield Option(str(tag["name"]), f"{tag['name']} ({audience.label})")


Quietly = Annotated[
    bool,
    Field("Quietly", "Start no automation at Mailchimp that waits for these tags."),
]


def add_tags(
    ctx: Context,
    audience: Audience,
    email: Email,
    tags: Annotated[
        list[str], Field("Tags", "Tags the member already has are no problem.", options=tags)
    ],
    quietly: Quietly = False,
) -> Record:
    """Add tags to a member; other tags stay."""
    return _tag(ctx, audience, email, tags, "active", quietly)


def remove_tags(
    ctx: Context,
    audience: Audience,
    email: Email,
    tags: Annotated[
        list[str], Field("Tags", "Tags the member doesn't have are no problem.", options=tags)
    ],
    quietly: Quietly = False,
) -> Record:
    """Take tags off a member; other tags stay."""
    return _tag(ctx, audience, email, tags, "inactive", quietly)


def found_fields(ctx: Context, audience: Audience) -> Schema:
    """Say what a member that was found holds: Mailchimp's fields, and the audience's own."""
    text: Schema = {"type": "string"}
    own = merge_fields(ctx, audience, skip_required_fields=True)
    values = {name: {**text, "title": part["title"]} for name, part in own["properties"].items()}
    for name, part in own["properties"].items():
        if part.get("type") in ("number", "object"):  # empty ones come as text
            values[name] = {"anyOf": [part, text]}
    tag: Schema = {"type": "object", "properties": {"id": {"type": "integer"}, "name": text}}
    names = ("id", "email_address", "full_name", "status", "last_changed", "language", "list_id")
    more = ("timestamp_signup", "timestamp_opt", "unsubscribe_reason", "source", "contact_id")
    return {
        "type": "object",
        "properties": {
            **dict.fromkeys((*names, *more), text),
            "vip": {"type": "boolean"},
            "tags": {"type": "array", "items": tag},
            "tags_count": {"type": "integer"},
            "merge_fields": {"type": "object", "properties": values, "additionalProperties": False},
        },
        "additionalProperties": True,
    }


def find_member(ctx: Context, audience: Audience, email: Email) -> Record | None:
    """Find a member by e-mail address, whatever their status; archived ones too."""
    path = f"/lists/{audience_id(ctx, audience)}/members/{subscriber_hash(email)}"
    with tolerating("not_a_member"):
        member = ctx.http.get(path).json()
        return {name: value for name, value in member.items() if name != "_links"}
    return None


def add_member(
    ctx: Context,
    audience: Audience,
    email: Email,
    status: Annotated[
        Literal["subscribed", "pending", "unsubscribed", "transactional"],
        Field("Status", "`pending` asks them by mail to confirm (double opt-in)."),
    ] = "subscribed",
    first_name: Annotated[str | None, Field("First name", "The merge field FNAME.")] = None,
    last_name: Annotated[str | None, Field("Last name", "The merge field LNAME.")] = None,
    phone: Annotated[str | None, Field("Phone", "The merge field PHONE.")] = None,
    merge_fields: Annotated[
        dict[str, Any] | None,
        Field("Merge fields", "By tag, as in `BIRTHDAY: 01/31`.", schema=merge_fields),
    ] = None,
    tags: Annotated[list[str] | None, Field("Tags", options=tags)] = None,
    skip_required_fields: Annotated[
        bool, Field("Skip required fields", "Take them without the audience's required fields.")
    ] = False,
) -> Record:
    """Add somebody who must not be a member yet; whoever is one already stays as they are.

    Where it doesn't matter which, `upsert_members` is faster: it takes 500 in one request.
    """
    row: Member = {"email": email, "status": status}
    for name, value in (("first_name", first_name), ("last_name", last_name), ("phone", phone)):
        if value:
            row[name] = value  # type: ignore[literal-required]  # a name of the loop's
    if merge_fields:
        row["merge_fields"] = merge_fields
    member = ctx.http.post(
        f"/lists/{audience_id(ctx, audience)}/members",
        params={"skip_merge_validation": "true"} if skip_required_fields else None,
        json={**to_send(row, status), "tags": tags or []},
    ).json()
    return {name: value for name, value in member.items() if name != "_links"}


def find_added(ctx: Context, audience: Audience, email: Email) -> Record | None:
    """Look whether somebody whose answer was lost has been added; archived ones were not."""
    found = find_member(ctx, audience, email)
    return None if found is None or found["status"] == "archived" else found


def archive_member(ctx: Context, audience: Audience, email: Email) -> Record:
    """Archive a member: they get no more mail and don't count, but may come back later."""
    member = subscriber_hash(email)
    ctx.http.delete(f"/lists/{audience_id(ctx, audience)}/members/{member}")
    return {"id": member, "email_address": email, "status": "archived"}


def erase_member(
    ctx: Context,
    audience: Audience,
    email: Email,
    confirm: Annotated[
        Literal["erase for good"],
        Field("Confirm", "Write `erase for good`: nothing brings them back."),
    ],
) -> Record:
    """Erase a member and all that Mailchimp knows of them, FOR GOOD: it can't be undone.

    For people who ask to be forgotten. No program can add the address to the audience again; only
    the person, with a sign-up form. To stop mail alone, archive them or set `unsubscribed`.
    """
    member = subscriber_hash(email)
    path = f"/lists/{audience_id(ctx, audience)}/members/{member}/actions/delete-permanent"
    ctx.http.post(path, idempotent=True)
    return {"id": member, "email_address": email, "status": "erased"}


def start_journey(
    ctx: Context,
    journey: Annotated[
        int, Field("Journey", "The first number in the address that Mailchimp shows at the step.")
    ],
    step: Annotated[int, Field("Step", "The second number in that address, after `steps`.")],
    email: Email,
) -> Record:
    """Send a member on a journey (an automation) that has an API step to begin with.

    In Mailchimp, choose "Customer Journeys API" as the journey's starting point.
    """
    path = f"/customer-journeys/journeys/{journey}/steps/{step}/actions/trigger"
    ctx.http.post(path, json={"email_address": email})
    return {"id": f"{journey}/{step}/{subscriber_hash(email)}", "email_address": email}


def _tag(
    ctx: Context,
    audience: str,
    email: str,
    tags: list[str],
    status: Literal["active", "inactive"],
    quietly: bool,
) -> Record:
    member = subscriber_hash(email)
    body: dict[str, Any] = {"tags": [{"name": tag, "status": status} for tag in tags]}
    if quietly:
        body["is_syncing"] = True
    path = f"/lists/{audience_id(ctx, audience)}/members/{member}/tags"
    ctx.http.post(path, json=body, idempotent=True)
    return {"id": member, "email_address": email, "tags": tags}
