"""The kinds of steps a recipe may have, as the loader leaves them.

Every kind knows the texts that templates read (:attr:`BaseStep.templates`, ``expressions``) and the
lists of steps within it (``blocks``), so that whoever walks a recipe needs no list of the kinds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from engine.operations import PERSON
from engine.recipe.answer_steps import AnswerStep
from engine.recipe.durable_steps import CollectStep, ParallelStep, UntilStep, WaitStep
from engine.recipe.join_steps import JoinStep
from engine.recipe.person import ByPerson
from engine.recipe.step_base import BaseStep
from engine.recipe.texts import FieldSet, Text

if TYPE_CHECKING:
    from engine.recipe.called import Called

#: What an empty source field does to the target's field.
Blank = Literal["leave alone", "clear", "reject"]
#: What a person answers: one of the choices, or something typed.
AnswerKind = Literal["choice", "text", "number", "date"]
NO = "no"
YES_OR_NO = ("yes", NO)
OnNo = Literal["skip", "reject", "continue"]
#: What a step does at the app's limit of requests: waits as long as it must, or fails its record.
RateLimited = Literal["wait", "fail"]
#: What a rejected record does to its run.
OnRejected = Literal["report", "stop"]
#: What becomes of a record for which the app has no such thing, e.g. what it updates was deleted.
OnNotFound = Literal["report", "skip", "stop"]
#: What becomes of a record whose step failed, after all attempts.
AfterFailure = Literal["fail", "hold", "skip"]
#: What becomes of a record some of whose items failed.
IfItemFails = Literal["reject", "continue"]
#: How a record's way ends before its last step; ``stop`` ends the whole run.
Ending = Literal["reject", "skip", "stop"]


@dataclass(frozen=True)
class IfNone:
    """What to do when a search finds nothing: reject or skip the record, with a reason.

    ``continue`` goes on with an empty result.
    """

    then: Literal["reject", "skip", "continue"]
    reason: Text | None = None


@dataclass(frozen=True)
class OnError:
    """What a step does when it goes wrong.

    :param rate_limited: None: it waits for a while, and the run stops where that isn't enough.
    :param retries: how often a request that failed is tried again; None: as often as usual.
    :param then: after a failure that none of the following is said of.
    :param no_answer: after the app could not be reached, or had a problem of its own.
    :param bad_answer: after it answered something unforeseen.
    :param not_found: None: as ``rejected`` says.
    """

    rate_limited: RateLimited | None = None
    rejected: OnRejected = "report"
    retries: int | None = None
    then: AfterFailure = "fail"
    no_answer: AfterFailure | None = None
    bad_answer: AfterFailure | None = None
    not_found: OnNotFound | None = None

    @property
    def holds(self) -> bool:
        """Whether a record that failed may be held for a person."""
        return "hold" in (self.then, self.no_answer, self.bad_answer)


#: What a step does whose recipe doesn't say.
USUAL = OnError()


@dataclass(frozen=True, kw_only=True)
class Use:
    """An operation of a connector, and the connection it works with.

    :param use: ``connector.operation``.
    :param connection: the name of a connection; None where the recipe names none.
    :param fields: what stands under ``with:``.
    """

    use: Text
    connection: Text | None
    fields: FieldSet

    @property
    def connection_name(self) -> str:
        """Return the connection's name; one that isn't named is called like its app."""
        return self.connection.value if self.connection else self.use.value.partition(".")[0]


@dataclass(frozen=True, kw_only=True)
class Step(Use, BaseStep):
    """One action or search done for each record.

    :param key: bare expression: which record this is to the link table; default: the trigger's key.
    :param blank: what an empty field does, where ``blanks`` says nothing of it.
    :param blanks: what single fields do, or all below a name; each a :data:`Blank`.
    :param person: what is said to whoever does it, where ``connection`` says that a person does.
    :param otherwise: steps that stand in for records it failed for; they read ``error``.
    :param creates: of a search: steps that stand in where it finds nothing. What the last of them
        gives is the search's result.
    """

    key: Text | None = None
    person: ByPerson | None = None
    blank: Blank = "leave alone"
    blanks: FieldSet = field(default_factory=FieldSet)
    if_none: IfNone | None = None
    on_error: OnError = USUAL
    otherwise: "Steps" = ()
    creates: "Steps" = ()

    @property
    def blocks(self) -> tuple["Steps", ...]:
        return tuple(block for block in (self.creates, self.otherwise) if block)

    @property
    def templates(self) -> tuple[Text, ...]:
        none = self.if_none.reason if self.if_none else None
        said = () if self.person is None else self.person.templates
        return (*self.fields.texts, *([] if none is None else [none]), *said)

    @property
    def expressions(self) -> tuple[Text, ...]:
        return tuple(text for text in (self.key, self.condition) if text is not None)

    @property
    def by_person(self) -> bool:
        """Whether a person does it, in the place of its app."""
        return self.connection_name == PERSON


@dataclass(frozen=True, kw_only=True)
class AskStep(BaseStep):
    """A question to a person; a record waits at it until it is answered.

    :param text: the question, a template.
    :param details: what stands beside it, templates by their labels.
    :param kind: what an answer is; ``choices`` are to choose from where it is a choice.
    :param people: templates of the e-mail addresses of those who may answer; empty: anyone who
        logs in.
    :param within: how long it may take; None: for ever.
    :param otherwise: what happens when nobody answered in time: ``reject``, ``skip`` or one of the
        choices.
    :param on_no: what the answer ``no`` does to the record.
    """

    text: Text
    details: Mapping[str, Text] = field(default_factory=dict)
    kind: AnswerKind = "choice"
    choices: tuple[str, ...] = YES_OR_NO
    people: tuple[Text, ...] = ()
    within: timedelta | None = None
    otherwise: str = "reject"
    on_no: OnNo = "skip"

    @property
    def templates(self) -> tuple[Text, ...]:
        return (self.text, *self.details.values(), *self.people)


@dataclass(frozen=True, kw_only=True)
class EachStep(BaseStep):
    """Steps done for every entry of a list; its result is the list of what became of each.

    :param items: bare expression of the list.
    :param item: what templates of the steps within call the entry.
    :param key: bare expression that tells a record's entries apart; None: their ``id``, else their
        place in the list.
    :param if_item_fails: ``reject``: the record is rejected once all its entries were tried.
    """

    items: Text
    item: Text
    key: Text | None = None
    steps: "Steps"
    if_item_fails: IfItemFails = "reject"

    @property
    def blocks(self) -> tuple["Steps", ...]:
        return (self.steps,)

    @property
    def expressions(self) -> tuple[Text, ...]:
        return tuple(t for t in (self.items, self.key, self.condition) if t is not None)


@dataclass(frozen=True)
class Branch:
    """One way of a ``choose``: its steps are done for the records its condition holds for."""

    condition: Text
    steps: "Steps"


@dataclass(frozen=True, kw_only=True)
class ChooseStep(BaseStep):
    """The first branch whose condition holds is taken, else ``otherwise``.

    Steps with an ``if`` of their own around them are a choice with one branch.
    """

    branches: tuple[Branch, ...]
    otherwise: "Steps" = ()

    @property
    def blocks(self) -> tuple["Steps", ...]:
        return (*(branch.steps for branch in self.branches), self.otherwise)

    @property
    def expressions(self) -> tuple[Text, ...]:
        return (*super().expressions, *(branch.condition for branch in self.branches))


@dataclass(frozen=True, kw_only=True)
class SetStep(BaseStep):
    """Values worked out once, read by later steps as ``id.name``; they never change."""

    fields: FieldSet

    @property
    def templates(self) -> tuple[Text, ...]:
        return self.fields.texts


@dataclass(frozen=True, kw_only=True)
class EndStep(BaseStep):
    """The record's way ends here, or with ``stop`` the whole run, and the report says why."""

    ending: Ending
    reason: Text

    @property
    def templates(self) -> tuple[Text, ...]:
        return (self.reason,)


@dataclass(frozen=True, kw_only=True)
class CallStep(BaseStep):
    """Another recipe's steps are done with what it is given; its result is their outputs.

    :param called: None where it couldn't be read. Its steps aren't ``blocks`` of this one: they
        read other names.
    """

    recipe: Text
    fields: FieldSet
    called: "Called | None" = None

    @property
    def templates(self) -> tuple[Text, ...]:
        return self.fields.texts


AnyStep = (
    Step
    | AskStep
    | EachStep
    | ChooseStep
    | SetStep
    | EndStep
    | CallStep
    | WaitStep
    | UntilStep
    | ParallelStep
    | CollectStep
    | JoinStep
    | AnswerStep
)
Steps = tuple[AnyStep, ...]


def every_step(steps: Iterable[AnyStep]) -> Iterator[AnyStep]:
    """Yield the steps and all within them, each before those within it."""
    for step in steps:
        yield step
        for block in step.blocks:
            yield from every_step(block)


def called_too(steps: Iterable[AnyStep]) -> Iterator[AnyStep]:
    """Yield the steps, all within them, and those of the recipes they call."""
    for step in every_step(steps):
        yield step
        if isinstance(step, CallStep) and step.called is not None:
            yield from called_too(step.called.steps)
