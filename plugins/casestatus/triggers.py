"""What happens in Case Status: messages, files, and cases that changed.

Of these reads only paths, pages and field names are known (third party), no filter by time. So each
poll reads the whole list, and what is older than the last one is left out here.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from engine.sdk import BadRecord, Context, Field, Record, RemoteError, TypedDict
from plugins.casestatus import assumed_contract as contract
from plugins.casestatus.actions import MESSAGE_PAGES
from plugins.casestatus.reports import DateTime, IntegrationId, ReportedCase, to_case


class Message(TypedDict):
    """A message between the firm and a client."""

    id: int
    type: Annotated[str | None, Field("Type", "In Case Status's own word, which says who wrote.")]
    content: str | None
    sent_at: DateTime | None
    created_at: DateTime
    sender_name: str | None
    readable_id: Annotated[str | None, Field("Case number", "As people see it in Case Status.")]
    integration_id: IntegrationId


class CaseFile(TypedDict):
    """A file of a case; what is in it isn't read."""

    id: int
    file_name: str
    extension: str | None
    content_type: str | None
    size: Annotated[int | None, Field("Size", "In bytes.")]
    url: Annotated[str | None, Field("Address", "Where it can be fetched, while the link lasts.")]
    case_id: str | None
    case_readable_id: str | None
    case_practice_area: str | None
    case_integration_id: IntegrationId
    created_at: DateTime
    updated_at: DateTime


def message_received(
    ctx: Context,
    since: datetime | None,
    types: Annotated[
        list[str],
        Field("Types", "Only messages of these types, as Case Status calls them; all if not said."),
    ] = [],  # noqa: B006 - a field's default, never changed
) -> Iterator[Message | BadRecord]:
    """Start with each message between the firm and its clients."""
    for message in _pages_until_empty(ctx, contract.MESSAGES):
        if not types or message.get("type") in types:
            # What was sent later may have been written earlier: it counts when it came to be there.
            yield from _if_new(_made(message, Message), "created_at", since)


def file_added(ctx: Context, since: datetime | None) -> Iterator[CaseFile | BadRecord]:
    """Start with each file that was added to a case, by the firm or its client, or changed."""
    for file in _pages_until_empty(ctx, contract.FILES):
        yield from _if_new(_made(file, CaseFile), "updated_at", since)


def case_changed(
    ctx: Context,
    since: datetime | None,
    practice_area: Annotated[
        str | None, Field("Practice area", "Only cases of this one, exactly as it is written.")
    ] = None,
    with_deleted: Annotated[
        bool, Field("With deleted ones", "Yield cases that were deleted in Case Status as well.")
    ] = False,
) -> Iterator[ReportedCase | BadRecord]:
    """Start with each case that was added or changed."""
    for row in ctx.http.paginate(contract.REPORTED_CASES, items="results"):
        if row.get("Case Deleted At") and not with_deleted:
            continue
        if practice_area and row.get("Practice Area") != practice_area:
            continue
        yield from _if_new(to_case(row), "updated_at", since)


def _pages_until_empty(ctx: Context, url: str) -> Iterator[Record]:
    return ctx.http.paginate(url, items="", pagination=MESSAGE_PAGES)


def _made(row: Record, declared: Any) -> Any:
    """Keep what is known of a row; a field that it doesn't have is no field of the record."""
    return {name: row[name] for name in declared.__annotations__ if name in row}


def _if_new(record: Any, cursor: str, since: datetime | None) -> Iterator[Any]:
    """Yield a record that is new since then; one whose time can't be read is rejected.

    :raises RemoteError: records have no such time any more, so nobody can tell what is new.
    """
    if cursor not in record:
        raise RemoteError(
            f"Case Status no longer says when it was, in '{cursor}'.",
            hint="Its API may have changed: look for a newer version of Bridgework.",
        )
    try:
        found = datetime.fromisoformat(str(record[cursor]))
    except ValueError:
        yield BadRecord(
            key=str(record.get("id")),
            reason=f"Case Status says '{record[cursor]}' where a time was expected.",
            code="no_time",
            hint="Look at it in Case Status; if all are like this, its API may have changed.",
            source=record,
        )
        return
    moment = found if found.tzinfo else found.replace(tzinfo=UTC)  # which zone is assumed
    if since is None or moment >= since:
        yield record
