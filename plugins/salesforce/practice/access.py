"""Log-in at the practice server: consent, refresh tokens that rotate, keys, signatures, sessions.

Documented: an answer has no ``expires_in`` and names the account's instance; with rotation on, a
refresh token is for one use, and a second use revokes everything that came of the same consent; a
session ends after it lay idle. Two hours are the usual setting.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from markupsafe import Markup

from engine.sdk import LogInRefusal, PracticeApp
from plugins.salesforce.practice.answers import Refused

INSTANCE = "https://harborlaw.my.salesforce.com"
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com", INSTANCE)
SESSION_SECONDS, ASSERTION_SECONDS = 7200, 300
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"

PAGE = Markup("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Allow Access?</title>
<main><h1>Allow Access?</h1>
<p><strong>Bridgework</strong> is asking to manage user data via APIs, and to perform requests at
any time, in <strong>{organization}</strong>.</p>
<form method="post"><button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></form>
<p><small>This is a practice server, not Salesforce: sample data only.</small></p></main></html>
""")


PROBLEMS = {
    "client_id": "error=invalid_client_id&error_description=client identifier invalid",
    "redirect_uri": "error=redirect_uri_mismatch&error_description=redirect_uri must match",
    "response_type": "error=unsupported_response_type",
}


@dataclass
class Session:
    """An access token: it ends when it lay idle, or when its consent is revoked."""

    used: float
    consent: str


#: What the key that signs statements is made of: always the same, so that a connection outlives the
#: server's process. It opens nothing but this server.
PRIMES = (
    int(
        "e2fc901294994fca62d7340943d6c8bae3a2ce078ba467ff110d367b0e1bf77b29a4e0942de6ffcc442882a7"
        "e9dc0386626900a1c964435fc4f8db14892d1762c0c083d1f71877b1e88c17837f71eca10221b305a358519a"
        "125bb4d188ed33d551eb5a05569fe65a82e6aca61ddb24d5629da14c0fc9eceda8c10960ccf5b8cd",
        16,
    ),
    int(
        "e0708e616fe340d10a3aca3a44f5e83abdbacdce096a07179339db91fb03a02ad88c7e2186cf1710e4d74323"
        "b217c933fcc39a603b811a186bbb68b1ced7c64390f869bf13f222e06e667af9b4d487a918a652c198dab462"
        "8c623f676c344ccec382bcfde262744fedb7748ddfa8f845f8559fd2cd3b10e9f3ff436e51723d1b",
        16,
    ),
)


@cache
def signing_key() -> RSAKey:
    """Return the key that signs statements."""
    p, q = PRIMES
    d = pow(65537, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        *(p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)),
        rsa.RSAPublicNumbers(65537, p * q),
    )
    pem = numbers.private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return RSAKey.import_key(pem)


class Access(PracticeApp):
    """One app, and the sessions that came of it.

    :param rotates: whether refresh tokens are for one use.
    :param identity: the address that stands for the organization and the user.
    """

    def __init__(
        self, clock: Callable[[], float], seed: int, identity: str, *, rotates: bool = True
    ) -> None:
        super().__init__(f"salesforce:{seed}", clock)
        self.rotates, self.identity = rotates, identity
        self.refreshes = 0
        self._seed = seed
        self._sessions: dict[str, Session] = {}
        # By consent: which of its refresh tokens is the latest, counted from 1.
        self._latest: dict[str, int] = {}
        self._revoked: set[str] = set()
        self.client_id = f"3MVG9{self.secret('client')}"
        self.client_secret = self.secret("client secret").upper()
        self.username = "ada@harborlaw.example"

    def ready_made(self) -> dict[str, str]:
        """Return tokens, as if somebody had given access."""
        answer = self._answer(self.secret("consent"), refresh=True)
        return {name: answer[name] for name in ("access_token", "refresh_token")}

    # -- consent -------------------------------------------------------------------------------

    def problem_with(self, args: Mapping[str, str]) -> str:
        wrong = self.wrong_with(args)
        return PROBLEMS[wrong] if wrong else ""

    # -- tokens --------------------------------------------------------------------------------

    def token(self, form: Mapping[str, str], basic: tuple[str, str] | None, host: str) -> Any:
        """Answer the token endpoint.

        :param basic: the app's key and secret, where they came in a header.
        :raises LogInRefusal: no token is given.
        """
        grant = form.get("grant_type")
        if grant == JWT_BEARER:
            self._check_statement(form.get("assertion", ""))
            return self._answer(self.secret("consent"), refresh=False)
        given = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        if given[0] != self.client_id:
            raise LogInRefusal("invalid_client_id", "client identifier invalid")
        if given[1] != self.client_secret:
            raise LogInRefusal("invalid_client", "invalid client credentials")
        match grant:
            case "client_credentials":
                if host in ("login.salesforce.com", "test.salesforce.com"):
                    raise LogInRefusal("invalid_grant", "request not supported on this domain")
                return self._answer(self.secret("consent"), refresh=False)
            case "authorization_code":
                match self.wrong_code(form):
                    case "code":
                        raise LogInRefusal("invalid_grant", "expired authorization code")
                    case "redirect_uri":
                        raise LogInRefusal("redirect_uri_mismatch", "redirect_uri must match")
                    case "code_verifier":
                        raise LogInRefusal("invalid_grant", "invalid code verifier")
                return self._answer(self.secret("consent"), refresh=True)
            case "refresh_token":
                return self._refreshed(form.get("refresh_token", ""))
        raise LogInRefusal("unsupported_grant_type", "grant type not supported")

    def check(self, header: str) -> None:
        """Let a request with a session's token in, which keeps the session alive.

        :raises Refused: it has none.
        """
        session = self._sessions.get(header.partition(" ")[2].strip())
        if session is None or session.used + SESSION_SECONDS <= self.clock():
            raise Refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
        session.used = self.clock()

    def expire_all(self) -> int:
        """End every session, as when it was idle or another program logged out of it."""
        ended = len(self._sessions)
        self._sessions.clear()
        return ended

    def revoke_all(self) -> int:
        """End every consent, as when an admin blocks the app."""
        ended = self._latest.keys() - self._revoked
        self._sessions.clear()
        self._revoked |= ended
        return len(ended)

    def _refreshed(self, token: str) -> Any:
        consent, _, rest = token.removeprefix("5Aep861").partition(".")
        number = int(rest.partition(".")[0]) if rest.partition(".")[0].isdigit() else 0
        if token != self._refresh_token(consent, number) or consent in self._revoked:
            raise LogInRefusal("invalid_grant", "expired access/refresh token")
        # A consent that isn't known was given before this process began.
        if number < self._latest.get(consent, number):
            self._revoked.add(consent)
            self._sessions = {t: s for t, s in self._sessions.items() if s.consent != consent}
            raise LogInRefusal("invalid_grant", "token validity expired")
        self.refreshes += 1
        self._latest[consent] = number
        return self._answer(consent, refresh=self.rotates)

    def _check_statement(self, assertion: str) -> None:
        try:
            claims = jwt.decode(assertion, signing_key(), algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            raise LogInRefusal("invalid_grant", "invalid assertion") from None
        now = self.clock()
        if claims.get("aud") not in AUDIENCES:
            raise LogInRefusal("invalid_grant", "audience is invalid")
        if not now - 60 <= float(claims.get("exp") or 0) <= now + ASSERTION_SECONDS:
            raise LogInRefusal("invalid_grant", "assertion expired or expires too late")
        if claims.get("iss") != self.client_id:
            raise LogInRefusal("invalid_client_id", "client identifier invalid")
        if claims.get("sub") != self.username:
            raise LogInRefusal("invalid_grant", "user hasn't approved this consumer")

    def _answer(self, consent: str, *, refresh: bool) -> dict[str, str]:
        token = f"00DPr0000000001!{self.secret('access')}"
        self._sessions[token] = Session(self.clock(), consent)
        answer = {
            "access_token": token,
            "instance_url": INSTANCE,
            "id": self.identity,
            "token_type": "Bearer",
            "issued_at": str(int(self.clock() * 1000)),
            "signature": "practice",
            "scope": "api refresh_token",
        }
        if refresh:
            number = self._latest[consent] = self._latest.get(consent, 0) + 1
            answer["refresh_token"] = self._refresh_token(consent, number)
        return answer

    def _refresh_token(self, consent: str, number: int) -> str:
        """Return a token that this server knows again, though its process was another."""
        text = f"salesforce:{self._seed}:refresh:{consent}:{number}"
        return f"5Aep861{consent}.{number}.{hashlib.sha256(text.encode()).hexdigest()[:24]}"
