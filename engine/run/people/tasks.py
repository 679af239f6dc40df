"""A person says what became of a task: what counts as an answer, and all alike are answered at once."""

from collections.abc import Mapping
from datetime import UTC, datetime

from engine.errors import SetupError
from engine.fields import Record
from engine.recipe.checking.scopes import choices, kinds
from engine.recipe.templates.coerce import CoerceError, coercer
from engine.run.people.answering import LONGEST_ANSWER, TooLate
from engine.run.rows import put
from engine.run.traveller import storable
from engine.store.answers import mark_answered
from engine.store.database import Store
from engine.store.questions import Question, get_question
from engine.store.tasks import (
    FOUND,
    IMPOSSIBLE,
    NOTHING,
    ResultField,
    Task,
    TaskAnswer,
    answer_document,
    open_alike,
    task_of,
)

#: What the target's id is called among the values of an answer.
ID = "id"


class NotAnAnswer(SetupError):
    """Something of an answer can't be taken.

    :param problems: by the field's name, what is wrong with it.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems.values()), hint="Nothing was kept.")


def answer_task(
    store: Store,
    id: int,
    did: str,
    values: Mapping[str, str],
    *,
    by: str,
    note: str = "",
    now: datetime | None = None,
) -> Question:
    """Say what became of a task, once and for all; the record then goes on by itself.

    Searches for the same thing that other records wait at are answered with it.

    :param did: one of :attr:`~engine.store.tasks.Task.ways`.
    :param values: the result's fields, and ``id``, as they were typed.
    :param by: the e-mail address of who did it.
    :param note: a few words; why, where it isn't possible.
    :returns: the question as it is now.
    :raises TooLate: it was answered, ran out of time or was taken back before.
    :raises NotAnAnswer: a field is missing or of another type.
    :raises SetupError: there is no such task, or it is someone else's.
    """
    question = get_question(store, id)
    if question is None or question.task is None:
        raise SetupError(f"There is no task {id}.", hint="`bridgework questions` lists them.")
    if question.state != "open":
        raise TooLate(question)
    if not question.may_be_answered_by(by):
        raise SetupError(
            f"{by} may not do this task.", hint=f"It is for {' and '.join(question.people)}."
        )
    note = storable(note.strip(), LONGEST_ANSWER)
    answer = read_result(task_of(question.task), did, values, note)
    ids = open_alike(store, id)
    document = answer_document(answer)
    first = mark_answered(store, ids, document, by=by, note=note, now=now or datetime.now(UTC))
    after = get_question(store, id)
    assert after is not None
    if not first or after.answered_by != by:
        raise TooLate(after)
    return after


def read_result(task: Task, did: str, values: Mapping[str, str], note: str) -> TaskAnswer:
    """Return what was said, typed as the app's answer is.

    :raises NotAnAnswer: naming each field that is missing or wrong.
    """
    did = did.strip().lower()
    if did not in task.ways:
        raise NotAnAnswer({"did": f"Say one of: {', '.join(task.ways)}."})
    if did == IMPOSSIBLE:
        if not note:
            raise NotAnAnswer({"note": "Say why it is not possible: the report tells it."})
        return TaskAnswer(did, {})
    if did == NOTHING:
        return TaskAnswer(did, {})
    problems: dict[str, str] = {}
    target_id = storable(values.get(ID, "").strip(), LONGEST_ANSWER) or None
    if did != FOUND and task.needs_id and target_id is None:
        problems[ID] = f"Enter the id of the {task.noun}: later changes go there."
    record: Record = {}
    for field in task.results:
        try:
            put(record, tuple(field.name.split(".")), _value(field, values.get(field.name, "")))
        except CoerceError as error:
            problems[field.name] = f"{field.title}: {error.message} {error.hint}".strip()
    if problems:
        raise NotAnAnswer(problems)
    return TaskAnswer(did, record, None if did == FOUND else target_id)


def _value(field: ResultField, typed: str) -> object:
    text = storable(typed.strip(), LONGEST_ANSWER)
    if not text:
        if field.required:
            raise CoerceError("It is needed by a later step.")
        return None
    allowed = choices(field.schema)
    if allowed and text not in [str(one) for one in allowed]:
        raise CoerceError(f"It is one of: {', '.join(map(str, allowed))}.")
    if kinds(field.schema) == {"array"}:
        return coercer(field.schema)([line.strip() for line in text.splitlines() if line.strip()])
    value = coercer(field.schema)(text)
    return int(value) if isinstance(value, float) and value.is_integer() else value
