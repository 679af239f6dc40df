"""Who may ask the practice server, and of what: the key, and what a path names is looked up."""

from collections.abc import Callable
from functools import wraps
from typing import Protocol

from werkzeug.wrappers import Request, Response

from plugins.mailchimp.practice.answers import problem, refusal_answer
from plugins.mailchimp.practice.audience import Audience, Refused
from plugins.mailchimp.practice.oauth import OAuth
from plugins.mailchimp.practice.webhooks import Webhooks

#: The one key this server accepts; its spelling says that it opens nothing.
API_KEY = "practice-mailchimp-key-us19"
DATA_CENTRE = API_KEY.rpartition("-")[2]


class Account(Protocol):
    """What the server that is asked has."""

    audiences: dict[str, Audience]
    webhooks: Webhooks
    oauth: OAuth

    def not_found(self, request: Request) -> Response: ...


def signed_in(answer: Callable[..., Response]) -> Callable[..., Response]:
    """Let only requests with the API key through, at its own data centre."""

    @wraps(answer)
    def checked(self: Account, request: Request, **parts: str) -> Response:
        header = request.headers.get("Authorization", "")
        given = request.authorization if header.lower().startswith("basic ") else None
        known = self.oauth.knows(header) or (given is not None and given.password == API_KEY)
        centre, _, domain = request.host.partition(".")
        elsewhere = domain == "api.mailchimp.com" and centre != DATA_CENTRE
        if not known or elsewhere:
            return problem(
                401,
                "API Key Invalid",
                "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
            )
        try:
            return answer(self, request, **parts)
        except Refused as refusal:
            return refusal_answer(refusal)

    return checked


def with_audience(answer: Callable[..., Response]) -> Callable[..., Response]:
    """Look up the audience that a path names."""

    @wraps(answer)
    def found(self: Account, request: Request, list_id: str, **parts: str) -> Response:
        audience = self.audiences.get(list_id)
        if audience is None:
            return self.not_found(request)
        return answer(self, request, audience, **parts)

    return found


def with_member(answer: Callable[..., Response]) -> Callable[..., Response]:
    """Look up the audience and the member that a path names."""

    @with_audience
    @wraps(answer)
    def found(self: Account, request: Request, audience: Audience, who: str) -> Response:
        member = audience.find(who)
        if member is None:
            return self.not_found(request)
        return answer(self, request, audience, member)

    return found


def with_webhook(answer: Callable[..., Response]) -> Callable[..., Response]:
    """Look up the webhook that a path names."""

    @with_audience
    @wraps(answer)
    def found(self: Account, request: Request, audience: Audience, id: str) -> Response:
        hook = self.webhooks.rows.get(id)
        if hook is None or hook.list_id != audience.id:
            return self.not_found(request)
        return answer(self, request, hook)

    return found
