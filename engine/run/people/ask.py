"""A step that asks a person: the record is parked, and passes when its question is answered.

A parked record costs no thread and no place in a queue: it is settled as ``waiting``, its source is
kept, and its question is a row in a table. The run that takes it on (engine.run.parked.after_answer) sends it
through the recipe again from that source: steps before the question find that nothing changed, and
the question finds its answer here.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from jinja2 import Undefined
from sqlalchemy import Connection

from engine.errors import TemplateError
from engine.recipe.model import Recipe
from engine.recipe.steps import NO, AskStep, Step, called_too
from engine.recipe.templates.environment import RecipeEnvironment, as_text
from engine.recipe.templates.template import Expression, Scope, compile_expression, compile_template
from engine.run.traveller import Traveller, storable
from engine.store import plain, questions
from engine.store.database import Store
from engine.store.ledger import SAME_KEY
from engine.store.questions import ASKED, Asked, Known, NewQuestion
from engine.store.runs import Run

#: Characters of a question, or of one detail, that are kept.
LONGEST = 2000
#: What differs from record to record in the text of a question.
BLANKS = re.compile(r"\{\{.*?\}\}", re.DOTALL)
ANSWER_IT = "Answer it under 'Questions' or with `bridgework questions`; it then goes on by itself."
ASK_AGAIN = "Try the record again to ask once more."


@dataclass(frozen=True)
class PlannedAsk:
    """A question, compiled.

    :param wording: the question with its blanks left open, the same for all records, so that the
        report tells once of all that wait at it.
    """

    id: str
    name: str
    step: AskStep
    wording: str
    text: Expression
    details: tuple[tuple[str, Expression], ...]
    people: tuple[Expression, ...]
    condition: Expression | None
    blocks: tuple[()] = ()


def plan_ask(environment: RecipeEnvironment, step: AskStep, id: str = "") -> PlannedAsk:
    """Compile a question.

    :param id: the step's, with those of the calls it belongs to.

    :raises TemplateSyntaxError: by a template that isn't one; ``check`` finds these first.
    """
    return PlannedAsk(
        id=id or step.id.value,
        name=step.id.value,
        step=step,
        wording=BLANKS.sub("…", step.text.value)[:LONGEST],
        text=compile_template(environment, step.text.value, "ask"),
        details=tuple(
            (label, compile_template(environment, text.value, label))
            for label, text in step.details.items()
        ),
        people=tuple(compile_template(environment, text.value, "of") for text in step.people),
        condition=None
        if step.condition is None
        else compile_expression(environment, step.condition.value, "if"),
    )


class Asker:
    """Asks on behalf of one run, and keeps its questions in step with its records.

    :param run_id: None in a preview, which only says what would be asked.
    :param asks: the recipe has questions now, or had some earlier.
    :param by_hand: a person asked for just these records to be tried again.
    """

    #: Whether steps that people do are left to them; a trial takes them as done.
    leaves_to_people = True

    def __init__(
        self,
        store: Store,
        recipe: str,
        run_id: int | None = None,
        *,
        asks: bool = True,
        by_hand: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store, self.recipe, self.run_id, self.clock = store, recipe, run_id, clock
        self._asks, self.by_hand = asks, by_hand

    @classmethod
    def of_run(
        cls, store: Store, recipe: Recipe, run: Run, clock: Callable[[], datetime]
    ) -> "Asker":
        asks = any(
            isinstance(s, AskStep) or (isinstance(s, Step) and s.by_person)
            for s in called_too(recipe.steps)
        ) or questions.has_questions(store, recipe.name)
        by_hand = run.origin == "retry"
        return cls(store, recipe.name, run.id, asks=asks, by_hand=by_hand, clock=clock)

    def ask(self, step: PlannedAsk, travellers: Sequence[Traveller]) -> list[Traveller]:
        """Let those pass whose question is answered, park the others; return those that go on."""
        posed = [(t, question) for t in travellers if (question := _pose(step, t)) is not None]
        known = self.known(step, posed) if posed else {}
        for traveller, question in posed:
            key = traveller.record or traveller.key
            self._meet(step, traveller, question, known.get((key, question.fingerprint)))
        return [traveller for traveller in travellers if traveller.outcome is None]

    def known(
        self, step: PlannedAsk, posed: Sequence[tuple[Traveller, NewQuestion]]
    ) -> Mapping[tuple[str, bytes], Known]:
        """Return what became of questions asked before, by the record's key and fingerprint."""
        keys = list(dict.fromkeys(traveller.record or traveller.key for traveller, _ in posed))
        return questions.known_questions(self.store, self.recipe, step.id, keys)

    def keep(self, connection: Connection, settled: Sequence[Traveller]) -> None:
        """Write down what is asked, and end the questions of records whose way led elsewhere.

        Part of the transaction that settles a chunk.
        """
        if not self._asks or self.run_id is None:
            return
        about = {t.key: t for t in settled if t.code != SAME_KEY}
        left: list[int] = []
        used: list[int] = []
        for id, key, state in questions.pending(connection, self.recipe, list(about)):
            traveller = about[key]
            if id in traveller.waits_for:
                continue
            if id in traveller.answers:
                used.append(id)
            elif traveller.outcome in ("rejected", "failed", "unsure"):
                # It may come back to the question: an answer counts then, but nothing hurries.
                used += [id] if state != "open" else []
            else:
                left.append(id)
        questions.mark_continued(connection, used, self.run_id)
        questions.withdraw(connection, left)
        asked = [one for t in about.values() for one in t.asked]
        questions.put(self.store, connection, self.recipe, self.run_id, asked)

    def _meet(
        self, step: PlannedAsk, traveller: Traveller, question: NewQuestion, known: Known | None
    ) -> None:
        if known is None or known.state in ("open", "withdrawn"):
            self._park(step, traveller, question, known)
        elif known.state == "answered" and known.answer is not None:
            self._take(step, traveller, question, known, known.answer)
        elif step.step.otherwise in step.step.choices:
            self._take(step, traveller, question, known, step.step.otherwise)
        else:
            self._nobody(step, traveller, question, known)

    def _park(
        self, step: PlannedAsk, traveller: Traveller, question: NewQuestion, known: Known | None
    ) -> None:
        still_open = known is not None and known.state == "open"
        if self.run_id is None:
            verb = "It is asked already" if still_open else "It would ask"
            traveller.end(
                "waiting", code=ASKED, reason=f"{verb}: {question.text}", step=question.step
            )
            return
        traveller.end(
            "waiting",
            code=ASKED,
            reason=f"Waiting for an answer: {step.wording}",
            how_to_fix=ANSWER_IT,
            step=question.step,
        )
        if still_open:
            assert known is not None
            traveller.waits_for += (known.id,)
        else:
            key = traveller.record or traveller.key
            traveller.asked += (Asked(key, traveller.title, question, self.clock(), known),)

    def _take(
        self,
        step: PlannedAsk,
        traveller: Traveller,
        question: NewQuestion,
        known: Known,
        answer: questions.Answer,
    ) -> None:
        """Let the record go on with its answer, or end its way where the answer is no."""
        if answer == NO and step.step.on_no != "continue":
            if step.step.on_no == "reject" and self.by_hand:
                self._park(step, traveller, question, known)
                return
            note = f" ({known.note})" if known.note else ""
            said = (
                f"{known.answered_by} said no to"
                if known.state == "answered"
                else "Nobody answered in time, which counts as no"
            )
            traveller.end(
                "rejected" if step.step.on_no == "reject" else "skipped",
                code="declined",
                reason=f"{said}: {step.wording}{note}",
                how_to_fix=ASK_AGAIN if step.step.on_no == "reject" else "",
                step=step.id,
            )
        else:
            at = known.answered_at
            traveller.scope[step.name] = {
                "answer": answer,
                "by": known.answered_by,
                "at": at.isoformat() if at else "",
                "note": known.note,
            }
        traveller.answers += (known.id,)

    def _nobody(
        self, step: PlannedAsk, traveller: Traveller, question: NewQuestion, known: Known
    ) -> None:
        skips = step.step.otherwise == "skip"
        if self.by_hand and not skips:
            self._park(step, traveller, question, known)
            return
        traveller.end(
            "skipped" if skips else "rejected",
            code="no_answer",
            reason=f"Nobody answered in time: {step.wording}",
            how_to_fix="" if skips else ASK_AGAIN,
            step=step.id,
        )
        traveller.answers += (known.id,)


def _pose(step: PlannedAsk, traveller: Traveller) -> NewQuestion | None:
    """Return what is asked about a record; None where it passes by or can't be asked about."""
    scope = traveller.scope
    try:
        if step.condition is not None and not step.condition.holds(scope):
            scope[step.name] = None
            return None
        text = _shown(step.text, scope)
        details = tuple((label, _shown(value, scope)) for label, value in step.details)
        people = tuple(dict.fromkeys(p for one in step.people for p in addresses(one, scope)))
    except TemplateError as error:
        traveller.refuse(step.id, error)
        return None
    missing = "ask" if not text else "of" if step.people and not people else ""
    if missing:
        traveller.end(
            "rejected",
            code="nobody_to_ask" if missing == "of" else "no_question",
            reason="It is not known who may answer: the address is empty."
            if missing == "of"
            else "The question is empty.",
            how_to_fix="Fill it in at the source, or let the recipe use another value there.",
            step=step.id,
            field=missing,
        )
        return None
    asked = step.step
    content = [text, details, asked.kind, asked.choices, people]
    if traveller.record:  # entries of one list are asked about one by one
        content.append(traveller.key)
    return NewQuestion(
        step=step.id,
        fingerprint=blake2b(plain.dump(content), digest_size=16).digest(),
        text=text,
        details=details,
        kind=asked.kind,
        choices=asked.choices,
        people=people,
        on_no=asked.on_no if NO in asked.choices else "",
        otherwise=asked.otherwise if asked.within is not None else "",
        within=asked.within,
    )


def _shown(template: Expression, scope: Scope) -> str:
    """Return a value as a person reads it; a list's entries stand behind each other."""
    value = template.value(scope)
    if isinstance(value, list | tuple) and not any(isinstance(v, Mapping | list) for v in value):
        return storable(", ".join(shown_value(one) for one in value), LONGEST)
    return storable(shown_value(value).strip(), LONGEST)


def shown_value(value: Any) -> str:
    """Return a value as a person reads it."""
    if isinstance(value, Undefined):
        return ""
    if isinstance(value, list | tuple | Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return as_text(value)


def addresses(template: Expression, scope: Scope) -> list[str]:
    """Return the e-mail addresses that a template gives, in small letters."""
    value = template.value(scope)
    found = value if isinstance(value, list | tuple) else [value]
    return [text.strip().lower() for one in found if (text := shown_value(one)).strip()]
