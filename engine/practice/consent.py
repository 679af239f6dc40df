"""A practice server's log-in by OAuth 2: the consent page, codes, tokens and their end (RFC 6749)."""

import base64
import hashlib
from collections.abc import Callable
from html import escape
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from engine.practice.server import json_response

#: Seconds within which a code must be exchanged.
CODE_SECONDS = 600
#: Hosts a redirect may lead to.
LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1><p>Bridgework asks for access. This is a practice server: sample data only.</p>
<form method="post"><button name="decision" value="allow">Allow access</button>
<button name="decision" value="deny">Deny</button></form></html>
"""


class PracticeConsent:
    """One app, its codes and its tokens, for a practice server to answer by.

    :param title: of the app that is logged in to.
    :param clock: seconds since 1970.
    :param seconds: that an access token lasts.
    """

    def __init__(self, title: str, clock: Callable[[], float], seconds: int = 3600) -> None:
        self.title, self.clock, self.seconds = title, clock, seconds
        self._made = 0
        self._codes: dict[str, tuple[float, str]] = {}
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
        wrong = request.args.get("client_id") != self.client_id
        if wrong or not request.args.get("redirect_uri", "").startswith(LOOPBACK):
            return Response("This app isn't known, or leads somewhere else.", 400)
        return Response(_PAGE.format(title=escape(self.title)), content_type="text/html")

    def decide(self, request: Request) -> Response:
        """Answer the consent page's button: go back with a code, or without."""
        shown = self.page(request)
        if shown.status_code != 200:
            return shown
        answer = {"state": request.args.get("state", "")}
        if request.form.get("decision") == "allow":
            code = self._value("code")
            challenge = request.args.get("code_challenge", "")
            self._codes[code] = (self.clock() + CODE_SECONDS, challenge)
            answer["code"] = code
        else:
            answer["error"] = "access_denied"
        address = f"{request.args['redirect_uri']}?{urlencode(answer)}"
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
                ends, challenge = self._codes.pop(form.get("code", ""), (0.0, ""))
                granted = ends > self.clock() and _proves(form.get("code_verifier", ""), challenge)
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
        """Return a value nobody has had; it opens nothing but this server."""
        self._made += 1
        text = f"{self.title} {kind} {self._made}"
        return f"practice-{kind}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def _proves(verifier: str, challenge: str) -> bool:
    """Say whether who brings a code is who asked for it (RFC 7636); no challenge, no proof."""
    if not challenge:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
