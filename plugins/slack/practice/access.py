"""Log-in at the practice server: the consent page, tokens that rotate, and what ends them.

Documented: an access token lasts twelve hours, a refresh token is for one use, and both come anew
from ``oauth.v2.access``; refusals are ``ok: false`` at status 200. That an access token lives out
its time after a refresh is assumed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from engine.sdk import PracticeApp
from plugins.slack.connection import SCOPES
from plugins.slack.practice.methods import Refusal
from plugins.slack.practice.workspace import APP, TEAM

#: Documented: a code is good for ten minutes, as it is here, a token of a rotating app for twelve hours.
TOKEN_SECONDS = 43_200

PAGE = Markup("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; background: #f5eef5; color: #1d1c1d; margin: 0 }}
  main {{ max-width: 28rem; margin: 10vh auto; padding: 2rem; background: #fff; border-radius: 12px }}
  h1 {{ font-size: 1.25rem; margin-top: 0 }}
  button {{ font: inherit; padding: .6rem 1.2rem; border-radius: 8px; border: 1px solid #611f69;
           background: #fff; color: #611f69; cursor: pointer }}
  button.allow {{ background: #611f69; color: #fff }}
</style>
<main><h1>{title}</h1>{body}<p><small>This is a practice server, not Slack: sample data only.
</small></p></main></html>
""")
CONSENT = Markup("""
<p><strong>Bridgework</strong> asks for access to the workspace <strong>{team}</strong>:</p>
<p><code>{scopes}</code></p>
<form method="post">
  <button class="allow" name="decision" value="allow">Allow</button>
  <button name="decision" value="deny">Cancel</button>
</form>""")


PROBLEMS = {
    "client_id": "Invalid client_id parameter.",
    "redirect_uri": "redirect_uri did not match any configured URIs.",
}


@dataclass
class Token:
    """An access token in use; it never ends where the app doesn't rotate its tokens."""

    value: str
    scopes: frozenset[str]
    ends: float | None


class Access(PracticeApp):
    """One app, and its tokens.

    :param rotates: whether its tokens are of the kind that ends.
    :param scopes: what a log-in gives.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        seed: int,
        *,
        rotates: bool = True,
        scopes: tuple[str, ...] = SCOPES,
    ) -> None:
        super().__init__(f"slack:{seed}", clock)
        self.rotates, self.scopes = rotates, frozenset(scopes)
        self.refreshes = 0
        self._tokens: dict[str, Token] = {}
        self._refresh: set[str] = set()
        self.client_id = f"1000.{self.secret('client', 12)}"
        self.client_secret = self.secret("client secret")
        self.signing_secret = self.secret("signing secret")
        self.ready_made = self._log_in()
        #: For connections that log in with a token that lasts.
        self.bot_token = f"xoxb-{self.secret('bot')}"
        self._tokens[self.bot_token] = Token(self.bot_token, self.scopes, None)

    # -- consent -------------------------------------------------------------------------------

    def page(self, args: Mapping[str, str]) -> tuple[str, int]:
        """Return the page that asks, or says why nothing can be asked."""
        problem = self.problem_with(args)
        if problem:
            return PAGE.format(title="Slack can't connect this app", body=problem), 400
        body = CONSENT.format(team=TEAM["name"], scopes=args.get("scope", "").replace(",", ", "))
        return PAGE.format(title="Connect Bridgework to Slack", body=body), 200

    def problem_with(self, args: Mapping[str, str]) -> str | None:
        wrong = self.wrong_with(args)
        if wrong in PROBLEMS:
            return PROBLEMS[wrong]
        wanted = args.get("scope", "").replace(" ", ",").split(",")
        unknown = [scope for scope in wanted if scope not in (*SCOPES, "groups:read")]
        return f"Invalid scope requested: {', '.join(unknown)}." if unknown else None

    # -- tokens --------------------------------------------------------------------------------

    def access(self, given: Mapping[str, Any], client: tuple[str, str] | None) -> dict[str, Any]:
        """Answer ``oauth.v2.access``: a code or a refresh token becomes tokens.

        :param client: the app's id and secret, where they came in a header.
        :raises Refusal: it doesn't.
        """
        self._check(given, client)
        grant = given.get("grant_type") or "authorization_code"
        if grant == "refresh_token":
            refresh_token = str(given.get("refresh_token") or "")
            if refresh_token not in self._refresh:
                raise Refusal("invalid_refresh_token")
            self._refresh.remove(refresh_token)  # for one use
            self.refreshes += 1
            return self._log_in()
        if grant != "authorization_code":
            raise Refusal("invalid_grant_type")
        match self.wrong_code(given):
            case "code":
                raise Refusal("invalid_code")
            case "redirect_uri":
                raise Refusal("bad_redirect_uri")
        return self._log_in()

    def exchange(self, given: Mapping[str, Any], client: tuple[str, str] | None) -> dict[str, Any]:
        """Answer ``oauth.v2.exchange``: a token that lasts for ever becomes one that rotates.

        :raises Refusal: it is none.
        """
        self._check(given, client)
        token = self._tokens.get(str(given.get("token") or ""))
        if token is None or token.ends is not None:
            raise Refusal("invalid_token" if token is None else "token_already_exchanged")
        del self._tokens[token.value]
        self.rotates = True
        return self._log_in()

    def bearer(self, header: str, given: Mapping[str, Any]) -> Token:
        """Return the token of a request.

        :raises Refusal: there is none, or it is no longer good.
        """
        scheme, _, value = header.partition(" ")
        value = value.strip() if scheme.lower() == "bearer" else str(given.get("token") or "")
        if not value:
            raise Refusal("not_authed")
        token = self._tokens.get(value)
        if token is None:
            raise Refusal("invalid_auth")
        if token.ends is not None and token.ends <= self.clock():
            raise Refusal("token_expired")
        return token

    def expire_all(self) -> int:
        """Let every access token run out; return how many did."""
        now = self.clock()
        live = [t for t in self._tokens.values() if t.ends is None or t.ends > now]
        for token in live:
            token.ends = now
        return len(live)

    def revoke_all(self) -> int:
        """Forget every access, as when the app is removed from the workspace."""
        ended = len(self._tokens)
        self._tokens.clear()
        self._refresh.clear()
        return ended

    def _check(self, given: Mapping[str, Any], client: tuple[str, str] | None) -> None:
        id, secret = client or (str(given.get("client_id")), str(given.get("client_secret")))
        if id != self.client_id:
            raise Refusal("invalid_client_id")
        if secret != self.client_secret:
            raise Refusal("bad_client_secret")

    def _log_in(self) -> dict[str, Any]:
        ends = self.clock() + TOKEN_SECONDS if self.rotates else None
        kind = "xoxe.xoxb-" if self.rotates else "xoxb-"
        token = Token(kind + self.secret("access"), self.scopes, ends)
        self._tokens[token.value] = token
        answer: dict[str, Any] = {
            "access_token": token.value,
            "token_type": "bot",
            "scope": ",".join(sorted(self.scopes)),
            "bot_user_id": APP["user"],
            "app_id": APP["app"],
            "team": {"name": TEAM["name"], "id": TEAM["id"]},
            "enterprise": None,
            "authed_user": {"id": "U0ADA00001"},
        }
        if self.rotates:
            answer |= {"refresh_token": f"xoxe-{self.secret('refresh')}"}
            answer |= {"expires_in": TOKEN_SECONDS}
            self._refresh.add(answer["refresh_token"])
        return answer
