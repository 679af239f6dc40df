"""A connection's token: renewed ahead of time or when refused, one at a time, stored before used."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2

from engine.auth import OAuth2, TokenAuth
from engine.errors import AuthError, RetryableError
from engine.http.counting import RENEWALS
from engine.http.grants import Grant, Tokens, stored_form, unusable

log = logging.getLogger("bridgework.tokens")

#: Renew this many seconds before the vendor's own expiry, or when a quarter of a token's life is
#: left, whichever is less: a token of one minute is renewed after 45 seconds.
MARGIN_SECONDS = 60

#: See :func:`near_end`.
AHEAD_SECONDS, DAY_SECONDS, IDLE_SECONDS = 600, 86_400, 7 * 86_400

#: After a renewal ahead of time that didn't work, seconds until the next try.
PAUSE_SECONDS = 10


class TokenKeeper(Protocol):
    """Where the tokens of one connection are kept, for all who use it."""

    def load(self) -> Tokens | None:
        """Return the tokens as they are kept now."""
        ...

    def save(self, tokens: Tokens) -> None:
        """Keep new tokens; nobody uses them before."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Keep everyone else who may renew these tokens out of the block, in any process."""
        ...


@dataclass
class TokensInHand(TokenKeeper):
    """The tokens of a connection that is only being tried; whoever saves it takes them from here."""

    tokens: Tokens | None

    def load(self) -> Tokens | None:
        return self.tokens

    def save(self, tokens: Tokens) -> None:
        self.tokens = tokens

    def alone(self) -> AbstractContextManager[None]:
        return contextlib.nullcontext()  # nobody else knows them


class TokenCell:
    """The tokens of one connection, shared by all requests of a session.

    :param title: of the app, for people.
    :param grant: how the next token is got.
    :param keeper: where tokens are kept; read again before every renewal, since another process
        may have renewed them meanwhile.
    :param clock: seconds since 1970.
    :param on_renewal: told after each renewal, for the run's log.
    :param keeps: what else of an answer is kept (:class:`engine.auth.OAuth2`).
    """

    def __init__(
        self,
        *,
        title: str,
        grant: Grant,
        keeper: TokenKeeper,
        clock: Callable[[], float] = time.time,
        on_renewal: Callable[[], None] = lambda: None,
        keeps: tuple[str, ...] = (),
    ) -> None:
        self._title, self._keeps = title, keeps
        self._grant = grant
        self._keeper = keeper
        self._clock = clock
        self._on_renewal = on_renewal
        self._lock = threading.Lock()
        self._tokens: Tokens | None = keeper.load()
        self._not_before = 0.0

    def current(self) -> str:
        """Return a token to use now, renewed first if it is about to run out.

        :raises AuthError: there is none, or it can't be renewed.
        :raises RetryableError: it has run out and the vendor could not be reached.
        """
        tokens = self._tokens
        token = _access_token(tokens)
        if not token:
            if not self._grant.by_itself:
                raise unusable(self._title, "it was never connected")
            return self.renewed(stale="")
        assert tokens is not None
        if not self._runs_out_soon(tokens) or not self._renewable(tokens):
            return token
        if self._clock() < self._not_before and not self._ran_out(tokens):
            return token
        try:
            return self.renewed(stale=token)
        except RetryableError as error:
            if self._ran_out(tokens):
                raise
            # It is good for some seconds yet: they may be enough for the vendor to come back.
            log.info("%s: renewed ahead of time in vain: %s", self._title, error)
            self._not_before = self._clock() + PAUSE_SECONDS
            return token

    @property
    def renewable(self) -> bool:
        """Whether another token can be got without a person."""
        return self._renewable(self._tokens or {})

    def renewed(self, *, stale: str) -> str:
        """Return a token that isn't ``stale``: the one another thread or process got, or a new one.

        :raises AuthError: the renewal was refused.
        :raises RetryableError: the vendor could not be reached.
        """
        # The inner lock keeps out other processes; this one spares threads here the waiting for it.
        with self._lock, self._keeper.alone():
            token = self._got_meanwhile(stale)
            if token:
                return token
            try:
                answer = self._asked()
            except AuthError:
                # Someone who knows nothing of our lock may have used a refresh token that is good
                # for one use only, and stored what came of it: a restored copy, an older version.
                token = self._got_meanwhile(stale)
                if token:
                    return token
                raise
            tokens = stored_form(answer, self._clock(), self._keeps)
            if values := {**(self._tokens or {}).get("values", {}), **tokens.get("values", {})}:
                tokens = {**tokens, "values": values}
            self._keeper.save(tokens)
            self._tokens = tokens
            self._on_renewal()
            return _access_token(tokens)

    def _asked(self) -> Mapping[str, Any]:
        outcome = "unreachable"
        try:
            answer = self._grant.renew(self._tokens)
            outcome = "renewed"
            return answer
        except AuthError:
            outcome = "refused"
            raise
        finally:
            RENEWALS.count(self._title, outcome)

    def _got_meanwhile(self, stale: str) -> str:
        self._tokens = self._keeper.load()
        token = _access_token(self._tokens)
        if token == stale or self._tokens is None or self._runs_out_soon(self._tokens):
            return ""
        return token

    def _renewable(self, tokens: Tokens) -> bool:
        return self._grant.by_itself or bool(tokens.get("refresh_token"))

    def _runs_out_soon(self, tokens: Tokens) -> bool:
        return seconds_left(tokens, self._clock()) < margin(tokens)

    def _ran_out(self, tokens: Tokens) -> bool:
        return seconds_left(tokens, self._clock()) <= 0


class BearerAuth(httpx2.Auth):
    """Adds the token to a request; when the vendor refuses it, renews it and tries once more.

    :param auth: what the connector declares.
    :param expired: the connector's own signs, besides the statuses in ``auth.expired_codes``.
    """

    def __init__(
        self,
        cell: TokenCell,
        auth: TokenAuth,
        title: str,
        expired: Callable[[httpx2.Response], bool] | None = None,
    ) -> None:
        self._cell, self._auth, self._title, self._expired = cell, auth, title, expired
        self.requires_response_body = expired is not None

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        token = self._cell.current()
        request.headers["Authorization"] = f"{self._auth.scheme} {token}"
        response = yield request
        if not self._ran_out(response):
            return
        insists = not isinstance(self._auth, OAuth2) or self._auth.refreshes
        if insists or self._cell.renewable:
            token = self._cell.renewed(stale=token)
            request.headers["Authorization"] = f"{self._auth.scheme} {token}"
            response = yield request
            if not self._ran_out(response):
                return
        if response.status_code < 400:  # nobody else would take it for a refusal
            raise AuthError(
                f"{self._title} no longer accepts this connection.",
                hint=f"Connect {self._title} again.",
            )

    def _ran_out(self, response: httpx2.Response) -> bool:
        if response.status_code in self._auth.expired_codes:
            return True
        if self._expired is None:
            return False
        try:
            return bool(self._expired(response))
        except Exception:  # an answer the connector did not foresee: the status alone decides
            log.exception("the connector for %s could not tell an expired token", self._title)
            return False


def seconds_left(tokens: Tokens, now: float) -> float:
    """Return how long an access token is good for; infinite where the vendor didn't say."""
    expires_at = tokens.get("expires_at")
    return float("inf") if expires_at is None else float(expires_at) - now


def margin(tokens: Tokens) -> float:
    """Return how many seconds before its end a token is renewed."""
    expires_in = tokens.get("expires_in")
    return MARGIN_SECONDS if expires_in is None else min(MARGIN_SECONDS, float(expires_in) / 4)


def near_end(tokens: Tokens, now: float) -> bool:
    """Return whether tokens should be renewed though nobody asks for one.

    Access tokens in the last tenth of their life, at least ten minutes and at most a day before
    their end; and whatever was not renewed for a week, as vendors forget refresh tokens that lie
    idle, such as Salesforce after 30 days where its admin says so.
    """
    if tokens.get("expires_in") is not None:
        ahead = min(max(AHEAD_SECONDS, float(tokens["expires_in"]) / 10), DAY_SECONDS)
        if seconds_left(tokens, now) < ahead:
            return True
    return now - float(tokens.get("obtained_at") or 0) > IDLE_SECONDS


def _access_token(tokens: Mapping[str, Any] | None) -> str:
    return str((tokens or {}).get("access_token") or "")
