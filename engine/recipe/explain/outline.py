"""A recipe as an outline: its parts in plain words, one within the other as its steps are.

Sentences (:func:`as_lines`) and the picture (engine.recipe.explain.picture) are made of it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import SetupError
from engine.host import Host
from engine.nouns import Noun
from engine.operations import PERSON, Action, Operation
from engine.recipe.answer_steps import AnswerStep
from engine.recipe.durable_steps import CollectStep, ParallelStep, UntilStep, WaitStep
from engine.recipe.explain.phrases import Phrases
from engine.recipe.explain.rules import by_hand, length, rules_of, when_empty, when_wrong
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.join_steps import JoinStep
from engine.recipe.live import live_titles
from engine.recipe.model import Recipe, TriggerUse
from engine.recipe.nouns import noun_of_use
from engine.recipe.steps import (
    AnyStep,
    AskStep,
    CallStep,
    ChooseStep,
    EachStep,
    EndStep,
    SetStep,
    Step,
    Steps,
)
from engine.recipe.templates.environment import build_environment
from engine.recipe.texts import FieldPath, FieldSet, Text, texts_of


@dataclass(frozen=True)
class Block:
    """Parts that belong together.

    :param label: when they are done, e.g. ``If the matter's status is “open”``.
    """

    label: str
    parts: tuple["Part", ...]


@dataclass(frozen=True)
class Part:
    """One thing a recipe does.

    :param kind: which kind of step it is, as the recipe's key says; ``trigger``, ``skip rule``, or
        ``rules`` for what is said of the recipe as a whole.
    :param text: one sentence.
    :param notes: what else is to be said of it, e.g. its fields.
    """

    kind: str
    text: str
    notes: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Outline:
    """A whole recipe, told.

    :param parts: its triggers, its skip rules and its steps, in the order of a record's way; then
        its other rules, if it has any.
    """

    title: str
    description: str
    parts: tuple[Part, ...]


def explain(recipe: Recipe, host: Host) -> Outline:
    """Tell a recipe; what can't be found among the connectors is called by its name."""
    teller = _Teller(recipe, host)
    parts = (*map(teller.trigger, recipe.triggers), *teller.rules(), *teller.steps(recipe.steps))
    rules = tuple(rules_of(recipe, teller.noun))
    whole = (Part("rules", "For the recipe as a whole:", rules),) if rules else ()
    return Outline(recipe.title, recipe.description, (*parts, *whole))


def as_lines(outline: Outline) -> Iterator[tuple[int, str]]:
    """Yield the outline's sentences, each with how deep it stands."""
    for part in outline.parts:
        yield from _lines(part, 0)


def _lines(part: Part, depth: int) -> Iterator[tuple[int, str]]:
    yield depth, part.text
    for note in part.notes:
        yield depth + 1, note
    for block in part.blocks:
        if block.label:
            yield depth + 1, block.label
        for inner in block.parts:
            yield from _lines(inner, depth + 1 + bool(block.label))


class _Teller:
    def __init__(self, recipe: Recipe, host: Host) -> None:
        self._recipe, self._host = recipe, host
        self.noun = Noun() if recipe.further else self._noun(recipe.trigger)
        called = {use.record.value: self._called(use) for use in recipe.triggers}
        environment = build_environment(filters_for(recipe.tables), TESTS)
        self.say = Phrases(environment, called)

    def _called(self, use: TriggerUse) -> str:
        return f"the {self._noun(use).one}"

    def _noun(self, use: TriggerUse) -> Noun:
        operation = self._operation(use.use)
        return noun_of_use(use, operation) if operation else Noun()

    def trigger(self, use: TriggerUse) -> Part:
        operation = self._operation(use.use)
        noun = self._noun(use)
        what = f"{self._app(use.use)}: {operation.title}" if operation else use.use.value
        schedule = use.schedule.value.strip()
        when = {
            "manual": "When somebody starts it",
            "instant": "At once, whenever the app tells of something",
        }.get(schedule, f"{schedule[:1].upper()}{schedule[1:]}")
        if any(letter.isdigit() for letter in schedule) and use.timezone.value != "UTC":
            when += f" ({use.timezone.value})"
        notes = list(self._fields(use.fields))
        if use.first_run is not None:
            span = length(use.first_run.total_seconds())
            notes.append(
                f"The first run reads what changed in the last {span}; later ones the rest."
            )
        if use.jitter:
            notes.append(f"It begins up to {length(use.jitter.total_seconds())} later.")
        if use.missed == "skip":
            notes.append("A time that passes while Bridgework is stopped is left out.")
        text = f"{when}, take each {noun.one} from {what}."
        if self._recipe.further:
            text = f"“{use.id.value}”: {text[:1].lower()}{text[1:]}"
        return Part("trigger", text, tuple(notes))

    def rules(self) -> Iterator[Part]:
        for rule in self._recipe.skip:
            condition = self.say.condition(rule.condition.value)
            reason = self.say.template(rule.reason.value)
            text = f"Leave the {self.noun.one} out if {condition}."
            yield Part("skip rule", text, (f"The report says: {reason}",))

    def steps(self, steps: Steps) -> tuple[Part, ...]:
        return tuple(self._step(step) for step in steps)

    def _step(self, step: AnyStep) -> Part:
        part = TOLD[type(step)](self, step)
        assert isinstance(part, Part)
        if step.condition is None:
            return part
        condition = self.say.condition(step.condition.value)
        text = f"If {condition}: {part.text[:1].lower()}{part.text[1:]}"
        return Part(part.kind, text, part.notes, part.blocks)

    def use(self, step: Step) -> Part:
        operation = self._operation(step.use)
        app = self._app(step.use)
        title = operation.title if operation else step.use.value
        search = isinstance(operation, Action) and operation.kind == "search"
        if operation:
            self.say.called.setdefault(step.id.value, f"the {operation.noun.one} “{step.id.value}”")
        notes = list(self._fields(step.fields, live_titles(self._host, step)))
        if step.key is not None:
            key = self.say.expression(step.key.value)
            noun = operation.noun.one if operation else "record"
            notes.append(
                f"{key[:1].upper()}{key[1:]} tells which {noun} it is; none is made twice."
            )
        if step.if_none is not None and step.if_none.then != "continue":
            verb = "rejected" if step.if_none.then == "reject" else "left out"
            said = self.say.template(step.if_none.reason.value) if step.if_none.reason else ""
            notes.append(f"If there is none, the {self.noun.one} is {verb}: {said}".rstrip(": "))
        notes += by_hand(step, self.say)
        notes += when_empty(step, self.noun)
        notes += when_wrong(step.on_error, self.noun)
        made, stand_in = self.steps(step.creates), self.steps(step.otherwise)
        blocks = (
            *([Block("If there is none:", made)] if made else []),
            *([Block("If that fails:", stand_in)] if stand_in else []),
        )
        kind = "search" if search else "use"
        text = f"{title} in {app}."
        if step.by_person:
            text = title if step.use.value.startswith(f"{PERSON}.") else f"{title} in {app}"
            text = f"A person does it: {text}."
        return Part(kind, text, tuple(notes), blocks)

    def ask(self, step: AskStep) -> Part:
        self.say.called.setdefault(step.id.value, f"the answer to “{step.id.value}”")
        people = ", ".join(self.say.template(person.value) for person in step.people)
        notes = [
            f"{label}: {self.say.template(text.value)}" for label, text in step.details.items()
        ]
        if step.kind == "choice":
            notes.append(f"The answer is {' or '.join(f'“{choice}”' for choice in step.choices)}.")
        if "no" in step.choices and step.on_no != "continue":
            verb = "rejects it" if step.on_no == "reject" else "leaves it out"
            notes.append(f"A “no” {verb}.")
        if step.within is not None:
            notes.append(f"It waits for {length(step.within.total_seconds())} at most.")
        text = f"Ask {people or 'somebody'}: {self.say.template(step.text.value)}"
        return Part("ask", text, tuple(notes))

    def each(self, step: EachStep) -> Part:
        items = self.say.expression(step.items.value)
        item = step.item.value
        self.say.called[item] = f"the {item.replace('_', ' ')}"
        goes_on = step.if_item_fails == "continue"
        notes = (f"If one fails, the {self.noun.one} goes on without it.",) if goes_on else ()
        text = f"For each {item.replace('_', ' ')} in {items}:"
        return Part("for_each", text, notes, (Block("", self.steps(step.steps)),))

    def choose(self, step: ChooseStep) -> Part:
        blocks = [
            Block(f"If {self.say.condition(b.condition.value)}:", self.steps(b.steps))
            for b in step.branches
        ]
        if step.otherwise:
            blocks.append(Block("Otherwise:", self.steps(step.otherwise)))
        text = "Choose:" if len(blocks) > 1 else "In one case only:"
        return Part("choose", text, (), tuple(blocks))

    def values(self, step: SetStep) -> Part:
        notes = self._fields(step.fields)
        self.say.called.setdefault(step.id.value, f"“{step.id.value}”")
        return Part("set", f"Work out “{step.id.value}”:", tuple(notes))

    def join(self, step: JoinStep) -> Part:
        left, right = (self.say.expression(text.value) for text in (step.left, step.right))
        self.say.called.setdefault(step.id.value, f"“{step.id.value}”")
        fields = " and ".join(dict.fromkeys((step.left_on.value, step.right_on.value)))
        kept = {"both": "Only entries with a partner stay.", "left": "All of the first list stay."}
        note = kept.get(step.keep, "All of both lists stay.")
        return Part("join", f"Put {left} and {right} together by {fields}:", (note,))

    def answer(self, step: AnswerStep) -> Part:
        status = "" if step.status is None else self.say.template(step.status.value)
        notes = (*self._fields(step.body), *self._fields(step.headers))
        text = f"Answer whoever called{f', with the status {status}' if status else ''}."
        return Part("answer", text, notes)

    def end(self, step: EndStep) -> Part:
        reason = self.say.template(step.reason.value)
        text = {
            "skip": f"Leave the {self.noun.one} out: {reason}",
            "reject": f"Reject the {self.noun.one}: {reason}",
            "stop": f"Stop the whole run: {reason}",
        }[step.ending]
        return Part(step.ending, text)

    def call(self, step: CallStep) -> Part:
        self.say.called.setdefault(step.id.value, f"what “{step.id.value}” gives")
        inner = () if step.called is None else self.steps(step.called.steps)
        text = f"Do the steps of the recipe “{step.recipe.value}”:"
        return Part("call", text, tuple(self._fields(step.fields)), (Block("", inner),))

    def wait(self, step: WaitStep) -> Part:
        if step.length is not None:
            return Part("wait", f"Wait for {length(step.length.total_seconds())}.")
        moment = self.say.template(step.until.value) if step.until else ""
        return Part("wait", f"Wait until {moment}.")

    def until(self, step: UntilStep) -> Part:
        inner = self.steps(step.steps)
        every = length(step.every.total_seconds())
        goes_on = step.if_never == "continue"
        notes = (
            f"Again every {every}, {step.at_most:,} times at most.",
            f"If that never comes, the {self.noun.one} {'goes on' if goes_on else 'is rejected'}.",
        )
        text = f"Until {self.say.condition(step.done.value)}:"
        return Part("until", text, notes, (Block("", inner),))

    def parallel(self, step: ParallelStep) -> Part:
        blocks = tuple(Block("One way:", self.steps(branch)) for branch in step.branches)
        return Part("parallel", "At the same time:", (), blocks)

    def collect(self, step: CollectStep) -> Part:
        self.say.called.setdefault(step.id.value, f"all of “{step.id.value}”")
        given = [] if step.value is None else [self.say.template(step.value.value)]
        notes = (*given, *self._fields(step.fields))
        label = f"Once for all {self.noun.many} that came here, at the end of the run:"
        block = Block(label, self.steps(step.steps))
        return Part("collect", f"Collect of each {self.noun.one}:", notes, (block,))

    # -- pieces --------------------------------------------------------------------------------

    def _fields(
        self, fields: FieldSet, titles: Mapping[FieldPath, str] | None = None
    ) -> Iterator[str]:
        for path, value in fields.values.items():
            said = ", ".join(self.say.template(text.value) for text in texts_of(value))
            title = f" ({titles[path]})" if titles and path in titles else ""
            yield f"{'.'.join(path)}{title}: {said}"

    def _operation(self, use: Text) -> Operation | None:
        try:
            return self._host.operation(use.value)
        except SetupError:
            return None

    def _app(self, use: Text) -> str:
        name = use.value.partition(".")[0]
        connector = self._host.connectors.get(name)
        return connector.title if connector else name


#: How each kind of step is told.
TOLD: Mapping[type, Callable[[_Teller, Any], Part]] = {
    Step: _Teller.use,
    AskStep: _Teller.ask,
    EachStep: _Teller.each,
    ChooseStep: _Teller.choose,
    SetStep: _Teller.values,
    EndStep: _Teller.end,
    CallStep: _Teller.call,
    WaitStep: _Teller.wait,
    UntilStep: _Teller.until,
    ParallelStep: _Teller.parallel,
    CollectStep: _Teller.collect,
    JoinStep: _Teller.join,
    AnswerStep: _Teller.answer,
}
