"""Clio's practice server: the part of Clio Manage's API v4 that the connector uses, in memory.

What is documented and what was assumed is listed in this connector's README.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from math import ceil
from typing import Any, Literal
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from engine.sdk import PracticeServer, json_response, route
from plugins.clio.practice.lists import select
from plugins.clio.practice.model import ApiError, parse_fields
from plugins.clio.practice.oauth import OAuthError, OAuthProvider
from plugins.clio.practice.sample_data import MATTERS, build_firm
from plugins.clio.practice.sample_names import FIRM
from plugins.clio.practice.sample_records import Row
from plugins.clio.practice.store import Store
from plugins.clio.practice.webhooks import Webhooks, events_of

API = "/api/v4/"
VERSIONS = ("4.0.9", "4.0.10")
SINGLES = ("matters", "contacts", "users", "relationships", "practice_areas")
LISTS = (*SINGLES, "matter_stages", "webhooks")


class PracticeClio(PracticeServer):
    """One region of Clio, with one firm in it.

    :param region: tokens of another region's server are not accepted.
    :param token_seconds: life of an access token.
    :param token_requests: the access token from a log-in is refused after so many requests, as if
        it had run out, so that a refresh can be watched; None: it lives out its time.
    :param matters: of the firm, see :mod:`sample_data`.
    :param requests_per_minute: per access token; the real Clio allows 50 at peak hours.
    """

    name = "clio"

    def __init__(
        self,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        *,
        region: Literal["us", "eu", "ca", "au"] = "us",
        token_seconds: int = 2_592_000,
        token_requests: int | None = None,
        requests_per_minute: int = 600,
        matters: int = MATTERS,
    ) -> None:
        super().__init__(seed, clock)
        self.region = region
        self.requests_per_minute = requests_per_minute
        self.store = Store(build_firm(self.random, datetime.fromtimestamp(clock(), UTC), matters))
        self.webhooks = Webhooks(self.store, clock, self.lock, self.random)
        self.oauth = OAuthProvider(
            clock,
            region=region,
            seed=seed,
            token_seconds=token_seconds,
            token_requests=token_requests,
        )
        #: Made to a matter of the first page as soon as a second page is read, once. Recipes that
        #: ignore the location find the matter changed and yet have nothing to send.
        self.edit_while_read: Mapping[str, Any] | None = {"location": "Courtroom 4B"}

    @property
    def refreshes(self) -> int:
        """How many access tokens were renewed."""
        return self.oauth.refreshes

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        tokens = self.oauth.ready_made
        return {
            "region": self.region,
            "client_id": self.oauth.client_id,
            "client_secret": self.oauth.client_secret,
            "access_token": tokens["access_token"],
            "refresh_token": tokens["refresh_token"],
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {
            kind: [self.store.everything(kind, row) for row in self.store.rows(kind)]
            for kind in ("matters", "contacts", "users")
        }

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change one record; associations may be named, as in ``{"matter_stage": {"name": …}}``."""
        row = self.store.tables[kind][int(id)]
        self._change(kind, row, self.store.by_name(kind, row, changes))
        return self.store.everything(kind, row)

    @route("POST", "/_practice/expire")
    def practice_expire(self, request: Request) -> Response:
        """Let every access token run out."""
        return json_response({"expired": self.oauth.expire_all()})

    @route("POST", "/_practice/revoke")
    def practice_revoke(self, request: Request) -> Response:
        """Withdraw every access, as a user does who removes the app: someone must connect again."""
        return json_response({"revoked": self.oauth.revoke_all()})

    # -- log-in --------------------------------------------------------------------------------

    @route("GET", "/oauth/authorize")
    def ask_consent(self, request: Request) -> Response:
        problem = self.oauth.problem_with(request.args)
        if problem:
            return Response(self.oauth.error_page(problem), 400, content_type="text/html")
        return Response(self.oauth.consent_page(FIRM), content_type="text/html")

    @route("POST", "/oauth/authorize")
    def decide(self, request: Request) -> Response:
        """Take the decision on the consent page; anything but "deny" allows."""
        problem = self.oauth.problem_with(request.args)
        if problem:
            return Response(self.oauth.error_page(problem), 400, content_type="text/html")
        allowed = request.form.get("decision") != "deny"
        address = self.oauth.redirect(request.args, allowed=allowed)
        return Response(status=302, headers={"Location": address})

    @route("POST", "/oauth/token")
    def token(self, request: Request) -> Response:
        try:
            return json_response(self.oauth.token(request.form))
        except OAuthError as error:
            return _oauth_answer(error)

    @route("POST", "/oauth/deauthorize")
    def deauthorize(self, request: Request) -> Response:
        try:
            self.oauth.revoke(self.oauth.bearer(request.headers.get("Authorization", "")))
        except OAuthError as error:
            return _oauth_answer(error)
        return json_response({})

    # -- the API -------------------------------------------------------------------------------

    def _answer(self, request: Request) -> Response:
        if not request.path.startswith(API):
            return super()._answer(request)
        try:
            headers = self._admit(request)
        except OAuthError as error:
            return _oauth_answer(error)
        except ApiError as error:
            return _error_answer(error)
        try:
            response = super()._answer(request)
        except ApiError as error:
            response = _error_answer(error)
        response.headers.update(headers)
        return response

    def _admit(self, request: Request) -> dict[str, str]:
        """Let a request of a known version, with a good token and within the limit, through.

        :returns: the headers that every answer to it carries.
        :raises ApiError: 410 for the version, 429 for the limit.
        :raises OAuthError: 401.
        """
        version = request.headers.get("X-API-VERSION", VERSIONS[0])
        if version not in VERSIONS:
            raise ApiError(410, "InvalidVersion", f"There is no API version '{version}'.")
        token = self.oauth.bearer(request.headers.get("Authorization", ""))
        used = token.count(self.clock())
        headers = {
            "X-API-VERSION": version,
            "X-RateLimit-Limit": str(self.requests_per_minute),
            "X-RateLimit-Remaining": str(max(0, self.requests_per_minute - used)),
            "X-RateLimit-Reset": str(ceil(token.window_ends)),
        }
        if used > self.requests_per_minute:
            headers["Retry-After"] = str(max(1, ceil(token.window_ends - self.clock())))
            message = "The rate limit of this access token is reached."
            raise ApiError(429, "RateLimited", message, headers)
        return headers

    def not_found(self, request: Request) -> Response:
        return _error_answer(_missing(request.path))

    @route("GET", "/api/v4/<kind>.json")
    def list_records(self, request: Request, kind: str) -> Response:
        if kind not in LISTS:
            raise _missing(request.path)
        if kind == "matters" and "page_token" in request.args:
            self._edit_while_read()
        self.webhooks.run_out()
        selection = parse_fields(request.args.get("fields"), kind)
        rows, total, more = select(self.store, kind, request.args)
        paging = {} if more is None else {"next": _same_request(request, more)}
        return json_response(
            {
                "data": [self.store.render(kind, row, selection) for row in rows],
                "meta": {"records": total, "paging": paging},
            }
        )

    @route("GET", "/api/v4/users/who_am_i.json")
    def who_am_i(self, request: Request) -> Response:
        owner = next(row for row in self.store.rows("users") if row["account_owner"])
        return self._single(request, "users", owner)

    @route("GET", "/api/v4/<kind>/<int:id>.json")
    def get_record(self, request: Request, kind: str, id: int) -> Response:
        row = self.store.get(kind, id) if kind in SINGLES else None
        if row is None:
            raise _missing(request.path)
        return self._single(request, kind, row)

    @route("PATCH", "/api/v4/matters/<int:id>.json")
    def update_matter(self, request: Request, id: int) -> Response:
        row = self.store.get("matters", id)
        if row is None:
            raise _missing(request.path)
        if request.headers.get("If-Match", self._etag("matters", row)) != self._etag(
            "matters", row
        ):
            raise ApiError(412, "PreconditionFailed", "The matter has changed since it was read.")
        self._change("matters", row, self.store.writable(_data(request), self._today()))
        return self._single(request, "matters", row)

    @route("POST", "/api/v4/matters.json")
    def create_matter(self, request: Request) -> Response:
        selection = parse_fields(request.args.get("fields"), "matters")
        row = self.store.add_matter(_data(request), self._today(), self.clock())
        self.webhooks.tell("matters", row, "created")
        return json_response({"data": self.store.render("matters", row, selection)}, 201)

    @route("DELETE", "/api/v4/matters/<int:id>.json")
    def delete_matter(self, request: Request, id: int) -> Response:
        row = self.store.get("matters", id)
        if row is None:
            raise _missing(request.path)
        self.store.remove_matter(row)
        self.webhooks.tell("matters", row, "deleted")
        return Response(status=204)

    # -- webhooks ------------------------------------------------------------------------------

    @route("POST", "/api/v4/webhooks.json")
    def create_webhook(self, request: Request) -> Response:
        selection = parse_fields(request.args.get("fields"), "webhooks")
        owner = next(row for row in self.store.rows("users") if row["account_owner"])
        row = self.webhooks.create(_data(request), owner["id"])
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
            raise _missing(request.path)
        return row

    def _change(self, kind: str, row: Row, values: Mapping[str, Any]) -> None:
        before = dict(row)
        self.store.change(kind, row, values, self.clock())
        self.webhooks.tell(kind, row, *events_of(before, row))

    def _single(self, request: Request, kind: str, row: Row) -> Response:
        selection = parse_fields(request.args.get("fields"), kind)
        changed = datetime.fromisoformat(row["updated_at"])
        headers = {
            "ETag": self._etag(kind, row),
            "Last-Modified": format_datetime(changed, usegmt=True),
        }
        since = request.if_modified_since
        known = [tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")]
        if request.method == "GET" and (headers["ETag"] in known or (since and since >= changed)):
            return Response(status=304, headers=headers)
        return json_response({"data": self.store.render(kind, row, selection)}, headers=headers)

    def _today(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).date().isoformat()

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


def _missing(path: str) -> ApiError:
    return ApiError(404, "NotFound", f"There is nothing at '{path}'.")


def _error_answer(error: ApiError) -> Response:
    body = {"error": {"type": error.type, "message": error.message}}
    return json_response(body, error.status, error.headers)


def _oauth_answer(error: OAuthError) -> Response:
    """Answer with the other shape of error, in which ``error`` is a string."""
    body = {"error": error.error, "error_description": error.description}
    return json_response(body, error.status)
