"""A connector: a value, and plain functions decorated as its triggers, actions and searches."""

import copy
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar

from engine.auth import Auth, LogIn, NoAuth
from engine.declarations import Declarations
from engine.errors import SetupError
from engine.fields import Record, Schema, typeddict_schema
from engine.guard import guarded
from engine.limits import LimitHeaders, Rate
from engine.nouns import Noun
from engine.operations import NOWHERE, Action, CompleteAt, Operation, Repeat, Trigger, Upload
from engine.pagination import Offset, Pagination
from engine.results import Accepted
from engine.webhooks import Signature, Webhook

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(eq=False, kw_only=True)
class Connector(Declarations):
    """One app: how to reach it, and what can be done with it.

    :param name: short and lower-case; recipes write ``name.operation``.
    :param title: the app's name as people know it.
    :param auth: how a connection logs in.
    :param log_ins: instead of ``auth``, where there are several ways: by the name that the
        connection's setting ``log_in`` gives; the first is meant where it gives none.
    :param base_url: of the API; may hold ``{settings}`` and values of :meth:`url_values`.
    :param settings: a TypedDict of what a connection needs besides tokens.
    :param pagination: the usual way its lists are read.
    :param limits: how many requests it takes from one connection; all workers together keep to them.
    :param limit_headers: where its answers say how much is left; read where it has ``limits``.
    :param concurrency: how many requests it takes at once from one connection.
    :param headers: sent with every request of its API, e.g. the version that is asked for.
    :param public_only: whoever connects it says where its requests go, so they go to public
        addresses alone, by https; an admin can name hosts that are excepted (docs/security.md).
    :param experimental: why it is so, where facts are missing; shown wherever it is offered.
    """

    name: str
    title: str
    auth: Auth = field(default_factory=NoAuth)
    log_ins: Mapping[str, LogIn] = field(default_factory=dict)
    base_url: str = ""
    settings: type | None = None
    pagination: Pagination = field(default_factory=Offset)
    limits: tuple[Rate, ...] = ()
    limit_headers: LimitHeaders = field(default_factory=LimitHeaders)
    concurrency: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    public_only: bool = False
    experimental: str = ""

    triggers: dict[str, Trigger] = field(default_factory=dict, init=False)
    actions: dict[str, Action] = field(default_factory=dict, init=False)
    webhooks: dict[str, Webhook] = field(default_factory=dict, init=False)
    problems: list[tuple[str, str, str]] = field(default_factory=list, init=False)
    #: Which of its ways to log in this is; empty before one is chosen, and where there is one only.
    log_in: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if not self.log_ins:
            return
        if not isinstance(self.auth, NoAuth):
            self.problems.append(
                ("", "it has both `auth` and `log_ins`", "Make `auth` one of the log_ins.")
            )
        self.auth = next(iter(self.log_ins.values())).auth

    # -- what a connector declares -------------------------------------------------------------

    def trigger(
        self,
        title: str,
        *,
        key: str,
        sample: Mapping[str, Any],
        cursor: str | None = None,
        label: str | None = None,
        noun: str | tuple[str, str] = "record",
        sorted: bool = False,
        fetch: Callable[..., Record | None] | None = None,
        schema: Callable[..., Schema] | None = None,
        complete: CompleteAt = NOWHERE,
        pasted: str = "",
        lacks: Callable[..., Collection[Literal["cursor", "fetch"]]] | None = None,
        upload: Upload | None = None,
    ) -> Callable[[F], F]:
        """Declare a generator of records; see :class:`Trigger` for the arguments."""

        def declare(function: F) -> F:
            operation = Trigger(
                connector=self.name,
                function=function,
                title=title,
                noun=Noun.of(noun),
                sample=sample,
                key=key,
                cursor=cursor,
                label=label,
                sorted=sorted,
                fetch=fetch,
                schema=schema,
                complete=complete,
                pasted=pasted,
                lacks=lacks,
                upload=upload,
            )
            self._add(self.triggers, operation)
            return function

        return declare

    def action(
        self,
        title: str,
        *,
        noun: str | tuple[str, str] = "record",
        idempotent: bool = False,
        find: Callable[..., Record | Accepted | None] | None = None,
        idempotency_key: bool = False,
        updates: bool = False,
        repeat: Callable[..., Repeat] | None = None,
        sample: Mapping[str, Any] | None = None,
        schema: Callable[..., Schema] | None = None,
    ) -> Callable[[F], F]:
        """Declare a function of one row that returns what the other system answered.

        See :class:`Action` for the arguments.
        """
        return self._action(
            title,
            "single",
            noun,
            idempotent=idempotent,
            find=find,
            idempotency_key=idempotency_key,
            updates=updates,
            repeat=repeat,
            sample=sample,
            schema=schema,
        )

    def batch_action(
        self,
        title: str,
        *,
        size: int,
        noun: str | tuple[str, str] = "record",
        idempotent: bool = False,
        find: Callable[..., Record | Accepted | None] | None = None,
        idempotency_key: bool = False,
        repeat: Callable[..., Repeat] | None = None,
        sample: Mapping[str, Any] | None = None,
        schema: Callable[..., Schema] | None = None,
    ) -> Callable[[F], F]:
        """Declare a function of up to ``size`` ``rows`` that returns one RowResult per row.

        ``find`` is asked row by row; ``ctx.idempotency_keys`` has one for each row.
        """
        return self._action(
            title,
            "batch",
            noun,
            size=size,
            idempotent=idempotent,
            find=find,
            idempotency_key=idempotency_key,
            repeat=repeat,
            sample=sample,
            schema=schema,
        )

    def search(
        self,
        title: str,
        *,
        noun: str | tuple[str, str] = "record",
        sample: Mapping[str, Any] | None = None,
        schema: Callable[..., Schema] | None = None,
        complete: CompleteAt = NOWHERE,
    ) -> Callable[[F], F]:
        """Declare a function that finds one record, or None, and changes nothing."""
        return self._action(
            title,
            "search",
            noun,
            idempotent=True,
            sample=sample,
            schema=schema,
            complete=complete,
        )

    def webhook(
        self,
        trigger: Callable[..., Any],
        *,
        signature: Signature | None = None,
        secret_setting: str = "",
        instructions: str = "",
        shared: bool = False,
    ) -> Webhook:
        """Declare the webhook of a trigger, given the trigger's function; see :class:`Webhook`."""
        hook = Webhook(
            connector=self.name,
            trigger=trigger.__name__,
            signature=signature,
            secret_setting=secret_setting,
            instructions=instructions,
            shared=shared,
        )
        if hook.trigger in self.webhooks:
            self.problems.append(
                (hook.trigger, "it has two webhooks", "Declare one webhook for each trigger.")
            )
        self.webhooks[hook.trigger] = hook
        return hook

    # -- what the engine reads -----------------------------------------------------------------

    @property
    def needs_connection(self) -> bool:
        """Whether its operations work in a connection's name; files, for one, need none."""
        return bool(self.log_ins) or not isinstance(self.auth, NoAuth)

    @property
    def may_have_connection(self) -> bool:
        """Whether there can be connections to it: also where only some recipes need its secret."""
        kept = self.settings_schema.get("properties", {}).values()
        return self.needs_connection or any(setting.get("writeOnly") for setting in kept)

    def for_connection(self, settings: Mapping[str, Any]) -> "Connector":
        """Return the connector as it is for one connection: with its way to log in.

        :param settings: of the connection; ``log_in`` names the way, by default the one that was
            chosen before, else the first.
        :raises SetupError: there is no such way.
        """
        if not self.log_ins:
            return self._within_limits(self, settings)
        name = str(settings.get("log_in") or self.log_in or next(iter(self.log_ins)))
        if name not in self.log_ins:
            raise SetupError(
                f"There is no way to log in to {self.title} called {name!r}.",
                hint=f"There are: {', '.join(self.log_ins)}. Give one with `--set log_in=…`.",
            )
        return self._within_limits(self.ways[name], settings)

    @cached_property
    def ways(self) -> Mapping[str, "Connector"]:
        """The connector once for each way to log in, by name; itself where there is one only."""
        if not self.log_ins:
            return {"": self}
        found: dict[str, Connector] = {}
        for name, log_in in self.log_ins.items():
            way = copy.copy(self)
            way.log_in, way.auth = name, log_in.auth
            own = {} if log_in.settings is None else typeddict_schema(log_in.settings)
            way.__dict__["settings_schema"] = _joined(self.settings_schema, own)
            way.__dict__["ways"] = found
            found[name] = way
        return found

    def _within_limits(self, way: "Connector", settings: Mapping[str, Any]) -> "Connector":
        if self.limits_function is None:
            return way
        own = copy.copy(way)
        with guarded(self.name, "connection_limits"):
            own.limits = self.limits_function(settings)
        return own

    def operation(self, name: str) -> Trigger | Action | None:
        return self.triggers.get(name) or self.actions.get(name)

    @cached_property
    def settings_schema(self) -> Schema:
        if self.settings is None:
            return {"type": "object", "properties": {}}
        return typeddict_schema(self.settings)

    def _action(
        self,
        title: str,
        kind: Literal["single", "batch", "search"],
        noun: str | tuple[str, str],
        **declared: Any,
    ) -> Callable[[F], F]:
        def declare(function: F) -> F:
            operation = Action(
                connector=self.name,
                function=function,
                title=title,
                noun=Noun.of(noun),
                kind=kind,
                **declared,
            )
            self._add(self.actions, operation)
            return function

        return declare

    def _add(self, table: dict[str, Any], operation: Operation) -> None:
        if operation.name in self.triggers or operation.name in self.actions:
            self.problems.append(
                (
                    operation.name,
                    f"two operations are called {operation.name!r}",
                    "Rename one of the two functions.",
                )
            )
        table[operation.name] = operation


def _joined(common: Schema, own: Schema) -> Schema:
    """Return the schema of settings that all ways to log in have, and of those of one of them."""
    joined = {**common}
    joined["properties"] = {**common.get("properties", {}), **own.get("properties", {})}
    joined["required"] = [*dict.fromkeys([*common.get("required", ()), *own.get("required", ())])]
    return joined
