"""A person answers a question: who may, what counts as an answer, and who was first."""

import contextlib
from datetime import UTC, datetime

from engine.errors import SetupError
from engine.recipe.templates.coerce import CoerceError, coercer
from engine.run.traveller import storable
from engine.store.answers import mark_answered
from engine.store.database import Store
from engine.store.questions import Answer, Question, get_question, list_questions

#: Characters of a typed answer or a note.
LONGEST_ANSWER = 2000

_TYPES = {"number": {"type": "number"}, "date": {"type": "string", "format": "date"}}


class TooLate(SetupError):
    """The question is closed already.

    :param question: as it is now.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        super().__init__(closed_because(question), hint="Nothing was changed.")


def answer_question(
    store: Store, id: int, said: str, *, by: str, note: str = "", now: datetime | None = None
) -> Question:
    """Answer a question once and for all; the record then goes on by itself.

    :param said: one of its choices, or what was typed.
    :param by: the e-mail address of who answers.
    :returns: the question as it is now.
    :raises TooLate: it was answered, ran out of time or was taken back before.
    :raises SetupError: there is no such question, this person may not answer it, or this is no
        answer to it.
    """
    question = get_question(store, id)
    if question is None:
        raise SetupError(
            f"There is no question {id}.", hint="`bridgework questions` lists what is asked."
        )
    if question.state != "open":
        raise TooLate(question)
    if not question.may_be_answered_by(by):
        raise SetupError(
            f"{by} may not answer this question.",
            hint=f"It is put to {' and '.join(question.people)}.",
        )
    answer = read_answer(question, said)
    note = storable(note.strip(), LONGEST_ANSWER)
    first = mark_answered(store, [id], answer, by=by, note=note, now=now or datetime.now(UTC))
    after = get_question(store, id)
    assert after is not None
    if not first:
        raise TooLate(after)
    return after


def answer_alike(
    store: Store,
    recipe: str,
    step: str,
    said: str,
    *,
    by: str,
    upto: int,
    note: str = "",
    now: datetime | None = None,
) -> int:
    """Answer all open questions of one step alike; return how many.

    Only those that this person may answer, and for which it is an answer.

    :param upto: the newest question they have seen: what was asked since is left open.
    """
    note = storable(note.strip(), LONGEST_ANSWER)
    alike: dict[Answer, list[int]] = {}
    for question in list_questions(store, recipe=recipe, step=step):
        if question.id <= upto and question.may_be_answered_by(by):
            with contextlib.suppress(SetupError):
                alike.setdefault(read_answer(question, said), []).append(question.id)
    now = now or datetime.now(UTC)
    return sum(
        mark_answered(store, ids, answer, by=by, note=note, now=now)
        for answer, ids in alike.items()
    )


def read_answer(question: Question, said: str) -> Answer:
    """Return what was said as later steps read it.

    :raises SetupError: it is no answer to this question.
    """
    if question.task is not None:
        raise SetupError(
            "This is a task, not a question.",
            hint="Say what came of it on its page, or with `bridgework questions answer`.",
        )
    text = storable(said.strip(), LONGEST_ANSWER)
    if not text:
        raise SetupError("The answer is empty.", hint="Choose or write one.")
    if question.kind == "choice":
        found = [choice for choice in question.choices if choice.lower() == text.lower()]
        if not found:
            raise SetupError(
                f"'{text}' is no answer to this question.",
                hint=f"It can be answered with: {', '.join(question.choices)}.",
            )
        return text if text in found else found[0]
    if question.kind not in _TYPES:
        return text
    try:
        value: Answer = coercer(_TYPES[question.kind])(text)
    except CoerceError as error:
        hint = "Write it like 2026-01-31." if question.kind == "date" else error.hint
        raise SetupError(error.message, hint=hint) from None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def closed_because(question: Question) -> str:
    """Say why a question can't be answered any more."""
    match question.state:
        case "answered":
            return f"{question.answered_by} has answered '{question.answer}' already."
        case "lapsed":
            return "The time to answer this question is over."
        case "withdrawn":
            return "This is no longer asked: the record changed or went another way meanwhile."
    return ""
