"""What a connector says of itself besides its operations: functions, each declared by a decorator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2

from engine.auth import Account
from engine.context import Context
from engine.errors import ConnectorError
from engine.examples import Examples
from engine.limits import Rate

if TYPE_CHECKING:
    from engine.practice.server import PracticeServer  # only here: no run needs Werkzeug

C = TypeVar("C", bound=Callable[[Context], str | Account])


@dataclass(eq=False, kw_only=True)
class Declarations:
    """The functions of a :class:`~engine.connector.Connector` that the engine calls."""

    check_function: Callable[[Context], str | Account] | None = field(default=None, init=False)
    explain_function: Callable[[httpx2.Response], ConnectorError | None] | None = field(
        default=None, init=False
    )
    refused_function: Callable[[httpx2.Response], ConnectorError | None] | None = field(
        default=None, init=False
    )
    expired_function: Callable[[httpx2.Response], bool] | None = field(default=None, init=False)
    after_connect_function: Callable[[Context], Mapping[str, Any]] | None = field(
        default=None, init=False
    )
    url_values_function: Callable[[Mapping[str, Any]], Mapping[str, str]] | None = field(
        default=None, init=False
    )
    limits_function: Callable[[Mapping[str, Any]], tuple[Rate, ...]] | None = field(
        default=None, init=False
    )
    practice_function: "Callable[..., PracticeServer] | None" = field(default=None, init=False)
    examples_function: Callable[[], Examples] | None = field(default=None, init=False)

    def check(self, function: C) -> C:
        """Declare the test of a connection; it returns the label shown beside it.

        An :class:`~engine.auth.Account` says besides which account it is, so that none is connected
        twice.
        """
        self.check_function = function
        return function

    def explain(
        self, function: Callable[[httpx2.Response], ConnectorError | None]
    ) -> Callable[[httpx2.Response], ConnectorError | None]:
        """Declare how this vendor's error answers read; None leaves one to the engine."""
        self.explain_function = function
        return function

    def refused(
        self, function: Callable[[httpx2.Response], ConnectorError | None]
    ) -> Callable[[httpx2.Response], ConnectorError | None]:
        """Declare how a refusal is told whose status says that all is well; None where all is.

        It is asked about every answer of a status below 400, e.g. Slack's ``{"ok": false, "error":
        "not_in_channel"}``, so it should see soon that there is nothing to refuse. A
        ``RetryableError`` is waited for as at a status of 429: what was refused was not carried
        out, unless the error says ``maybe_sent=True``.
        """
        self.refused_function = function
        return function

    def expired(
        self, function: Callable[[httpx2.Response], bool]
    ) -> Callable[[httpx2.Response], bool]:
        """Declare what tells that a token ran out, where the status alone doesn't.

        It is asked about every answer, e.g. Slack's ``{"ok": false, "error": "token_expired"}`` of
        status 200. Where it says True the token is renewed and the request sent once more.
        """
        self.expired_function = function
        return function

    def after_connect(
        self, function: Callable[[Context], Mapping[str, Any]]
    ) -> Callable[[Context], Mapping[str, Any]]:
        """Declare what is read once after connecting and kept with the connection's settings."""
        self.after_connect_function = function
        return function

    def url_values(
        self, function: Callable[[Mapping[str, Any]], Mapping[str, str]]
    ) -> Callable[[Mapping[str, Any]], Mapping[str, str]]:
        """Declare values for the ``{names}`` in URLs, computed from the connection's settings."""
        self.url_values_function = function
        return function

    def connection_limits(
        self, function: Callable[[Mapping[str, Any]], tuple[Rate, ...]]
    ) -> Callable[[Mapping[str, Any]], tuple[Rate, ...]]:
        """Declare a connection's own limits, read from its settings, instead of ``limits``."""
        self.limits_function = function
        return function

    def practice(self, server: "Callable[..., PracticeServer] | str") -> None:
        """Declare the practice server.

        :param server: what makes it of its sample data's seed, and of keyword options of its own;
            or where that stands, as in ``f"{__name__}.practice:PracticeNotes"``, which is imported
            when it is asked for: no run needs it.
        """

        def later(*seed: int, **options: Any) -> "PracticeServer":
            made: PracticeServer = resolve_name(str(server))(*seed, **options)
            return made

        self.practice_function = later if isinstance(server, str) else server

    def examples(self, examples: Examples | str) -> None:
        """Declare what its operations are tried with in tests; asked by no run.

        :param examples: these, or where they stand, as in ``f"{__name__}.practice.examples:EXAMPLES"``.
        """

        def later() -> Examples:
            return resolve_name(examples) if isinstance(examples, str) else examples

        self.examples_function = later
