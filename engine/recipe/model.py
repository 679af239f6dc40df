"""A recipe as the loader leaves it: every value still text, every text with its place in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

#: What an empty source field does to the target's field.
Blank = Literal["leave alone", "clear", "reject"]

#: After which runs the report is sent.
ReportWhen = Literal["always", "anything needs attention", "failure"]
#: What a person answers: one of the choices, or something typed.
AnswerKind = Literal["choice", "text", "number", "date"]
NO = "no"
YES_OR_NO = ("yes", NO)
OnNo = Literal["skip", "reject", "continue"]

#: What becomes of a scheduled time that passed while Bridgework was stopped.
Missed = Literal["run once late", "skip"]

#: What a step does at the app's limit of requests: waits as long as it must, or fails its record.
RateLimited = Literal["wait", "fail"]
#: What a rejected record does to its run.
OnRejected = Literal["report", "stop"]
#: What becomes of a record whose step failed, after all attempts.
AfterFailure = Literal["fail", "hold", "skip"]
#: Dotted name of an action's field, split: ``client.phone`` is ``("client", "phone")``.
FieldPath = tuple[str, ...]


@dataclass(frozen=True)
class Position:
    """A place in the recipe's file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Text:
    """A scalar as it was written: ``00042``, ``21:15`` and ``NO`` keep their shape.

    :param value: without quotes.
    :param position: of its first character, inside the quotes if it is quoted.
    :param quoted: it stood in quotes or in a block.
    :param lines: where each of its lines starts, when its characters are one to one in the file;
        empty when escapes or folded lines stand between them.
    """

    value: str
    position: Position
    quoted: bool = False
    lines: tuple[Position, ...] = ()

    def __str__(self) -> str:
        return self.value

    def at(self, offset: int) -> Position:
        """Return the place in the file of one of its characters, or its start where unknown."""
        line = self.value.count("\n", 0, offset)
        if line >= len(self.lines):
            return self.position
        start = self.lines[line]
        return Position(start.line, start.column + offset - self.value.rfind("\n", 0, offset) - 1)


#: A field's value: a template, or a list of them.
Value = Text | tuple[Text, ...]


@dataclass(frozen=True)
class FieldSet:
    """What stands under ``with:``, flattened: nested maps and dotted names are the same thing.

    :param values: by field path, in the file's order.
    :param positions: of each field's name, and of the names that group them.
    """

    values: Mapping[FieldPath, Value] = field(default_factory=dict)
    positions: Mapping[FieldPath, Position] = field(default_factory=dict)


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
    """

    rate_limited: RateLimited | None = None
    rejected: OnRejected = "report"
    retries: int | None = None
    then: AfterFailure = "fail"


#: What a step does whose recipe doesn't say.
USUAL = OnError()


@dataclass(frozen=True)
class SkipRule:
    """Records for which ``condition`` holds are left out, and the report says why.

    :param condition: a bare expression.
    :param reason: a template.
    """

    condition: Text
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Use:
    """An operation of a connector, and the connection it works with.

    :param use: ``connector.operation``.
    :param connection: the name of a connection; None where the recipe names none.
    """

    use: Text
    connection: Text | None

    @property
    def connection_name(self) -> str:
        """Return the connection's name; one that isn't named is called like its app."""
        return self.connection.value if self.connection else self.use.value.partition(".")[0]


@dataclass(frozen=True, kw_only=True)
class TriggerUse(Use):
    """Where the records come from, and when.

    :param record: the record's name in templates.
    :param schedule: as written, e.g. ``every day at 20:30``; ``manual`` when nothing is written.
    :param first_run: how far back the first run reads; None reads everything.
    :param overlap: how far behind its cursor each later run starts again.
    :param missed: what becomes of scheduled times that passed while Bridgework was stopped.
    :param jitter: each scheduled run begins up to this much later.
    """

    fields: FieldSet
    record: Text
    schedule: Text
    timezone: Text
    missed: Missed = "run once late"
    jitter: timedelta = timedelta()
    first_run: timedelta | None = None
    overlap: timedelta = timedelta(minutes=10)
    position: Position


@dataclass(frozen=True, kw_only=True)
class Step(Use):
    """One action or search done for each record.

    :param id: later steps read its result by this name.
    :param key: bare expression: which record this is to the link table; default: the trigger's key.
    :param condition: bare expression; the step is left out for records it doesn't hold for.
    """

    id: Text
    fields: FieldSet
    key: Text | None = None
    condition: Text | None = None
    blank: Blank = "leave alone"
    if_none: IfNone | None = None
    on_error: OnError = USUAL
    position: Position


@dataclass(frozen=True)
class ReportRule:
    """Who is told of the recipe's runs, and of which.

    :param send_to: e-mail addresses.
    :param tell_if_rejected_over: the share of rejected records that is worth a notice, from 0 to 1;
        None where the recipe doesn't say.
    """

    send_to: tuple[str, ...] = ()
    when: ReportWhen = "anything needs attention"
    tell_if_rejected_over: float | None = None


@dataclass(frozen=True, kw_only=True)
class AskStep:
    """A question to a person; a record waits at it until it is answered.

    :param id: later steps read the answer by this name.
    :param text: the question, a template.
    :param details: what stands beside it, templates by their labels.
    :param kind: what an answer is; ``choices`` are to choose from where it is a choice.
    :param people: templates of the e-mail addresses of those who may answer; empty: anyone who
        logs in.
    :param within: how long it may take; None: for ever.
    :param otherwise: what happens when nobody answered in time: ``reject``, ``skip`` or one of the
        choices.
    :param on_no: what the answer ``no`` does to the record.
    :param condition: bare expression; records it doesn't hold for are not asked about.
    """

    id: Text
    text: Text
    details: Mapping[str, Text] = field(default_factory=dict)
    kind: AnswerKind = "choice"
    choices: tuple[str, ...] = YES_OR_NO
    people: tuple[Text, ...] = ()
    within: timedelta | None = None
    otherwise: str = "reject"
    on_no: OnNo = "skip"
    condition: Text | None = None
    position: Position


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A loaded recipe.

    :param name: the file's name without its ending; what commands and pages call it.
    :param title: the ``name:`` people read.
    :param text: the file, byte for byte, as a run keeps it.
    :param tables: the ``translate:`` tables, by name.
    :param report: who is told of its runs.
    :param beside: texts of the files it reads beside itself, by the names written in it; kept with
        ``text``, so that a run goes on with what it began with.
    """

    name: str
    title: str
    description: str
    trigger: TriggerUse
    skip: tuple[SkipRule, ...]
    steps: tuple[Step | AskStep, ...]
    tables: Mapping[str, Mapping[str, str]]
    text: str
    path: Path
    report: ReportRule = ReportRule()
    beside: Mapping[str, str] = field(default_factory=dict)

    @property
    def uses(self) -> tuple[Step, ...]:
        """Return the steps that use a connector; the others ask a person."""
        return tuple(step for step in self.steps if isinstance(step, Step))

    @property
    def connections(self) -> frozenset[str]:
        """Return the names of the connections it uses."""
        return frozenset(use.connection_name for use in (self.trigger, *self.uses))
