"""files.*: a file is announced, sent to an address of its own, and then shared."""

from plugins.slack.practice.methods import METHODS, Answer, Call, Refusal
from plugins.slack.practice.posting import seen
from plugins.slack.practice.workspace import APP


@METHODS.add("files.getUploadURLExternal", "files:write", tier=100)
def get_upload_url(call: Call) -> Answer:
    name, length = call.text("filename"), call.text("length")
    if not length.isdecimal() or int(length) == 0:
        raise Refusal("invalid_arguments")
    id = call.workspace.next_id("F")
    call.workspace.files[id] = {"id": id, "name": name, "length": int(length), "size": None}
    return {"upload_url": f"{call.host}upload/v1/{id}", "file_id": id}


@METHODS.add("files.completeUploadExternal", "files:write", tier=100)
def complete_upload(call: Call) -> Answer:
    files = call.value("files")
    if not isinstance(files, list) or not files:
        raise Refusal("invalid_arguments")
    shared = []
    for one in files:
        file = call.workspace.files.get(str(one.get("id")))
        if file is None or file["size"] is None:
            raise Refusal("file_not_found")
        file["title"] = one.get("title") or file["name"]
        shared.append(
            {
                "id": file["id"],
                "name": file["name"],
                "title": file["title"],
                "mimetype": file["mimetype"],
                "size": file["size"],
                "permalink": f"https://byron-boole.slack.com/files/{APP['user']}/{file['id']}",
            }
        )
    if where := call.given.get("channel_id"):
        channel = seen(call, str(where))
        if not call.workspace.is_in(channel, APP["user"]):
            raise Refusal("not_in_channel")
        message = {
            "text": str(call.given.get("initial_comment") or ""),
            "user": APP["user"],
            "bot_id": APP["bot"],
            "app_id": APP["app"],
            "subtype": "file_share",
            "files": shared,
        }
        if parent := call.given.get("thread_ts"):
            message["thread_ts"] = str(parent)
        call.workspace.post(channel["id"], message)
    return {"files": shared}
