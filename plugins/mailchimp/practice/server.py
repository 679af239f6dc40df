"""A practice Mailchimp: audiences, members, tags and batches, as the Marketing API 3.0 answers.

Paths, fields and limits follow the published spec (3.0.55) and Mailchimp's own SDK. Not built:
campaigns, batch operations, `fields` and `exclude_fields`.
"""

import copy
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from engine.sdk import HookSender, json_response, route
from plugins.mailchimp.practice import sample_data
from plugins.mailchimp.practice.access import (
    API_KEY,
    signed_in,
    with_audience,
    with_member,
)
from plugins.mailchimp.practice.answers import (
    checks_required,
    chosen_members,
    field_info,
    list_info,
    page_of,
    problem,
)
from plugins.mailchimp.practice.audience import Audience, invalid
from plugins.mailchimp.practice.batch import BATCH_SIZE, subscribe
from plugins.mailchimp.practice.hook_routes import HookRoutes
from plugins.mailchimp.practice.log_in_routes import LogInRoutes
from plugins.mailchimp.practice.member import Member
from plugins.mailchimp.practice.oauth import CLIENT_ID, CLIENT_SECRET, OAuth
from plugins.mailchimp.practice.webhooks import WAITS, Webhooks

#: Requests answered at once, over all of an account's apps (documented).
CONNECTIONS = 10

LIST = "/3.0/lists/<list_id>"
MEMBER = LIST + "/members/<who>"


class PracticeMailchimp(LogInRoutes, HookRoutes):
    """Mailchimp in memory, with the audiences of :mod:`sample_data`.

    :param sign_webhooks: as some sources say that Mailchimp does by now.
    """

    name: ClassVar[str] = "mailchimp"

    def __init__(self, seed: int = 1, *, sign_webhooks: bool = False, **options: Any) -> None:
        super().__init__(seed, **options)
        audiences = sample_data.audiences(self.random, self.now())
        self.audiences = {audience.id: audience for audience in audiences}
        self.webhooks = Webhooks(HookSender(WAITS, self.clock), self.now, sign_webhooks)
        self.oauth = OAuth(seed)
        self.journeys: list[dict[str, Any]] = []
        self._places = threading.BoundedSemaphore(CONNECTIONS)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer at most ten requests at once; the eleventh is turned away, without Retry-After."""
        if environ["PATH_INFO"].startswith("/_practice/"):
            return super().__call__(environ, start_response)
        if not self._places.acquire(blocking=False):
            request = Request(environ)
            detail = f"You have exceeded the limit of {CONNECTIONS} simultaneous connections."
            answer = problem(429, "Too Many Requests", detail)
            self.requests.append(self._log_entry(request, answer))
            return answer(environ, start_response)
        try:
            return super().__call__(environ, start_response)
        finally:
            self._places.release()

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        """Return the settings of a connection to this server."""
        return {"api_key": API_KEY}

    def credentials_for(self, log_in: str) -> dict[str, Any]:
        """Return the same for a log-in at Mailchimp, as somebody who has been through it."""
        if log_in != "oauth":
            return super().credentials_for(log_in)
        return {
            "log_in": log_in,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "access_token": self.oauth.new_token(),
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Return everything the server holds."""
        return {
            "lists": [list_info(audience) for audience in self.audiences.values()],
            "members": [a.show(m) for a in self.audiences.values() for m in a.members.values()],
            "merge_fields": [
                field_info(audience, tag)
                for audience in self.audiences.values()
                for tag in audience.merge_fields
            ],
        }

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change ``members`` (id: ``list/address``) or ``merge_fields`` (id: ``list/TAG``).

        A person who unsubscribes is ``{"status": "unsubscribed", "unsubscribe_reason": …}``.
        """
        list_id, _, name = id.partition("/")
        audience = self.audiences[list_id]
        if kind == "merge_fields":
            change(audience.merge_fields[name], changes)
            return field_info(audience, name)
        member = audience.find(name) if kind == "members" else None
        if member is None:
            raise KeyError(id)
        before = copy.copy(member)
        values = {**member.merge_fields, **changes.get("merge_fields", {})}
        change(member, {**changes, "merge_fields": values})
        if member.email_address != before.email_address:
            audience.rename(member, member.email_address)
        audience.touch(member, self.now())
        self.webhooks.tell(audience, before, member, "user")
        return audience.show(member)

    def not_found(self, request: Request) -> Response:
        """Answer an address that leads nowhere."""
        return problem(404, "Resource Not Found", "The requested resource could not be found.")

    # -- account and audiences -----------------------------------------------------------------

    @route("GET", "/3.0/")
    @signed_in
    def account(self, request: Request) -> Response:
        """Answer who the account belongs to."""
        return json_response({"account_id": "practice", "account_name": sample_data.ACCOUNT})

    @route("GET", "/3.0/ping")
    @signed_in
    def ping(self, request: Request) -> Response:
        """Answer that all is well."""
        return json_response({"health_status": "Everything's Chimpy!"})

    @route("GET", "/3.0/lists")
    @signed_in
    def lists(self, request: Request) -> Response:
        """List the audiences."""
        rows = [list_info(audience) for audience in self.audiences.values()]
        return json_response({"lists": page_of(rows, request), "total_items": len(rows)})

    @route("GET", LIST)
    @signed_in
    @with_audience
    def show_list(self, request: Request, audience: Audience) -> Response:
        """Show one audience."""
        return json_response(list_info(audience))

    @route("GET", LIST + "/merge-fields")
    @signed_in
    @with_audience
    def merge_fields(self, request: Request, audience: Audience) -> Response:
        """List an audience's merge fields."""
        rows = [field_info(audience, tag) for tag in audience.merge_fields]
        body = {"merge_fields": page_of(rows, request), "list_id": audience.id}
        return json_response({**body, "total_items": len(rows)})

    # -- members -------------------------------------------------------------------------------

    @route("GET", LIST + "/members")
    @signed_in
    @with_audience
    def members(self, request: Request, audience: Audience) -> Response:
        """List members, narrowed by status and last change; archived ones only if asked for."""
        rows = chosen_members(audience, request.args)
        shown = [audience.show(member) for member in page_of(rows, request)]
        return json_response({"members": shown, "list_id": audience.id, "total_items": len(rows)})

    @route("POST", LIST + "/members")
    @signed_in
    @with_audience
    def create_member(self, request: Request, audience: Audience) -> Response:
        """Add a member who must not be there yet."""
        body = request.get_json()
        audience.refuse_known(str(body.get("email_address", "")))
        member, _ = audience.upsert(body, self.now(), check_required=checks_required(request))
        if names := body.get("tags"):
            audience.tag(member, dict.fromkeys(names, True), self.now())
        return json_response(audience.show(member))

    @route("GET", MEMBER)
    @signed_in
    @with_member
    def show_member(self, request: Request, audience: Audience, member: Member) -> Response:
        """Show one member, archived ones too."""
        return json_response(audience.show(member))

    @route("PUT", MEMBER)
    @signed_in
    @with_audience
    def put_member(self, request: Request, audience: Audience, who: str) -> Response:
        """Add or update a member; the answer is 200 either way and doesn't tell which it was."""
        body = request.get_json()
        known = audience.find(who)
        if known:
            body = {"email_address": known.email_address, **body}
        member, _ = audience.upsert(body, self.now(), check_required=checks_required(request))
        return json_response(audience.show(member))

    @route("DELETE", MEMBER)
    @signed_in
    @with_member
    def archive_member(self, request: Request, audience: Audience, member: Member) -> Response:
        """Archive a member."""
        audience.archive(member, self.now())
        return Response(status=204)

    @route("POST", MEMBER + "/actions/delete-permanent")
    @signed_in
    @with_member
    def forget_member(self, request: Request, audience: Audience, member: Member) -> Response:
        """Erase a member for good."""
        audience.forget(member)
        return Response(status=204)

    @route("POST", MEMBER + "/tags")
    @signed_in
    @with_member
    def tag_member(self, request: Request, audience: Audience, member: Member) -> Response:
        """Add and remove tags."""
        tags = request.get_json().get("tags") or []
        audience.tag(member, {t["name"]: t["status"] == "active" for t in tags}, self.now())
        return Response(status=204)

    @route("GET", LIST + "/tag-search")
    @signed_in
    @with_audience
    def tag_search(self, request: Request, audience: Audience) -> Response:
        """List an audience's tags; `name` narrows by how they begin."""
        begin = request.args.get("name", "").lower()
        found = [
            {"id": id, "name": name}
            for name, id in audience.tag_ids.items()
            if name.lower().startswith(begin)
        ]
        return json_response({"tags": found, "total_items": len(found)})

    @route("POST", "/3.0/customer-journeys/journeys/<int:journey>/steps/<int:step>/actions/trigger")
    @signed_in
    def start_journey(self, request: Request, journey: int, step: int) -> Response:
        """Send a contact on a journey."""
        address = str(request.get_json().get("email_address") or "")
        if not any(audience.find(address) for audience in self.audiences.values()):
            return self.not_found(request)
        self.journeys.append({"journey": journey, "step": step, "email_address": address})
        return Response(status=204)

    # -- batches -------------------------------------------------------------------------------

    @route("POST", LIST)
    @signed_in
    @with_audience
    def batch(self, request: Request, audience: Audience) -> Response:
        """Add and update up to 500 members; 200 whatever becomes of each."""
        body = request.get_json()
        members = body.get("members") or []
        if len(members) > BATCH_SIZE:
            raise invalid("members", f"Please provide at most {BATCH_SIZE} members.")
        answer = subscribe(
            audience,
            members,
            self.now(),
            update_existing=bool(body.get("update_existing")),
            check_required=checks_required(request),
            skip_duplicates=request.args.get("skip_duplicate_check") == "true",
        )
        return json_response(answer)


def change(record: object, changes: Mapping[str, Any]) -> None:
    """Set attributes.

    :raises KeyError: there is no such attribute.
    """
    for name, value in changes.items():
        if not hasattr(record, name):
            raise KeyError(name)
        setattr(record, name, value)
