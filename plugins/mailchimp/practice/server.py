"""A practice Mailchimp: audiences, members, tags and batches, as the Marketing API 3.0 answers.

Paths, fields and limits follow the published spec (3.0.55) and Mailchimp's own SDK. Not built:
campaigns, batch operations, `fields` and `exclude_fields`.
"""

import copy
import threading
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from wsgiref.types import StartResponse, WSGIEnvironment

from engine.sdk import HookSender, Request, Response, json_response, route
from plugins.mailchimp.practice import sample_data
from plugins.mailchimp.practice.access import API_KEY, LIST
from plugins.mailchimp.practice.answers import (
    checks_required,
    chosen_members,
    field_info,
    list_info,
    page_of,
)
from plugins.mailchimp.practice.audience import Refused, invalid
from plugins.mailchimp.practice.batch import BATCH_SIZE, subscribe
from plugins.mailchimp.practice.hook_routes import HookRoutes
from plugins.mailchimp.practice.log_in_routes import LogInRoutes
from plugins.mailchimp.practice.oauth import CLIENT_ID, CLIENT_SECRET, OAuth
from plugins.mailchimp.practice.webhooks import WAITS, Webhooks

#: Requests answered at once, over all of an account's apps (documented).
CONNECTIONS = 10

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
        self.oauth = OAuth(seed, lambda: self.clock())
        self.journeys: list[dict[str, Any]] = []
        self._places = threading.BoundedSemaphore(CONNECTIONS)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer at most ten requests at once; the eleventh is turned away, without Retry-After."""
        if environ["PATH_INFO"].startswith("/_practice/"):
            return super().__call__(environ, start_response)
        if not self._places.acquire(blocking=False):
            request = Request(environ)
            detail = f"You have exceeded the limit of {CONNECTIONS} simultaneous connections."
            answer = Refused("Too Many Requests", detail, status=429).response()
            self.requests.append(self._log_entry(request, answer))
            return answer(environ, start_response)
        try:
            return super().__call__(environ, start_response)
        finally:
            self._places.release()

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
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

    # -- account and audiences -----------------------------------------------------------------

    @route("GET", "/3.0/")
    def account(self, request: Request) -> Response:
        return json_response({"account_id": "practice", "account_name": sample_data.ACCOUNT})

    @route("GET", "/3.0/ping")
    def ping(self, request: Request) -> Response:
        return json_response({"health_status": "Everything's Chimpy!"})

    @route("GET", "/3.0/lists")
    def lists(self, request: Request) -> Response:
        rows = [list_info(audience) for audience in self.audiences.values()]
        return json_response({"lists": page_of(rows, request), "total_items": len(rows)})

    @route("GET", LIST)
    def show_list(self, request: Request, list_id: str) -> Response:
        audience = self.audience(list_id)
        return json_response(list_info(audience))

    @route("GET", LIST + "/merge-fields")
    def merge_fields(self, request: Request, list_id: str) -> Response:
        audience = self.audience(list_id)
        rows = [field_info(audience, tag) for tag in audience.merge_fields]
        body = {"merge_fields": page_of(rows, request), "list_id": audience.id}
        return json_response({**body, "total_items": len(rows)})

    # -- members -------------------------------------------------------------------------------

    @route("GET", LIST + "/members")
    def members(self, request: Request, list_id: str) -> Response:
        """List members, narrowed by status and last change; archived ones only if asked for."""
        audience = self.audience(list_id)
        rows = chosen_members(audience, request.args)
        shown = [audience.show(member) for member in page_of(rows, request)]
        return json_response({"members": shown, "list_id": audience.id, "total_items": len(rows)})

    @route("POST", LIST + "/members")
    def create_member(self, request: Request, list_id: str) -> Response:
        """Add a member who must not be there yet."""
        audience = self.audience(list_id)
        body = request.get_json()
        audience.refuse_known(str(body.get("email_address", "")))
        member, _ = audience.upsert(body, self.now(), check_required=checks_required(request))
        if names := body.get("tags"):
            audience.tag(member, dict.fromkeys(names, True), self.now())
        return json_response(audience.show(member))

    @route("GET", MEMBER)
    def show_member(self, request: Request, list_id: str, who: str) -> Response:
        """Show one member, archived ones too."""
        audience, member = self.member(list_id, who)
        return json_response(audience.show(member))

    @route("PUT", MEMBER)
    def put_member(self, request: Request, list_id: str, who: str) -> Response:
        """Add or update a member; the answer is 200 either way and doesn't tell which it was."""
        audience = self.audience(list_id)
        body = request.get_json()
        known = audience.find(who)
        if known:
            body = {"email_address": known.email_address, **body}
        member, _ = audience.upsert(body, self.now(), check_required=checks_required(request))
        return json_response(audience.show(member))

    @route("DELETE", MEMBER)
    def archive_member(self, request: Request, list_id: str, who: str) -> Response:
        audience, member = self.member(list_id, who)
        audience.archive(member, self.now())
        return Response(status=204)

    @route("POST", MEMBER + "/actions/delete-permanent")
    def forget_member(self, request: Request, list_id: str, who: str) -> Response:
        audience, member = self.member(list_id, who)
        audience.forget(member)
        return Response(status=204)

    @route("POST", MEMBER + "/tags")
    def tag_member(self, request: Request, list_id: str, who: str) -> Response:
        audience, member = self.member(list_id, who)
        tags = request.get_json().get("tags") or []
        audience.tag(member, {t["name"]: t["status"] == "active" for t in tags}, self.now())
        return Response(status=204)

    @route("GET", LIST + "/tag-search")
    def tag_search(self, request: Request, list_id: str) -> Response:
        """List an audience's tags; `name` narrows by how they begin."""
        audience = self.audience(list_id)
        begin = request.args.get("name", "").lower()
        found = [
            {"id": id, "name": name}
            for name, id in audience.tag_ids.items()
            if name.lower().startswith(begin)
        ]
        return json_response({"tags": found, "total_items": len(found)})

    @route("POST", "/3.0/customer-journeys/journeys/<int:journey>/steps/<int:step>/actions/trigger")
    def start_journey(self, request: Request, journey: int, step: int) -> Response:
        address = str(request.get_json().get("email_address") or "")
        if not any(audience.find(address) for audience in self.audiences.values()):
            return self.not_found(request)
        self.journeys.append({"journey": journey, "step": step, "email_address": address})
        return Response(status=204)

    # -- batches -------------------------------------------------------------------------------

    @route("POST", LIST)
    def batch(self, request: Request, list_id: str) -> Response:
        """Add and update up to 500 members; 200 whatever becomes of each."""
        audience = self.audience(list_id)
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
