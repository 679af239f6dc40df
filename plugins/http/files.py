"""Files out of an API, and into one."""

from typing import Annotated, Literal

from engine.sdk import Context, Field, File, RemoteError, TypedDict, tolerating
from plugins.http.actions import (
    KEY_HEADER,
    Answer,
    KeyHeader,
    Repeat,
    repeat_of,
    told,
    with_key,
)
from plugins.http.fields import Form, Headers, IdAt, InPath, Path, Query
from plugins.http.requests import content_of, headers_for, path_of


class Downloaded(TypedDict):
    """The file, to pass on to a step that takes one."""

    file: File


def download_file(
    ctx: Context,
    path: Path,
    in_path: InPath = None,
    query: Query = None,
    headers: Headers = None,
    name: Annotated[
        str, Field("Name", "What the file is called; left out, as the answer names it.")
    ] = "",
) -> Downloaded | None:
    """Fetch a file; later steps pass `step.file` on. An answer of 404 says that there is none."""
    target = path_of(path, in_path or {})
    wanted = headers_for(ctx, {"Accept": "*/*", **(headers or {})})
    with tolerating("not_found"):
        file = ctx.http.download(target, name=name, params=query, headers=wanted)
        page_asked = target.lower().endswith((".html", ".htm", "/"))
        if file["media_type"] == "text/html" and not page_asked:
            raise RemoteError(
                f"A web page came instead of the file at '{target}'.",
                hint="A log-in or error page may have answered: check the path and the connection.",
            )
        return {"file": file}
    return None


def send_file(
    ctx: Context,
    path: Path,
    file: Annotated[File, Field("File", "E.g. `{{ mail.attachments | first }}`.")],
    method: Literal["POST", "PUT"] = "POST",
    sent_as: Annotated[
        Literal["form", "body"],
        Field("It is sent as", "A part of a form (multipart), or the body itself."),
    ] = "form",
    part: Annotated[
        str, Field("Part of the form", "What the part with the file is called.")
    ] = "file",
    in_path: InPath = None,
    query: Query = None,
    form: Form = None,
    headers: Headers = None,
    id_at: IdAt = "id",
    repeat: Repeat = None,
    key_header: KeyHeader = KEY_HEADER,
) -> Answer:
    """Send a file, as a part of a form or by itself."""
    target = path_of(path, in_path or {})
    wanted = headers_for(ctx, with_key(headers, repeat, key_header, ctx.idempotency_key))
    harmless = repeat_of(method, repeat) == "harmless"
    if sent_as == "body":
        if method == "PUT":
            response = ctx.http.put(target, content=file, params=query, headers=wanted)
        else:
            response = ctx.http.post(
                target, content=file, params=query, headers=wanted, idempotent=harmless
            )
    elif method == "PUT":
        response = ctx.http.put(
            target, data=form or {}, files={part: file}, params=query, headers=wanted
        )
    else:
        response = ctx.http.post(
            target,
            data=form or {},
            files={part: file},
            params=query,
            headers=wanted,
            idempotent=harmless,
        )
    answer: Answer = told(content_of(response), response.status_code, id_at)
    return answer
