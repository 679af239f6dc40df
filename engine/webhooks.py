"""Webhooks in: how a vendor tells Bridgework at once that a trigger has something new.

A connector says three things of a trigger's webhook: how a request proves that it is genuine
(``signature``), what it delivers (``@hook.deliveries``) and, where the vendor's API allows it, how
to subscribe, renew and unsubscribe. Addresses, storage, dedupe and runs are the engine's.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl

from engine.errors import InputError
from engine.fields import Record, Schema

F = TypeVar("F", bound=Callable[..., Any])

#: Fields of a form, and brackets after one's name; Mailchimp's has some dozens and three.
MOST_FIELDS, DEEPEST_FIELD = 2000, 10


@dataclass(frozen=True)
class HookRequest:
    """One request to a webhook's address.

    :param headers: by lower-case name.
    :param query: the address's query; of a repeated name the last value.
    :param body: the raw bytes, as signatures need them.
    """

    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    def json(self) -> Any:
        """Return the body read as JSON.

        :raises InputError: it isn't JSON, or nested deeper than anybody means it.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise InputError("The body of the webhook isn't JSON.", code="not_json") from None

    def form(self) -> dict[str, Any]:
        """Return the body read as a form; ``data[merges][FNAME]`` becomes nested objects.

        :raises InputError: it has more fields, or nests them deeper, than anybody means it.
        """
        found: dict[str, Any] = {}
        try:
            pairs = parse_qsl(
                self.body.decode("utf-8", "replace"),
                keep_blank_values=True,
                max_num_fields=MOST_FIELDS,
            )
        except ValueError:
            raise _too_large() from None
        for name, value in pairs:
            if name.count("[") > DEEPEST_FIELD:
                raise _too_large()
            _put(found, name.replace("]", "").split("["), value)
        return found


@dataclass(frozen=True)
class HookReply:
    """What a vendor's question is answered with, e.g. the challenge it sent.

    :param body: text; sent as ``text/plain`` unless ``headers`` say otherwise.
    """

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Handshake:
    """A question that brings the secret later requests are signed with.

    It is taken only from a hook that has no secret yet: nobody replaces one from outside.
    """

    secret: str = field(repr=False)
    reply: HookReply = field(default_factory=HookReply)


@dataclass(frozen=True)
class Delivery:
    """One thing a request says; needs a ``key`` or a ``record``.

    :param id: the same for the same delivery, however often the vendor sends it.
    :param key: of the record, which is then read afresh with the trigger's ``fetch``.
    :param record: the record itself, where the payload holds it whole.
    :param event: what happened, in the vendor's word; shown on pages.
    """

    id: str
    key: str | None = None
    record: Record | None = None
    event: str = ""


@dataclass(frozen=True)
class Subscription:
    """What the vendor knows a subscribed webhook by.

    :param secret: what its requests are signed with; sealed when stored.
    :param expires_at: when it ends unless renewed, with a zone; None where it never does.
    """

    id: str
    secret: str = field(default="", repr=False)
    expires_at: datetime | None = None


class Signature(Protocol):
    """How a request proves that it comes from the vendor."""

    def refusal(self, request: HookRequest, secret: str, now: datetime) -> str | None:
        """Return None for a genuine request, else one sentence why it is not."""
        ...


@dataclass(eq=False)
class Webhook:
    """The webhook of one trigger; made by ``connector.webhook(trigger_function)``.

    :param trigger: name of the trigger it belongs to.
    :param signature: how requests are checked; None: the address itself is the secret.
    :param secret_setting: the connection's secret setting that requests are signed with, where a
        person copies it from the vendor's pages instead of the vendor telling it.
    :param instructions: how a person enters the address at the vendor, where it can't be
        subscribed; shown beside it.
    :param shared: the vendor knows one address for an account: what it sends there is told to all
        recipes of the connection whose triggers share it, whichever recipe's address it is.
    """

    connector: str
    trigger: str
    signature: Signature | None = None
    secret_setting: str = ""
    instructions: str = ""
    shared: bool = False

    signature_function: Callable[..., Signature | None] | None = field(default=None, init=False)
    deliveries_function: Callable[..., Iterable[Delivery]] | None = field(default=None, init=False)
    handshake_function: Callable[[HookRequest, str], HookReply | Handshake | None] | None = field(
        default=None, init=False
    )
    subscribe_function: Callable[..., Subscription] | None = field(default=None, init=False)
    renew_function: Callable[..., Subscription] | None = field(default=None, init=False)
    unsubscribe_function: Callable[..., None] | None = field(default=None, init=False)
    find_function: Callable[..., Subscription | None] | None = field(default=None, init=False)
    wanted_function: Callable[..., bool] | None = field(default=None, init=False)
    concerns_function: Callable[[HookRequest, str], bool] | None = field(default=None, init=False)
    form_function: Callable[..., Schema] | None = field(default=None, init=False)

    def signed(self, function: F) -> F:
        """Declare ``f()``: how requests are checked, where the recipe says it.

        It names parameters of the trigger and is given them; it returns a signature, or None where
        the address itself is the secret. It stands in for ``signature``.
        """
        self.signature_function = function
        return function

    def deliveries(self, function: F) -> F:
        """Declare ``f(request)``: what a genuine request delivers.

        It may name parameters of the trigger and is given them. Anything it doesn't yield is
        ignored, e.g. events of no interest.
        """
        self.deliveries_function = function
        return function

    def handshake(self, function: F) -> F:
        """Declare ``f(request, secret)``: the answer to a vendor's question, before any check.

        It returns a :class:`HookReply`, a :class:`Handshake` that brings the secret, or None when
        the request is no question.
        """
        self.handshake_function = function
        return function

    def subscribe(self, function: F) -> F:
        """Declare ``f(ctx, url)``: ask the vendor to send to ``url``; returns a Subscription.

        It may name parameters of the trigger and is given them.
        """
        self.subscribe_function = function
        return function

    def renew(self, function: F) -> F:
        """Declare ``f(ctx, subscription)``: make it last longer; returns the new Subscription.

        An ``InputError`` with the code ``not_found`` says that the vendor has dropped it: it is
        then subscribed anew.
        """
        self.renew_function = function
        return function

    def unsubscribe(self, function: F) -> F:
        """Declare ``f(ctx, subscription)``: end it. ``not_found`` counts as ended."""
        self.unsubscribe_function = function
        return function

    def find(self, function: F) -> F:
        """Declare ``f(ctx, url)``: look up what is subscribed for ``url``; None where nothing is.

        It is asked after a crash in the middle of subscribing. Without it the address is given up
        and a new one subscribed; the vendor is told by ``410 Gone`` to drop the old.
        """
        self.find_function = function
        return function

    def wanted(self, function: F) -> F:
        """Declare ``f(record)``: whether the trigger, as the recipe uses it, would yield a record.

        Vendors tell of every change; the recipe may read only open matters. It may name parameters
        of the trigger and is given them; what is not wanted counts as skipped.
        """
        self.wanted_function = function
        return function

    def concerns(self, function: F) -> F:
        """Declare ``f(request, account)``: whether a genuine request is about an account.

        For apps that send what happens in all accounts that installed them to one address, signed
        with one secret. ``account`` is the id that the connection's check gave; what concerns
        another account is ignored.
        """
        self.concerns_function = function
        return function

    def form(self, function: F) -> F:
        """Declare ``f()``: the JSON Schema of what is filled in to start the recipe.

        Other systems then offer the recipe as a step with these fields and start it through the API,
        which stands in for a request to its address: a JSON object of the fields, numbered by the
        header ``Idempotency-Key``. It may name parameters of the trigger and is given them.
        """
        self.form_function = function
        return function


def _too_large() -> InputError:
    return InputError("The webhook's form has too many fields.", code="too_large")


def _put(found: dict[str, Any], path: list[str], value: str) -> None:
    for name in path[:-1]:
        inner = found.setdefault(name, {})
        if not isinstance(inner, dict):  # both a[b]= and a=: the more detailed one stays
            inner = found[name] = {}
        found = inner
    if not isinstance(found.get(path[-1]), dict):
        found[path[-1]] = value
