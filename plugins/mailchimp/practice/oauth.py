"""Log-in at the practice server: a consent page, codes, and tokens that don't end.

The metadata's fields and ``expires_in: 0`` are known from other people's code.
"""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from engine.sdk import LogInRefusal, PracticeApp, Record

CLIENT_ID = "practice-mailchimp-app"
CLIENT_SECRET = "practice-mailchimp-app-secret"  # noqa: S105 - its spelling says that it opens nothing

PAGE = Markup("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Log in to Mailchimp</title>
<main><h1>Log in to Mailchimp</h1>
<p><strong>Bridgework</strong> asks to work with the account of <strong>{account}</strong>.</p>
<form method="post">
  <button class="allow" name="decision" value="allow">Allow</button>
  <button name="decision" value="deny">Deny</button>
</form>
<p><small>This is a practice server, not Mailchimp: sample data only.</small></p></main></html>
""")


PROBLEMS = {
    "client_id": "No app is registered under this client_id.",
    "redirect_uri": "This redirect_uri is not registered for the app.",
    "response_type": "The response_type must be 'code'.",
}


class OAuth(PracticeApp):
    """Who may do what: one app, its codes and its tokens."""

    client_id, client_secret = CLIENT_ID, CLIENT_SECRET

    def __init__(self, seed: int, clock: Callable[[], float]) -> None:
        super().__init__(f"mailchimp:{seed}", clock)
        self._tokens: set[str] = set()

    def problem_with(self, args: Mapping[str, str]) -> str:
        """Return why no consent can be asked for; empty when it can."""
        wrong = self.wrong_with(args)
        return PROBLEMS[wrong] if wrong else ""

    def token(self, form: Mapping[str, str]) -> Record:
        """Answer the token endpoint.

        :raises LogInRefusal: a wrong app, code or kind of grant; there is nothing to refresh.
        """
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise LogInRefusal("invalid_client", "The app is unknown or its secret is wrong.")
        if form.get("grant_type") != "authorization_code":
            raise LogInRefusal("unsupported_grant_type", "Only authorization_code is supported.")
        if self.wrong_code(form):
            raise LogInRefusal("invalid_grant", "The code is wrong or used.")
        return {"access_token": self.new_token(), "expires_in": 0, "scope": None}

    def new_token(self) -> str:
        token = self.secret("token")
        self._tokens.add(token)
        return token

    def knows(self, header: str) -> bool:
        """Return whether an ``Authorization`` header has a token; both schemes are in use."""
        scheme, _, value = header.partition(" ")
        return scheme.lower() in ("bearer", "oauth") and value.strip() in self._tokens


def metadata_of(data_centre: str, account: str) -> dict[str, Any]:
    """Return what is told of a log-in: the data centre above all."""
    return {
        "dc": data_centre,
        "role": "owner",
        "accountname": account,
        "user_id": 1,
        "login_url": "https://login.mailchimp.com",
        "api_endpoint": f"https://{data_centre}.api.mailchimp.com",
        "login": {"login_name": account, "email": "owner@harborlaw.example"},
    }
