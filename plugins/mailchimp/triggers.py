"""What starts a recipe from Mailchimp: members that were added or changed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from engine.sdk import Context, Field, Record, RemoteError, tolerating
from plugins.mailchimp.audiences import Audience, audience_id

#: Members asked for at once; the most Mailchimp gives (documented).
PAGE_SIZE = 1000

#: Less than a page, so that going back can't jump over the page it looks for.
STEP_BACK = PAGE_SIZE // 2

#: Whether members that changed in the very second asked about are told isn't documented.
SECOND = timedelta(seconds=1)

Status = Literal["subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived"]


def member_changed(
    ctx: Context,
    audience: Audience,
    since: datetime | None,
    status: Annotated[
        Status | None, Field("Only with status", "Such as `unsubscribed`; left out, every status.")
    ] = None,
) -> Iterator[Record]:
    """Start with each member that was added or changed, a change of tags or fields included.

    Someone who unsubscribed has the status `unsubscribed` and, if they gave one, the
    `unsubscribe_reason`; `last_changed` is then the time they left, until something else changes.
    Members that were archived are told only when asked for by status.
    """
    params = {
        "sort_field": "last_changed",
        "sort_dir": "ASC",
        # What changes from now on is for the next run; else a recipe that writes back to the
        # audience it reads would feed itself for ever.
        "before_last_changed": _instant(ctx.now + SECOND),
    }
    if status is not None:
        params["status"] = status
    if since is not None:
        params["since_last_changed"] = _instant(since - SECOND)
    yield from _oldest_change_first(ctx, audience_id(ctx, audience), params)


def member_unsubscribed(
    ctx: Context, audience: Audience, since: datetime | None
) -> Iterator[Record]:
    """Start with each member who left the audience, by whatever way.

    `unsubscribe_reason` is there if they gave one. Unlike `member_changed` with a status, someone
    who left long ago and is edited now is not told again.
    """
    params = {
        "sort_field": "last_changed",
        "sort_dir": "ASC",
        "status": "unsubscribed",
        "before_last_changed": _instant(ctx.now + SECOND),
    }
    if since is not None:
        params["unsubscribed_since"] = _instant(since - SECOND)
    yield from _oldest_change_first(ctx, audience_id(ctx, audience), params)


def fetch_member(ctx: Context, key: str, audience: Audience) -> Record | None:
    """Read one member afresh; None when it is gone."""
    with tolerating("not_a_member"):
        path = f"/lists/{audience_id(ctx, audience)}/members/{key}"
        return _record(ctx.http.get(path).json())
    return None


def _oldest_change_first(ctx: Context, list_id: str, params: dict[str, str]) -> Iterator[Record]:
    """Read all pages though members move while they are read.

    Mailchimp pages by offset. A member that changes or is archived meanwhile leaves its place and
    all behind it move up, so that plain paging would step over as many unread members. Here a
    page begins with the last member of the one before: if another one stands there, the list has
    moved, and reading goes back until it meets a member of that page.
    """
    offset, known = 0, frozenset[tuple[str, str]]()
    while True:
        members = _page(ctx, list_id, {**params, "offset": offset, "count": PAGE_SIZE})
        keys = [(str(member["id"]), str(member["last_changed"])) for member in members]
        if offset and (not keys or keys[0] not in known):
            offset = max(0, offset - STEP_BACK)
            continue
        for key, member in zip(keys, members, strict=True):
            if key not in known:
                yield _record(member)
        if len(members) < PAGE_SIZE:
            return
        known = frozenset(keys)
        offset += PAGE_SIZE - 1


def _page(ctx: Context, list_id: str, params: dict[str, str | int]) -> list[Record]:
    members = ctx.http.get(f"/lists/{list_id}/members", params=params).json().get("members")
    if not isinstance(members, list):
        raise RemoteError(
            "Mailchimp answered without the list 'members'.", hint="Its API may have changed."
        )
    return members


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _record(member: Record) -> Record:
    return {name: value for name, value in member.items() if name != "_links"}
