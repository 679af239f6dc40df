"""OAuth tokens: refreshed ahead of time or when refused, one refresh at a time, stored before used."""

import threading
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client

from engine import redaction
from engine.auth import OAuth2
from engine.errors import AuthError, RetryableError

Tokens = Mapping[str, Any]

#: Refresh this many seconds before the vendor's own expiry.
MARGIN_SECONDS = 60


class TokenCell:
    """The tokens of one connection, shared by all of its requests.

    :param load: reads the stored tokens; asked again before every refresh, since another process
        may have refreshed them meanwhile.
    :param save: stores new tokens; called before they are used.
    :param on_refresh: told after each refresh, for the run's log.
    """

    def __init__(
        self,
        *,
        title: str,
        auth: OAuth2,
        token_url: str,
        client_id: str,
        client_secret: str,
        load: Callable[[], Tokens | None],
        save: Callable[[Tokens], None],
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        on_refresh: Callable[[], None] = lambda: None,
    ) -> None:
        self.auth = auth
        self._title = title
        self._token_url = token_url
        self._client = (client_id, client_secret)
        self._load, self._save = load, save
        self._transport = transport
        self._clock = clock
        self._on_refresh = on_refresh
        self._lock = threading.Lock()
        self._tokens: Tokens | None = load()

    def current(self) -> str:
        """Return a token to use now, refreshed first if it is about to run out.

        :raises AuthError: there is none, or it can't be refreshed.
        """
        tokens = self._tokens
        if tokens is None or not tokens.get("access_token"):
            raise self._reconnect("it was never connected")
        token = str(tokens["access_token"])
        expires_at = tokens.get("expires_at")
        soon = expires_at is not None and float(expires_at) - MARGIN_SECONDS < self._clock()
        if soon and tokens.get("refresh_token"):
            return self.refreshed(stale=token)
        return token

    def refreshed(self, *, stale: str) -> str:
        """Return a token that isn't ``stale``: the one another thread or process got, or a new one.

        :raises AuthError: the refresh was refused.
        :raises RetryableError: the vendor could not be reached.
        """
        with self._lock:
            tokens = self._reread(stale)
            if tokens is not None:
                return tokens
            refresh_token = (self._tokens or {}).get("refresh_token")
            if not refresh_token:
                raise self._reconnect("its access ran out and it has no refresh token")
            try:
                answer = self._refresh(str(refresh_token))
            except AuthError:
                # Another process may have used a rotating refresh token a moment ago.
                tokens = self._reread(stale)
                if tokens is not None:
                    return tokens
                raise
            self._save(answer)
            self._tokens = answer
            self._on_refresh()
            return str(answer["access_token"])

    def _reread(self, stale: str) -> str | None:
        self._tokens = self._load()
        token = (self._tokens or {}).get("access_token")
        return str(token) if token and token != stale else None

    def _refresh(self, refresh_token: str) -> Tokens:
        with _oauth_client(self._client, self._transport) as client:
            answer = _asked(
                self._title,
                lambda: client.refresh_token(self._token_url, refresh_token=refresh_token),
            )
        # Vendors with reusable refresh tokens (Clio) don't repeat them in the answer.
        kept = answer.get("refresh_token") or refresh_token
        return stored_form({**answer, "refresh_token": kept}, self._clock())

    def _reconnect(self, why: str) -> AuthError:
        return AuthError(
            f"The connection to {self._title} can't be used: {why}.",
            hint=f"Connect {self._title} again.",
        )


class BearerAuth(httpx2.Auth):
    """Adds the token to a request; when the vendor refuses it, refreshes it and tries once more."""

    def __init__(self, cell: TokenCell) -> None:
        self._cell = cell

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        token = self._cell.current()
        request.headers["Authorization"] = f"{self._cell.auth.scheme} {token}"
        response = yield request
        if response.status_code in self._cell.auth.expired_codes and self._cell.auth.refreshes:
            token = self._cell.refreshed(stale=token)
            request.headers["Authorization"] = f"{self._cell.auth.scheme} {token}"
            yield request


def exchange_code(
    *,
    title: str,
    auth: OAuth2,
    token_url: str,
    client: tuple[str, str],
    callback_url: str,
    state: str,
    redirect_uri: str,
    verifier: str,
    transport: httpx2.BaseTransport | None = None,
    now: float | None = None,
) -> Tokens:
    """Turn the code in a callback URL into tokens.

    :raises AuthError: the vendor refused, the state differs, or no refresh token came back where
        the connector says there must be one.
    """
    # Read here: without a code, Authlib would ask for tokens by whatever other way comes to mind.
    code = _code_in(callback_url, state, title)
    with _oauth_client(client, transport, redirect_uri=redirect_uri) as oauth:
        answer = _asked(
            title,
            lambda: oauth.fetch_token(
                token_url,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
            ),
        )
    if auth.refreshes and not answer.get("refresh_token"):
        raise AuthError(
            f"{title} gave no refresh token, so the connection would stop working within hours.",
            hint="Allow offline access in the app's settings there, then connect again.",
        )
    return stored_form(answer, time.time() if now is None else now)


def stored_form(answer: Tokens, now: float) -> Tokens:
    """Return what is kept of a token answer, with the moment it runs out as ``expires_at``."""
    redaction.register(answer)
    kept = {
        name: answer[name]
        for name in ("access_token", "refresh_token", "token_type", "expires_in", "scope")
        if answer.get(name) is not None
    }
    if "expires_in" in kept:
        kept["expires_at"] = now + float(kept["expires_in"])
    return kept


def _code_in(callback_url: str, state: str, title: str) -> str:
    answer = dict(parse_qsl(urlsplit(callback_url).query))
    if answer.get("state") != state:
        raise AuthError(
            f"What came back from {title}'s consent page belongs to another attempt to connect.",
            hint=f"Connect {title} again, in one browser window.",
        )
    if "code" not in answer:
        raise _refused(title, answer.get("error_description") or answer.get("error"))
    return answer["code"]


def _oauth_client(
    client: tuple[str, str],
    transport: httpx2.BaseTransport | None,
    redirect_uri: str | None = None,
) -> OAuth2Client:
    return OAuth2Client(
        client_id=client[0],
        client_secret=client[1],
        token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a method's name
        redirect_uri=redirect_uri,
        transport=transport,
        timeout=30,
    )


def _asked(title: str, ask: Callable[[], Any]) -> dict[str, Any]:
    try:
        answer = dict(ask())
    except AuthlibBaseError as error:
        raise _refused(title, error.description or error.error) from error
    except httpx2.HTTPStatusError as error:
        raise RetryableError(
            f"{title} could not renew the connection (answer {error.response.status_code}).",
            hint="Try again later.",
        ) from error
    except httpx2.HTTPError as error:
        raise RetryableError(
            f"{title} can't be reached to renew the connection.", hint="Try again later."
        ) from error
    except (ValueError, TypeError) as error:  # no JSON, or no object
        raise _nonsense(title) from error
    if not answer.get("access_token"):
        raise _nonsense(title)
    return answer


def _refused(title: str, reason: object) -> AuthError:
    said = redaction.redact(str(reason or "no reason given")).rstrip(".")
    return AuthError(f"{title} refused to give access: {said}.", hint=f"Connect {title} again.")


def _nonsense(title: str) -> RetryableError:
    return RetryableError(
        f"{title} answered nonsense when asked for a token.", hint="Try again later."
    )
