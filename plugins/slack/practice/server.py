"""Slack's practice server: the part of its Web API that the connector uses, in memory.

What is documented and what was assumed is listed in this connector's README.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from engine.sdk import Fault, PracticeServer, Request, RequestWindow, Response, json_response, route
from plugins.slack.connection import SCOPES
from plugins.slack.practice import directory, posting, sample_data, uploads
from plugins.slack.practice.access import Access
from plugins.slack.practice.events import Events, sender
from plugins.slack.practice.incoming import Incoming
from plugins.slack.practice.methods import METHODS, Answer, Call, Method, Refusal, answer, arguments
from plugins.slack.practice.workspace import TEAM, Workspace

#: Methods that a log-in consists of need no token.
TOKENS = ("access_token", "refresh_token")
LOG_IN = ("oauth.v2.access", "oauth.v2.exchange")

__all__ = ["PracticeSlack", "directory", "posting", "uploads"]


class PracticeSlack(PracticeServer):
    """One workspace with one app in it.

    :param rotates: whether the app's tokens end after twelve hours.
    :param scopes: what the app may do.
    :param tiers: whether there are limits.
    :param page_size: no page of a list is longer, whatever is asked for.
    """

    name = "slack"

    def __init__(
        self,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        *,
        rotates: bool = True,
        scopes: tuple[str, ...] = SCOPES,
        tiers: bool = True,
        page_size: int = 10,
    ) -> None:
        super().__init__(seed, clock)
        self.workspace = Workspace(clock, page_size)
        sample_data.fill(self.workspace, self.random)
        self.access = Access(clock, seed, rotates=rotates, scopes=scopes)
        self.tiers = tiers
        self._a_minute = RequestWindow(clock, 60)
        self._bursts = RequestWindow(clock, posting.BURST_SECONDS)
        self.events = Events(self.access.signing_secret, clock, sender(clock))
        self.workspace.tell = self.events.tell
        path = f"/services/{TEAM['id']}/B0HOOK0001/{self.access.signing_secret[:24]}"
        self.incoming = Incoming(path, "C0REPORTS1")

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        """Return the settings of a connection with the token that lasts."""
        return {
            "bot_token": self.access.bot_token,
            "signing_secret": self.access.signing_secret,
        }

    def credentials_for(self, log_in: str) -> dict[str, Any]:
        """Return the settings of a connection that logs in this way."""
        if log_in == "webhook":
            return {"log_in": log_in, "webhook_url": f"https://hooks.slack.com{self.incoming.path}"}
        if log_in != "oauth":
            return super().credentials_for(log_in)
        tokens = self.access.ready_made
        given = {str(name): tokens[name] for name in TOKENS if name in tokens}
        return {
            "log_in": log_in,
            "client_id": self.access.client_id,
            "client_secret": self.access.client_secret,
            "signing_secret": self.access.signing_secret,
            **given,
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "users": list(self.workspace.users.values()),
            "channels": [self.workspace.shown_channel(c) for c in self.workspace.channels.values()],
            "messages": [
                {"channel": channel, **message}
                for channel, messages in self.workspace.messages.items()
                for message in messages
            ],
            "files": list(self.workspace.files.values()),
        }

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a person would, and tell of it as Slack does.

        ``messages`` (id: a channel's) posts one; ``reactions`` (id: ``channel/ts``) adds an
        ``emoji`` of a ``user``; ``members`` (id: a channel's) lets a ``user`` join; ``channels``
        changes one, or makes one that isn't there; ``users`` changes or adds somebody.
        """
        space = self.workspace
        user = str(changes.get("user") or "U0ADA00001")
        match kind:
            case "messages":
                return space.post(space.channels[id]["id"], {"user": user, "text": "", **changes})
            case "reactions":
                channel, _, ts = id.partition("/")
                message = space.message(channel, ts)
                if message is None:
                    raise KeyError(id)
                space.react(channel, message, user, str(changes["emoji"]))
                return message
            case "members":
                space.join(space.channels[id]["id"], user, changes.get("inviter"))
                return space.shown_channel(space.channels[id])
            case "channels":
                if id not in space.channels:
                    return space.make_channel(id, user, private=bool(changes.get("is_private")))
                space.channels[id].update(changes)
                return space.channels[id]
            case "users":
                return self._edit_user(id, changes)
        raise KeyError(kind)

    def _edit_user(self, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        known = self.workspace.users.get(id)
        if known is None:
            names = [str(changes.get(name) or "") for name in ("name", "display_name", "email")]
            known = sample_data.person(id, names[0], names[1], names[2] or None, "", updated=0)
            self.workspace.change_user(known, new=True)
            return known
        profile = {**known["profile"], **changes.get("profile", {})}
        known.update({**changes, "profile": profile})
        self.workspace.change_user(known)
        return known

    @route("POST", "/_practice/expire")
    def practice_expire(self, request: Request) -> Response:
        """Let every access token run out."""
        return json_response({"expired": self.access.expire_all()})

    @route("POST", "/_practice/revoke")
    def practice_revoke(self, request: Request) -> Response:
        """Take every access away, as when the app is removed from the workspace."""
        return json_response({"revoked": self.access.revoke_all()})

    @route("POST", "/_practice/subscribe")
    def practice_subscribe(self, request: Request) -> Response:
        """Enter a Request URL, as a person does on the app's page: ``{"url": …, "events": […]}``."""
        asked = request.get_json()
        self.events.subscribe(str(asked["url"]), asked["events"])
        return json_response({"asked": self.events.url})

    @route("GET", "/_practice/incoming")
    def practice_incoming(self, request: Request) -> Response:
        """Show the path of the incoming webhook, which a person would copy."""
        return json_response({"path": self.incoming.path})

    # -- log-in --------------------------------------------------------------------------------

    @route("GET", "/oauth/v2/authorize")
    def ask_consent(self, request: Request) -> Response:
        page, status = self.access.page(request.args)
        return Response(page, status, content_type="text/html")

    @route("POST", "/oauth/v2/authorize")
    def decide(self, request: Request) -> Response:
        """Take the decision on the consent page; anything but "deny" allows."""
        if self.access.problem_with(request.args):
            return self.ask_consent(request)
        allowed = request.form.get("decision") != "deny"
        return Response(
            status=302, headers={"Location": self.access.back(request.args, allowed=allowed)}
        )

    # -- the API -------------------------------------------------------------------------------

    @route("GET", "/api/<method>")
    @route("POST", "/api/<method>")
    def call(self, request: Request, method: str) -> Response:
        given = arguments(request)
        if method in LOG_IN:
            return answer({"ok": True, **self._log_in(request, method, given)})
        token = self.access.bearer(request.headers.get("Authorization", ""), given)
        if method not in METHODS.by_name:
            raise Refusal("unknown_method", req_method=method)
        known = METHODS.by_name[method]
        if wait := self._wait(method, known, given):
            raise Refusal("ratelimited", wait=wait)
        asked = Call(self.workspace, given, token.scopes, request.host_url)
        asked.needs_one_of(known.scopes)
        return answer({"ok": True, **known.answer(asked)})

    @route("POST", "/upload/v1/<id>")
    def upload(self, request: Request, id: str) -> Response:
        """Take a file's bytes, whoever knows the address."""
        file = self.workspace.files.get(id)
        data = request.get_data()  # before the form: bytes may come under any type
        if request.mimetype == "multipart/form-data":
            data = next(iter(request.files.values())).read()
        if file is None or len(data) != file["length"]:
            return Response("Not OK", 400, content_type="text/plain")
        file |= {"size": len(data), "mimetype": request.mimetype or "application/octet-stream"}
        return Response(f"OK - {len(data)}", content_type="text/plain")

    @route("POST", "/services/<team>/<hook>/<secret>")
    def incoming_webhook(self, request: Request, team: str, hook: str, secret: str) -> Response:
        """Post to the channel of an incoming webhook."""
        if request.path != self.incoming.path:
            return Response("no_team" if team != TEAM["id"] else "no_service", 404)
        return self.incoming.post(self.workspace, request)

    def fault_for(self, path: str) -> Fault | None:
        """Let what goes wrong with the API leave the log-in alone, which is a method of it."""
        if path.rpartition("/")[2] not in LOG_IN:
            return super().fault_for(path)
        for fault in self.faults:
            if fault.times > 0 and fault.path == path:
                fault.times -= 1
                return fault
        return None

    def _log_in(self, request: Request, method: str, given: Mapping[str, Any]) -> Answer:
        basic = request.authorization
        client = None
        if basic is not None and basic.type == "basic":
            client = (str(basic.username), str(basic.password))
        if method == LOG_IN[0]:
            return self.access.access(given, client)
        bearer = request.headers.get("Authorization", "").partition(" ")[2]
        return self.access.exchange({"token": bearer, **given}, client)

    def _wait(self, name: str, method: Method, given: Mapping[str, Any]) -> int:
        """Return the seconds until a request is taken; 0 where that is now."""
        if not self.tiers:
            return 0
        if method.tier == posting.POSTING:
            return self._bursts.wait(posting.BURST, f"{name} {given.get('channel')}")
        return self._a_minute.wait(method.tier, name)
