"""A recipe made ready to run: operations looked up, templates compiled, sessions open. Once a run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from math import inf
from typing import Any, cast

import httpx2

from engine.connector import Connector
from engine.context import Context, Folders, Http
from engine.drift.readings import source_of
from engine.host import Host
from engine.http.client import HttpClient, HttpSession, RetryPolicy
from engine.http.contexts import context_for
from engine.http.sessions import connection_for, open_session
from engine.nouns import Noun
from engine.operations import Action, Trigger
from engine.recipe.model import Recipe
from engine.recipe.nouns import noun_of_use
from engine.recipe.steps import USUAL, OnError
from engine.recipe.templates.environment import RecipeEnvironment
from engine.recipe.templates.template import Expression, compile_expression, compile_template
from engine.run.flow.answer import PlannedAnswer
from engine.run.folders import folders_of
from engine.run.plan_steps import (
    Account,
    Planned,
    PlannedStep,
    Planner,
    every_planned,
    uses_of,
)
from engine.run.trigger_parameters import built_parameters, environment_of
from engine.run.two_way.twin import Twin, twin_of
from engine.store.connections import Connection, connections_to
from engine.store.database import Store
from engine.store.shapes import Source
from engine.webhooks import Webhook

#: Records that go through the steps together.
CHUNK = 500
#: Fewer where each record is a call of its own, so that a chunk is settled within seconds.
CHUNK_OF_CALLS = 100

Transports = Mapping[str, httpx2.BaseTransport]
#: By connection and operation: fields that are gone, each with the connector's reason.
Vanished = dict[tuple[str, str], dict[str, str]]


@dataclass(frozen=True)
class SkipPlan:
    condition: Expression
    reason: Expression


@dataclass(frozen=True)
class Plan:
    """Everything a run needs; belongs to the thread that made it.

    :param webhook: of the trigger, where it has one.
    :param accounts: by connection name, each connection that is logged in to.
    :param twin: the recipe in the other direction.
    :param prefix: what the keys of the trigger's records begin with, so that those of several
        triggers differ; empty for the first one's.
    :param around: what templates read besides the record.
    :param noun: what people call a record, whichever trigger it came from.
    :param several: where the recipe has several triggers: the plan for each.
    :param planner: what compiled the steps, for those that are compiled anew on the way.
    :param said: what connectors say that can't be had any more; they may say it at any time.
    """

    recipe: Recipe
    trigger: Trigger
    trigger_connection: str
    trigger_context: Context
    trigger_parameters: Mapping[str, Any]
    record: str
    skip: tuple[SkipPlan, ...]
    steps: tuple[Planned, ...]
    chunk: int
    webhook: Webhook | None
    accounts: Mapping[str, tuple[Connector, Context]]
    planner: Planner
    twin: Twin | None = None
    prefix: str = ""
    around: Mapping[str, Any] = field(default_factory=dict)
    several: tuple["Plan", ...] = ()
    noun: Noun = field(default_factory=Noun)
    said: Vanished = field(default_factory=dict)

    @cached_property
    def source(self) -> Source:
        """Whose records the trigger's are."""
        return source_of(self.recipe.trigger, self.recipe.trigger.fields)

    @property
    def sources(self) -> tuple["Plan", ...]:
        """Return the plan for each of the recipe's triggers."""
        return self.several or (self,)

    def of_key(self, key: str) -> "Plan":
        """Return the plan for the trigger that a record with this key came from."""
        first, *others = self.sources
        return next((plan for plan in others if key.startswith(plan.prefix)), first)

    @property
    def answers(self) -> bool:
        """Whether it has an answer for those who call its webhook."""
        return any(isinstance(step, PlannedAnswer) for step in every_planned(self.steps))

    @property
    def uses(self) -> tuple[PlannedStep, ...]:
        """Return the steps that use a connector, also those within other steps."""
        return uses_of(self.steps)


@contextmanager
def open_plan(
    store: Store,
    host: Host,
    recipe: Recipe,
    *,
    now: datetime,
    run_id: int | None = None,
    transports: Transports | None = None,
    retry: RetryPolicy | None = None,
    stopping: Callable[[], bool] | None = None,
) -> Iterator[Plan]:
    """Compile ``recipe`` and open its connections' sessions for as long as the block runs.

    :param transports: by connection name, instead of the network; for tests.
    :param stopping: asked while a request waits its turn; True ends the waiting.
    :raises SetupError: a connection or setting is missing.
    :raises RecipeError: the recipe is wrong; callers check it first, with places.
    """
    environment = environment_of(recipe, now)
    folders = folders_of(recipe, store.home)
    said: Vanished = {}
    with ExitStack() as stack:
        sessions: dict[str, tuple[Connection, HttpSession]] = {}
        accounts: dict[str, tuple[Connector, Context]] = {}

        def context(operation: Trigger | Action, name: str, on_error: OnError = USUAL) -> Account:
            connector = host.connector(operation.connector)
            if name not in sessions:
                connection = connection_for(store, connector, name)
                session = open_session(
                    connector,
                    connection,
                    store=store,
                    transport=(transports or {}).get(name),
                    retry=retry,
                    run_id=run_id,
                    stopping=stopping,
                )
                sessions[name] = connection, stack.enter_context(session)
                if connector.needs_connection:
                    http = HttpClient(session, idempotent=True)
                    accounts[name] = connector, context_for(connector, connection, http, now)
            connection, session = sessions[name]
            http = _client(session, operation, on_error)

            def vanished(path: str, reason: str) -> None:
                said.setdefault((name, operation.full_name), {})[path] = reason

            more = {"folders": folders, "on_vanished": vanished}
            return connection, context_for(connector, connection, http, now, **more)

        of_app = partial(connections_to, store)
        plan = _compiled(environment, host, recipe, context, accounts, of_app)
        yield replace(plan, twin=twin_of(recipe, host), said=said)


def offline_plan(host: Host, recipe: Recipe, *, now: datetime) -> Plan:
    """Compile ``recipe`` without any connection, to try it on records of which nothing is sent.

    No operation of the plan may be called: its contexts have nobody to ask.

    :raises RecipeError: the recipe is wrong; callers check it first, with places.
    """
    environment = environment_of(recipe, now)
    folders = Folders(search=(recipe.path.parent,))

    def context(operation: Trigger | Action, name: str, on_error: OnError = USUAL) -> Account:
        connection = Connection(name=name, connector=operation.connector)
        return connection, Context(http=cast(Http, None), now=now, folders=folders)

    return _compiled(environment, host, recipe, context, {})


def _compiled(
    environment: RecipeEnvironment,
    host: Host,
    recipe: Recipe,
    context: Callable[[Trigger | Action, str, OnError], Account],
    accounts: Mapping[str, tuple[Connector, Context]],
    accounts_of: Callable[[str], Sequence[Connection]] = lambda connector: (),
) -> Plan:
    noun = noun_of(host, recipe).one
    planner = Planner(environment, host, recipe, noun, context, accounts_of)
    steps = planner.plan(recipe.steps)

    def plan(recipe: Recipe) -> Plan:
        return _for_trigger(planner, recipe, accounts, steps)

    first = plan(recipe)
    if not recipe.further:
        return first
    return replace(first, several=tuple(plan(recipe.at(use)) for use in recipe.triggers))


def noun_of(host: Host, recipe: Recipe) -> Noun:
    """Return what people call a record of the recipe, whichever trigger it came from."""
    nouns = {noun_of_use(use, host.operation(use.use.value)) for use in recipe.triggers}
    return nouns.pop() if len(nouns) == 1 else Noun()


def _for_trigger(
    planner: Planner,
    recipe: Recipe,
    accounts: Mapping[str, tuple[Connector, Context]],
    steps: tuple[Planned, ...],
) -> Plan:
    """Return the plan for the trigger that is meant."""
    use, environment, host = recipe.trigger, planner.environment, planner.host
    trigger = host.operation(use.use.value)
    assert isinstance(trigger, Trigger)
    source, trigger_context = planner.context(trigger, use.connection_name, USUAL)
    parameters = built_parameters(environment, host, recipe, trigger)
    trigger = replace(trigger.as_given(parameters), noun=noun_of_use(use, trigger))
    around: dict[str, Any] = {}
    if recipe.knows_trigger:
        around = {one.record.value: None for one in recipe.triggers}
        around["trigger"] = {"id": use.id.value}
    return Plan(
        recipe=recipe,
        trigger=trigger,
        trigger_connection=source.name,
        trigger_context=trigger_context,
        trigger_parameters=parameters,
        record=recipe.trigger.record.value,
        skip=tuple(
            SkipPlan(
                compile_expression(environment, rule.condition.value, "skip"),
                compile_template(environment, rule.reason.value, "skip"),
            )
            for rule in recipe.skip
        ),
        steps=steps,
        chunk=_chunk(uses_of(steps)),
        webhook=host.connector(trigger.connector).webhooks.get(trigger.name),
        accounts=accounts,
        planner=planner,
        prefix="" if use is recipe.triggers[0] else f"{use.id}|",
        around=around,
        noun=noun_of(host, recipe),
    )


#: Seconds that a step waits at a limit.
_PATIENCE = {None: None, "wait": inf, "fail": 0.0}


def _client(session: HttpSession, operation: Trigger | Action, on_error: OnError) -> HttpClient:
    return HttpClient(
        session,
        idempotent=isinstance(operation, Trigger) or operation.idempotent,
        keyed=isinstance(operation, Action) and operation.idempotency_key,
        patience=_PATIENCE[on_error.rate_limited],
        attempts=None if on_error.retries is None else on_error.retries + 1,
    )


def _chunk(steps: Sequence[PlannedStep]) -> int:
    """Return how many records go through ``steps`` together.

    Two batches where every step is a batch that may be sent again: a chunk has costs of its own,
    and this saves 5 % of a run's time. Else one, since a crash leaves a chunk to be asked about.
    """
    actions = [step.action for step in steps]
    if any(action.kind == "single" for action in actions):
        return CHUNK_OF_CALLS
    largest = max((action.size for action in actions if action.kind == "batch"), default=CHUNK)
    twice = all(action.kind == "batch" and action.idempotent for action in actions)
    return max(CHUNK, min(2 * largest if twice else largest, 5 * CHUNK))
