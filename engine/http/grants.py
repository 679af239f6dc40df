"""Ways to get a token: each is one request to the vendor's token endpoint, and what it answers."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl, urlsplit

import httpx2

from engine import redaction
from engine.auth import OAuth2
from engine.errors import AuthError, RetryableError, SetupError
from engine.http.bodies import bound
from engine.http.errors import retry_after

# Authlib is imported where a token is asked for: few commands do, and it takes 0.1 s.

Tokens = Mapping[str, Any]

#: Said by token endpoints about themselves, not about what they were shown (RFC 6749, 4.1.2.1;
#: RFC 8628, 3.5; Slack's spelling).
PASSING = frozenset(
    {"temporarily_unavailable", "server_error", "slow_down", "rate_limited", "ratelimited"}
    | {"internal_error", "service_unavailable", "request_timeout", "fatal_error"}
)

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"

PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)

#: What kind of key makes which signatures (RFC 7518, 3.1; RFC 8037), by how their names begin.
KEY_TYPES: Mapping[str, Literal["RSA", "EC", "OKP"]] = {
    "RS": "RSA",
    "PS": "RSA",
    "ES": "EC",
    "Ed": "OKP",
}

#: Answers of a token endpoint that are kept.
KEPT = ("access_token", "refresh_token", "token_type", "expires_in", "scope")


class Grant(Protocol):
    """How a connection comes by its next token."""

    @property
    def by_itself(self) -> bool:
        """Whether it needs no token from before, and so no person."""
        ...

    def renew(self, tokens: Tokens | None) -> Tokens:
        """Return the endpoint's answer.

        :param tokens: those the connection has.
        :raises AuthError: it refused, or there is nothing to show it.
        :raises RetryableError: it can't be reached or has a problem of its own.
        """
        ...


@dataclass(frozen=True)
class TokenEndpoint:
    """Where a vendor gives out tokens, and as whom we ask.

    :param title: of the app, for people.
    :param basic: key and secret go into a header rather than the body.
    """

    title: str
    url: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    basic: bool = False
    transport: httpx2.BaseTransport | None = None

    def ask(self, grant_type: str, **parameters: str) -> dict[str, Any]:
        """Ask for a token and return the answer, which holds one.

        :raises AuthError: it was refused.
        :raises RetryableError: no answer, or one that says nothing about what was asked.
        """
        from authlib.integrations.httpx_client import OAuth2Client

        method = "none"
        if self.client_secret:
            method = "client_secret_basic" if self.basic else "client_secret_post"
        with OAuth2Client(
            client_id=self.client_id,
            client_secret=self.client_secret,
            token_endpoint_auth_method=method,
            transport=self.transport,
            timeout=30,
            event_hooks={"response": [bound]},
        ) as client:
            client.register_compliance_hook("access_token_response", self._not_busy)
            # Without an id, such as for a signed statement, Authlib's way would send an empty one.
            auth = None if self.client_id else httpx2.Auth()
            return self._answer(
                lambda: client.fetch_token(self.url, grant_type=grant_type, auth=auth, **parameters)
            )

    def _not_busy(self, response: httpx2.Response) -> httpx2.Response:
        """Tell a busy endpoint from one that refuses, even if both say so in the same form."""
        if response.status_code in {408, 425, 429} or response.status_code >= 500:
            raise RetryableError(
                f"{self.title} could not renew the connection (answer {response.status_code}).",
                hint="Try again later.",
                after=retry_after(response),
            )
        return response

    def _answer(self, ask: Callable[[], Any]) -> dict[str, Any]:
        from authlib.common.errors import AuthlibBaseError

        try:
            answer = dict(ask())
        except AuthlibBaseError as error:
            if error.error in PASSING:
                raise RetryableError(
                    f"{self.title} could not renew the connection ({error.error}).",
                    hint="Try again later.",
                ) from error
            raise refused(self.title, error.description or error.error) from error
        except httpx2.HTTPStatusError as error:
            raise RetryableError(
                f"{self.title} could not renew the connection "
                f"(answer {error.response.status_code}).",
                hint="Try again later.",
            ) from error
        except httpx2.HTTPError as error:
            raise RetryableError(
                f"{self.title} can't be reached to renew the connection.", hint="Try again later."
            ) from error
        except (ValueError, TypeError) as error:  # no JSON, or no object
            raise _nonsense(self.title) from error
        if not answer.get("access_token"):
            raise _nonsense(self.title)
        return answer


@dataclass(frozen=True)
class RefreshGrant:
    """The refresh token gets the next token (RFC 6749, 6); some vendors replace it each time."""

    endpoint: TokenEndpoint
    by_itself = False

    def renew(self, tokens: Tokens | None) -> Tokens:
        refresh_token = (tokens or {}).get("refresh_token")
        if not refresh_token:
            raise unusable(self.endpoint.title, "its access ran out and it has no refresh token")
        answer = self.endpoint.ask("refresh_token", refresh_token=str(refresh_token))
        # Vendors with reusable refresh tokens (Clio) don't repeat them in the answer.
        return {**answer, "refresh_token": answer.get("refresh_token") or refresh_token}


@dataclass(frozen=True)
class ClientCredentialsGrant:
    """The app's key and secret get the next token (RFC 6749, 4.4)."""

    endpoint: TokenEndpoint
    parameters: Mapping[str, str]
    by_itself = True

    def renew(self, tokens: Tokens | None) -> Tokens:
        answer = self.endpoint.ask("client_credentials", **self.parameters)
        # RFC 6749, 4.4.3: none should come; one that does would only be another secret to keep.
        return {name: value for name, value in answer.items() if name != "refresh_token"}


@dataclass(frozen=True)
class JwtBearerGrant:
    """A statement signed with the private key gets the next token (RFC 7523, 2.1).

    :param setting: what the private key's setting is called, for the error.
    """

    endpoint: TokenEndpoint
    issuer: str
    subject: str
    audience: str
    claims: Mapping[str, str]
    parameters: Mapping[str, str]
    private_key: str = field(repr=False)
    setting: str
    algorithm: str
    lifetime: int
    clock: Callable[[], float] = time.time
    by_itself = True

    def renew(self, tokens: Tokens | None) -> Tokens:
        answer = self.endpoint.ask(JWT_BEARER, assertion=self._signed(), **self.parameters)
        return {name: value for name, value in answer.items() if name != "refresh_token"}

    def _signed(self) -> str:
        from authlib.oauth2.rfc7523 import JWTBearerGrant
        from joserfc.errors import JoseError
        from joserfc.jwk import import_key

        try:
            key = import_key(pem_of(self.private_key), KEY_TYPES[self.algorithm[:2]])
            now = int(self.clock())
            return str(
                JWTBearerGrant.sign(
                    key,
                    issuer=self.issuer,
                    audience=self.audience,
                    subject=self.subject,
                    issued_at=now,
                    expires_at=now + self.lifetime,
                    claims=dict(self.claims),
                    alg=self.algorithm,
                )
            )
        except (JoseError, ValueError, TypeError) as error:  # cryptography's words may quote it
            raise SetupError(
                f"The setting {self.setting!r} of the connection to {self.endpoint.title} is not "
                f"a private key that can sign with {self.algorithm}.",
                hint="Give the whole text of its PEM file, from '-----BEGIN' to the last '-----'.",
            ) from error


def insist_on_refresh(title: str, tokens: Tokens) -> None:
    """Refuse tokens that can't be renewed.

    :raises AuthError: there is no refresh token among them.
    """
    if not tokens.get("refresh_token"):
        raise AuthError(
            f"{title} gave no refresh token, so the connection would stop working when its access "
            "token runs out, often within hours.",
            hint="Allow offline access in the app's settings there, then connect again; or give "
            "the refresh token that belongs to the access token.",
        )


def pem_of(text: str) -> str:
    """Return a PEM text with its lines as they should be.

    One-line fields of pages and terminals lose them, and files of service accounts, which are JSON,
    hold a backslash and an n in their place.
    """
    found = PEM.search(text)
    if found is None:
        return text
    body = "".join(found[2].replace("\\n", "").split())
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {found[1]}-----\n{lines}\n-----END {found[1]}-----\n"


def exchange_code(
    *,
    endpoint: TokenEndpoint,
    auth: OAuth2,
    callback_url: str,
    state: str,
    redirect_uri: str,
    verifier: str,
    now: float | None = None,
) -> Tokens:
    """Turn the code in a callback URL into tokens.

    :raises AuthError: the vendor refused, the state differs, or no refresh token came back where
        the connector says there must be one.
    """
    # Read here: without a code, Authlib would ask for tokens by whatever other way comes to mind.
    code = _code_in(callback_url, state, endpoint.title)
    answer = endpoint.ask(
        "authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier
    )
    if auth.refreshes:
        insist_on_refresh(endpoint.title, answer)
    return stored_form(answer, time.time() if now is None else now, auth.keeps)


def stored_form(answer: Tokens, now: float, keeps: tuple[str, ...] = ()) -> Tokens:
    """Return what is kept of a token answer, with the moments it was got and runs out.

    :param now: seconds since 1970.
    :param keeps: what the connector wants to be kept besides; it stands under ``values``.
    """
    redaction.register({name: answer.get(name) for name in KEPT})
    kept = {name: answer[name] for name in KEPT if answer.get(name) is not None}
    if values := {name: str(answer[name]) for name in keeps if answer.get(name)}:
        kept["values"] = values
    kept["obtained_at"] = now
    try:
        lasts = float(kept["expires_in"])
    except (KeyError, ValueError, TypeError):
        lasts = 0
    if lasts > 0:
        kept["expires_at"] = now + lasts
    else:  # it isn't said, or 0 as Mailchimp writes for never: the vendor's refusal will tell
        kept.pop("expires_in", None)
    return kept


def _code_in(callback_url: str, state: str, title: str) -> str:
    answer = dict(parse_qsl(urlsplit(callback_url).query))
    if answer.get("state") != state:
        raise AuthError(
            f"What came back from {title}'s consent page belongs to another attempt to connect.",
            hint=f"Connect {title} again, in one browser window.",
        )
    if "code" not in answer:
        raise refused(title, answer.get("error_description") or answer.get("error"))
    return answer["code"]


def refused(title: str, reason: object) -> AuthError:
    said = redaction.redact(str(reason or "no reason given")).rstrip(".")
    return AuthError(f"{title} refused to give access: {said}.", hint=f"Connect {title} again.")


def unusable(title: str, why: str) -> AuthError:
    return AuthError(
        f"The connection to {title} can't be used: {why}.", hint=f"Connect {title} again."
    )


def _nonsense(title: str) -> RetryableError:
    return RetryableError(
        f"{title} answered nonsense when asked for a token.", hint="Try again later."
    )
