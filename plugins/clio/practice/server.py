"""Clio's practice server: the part of Clio Manage's API v4 that the connector uses, in memory.

What is documented and what was assumed is listed in this connector's README.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from engine.sdk import Request, Response, json_response, route
from plugins.clio.practice import writing
from plugins.clio.practice.access import ClioAccess, missing
from plugins.clio.practice.lists import custom_field_ids, select
from plugins.clio.practice.model import ApiError, Selection, parse_fields
from plugins.clio.practice.sample_data import MATTERS, build_firm
from plugins.clio.practice.sample_records import Row
from plugins.clio.practice.store import Store
from plugins.clio.practice.webhooks import Webhooks, events_of

SINGLES = (
    "matters",
    "contacts",
    "users",
    "relationships",
    "practice_areas",
    "notes",
    "communications",
    "custom_fields",
)
LISTS = (*SINGLES, "matter_stages", "webhooks")
HELD = ("matters", "contacts", "users", "relationships", "notes", "communications", "custom_fields")


class PracticeClio(ClioAccess):
    """One region of Clio, with one firm in it.

    :param region: tokens of another region's server are not accepted.
    :param token_seconds: life of an access token.
    :param token_requests: the access token from a log-in is refused after so many requests, as if
        it had run out, so that a refresh can be watched; None: it lives out its time.
    :param requests_per_minute: per access token; the real Clio allows 50 at peak hours.
    :param matters: of the firm, see :mod:`sample_data`.
    :param removed_fields: that Clio has taken out of its API, such as ``description`` or, of one
        kind alone, ``matters.description``: asking for them is a mistake, and no answer has them.
    """

    name = "clio"

    def __init__(
        self,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        *,
        matters: int = MATTERS,
        removed_fields: Iterable[str] = (),
        **access: Any,
    ) -> None:
        super().__init__(seed, clock, **access)
        self.store = Store(build_firm(self.random, self.now(), matters))
        self.store.removed.update(removed_fields)
        self.webhooks = Webhooks(self.store, clock, self.lock, self.random)
        #: Made to a matter of the first page as soon as a second page is read, once. Recipes that
        #: ignore the location find the matter changed and yet have nothing to send.
        self.edit_while_read: Mapping[str, Any] | None = {"location": "Courtroom 4B"}

    # -- control -------------------------------------------------------------------------------

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {
            kind: [self.store.everything(kind, row) for row in self.store.rows(kind)]
            for kind in HELD
        }

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change one record; associations may be named, as in ``{"matter_stage": {"name": …}}``."""
        row = self.store.tables[kind][int(id)]
        self._change(kind, row, self.store.by_name(kind, row, changes))
        return self.store.everything(kind, row)

    def remove_fields(self, *names: str) -> None:
        """Take exactly these fields out of the API from now on; none: it has all of them again."""
        with self.lock:
            self.store.removed.clear()
            self.store.removed.update(names)

    @route("POST", "/_practice/removed_fields")
    def practice_remove_fields(self, request: Request) -> Response:
        """Take ``{"fields": [names]}``: what the API has no more."""
        self.remove_fields(*request.get_json()["fields"])
        return json_response({"removed": sorted(self.store.removed)})

    # -- the API -------------------------------------------------------------------------------

    @route("GET", "/api/v4/<kind>.json")
    def list_records(self, request: Request, kind: str) -> Response:
        if kind not in LISTS:
            raise missing(request.path)
        if kind == "matters" and "page_token" in request.args:
            self._edit_while_read()
        self.webhooks.run_out()
        selection = self._selection(request, kind)
        rows, total, more = select(self.store, kind, request.args)
        paging = {} if more is None else {"next": _same_request(request, more)}
        return json_response(
            {
                "data": [self._shown(request, kind, row, selection) for row in rows],
                "meta": {"records": total, "paging": paging},
            }
        )

    @route("GET", "/api/v4/users/who_am_i.json")
    def who_am_i(self, request: Request) -> Response:
        return self._single(request, "users", self._owner())

    @route("GET", "/api/v4/<kind>/<int:id>.json")
    def get_record(self, request: Request, kind: str, id: int) -> Response:
        row = self.store.get(kind, id) if kind in SINGLES else None
        if row is None:
            raise missing(request.path)
        return self._single(request, kind, row)

    @route("POST", "/api/v4/<kind>.json")
    def create_record(self, request: Request, kind: str) -> Response:
        if kind not in writing.WRITABLE:
            raise missing(request.path)
        selection = self._selection(request, kind)
        row = writing.add(self.store, kind, _data(request), self._owner()["id"], self.clock())
        self.webhooks.tell(kind, row, "created")
        return json_response({"data": self._shown(request, kind, row, selection)}, 201)

    @route("PATCH", "/api/v4/<kind>/<int:id>.json")
    def update_record(self, request: Request, kind: str, id: int) -> Response:
        row = self._written(request, kind, id)
        etag = self._etag(kind, row)
        if request.headers.get("If-Match", etag) != etag:
            raise ApiError(412, "PreconditionFailed", "The record has changed since it was read.")
        self._selection(request, kind)
        values = writing.changes(self.store, kind, row, _data(request), self.clock())
        self._change(kind, row, values)
        return self._single(request, kind, row)

    @route("DELETE", "/api/v4/<kind>/<int:id>.json")
    def delete_record(self, request: Request, kind: str, id: int) -> Response:
        row = self._written(request, kind, id)
        writing.remove(self.store, kind, row)
        self.webhooks.tell(kind, row, "deleted")
        return Response(status=204)

    def _written(self, request: Request, kind: str, id: int) -> Row:
        row = self.store.get(kind, id) if kind in writing.WRITABLE else None
        if row is None:
            raise missing(request.path)
        return row

    # -- webhooks ------------------------------------------------------------------------------

    @route("POST", "/api/v4/webhooks.json")
    def create_webhook(self, request: Request) -> Response:
        selection = self._selection(request, "webhooks")
        row = self.webhooks.create(_data(request), self._owner()["id"])
        return json_response({"data": self.store.render("webhooks", row, selection)}, 201)

    @route("GET", "/api/v4/webhooks/<int:id>.json")
    def get_webhook(self, request: Request, id: int) -> Response:
        return self._single(request, "webhooks", self._webhook(request, id))

    @route("PATCH", "/api/v4/webhooks/<int:id>.json")
    def update_webhook(self, request: Request, id: int) -> Response:
        row = self._webhook(request, id)
        self.webhooks.update(row, _data(request))
        return self._single(request, "webhooks", row)

    @route("DELETE", "/api/v4/webhooks/<int:id>.json")
    def delete_webhook(self, request: Request, id: int) -> Response:
        self.webhooks.delete(self._webhook(request, id))
        return Response(status=204)

    @route("PUT", "/api/v4/webhooks/<int:id>/activate")
    def activate_webhook(self, request: Request, id: int) -> Response:
        row = self._webhook(request, id)
        self.webhooks.activate(row, request.headers.get("X-Hook-Secret", ""))
        return self._single(request, "webhooks", row)

    def _webhook(self, request: Request, id: int) -> Row:
        self.webhooks.run_out()
        row = self.store.get("webhooks", id)
        if row is None:
            raise missing(request.path)
        return row

    def _change(self, kind: str, row: Row, values: Mapping[str, Any]) -> None:
        before = dict(row)
        self.store.change(kind, row, values, self.clock())
        self.webhooks.tell(kind, row, *events_of(before, row))

    def _single(self, request: Request, kind: str, row: Row) -> Response:
        selection = self._selection(request, kind)
        changed = datetime.fromisoformat(row["updated_at"])
        headers = {
            "ETag": self._etag(kind, row),
            "Last-Modified": format_datetime(changed, usegmt=True),
        }
        since = request.if_modified_since
        known = [tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")]
        if request.method == "GET" and (headers["ETag"] in known or (since and since >= changed)):
            return Response(status=304, headers=headers)
        return json_response({"data": self._shown(request, kind, row, selection)}, headers=headers)

    def _selection(self, request: Request, kind: str) -> Selection:
        return parse_fields(request.args.get("fields"), kind, self.store.removed)

    def _shown(self, request: Request, kind: str, row: Row, selection: Selection) -> Any:
        return self.store.render(kind, row, selection, custom_field_ids(request.args))

    def _owner(self) -> Row:
        return next(row for row in self.store.rows("users") if row["account_owner"])

    def _etag(self, kind: str, row: Row) -> str:
        return str(self.store.value(kind, row, "etag"))

    def _edit_while_read(self) -> None:
        """Let a colleague edit a matter that has just been read, the first time this is called."""
        if self.edit_while_read is not None:
            row = next(row for row in self.store.rows("matters") if row["status"] == "Open")
            self.edit("matters", row["id"], self.edit_while_read)
            self.edit_while_read = None


def _same_request(request: Request, more: Mapping[str, str]) -> str:
    """Return the address of the same list with ``more`` in place of its paging parameters."""
    kept = [(k, v) for k, v in request.args.items(multi=True) if k not in ("page_token", "offset")]
    return f"{request.base_url}?{urlencode([*kept, *more.items()])}"


def _data(request: Request) -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise ApiError(400, "InvalidParameter", "The body must be {'data': {…}}.")
    data: dict[str, Any] = body["data"]
    return data
