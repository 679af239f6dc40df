"""An app that issues tokens and lets in who shows the newest."""

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from engine.auth import OAuth2
from engine.practice.server import PracticeServer, json_response, route

AUTH = OAuth2(
    authorize_url="https://forge.test/oauth/authorize", token_url="https://forge.test/oauth/token"
)
FIRST = {"access_token": "access-0-5d1f", "refresh_token": "refresh-0-5d1f"}


class Forge(PracticeServer):
    """Issues tokens and answers who shows the newest; notes what happens in order."""

    def __init__(self) -> None:
        super().__init__()
        self.good = {"access-0-5d1f"}
        self.refresh_token = "refresh-0-5d1f"
        self.rotates = False
        self.issues_refresh_tokens = True
        self.count = 0
        self.events: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.meanwhile: Callable[[], None] = lambda: None

    @route("POST", "/oauth/token")
    def token(self, request: Request) -> Response:
        self.forms.append(request.form.to_dict())
        self.meanwhile()
        if request.form["grant_type"] == "refresh_token":
            self.events.append("refresh")
            if request.form["refresh_token"] != self.refresh_token:
                said = f"The token {request.form['refresh_token']} is not good."
                return json_response({"error": "invalid_grant", "error_description": said}, 400)
        self.count += 1
        answer: dict[str, Any] = {"access_token": f"access-{self.count}-5d1f", "expires_in": 3600}
        self.good = {answer["access_token"]}
        if self.rotates or request.form["grant_type"] == "authorization_code":
            self.refresh_token = f"refresh-{self.count}-5d1f"
            if self.issues_refresh_tokens:
                answer["refresh_token"] = self.refresh_token
        return json_response(answer)

    @route("GET", "/me")
    @route("POST", "/swords")
    def used(self, request: Request) -> Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.events.append(f"use {token}")
        if token not in self.good:
            return json_response({"error": f"{token} ran out"}, 401)
        return json_response({"name": "Vulcan", "sent": request.get_data(as_text=True)})
