"""Who is let in: by token, key, headers, password, key in the address, or an OAuth token."""

import base64
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

from engine.sdk import Request, Response, json_response

TOKEN, KEY, PASSWORD = "practice-token-41aa90c2", "practice-key-77bb12d3", "practice-password-5e"
APP_ID, APP_KEY, APP_SECRET = "orchard-17", "practice-app-key-0d91", "practice-app-secret-6ab2"
ADDRESS = "https://api.orchard.example/v1"
#: Seconds a token is good for.
LASTS = 3600


class Access:
    """Gives out tokens, and knows who may come in.

    :param clock: seconds since 1970.
    :ivar seen: which way each request came in by; empty: by none.
    """

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._number = 0
        self._tokens: dict[str, float] = {}
        self._refresh: set[str] = set()
        self._codes: set[str] = set()
        self.seen: list[str] = []

    def credentials(self, log_in: str) -> dict[str, Any]:
        """Return the settings of a connection that logs in this way."""
        app = {"client_id": "orchard-app", "client_secret": APP_SECRET, "scope": "orders"}
        oauth = {**app, "grant_url": "https://login.orchard.example/oauth/token"}
        ways: Mapping[str, dict[str, Any]] = {
            "bearer": {"token": TOKEN},
            "key": {"key_header": "X-Api-Key", "key_prefix": "ApiKey", "api_key": KEY},
            "headers": {"secret_headers": f"X-App-Id: {APP_ID} | X-App-Key: {APP_KEY}"},
            "basic": {"username": "orchard", "password": PASSWORD},
            "query": {"key_parameter": "api_key", "api_key": KEY},
            "machine": {**oauth, "audience": "orders", "client_auth": "basic"},
            "person": {
                **oauth,
                "authorize_url": "https://login.orchard.example/oauth/authorize",
                "client_auth": "body",
                **{
                    name: value
                    for name, value in self._new_tokens(refresh=True).items()
                    if name in ("access_token", "refresh_token")
                },
            },
            "none": {"headers": "X-Public: yes | Accept-Version: 1"},
        }
        return {"log_in": log_in, "address": ADDRESS, "test_path": "/me", **ways[log_in]}

    def refusal(self, request: Request) -> Response | None:
        """Return the refusal of a request that doesn't prove itself; None lets it in."""
        way = self._way(request)
        self.seen.append(way)
        if way:
            return None
        body = {"error": {"code": "unauthorized", "message": "The key or token is not valid"}}
        return json_response(body, 401, {"WWW-Authenticate": "Bearer"})

    def authorize(self, request: Request) -> Response:
        fields = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in request.args.items()
        )
        page = (
            "<!doctype html><title>Orchard</title><h1>Allow access?</h1>"
            f'<form method="post" action="/oauth/authorize">{fields}'
            '<button name="decision" value="allow">Allow</button></form>'
        )
        return Response(page, content_type="text/html; charset=utf-8")

    def decide(self, request: Request) -> Response:
        """Send whoever allowed access back with a code."""
        answer = {"state": request.form.get("state", "")}
        if request.form.get("decision") == "allow":
            self._number += 1
            answer["code"] = f"orchard-code-{self._number}"
            self._codes.add(answer["code"])
        else:
            answer["error"] = "access_denied"
        where = f"{request.form.get('redirect_uri', '')}?{urlencode(answer)}"
        return Response(status=302, headers={"Location": where})

    def token(self, request: Request) -> Response:
        """Give out a token for the app's secret, a code or a refresh token."""
        form = request.form
        basic = request.authorization
        shown = form.get("client_secret") or (basic.password if basic else None)
        if shown != APP_SECRET:
            return json_response({"error": "invalid_client"}, 401)
        kind = form.get("grant_type")
        if kind == "client_credentials" and form.get("audience") == "orders":
            return json_response(self._new_tokens(refresh=False))
        if kind == "authorization_code" and form.get("code") in self._codes:
            self._codes.discard(form["code"])
            return json_response(self._new_tokens(refresh=True))
        if kind == "refresh_token" and form.get("refresh_token") in self._refresh:
            self._refresh.discard(form["refresh_token"])  # good for one use
            return json_response(self._new_tokens(refresh=True))
        return json_response(
            {"error": "invalid_grant", "error_description": "Used or unknown"}, 400
        )

    def _new_tokens(self, *, refresh: bool) -> dict[str, Any]:
        self._number += 1
        token = f"orchard-access-{self._number:04}"
        self._tokens[token] = self._clock() + LASTS
        answer: dict[str, Any] = {"access_token": token}
        if refresh:
            answer["refresh_token"] = f"orchard-refresh-{self._number:04}"
            self._refresh.add(answer["refresh_token"])
        return answer | {"token_type": "Bearer", "expires_in": LASTS}

    def _way(self, request: Request) -> str:
        header = request.headers.get("Authorization", "")
        known = {
            "bearer": header == f"Bearer {TOKEN}",
            "key": request.headers.get("X-Api-Key") == f"ApiKey {KEY}",
            "headers": (request.headers.get("X-App-Id"), request.headers.get("X-App-Key"))
            == (APP_ID, APP_KEY),
            "basic": header == "Basic " + base64.b64encode(f"orchard:{PASSWORD}".encode()).decode(),
            "query": request.args.get("api_key") == KEY,
            "oauth": self._tokens.get(header.removeprefix("Bearer "), 0) > self._clock(),
        }
        open_to_all = request.headers.get("X-Public") == "yes"
        return next((way for way, good in known.items() if good), "none" if open_to_all else "")
