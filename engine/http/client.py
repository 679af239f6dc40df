"""``ctx.http``: requests with credentials, retries and errors seen to, one session a connection."""

import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from math import inf
from typing import Any, Self
from urllib.request import getproxies

import httpx2

from engine.connector import Connector
from engine.context import Kept
from engine.errors import (
    BusyError,
    ConnectorError,
    Interrupted,
    RemoteError,
    RetryableError,
    SetupError,
)
from engine.files import Files, NoFiles
from engine.http.bodies import bound
from engine.http.building import built
from engine.http.counting import sent
from engine.http.errors import error_for, refusal_in, unreachable
from engine.http.lines import Lines
from engine.http.paging import walk
from engine.http.ratelimit import Budget
from engine.http.urls import Addresses, host_of, origin_of
from engine.http.verbs import Verbs
from engine.pagination import Pagination

USER_AGENT = "Bridgework/0.1"
#: Repeating one of these changes nothing more (RFC 9110, 9.2.2), so a lost answer is asked again.
SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})

#: A wait at a limit that people are told of (seconds).
WORTH_TELLING = 5.0
#: The longest wait (seconds) between two attempts where the vendor doesn't say how long.
LONGEST_GUESS = 300.0


@dataclass(frozen=True)
class RetryPolicy:
    """How often a request is tried, and how long between.

    :param attempts: in all.
    :param first_wait: seconds after the first failure; doubles each time, with jitter.
    :param longest_wait: a vendor that asks for more than this many seconds ends the attempts.
    :param sleep: replaced in tests.
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 90.0
    sleep: Callable[[float], None] = time.sleep

    def wait(self, attempt: int, asked: float | None) -> float:
        backoff = self.first_wait * 2**attempt
        return asked if asked is not None else backoff * random.uniform(0.5, 1)  # noqa: S311 - jitter


@dataclass
class HttpSession:
    """One connection's open line: kept for a whole run, shared by its threads.

    :param stopping: asked at least once a second while a request waits; True ends the waiting.
    :param budget: what may be sent; None where the connector declares no limits.
    :param on_wait: told of a wait worth telling, with the moment at which it ends.
    :param kept: what the connector looked up meanwhile.
    :param files: where files are fetched to and sent from.
    """

    connector: Connector
    addresses: Addresses
    auth: httpx2.Auth | None = None
    transport: httpx2.BaseTransport | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    timeout: float = 30.0
    stopping: Callable[[], bool] | None = None
    budget: Budget | None = None
    on_wait: Callable[[datetime], None] | None = None
    kept: Kept = field(default_factory=Kept)
    files: Files = field(default_factory=NoFiles)

    def __post_init__(self) -> None:
        self._telling = threading.Lock()
        self._told = datetime.min.replace(tzinfo=UTC)
        self._making = threading.Lock()
        self._client: httpx2.Client | None = None

    @property
    def client(self) -> httpx2.Client:
        """What sends requests; made for the first, since files are read without one."""
        with self._making:
            if self._client is None:
                self._client = self._made()
            return self._client

    def _made(self) -> httpx2.Client:
        transport = self.transport
        if transport is None and not _proxies():
            transport = Lines(_trusted)
        return httpx2.Client(
            transport=transport,
            verify=True if transport is not None else _trusted(),
            timeout=self.timeout,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"}
            | dict(self.connector.headers),
            event_hooks={"response": [bound]},
        )

    def close(self) -> None:
        self.kept.close()
        if self._client is not None:
            self._client.close()

    def tell_wait(self, seconds: float) -> None:
        """Tell of a wait, once however many threads wait."""
        ends = datetime.now(UTC) + timedelta(seconds=seconds)
        with self._telling:
            if self.on_wait is None or seconds < WORTH_TELLING:
                return
            if ends - self._told < timedelta(seconds=WORTH_TELLING):
                return
            self._told = ends
            self.on_wait(ends)

    def nap(self, seconds: float) -> None:
        """Wait before a request.

        :raises Interrupted: the run is to stop.
        """
        ends = time.monotonic() + seconds
        while True:
            if self.stopping is not None and self.stopping():
                raise Interrupted(f"It was stopped while it waited for {self.connector.title}.")
            if self.retry.sleep is not time.sleep:
                self.retry.sleep(seconds)
                return
            left = ends - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 1.0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class HttpClient(Verbs):
    """What a connector's function sees of a session; see :class:`engine.context.Http`.

    :param idempotent: the operation may be repeated without harm, so its POSTs are too.
    :param keyed: the other system knows a repeat by its idempotency key for a while, so requests
        are repeated at once; a later run must know that they may have been carried out.
    :param patience: the longest wait in seconds at the other system's limit, 0 for none at all;
        default: as the session's policy says.
    :param attempts: of a request in all; default: as the session's policy says.
    """

    session: HttpSession
    idempotent: bool = False
    keyed: bool = False
    patience: float | None = None
    attempts: int | None = None

    # -- lists ---------------------------------------------------------------------------------

    def paginate(
        self,
        url: str,
        *,
        items: str,
        params: Mapping[str, Any] | None = None,
        pagination: Pagination | None = None,
    ) -> Iterator[dict[str, Any]]:
        for page in self.pages(url, items=items, params=params, pagination=pagination):
            yield from page

    def pages(
        self,
        url: str,
        *,
        items: str,
        params: Mapping[str, Any] | None = None,
        pagination: Pagination | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        connector = self.session.connector
        way = pagination or connector.pagination
        return walk(self.get, way, url, items=items, params=params, title=connector.title)

    # -- one request ---------------------------------------------------------------------------

    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Any = None,
        repeat: bool = False,
        stream: bool = False,
        **content: Any,
    ) -> httpx2.Response:
        session = self.session
        target = self._absolute(url)
        # Credentials go only where the connector declared; a link in an answer may lead elsewhere.
        auth = session.auth if origin_of(target) in session.addresses.origins else None
        harmless = repeat or self.idempotent or method in SAFE_TO_REPEAT
        repeatable = harmless or self.keyed
        attempts = self._attempts
        attempt = waits = 0
        while True:
            last = attempt == attempts - 1
            waited = False
            try:
                request = built(session.client, method, target, headers, content)
                response = self._exchange(request, auth, stream)
            except httpx2.TransportError as error:
                problem = unreachable(
                    error, session.connector.title, host_of(target), session.timeout
                )
                certain = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
                if last or not (repeatable or certain):
                    problem.maybe_sent = not (harmless or certain)
                    raise problem from error
            except httpx2.InvalidURL as error:
                raise RemoteError(f"{target!r} is not an address.") from error
            except BusyError:
                raise
            except RetryableError as error:  # its token can't be renewed now: it was not sent
                problem = error
                if last or (problem.after or 0) > session.retry.longest_wait:
                    raise
            else:
                well = response.status_code < 400 and not response.is_redirect
                if stream and well:
                    return response
                if stream:
                    with closing(response):
                        response.read()
                ask = refusal_in if well else error_for
                failure: ConnectorError | None = ask(response, session.connector)
                if failure is None:
                    return response
                if isinstance(failure, BusyError) and session.budget and failure.after:
                    session.budget.close(failure.after)
                if isinstance(failure, BusyError) or not isinstance(failure, RetryableError):
                    raise failure
                problem = failure
                # Not carried out.
                refused = well or response.status_code in {408, 425, 429}
                refused = refused and not failure.maybe_sent
                if refused and problem.after is not None and session.budget is not None:
                    session.budget.close(problem.after)
                if refused and (problem.after is not None or self._patience == 0):
                    self._check_wait(problem.after or 0.0)
                # Who is to wait for as long as it takes is not tired by being told to wait.
                waited = refused and self._patience == inf
                too_long = (problem.after or 0) > self._patience
                if (last and not waited) or too_long or not (repeatable or refused):
                    problem.maybe_sent = not (harmless or refused)
                    raise problem
            wait = session.retry.wait(waits if waited else attempt, problem.after)
            session.nap(min(wait, LONGEST_GUESS) if problem.after is None else wait)
            attempt, waits = (attempt, waits + 1) if waited else (attempt + 1, waits)

    def _exchange(
        self, request: httpx2.Request, auth: httpx2.Auth | None, stream: bool
    ) -> httpx2.Response:
        """Send one request when it is its turn."""
        session, budget = self.session, self.session.budget
        name = session.connector.name
        if budget is None:
            return sent(session.client, request, auth=auth, stream=stream, connector=name)
        with budget.turn(self._check_wait):
            response = sent(session.client, request, auth=auth, stream=stream, connector=name)
        budget.heard(response)
        return response

    def _broke(self, error: httpx2.TransportError, url: str, times: int) -> None:
        session = self.session
        if times >= self._attempts - 1:
            host, title = host_of(self._absolute(url)), session.connector.title
            raise unreachable(error, title, host, session.timeout) from error
        session.nap(session.retry.wait(times, None))

    @property
    def _files(self) -> Files:
        return self.session.files

    @property
    def _attempts(self) -> int:
        return self.session.retry.attempts if self.attempts is None else self.attempts

    @property
    def _patience(self) -> float:
        return self.session.retry.longest_wait if self.patience is None else self.patience

    def _check_wait(self, seconds: float) -> None:
        """Refuse to wait longer than the policy allows.

        :raises BusyError: saying until when nothing is taken.
        """
        if seconds <= self._patience and self._patience > 0:
            self.session.tell_wait(seconds)
            return
        title = self.session.connector.title
        if seconds <= 0:
            raise BusyError(f"{title} takes no more requests for now.", hint="Try again later.")
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        shown = f"{until:%H:%M}" if seconds < 12 * 3600 else f"{until:%Y-%m-%d %H:%M}"
        raise BusyError(
            f"{title} takes no more requests until {shown} UTC.",
            hint="Run it again after that; the recipe's schedule may do so by itself.",
            after=seconds,
        )

    def _absolute(self, url: str) -> str:
        if url.startswith(("http://", "https://")):
            return self.session.addresses.reached(url)
        if not self.session.addresses.base_url:
            raise SetupError(
                f"The address of {self.session.connector.title} isn't known yet, to reach {url!r}.",
                hint="This is a defect in the connector: until then it must ask by whole addresses.",
            )
        return self.session.addresses.base_url.rstrip("/") + "/" + url.lstrip("/")


def _proxies() -> bool:
    """Say whether this computer is to ask proxies, which only httpx2's own way can."""
    return bool({"http", "https", "all"} & getproxies().keys())


@cache
def _trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted."""
    return httpx2.create_ssl_context()
