"""A practice server's log-in by OAuth 2: the consent page, codes, tokens and their end (RFC 6749)."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Request, Response

from engine.practice.server import PracticeRefusal, json_response

#: Seconds within which a code must be exchanged; a usual value.
CODE_SECONDS = 600
#: Hosts a redirect may lead to; a real app registers its own addresses.
LOOPBACK = ("127.0.0.1", "localhost", "::1")

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1><p>Bridgework asks for access. This is a practice server: sample data only.</p>
<form method="post"><button name="decision" value="allow">Allow access</button>
<button name="decision" value="deny">Deny</button></form></html>
"""


class LogInRefusal(PracticeRefusal):
    """An answer of the token endpoint: ``{"error": …, "error_description": …}`` (RFC 6749)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        self.error, self.description, self.status = error, description, status
        super().__init__(description)

    def response(self) -> Response:
        body = {"error": self.error, "error_description": self.description}
        return json_response(body, self.status)


class PracticeApp:
    """An app that a vendor knows, and the codes of people who gave it access.

    Its secrets open nothing but a practice server.

    :param name: of the vendor, and what else tells its servers apart; the same name gives the same
        secrets, so that demos can be repeated.
    :param clock: seconds since 1970.
    """

    client_id: str
    client_secret: str

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._name, self._made = name, 0
        self._codes: dict[str, _Code] = {}

    def secret(self, purpose: str, length: int = 40) -> str:
        """Return a secret that nobody has had."""
        self._made += 1
        text = f"{self._name}:{purpose}:{self._made}"
        return hashlib.sha256(text.encode()).hexdigest()[:length]

    def wrong_with(
        self, args: Mapping[str, str]
    ) -> Literal["client_id", "redirect_uri", "response_type"] | None:
        """Return why no consent can be asked for at a page of this address; None when it can."""
        if args.get("client_id") != self.client_id:
            return "client_id"
        if urlsplit(args.get("redirect_uri", "")).hostname not in LOOPBACK:
            return "redirect_uri"
        return None if args.get("response_type") == "code" else "response_type"

    def back(self, args: Mapping[str, str], *, allowed: bool, **denied: str) -> str:
        """Return where the browser goes after the decision, with a fresh code when it is allowed.

        :param denied: what is said besides where it isn't.
        """
        answer = {"error": "access_denied", **denied}
        if allowed:
            answer = {"code": self.secret("code")}
            ends, challenge = self.clock() + CODE_SECONDS, args.get("code_challenge", "")
            self._codes[answer["code"]] = _Code(args["redirect_uri"], ends, challenge)
        if "state" in args:
            answer["state"] = args["state"]
        separator = "&" if urlsplit(args["redirect_uri"]).query else "?"
        return f"{args['redirect_uri']}{separator}{urlencode(answer)}"

    def wrong_code(
        self, form: Mapping[str, Any]
    ) -> Literal["code", "redirect_uri", "code_verifier"] | None:
        """Take the code of a form, which works once; return what is wrong about it."""
        code = self._codes.pop(str(form.get("code") or ""), None)
        if code is None or code.ends <= self.clock():
            return "code"
        if form.get("redirect_uri") != code.redirect_uri:
            return "redirect_uri"
        proven = _proves(str(form.get("code_verifier") or ""), code.challenge)
        return None if proven else "code_verifier"


@dataclass(frozen=True)
class _Code:
    redirect_uri: str
    ends: float
    challenge: str


class PracticeConsent(PracticeApp):
    """One app, its codes and its tokens, for a practice server to answer by.

    :param title: of the app that is logged in to.
    :param clock: seconds since 1970.
    :param seconds: that an access token lasts.
    """

    def __init__(self, title: str, clock: Callable[[], float], seconds: int = 3600) -> None:
        super().__init__(title, clock)
        self.title, self.seconds = title, seconds
        self._access: dict[str, float] = {}
        self._refresh: set[str] = set()
        self.client_id = self._value("client-id")
        self.client_secret = self._value("client-secret")

    def credentials(self, *, tokens: bool = True) -> dict[str, str]:
        """Return the settings of a connection; ``tokens``: as if somebody had given access."""
        app = {"client_id": self.client_id, "client_secret": self.client_secret}
        if not tokens:
            return app
        issued = self._issue()
        return {name: str(issued[name]) for name in ("access_token", "refresh_token")} | app

    def accepts(self, request: Request) -> bool:
        """Say whether a request brings a token that is known and not too old."""
        token = request.headers.get("Authorization", "").partition(" ")[2]
        return self._access.get(token, 0) > self.clock()

    def page(self, request: Request) -> Response:
        """Answer ``GET`` of the consent page's address."""
        if self.wrong_with(request.args):
            return Response("This app isn't known, or leads somewhere else.", 400)
        return Response(_PAGE.format(title=escape(self.title)), content_type="text/html")

    def decide(self, request: Request) -> Response:
        """Answer the consent page's button: go back with a code, or without."""
        shown = self.page(request)
        if shown.status_code != 200:
            return shown
        address = self.back(request.args, allowed=request.form.get("decision") == "allow")
        return Response(status=302, headers={"Location": address})

    def token(self, request: Request) -> Response:
        """Answer the token endpoint."""
        form, basic = request.form, request.authorization
        app = (form.get("client_id"), form.get("client_secret"))
        if basic is not None and basic.type == "basic":
            app = (basic.username, basic.password)
        if app != (self.client_id, self.client_secret):
            return json_response({"error": "invalid_client"}, 401)
        match form.get("grant_type"):
            case "client_credentials":
                granted = True
            case "authorization_code":
                granted = self.wrong_code(form) is None
            case "refresh_token":
                granted = form.get("refresh_token") in self._refresh
            case _:
                return json_response({"error": "unsupported_grant_type"}, 400)
        return (
            json_response(self._issue())
            if granted
            else json_response({"error": "invalid_grant"}, 400)
        )

    def _issue(self) -> dict[str, str | int]:
        access, refresh = self._value("access"), self._value("refresh")
        self._access[access] = self.clock() + self.seconds
        self._refresh.add(refresh)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": self.seconds,
        }

    def _value(self, kind: str) -> str:
        return f"practice-{kind}-{self.secret(kind, 24)}"


def _proves(verifier: str, challenge: str) -> bool:
    """Say whether who brings a code is who asked for it (RFC 7636); no challenge, no proof."""
    if not challenge:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
