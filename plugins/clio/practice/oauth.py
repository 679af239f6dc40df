"""Log-in at the practice server: the consent page, codes, tokens and their expiry.

Follows Clio Manage: access tokens last 30 days, the refresh token has no expiry and is not
replaced by a refresh (documented); the bodies of OAuth answers are from third parties' code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from engine.sdk import LogInRefusal, PracticeApp

_PAGE = Markup("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; background: #eef2f6; color: #16202b; margin: 0 }}
  main {{ max-width: 26rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: 12px;
         box-shadow: 0 4px 24px #0002 }}
  h1 {{ font-size: 1.25rem; margin-top: 0 }}
  button {{ font: inherit; padding: .6rem 1.2rem; border-radius: 8px; border: 1px solid #0b5cad;
           background: #fff; color: #0b5cad; cursor: pointer }}
  button.allow {{ background: #0b5cad; color: #fff }}
  small {{ color: #526173 }}
</style>
<main><h1>{title}</h1>{body}<p><small>This is a practice server, not Clio: sample data only.
</small></p></main></html>
""")

_CONSENT = Markup("""
<p><strong>{app}</strong> asks to read and change the matters, contacts and notes of
<strong>{firm}</strong>.</p>
<form method="post">
  <button class="allow" name="decision" value="allow">Allow access</button>
  <button name="decision" value="deny">Deny</button>
</form>""")


PROBLEMS = {
    "client_id": "No app is registered under this client_id in this region.",
    "redirect_uri": "This redirect_uri is not registered for the app.",
    "response_type": "The response_type must be 'code'.",
}


@dataclass
class AccessToken:
    """A token in use, with the minute in which its requests are counted."""

    value: str
    refresh_token: str
    expires_at: float
    requests_left: int | None
    window_ends: float = 0.0
    window_requests: int = 0

    def count(self, now: float) -> int:
        """Note a request and return how many this minute has had, this one included."""
        if now >= self.window_ends:
            self.window_ends, self.window_requests = now + 60, 0
        self.window_requests += 1
        return self.window_requests


class OAuthProvider(PracticeApp):
    """Who may do what: one app, its codes and its tokens.

    :param region: tokens and apps of one region mean nothing in another.
    :param token_seconds: life of an access token.
    :param token_requests: an access token from a log-in is refused after so many requests, as if
        it had run out; tokens from a refresh live out their time.
    """

    app = "Bridgework"

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        region: str,
        seed: int,
        token_seconds: int,
        token_requests: int | None,
    ) -> None:
        super().__init__(f"{region}:{seed}", clock)
        self.token_seconds = token_seconds
        self.token_requests = token_requests
        self.refreshes = 0
        self._access: dict[str, AccessToken] = {}
        self._refresh: set[str] = set()
        self.client_id = self.secret("client id")
        self.client_secret = self.secret("client secret", 48)
        self.ready_made = self._log_in()

    # -- the consent page ----------------------------------------------------------------------

    def problem_with(self, args: Mapping[str, str]) -> str | None:
        """Return why no consent can be asked for; None when it can."""
        wrong = self.wrong_with(args)
        return PROBLEMS[wrong] if wrong else None

    def consent_page(self, firm: str) -> str:
        return _PAGE.format(
            title=f"Connect {self.app} to Clio", body=_CONSENT.format(app=self.app, firm=firm)
        )

    def error_page(self, problem: str) -> str:
        return _PAGE.format(
            title="Clio can't connect this app", body=Markup("<p>{}</p>").format(problem)
        )

    # -- tokens --------------------------------------------------------------------------------

    def token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer the token endpoint.

        :raises LogInRefusal: 401 for a wrong app, 400 for a wrong code or refresh token.
        """
        if (form.get("client_id"), form.get("client_secret")) != (
            self.client_id,
            self.client_secret,
        ):
            raise LogInRefusal("invalid_client", "The app is unknown or its secret is wrong.", 401)
        if form.get("grant_type") == "authorization_code":
            if self.wrong_code(form):
                raise LogInRefusal("invalid_grant", "The code is wrong, used or too old.")
            return self._log_in()
        if form.get("grant_type") == "refresh_token":
            refresh_token = form.get("refresh_token", "")
            if refresh_token not in self._refresh:
                raise LogInRefusal("invalid_grant", "The refresh token is wrong or revoked.")
            self.refreshes += 1
            return self._issue(refresh_token, None)  # no new refresh token: the old one stays good
        raise LogInRefusal("unsupported_grant_type", "The grant_type is not supported.")

    def bearer(self, header: str) -> AccessToken:
        """Return the token of an ``Authorization`` header, one use of it spent.

        :raises LogInRefusal: 401; it is unknown here, expired or revoked.
        """
        scheme, _, value = header.partition(" ")
        token = self._access.get(value.strip()) if scheme.lower() == "bearer" else None
        if token is None or token.expires_at <= self.clock() or token.requests_left == 0:
            raise LogInRefusal(
                "invalid_token",
                "The access token provided is expired, revoked, malformed or invalid.",
                401,
            )
        if token.requests_left is not None:
            token.requests_left -= 1
        return token

    def expire_all(self) -> int:
        """Let every access token run out; return how many did."""
        now = self.clock()
        live = [token for token in self._access.values() if token.expires_at > now]
        for token in live:
            token.expires_at = now
        return len(live)

    def revoke(self, token: AccessToken) -> None:
        """Forget the app's access: this token, its refresh token and all that came from it."""
        self._refresh.discard(token.refresh_token)
        for value, other in list(self._access.items()):
            if other.refresh_token == token.refresh_token:
                del self._access[value]

    def revoke_all(self) -> int:
        """Forget every access there is; return how many refresh tokens ended."""
        ended = len(self._refresh)
        self._refresh.clear()
        self._access.clear()
        return ended

    def _log_in(self) -> dict[str, Any]:
        refresh_token = self.secret("refresh", 48)
        self._refresh.add(refresh_token)
        return {**self._issue(refresh_token, self.token_requests), "refresh_token": refresh_token}

    def _issue(self, refresh_token: str, requests: int | None) -> dict[str, Any]:
        token = AccessToken(
            self.secret("access", 48), refresh_token, self.clock() + self.token_seconds, requests
        )
        self._access[token.value] = token
        return {
            "token_type": "bearer",
            "access_token": token.value,
            "expires_in": self.token_seconds,
        }
