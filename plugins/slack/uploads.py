"""Files into Slack: announced, sent to an address of their own, then shared in a channel."""

from typing import Annotated

from engine.sdk import Accepted, Complete, Context, Field, File, RemoteError
from plugins.slack.channels import Channel, channel_id
from plugins.slack.messages import JSON, Thread, thread_of

UPLOADED = Complete(id="F0NOTICE01", name="notice.pdf", channel="C0GENERAL1")


def upload_file(
    ctx: Context,
    channel: Channel,
    file: Annotated[File, Field("File")],
    comment: Annotated[str | None, Field("Comment", "The text of the message with it.")] = None,
    title: Annotated[str | None, Field("Title", "Its name, if left out.")] = None,
    thread: Thread = None,
) -> Accepted:
    """Share a file in a channel that the app is in.

    If the answer to the last of its three requests is lost, a person decides whether it arrived.
    """
    where = channel_id(ctx, channel)
    announced = ctx.http.post(
        "files.getUploadURLExternal",
        data={"filename": file["name"], "length": str(file["size"])},
        idempotent=True,  # what is announced and never sent is nothing
    ).json()
    if not announced.get("upload_url") or not announced.get("file_id"):
        raise RemoteError("Slack gave no address for the file.", hint="Its API may have changed.")
    ctx.http.post(announced["upload_url"], content=file, idempotent=True)
    body = {
        "files": [{"id": announced["file_id"], "title": title or file["name"]}],
        "channel_id": where,
        "initial_comment": comment,
        "thread_ts": thread_of(thread),
    }
    given = {name: value for name, value in body.items() if value}
    ctx.http.post("files.completeUploadExternal", json=given, headers=JSON)
    record = {"id": announced["file_id"], "name": file["name"], "channel": where}
    return Accepted(record, created=True)
