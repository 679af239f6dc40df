"""The steps of a recipe made ready to run: operations looked up, templates compiled. Once a run."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, Literal, TypeAlias

from jinja2 import nodes

from engine.context import Context
from engine.drift.readings import source_of
from engine.host import Host
from engine.http.sessions import no_connection
from engine.operations import Action, Trigger
from engine.recipe.answer_steps import AnswerStep
from engine.recipe.called import Called
from engine.recipe.durable_steps import CollectStep, ParallelStep, UntilStep, WaitStep
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.join_steps import JoinStep
from engine.recipe.live import connected
from engine.recipe.model import Recipe
from engine.recipe.steps import (
    AnyStep,
    AskStep,
    CallStep,
    ChooseStep,
    EachStep,
    EndStep,
    OnError,
    SetStep,
    Step,
    Steps,
    every_step,
)
from engine.recipe.templates.environment import RecipeEnvironment, build_environment
from engine.recipe.templates.template import Expression, compile_expression, compile_template
from engine.recipe.texts import FieldPath, Text
from engine.run.flow.answer import plan_answer
from engine.run.flow.call import plan_call
from engine.run.flow.choose import plan_choose
from engine.run.flow.collect import PlannedCollect, plan_collect
from engine.run.flow.each import plan_each
from engine.run.flow.ending import plan_end
from engine.run.flow.flow import Flow
from engine.run.flow.join import plan_join
from engine.run.flow.parallel import plan_parallel
from engine.run.flow.until import plan_until
from engine.run.flow.values import plan_set
from engine.run.flow.wait import plan_wait
from engine.run.people.ask import PlannedAsk, plan_ask
from engine.run.people.planned_tasks import PlannedPerson, by_nobody, plan_person, salt_of
from engine.run.rows import RowBuilder, row_builder
from engine.store.connections import Connection
from engine.store.shapes import Source

Account = tuple[Connection, Context]
Planned: TypeAlias = "PlannedStep | PlannedAsk | Flow"


@dataclass(frozen=True)
class PlannedStep:
    """A step that uses a connector, compiled.

    :param name: what templates read its result by; ``id`` says besides which call it belongs to.
    :param origin: the recipe and the step, for idempotency keys.
    :param salt: what its rows' fingerprints begin with; tells apart the same row sent elsewhere.
    :param keeps_result: a later step reads more of its result than the id, so it is stored.
    :param source: whose records its answers are.
    :param anew: it is done in rounds, so that answers to searches are not remembered.
    :param paused: fields that it doesn't send, since what they are made of is gone.
    :param person: what the person is told who does it; None where its app does it.
    :param alike: salts of rows that count as sent here, too: by a person, or before one did it.
    """

    id: str
    name: str
    action: Action
    connection: str
    context: Context
    rows: RowBuilder
    parameters: frozenset[str]
    key: Expression | None
    condition: Expression | None
    if_none: Literal["reject", "skip", "continue"] | None
    none_reason: Expression | None
    on_error: OnError
    origin: bytes
    salt: blake2b
    keeps_result: bool
    source: Source
    otherwise: tuple["Planned", ...] = ()
    creates: tuple["Planned", ...] = ()
    anew: bool = False
    paused: tuple[FieldPath, ...] = ()
    person: PlannedPerson | None = None
    alike: tuple[blake2b, ...] = ()

    @property
    def writes(self) -> bool:
        return self.action.kind != "search"

    @property
    def blocks(self) -> tuple[tuple["Planned", ...], ...]:
        return (self.creates, self.otherwise)


class Planner:
    """Compiles the steps of one recipe.

    :param noun: what people call one of its records.
    :param context: opens a connection for an operation, at the first step that uses it.
    :param accounts_of: returns the connections to an app that there are.
    """

    def __init__(
        self,
        environment: RecipeEnvironment,
        host: Host,
        recipe: Recipe,
        noun: str,
        context: Callable[[Trigger | Action, str, OnError], Account],
        accounts_of: Callable[[str], Sequence[Connection]] = lambda connector: (),
    ) -> None:
        self.environment, self.host, self.recipe = environment, host, recipe
        self.noun, self.context, self.accounts_of = noun, context, accounts_of
        self.calls = ""
        self.rounds = 0

    def within_call(self, step: CallStep, called: Called) -> "Planner":
        """Return what compiles the steps of a recipe that is called."""
        constants = self.environment.constants
        environment = build_environment(filters_for(called.tables), TESTS, constants)
        recipe = replace(self.recipe, steps=called.steps, tables=called.tables)
        inner = Planner(environment, self.host, recipe, self.noun, self.context, self.accounts_of)
        inner.rounds = self.rounds
        inner.calls = f"{self.id_of(step)}."
        return inner

    def id_of(self, step: AnyStep) -> str:
        """Return what tells a step from all others of the recipe, those of its calls included."""
        return self.calls + step.id.value

    def plan(self, steps: Steps) -> tuple[Planned, ...]:
        """Return the steps, compiled.

        :raises TemplateSyntaxError: by a template that isn't one; ``check`` finds these first.
        :raises SetupError: a connection is missing.
        """
        return tuple(self._one(step) for step in steps)

    @contextmanager
    def in_rounds(self) -> Iterator[None]:
        """Plan the steps of the block as such that are done again and again."""
        self.rounds += 1
        try:
            yield
        finally:
            self.rounds -= 1

    def expression(self, text: Text | None, field: str) -> Expression | None:
        """Return a bare expression, compiled, where there is one."""
        return None if text is None else self.expression_of(text, field)

    def expression_of(self, text: Text, field: str) -> Expression:
        return compile_expression(self.environment, text.value, field)

    def template(self, text: Text, field: str) -> Expression:
        return compile_template(self.environment, text.value, field)

    def _one(self, step: AnyStep) -> Planned:
        return PLANS[type(step)](self, step)

    def use(self, step: Step) -> PlannedStep:
        action = self.host.operation(step.use.value)
        assert isinstance(action, Action)
        action = connected(self.host, action, step.connection_name, step.fields)
        connector = self.host.connector(action.connector)
        rows = row_builder(
            self.environment,
            action,
            step.fields,
            app=connector.title,
            noun=self.noun,
            purpose=f"to find the {action.noun.one}" if action.kind == "search" else "",
            blank=step.blank,
            blanks=step.blanks.values,
        )
        action = action.as_given({path[0]: value for path, value in rows.constants})
        person = None
        if step.by_person:
            person = plan_person(self.environment, step, action, self.recipe.steps)
            connection, own = by_nobody(action)
            accounts = (no_connection(connector), *self.accounts_of(action.connector))
            alike = tuple(salt_of(action, account) for account in accounts)
        else:
            connection, own = self.context(action, step.connection_name, step.on_error)
            alike = (salt_of(action, by_nobody(action)[0]),)
        if_none = step.if_none
        id = self.id_of(step)
        return PlannedStep(
            id=id,
            name=step.id.value,
            action=action,
            connection=connection.name,
            context=own,
            rows=rows,
            parameters=frozenset(action.parameters.get("properties", {})),
            key=self.expression(step.key, "key"),
            condition=self.expression(step.condition, "if"),
            if_none=None if if_none is None else if_none.then,
            none_reason=None
            if if_none is None or if_none.reason is None
            else self.template(if_none.reason, "if_none"),
            on_error=step.on_error,
            origin=f"{self.recipe.name}\n{id}".encode(),
            salt=salt_of(action, connection),
            keeps_result=step.id.value in self.read_whole,
            source=source_of(step, step.fields),
            otherwise=self.plan(step.otherwise),
            creates=self.plan(step.creates),
            anew=self.rounds > 0,
            person=person,
            alike=alike,
        )

    @cached_property
    def read_whole(self) -> frozenset[str]:
        """The ids of steps of whose results some template reads more than ``step.id``."""
        found: set[str] = set()
        steps = list(every_step(self.recipe.steps))
        for step in steps:
            templates = [text.value for text in step.templates if "{{" in text.value]
            for source in (*templates, *("{{" + text.value + "}}" for text in step.expressions)):
                found |= _read_whole(self.environment, source)
        for step in steps:
            if isinstance(step, Step) and step.creates and step.id.value in found:
                found.add(step.creates[-1].id.value)
            if isinstance(step, EachStep) and step.id.value in found:
                found |= {inner.id.value for inner in every_step(step.steps)}
        return frozenset(found)


PLANS: Mapping[type, Callable[[Planner, Any], Planned]] = {
    Step: Planner.use,
    AskStep: lambda planner, step: plan_ask(planner.environment, step, planner.id_of(step)),
    EachStep: plan_each,
    ChooseStep: plan_choose,
    SetStep: plan_set,
    EndStep: plan_end,
    CallStep: plan_call,
    JoinStep: plan_join,
    AnswerStep: plan_answer,
    WaitStep: plan_wait,
    UntilStep: plan_until,
    ParallelStep: plan_parallel,
    CollectStep: plan_collect,
}


def _read_whole(environment: RecipeEnvironment, source: str) -> set[str]:
    tree = environment.parse(source)
    counted = Counter(name.name for name in tree.find_all(nodes.Name))
    for part in tree.find_all(nodes.Getattr):
        if part.attr == "id" and isinstance(part.node, nodes.Name):
            counted[part.node.name] -= 1
    return {name for name, count in counted.items() if count > 0}


def every_planned(steps: Iterable[Planned]) -> Iterator[Planned]:
    """Yield the steps and all within them, each before those within it."""
    for step in steps:
        yield step
        for block in step.blocks:
            yield from every_planned(block)


def uses_of(steps: Iterable[Planned]) -> tuple[PlannedStep, ...]:
    """Return the steps that use a connector, also those within other steps."""
    return tuple(step for step in every_planned(steps) if isinstance(step, PlannedStep))


def collects_of(steps: Iterable[Planned]) -> tuple[PlannedCollect, ...]:
    """Return the steps that collect, those within others' messages after these."""
    return tuple(step for step in every_planned(steps) if isinstance(step, PlannedCollect))


def linking(steps: Iterable[Planned]) -> tuple[str, ...]:
    """Return the ids of the steps that leave links of records: of those that write or collect."""
    writing = [step.id for step in uses_of(steps) if step.writes]
    return (*writing, *(step.id for step in collects_of(steps)))
