"""Questions to people: what was asked, who answered, and whether the answer took effect yet.

A question belongs to one record at one step of one recipe. It is open until somebody answers it, its
time is up (lapsed), or the record's way leads elsewhere (withdrawn). An answered or lapsed question
waits for the run that takes its record on; ``continued_run_id`` then says which one that was.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import Connection, Text, and_, cast, delete, func, or_, select, update
from sqlalchemy.engine import Row

from engine.store.bulk import among
from engine.store.database import Store, upsert
from engine.store.tables import questions

State = Literal["open", "answered", "lapsed", "withdrawn"]
Answer = str | int | float | Mapping[str, Any]

table = questions.c
#: Answered or lapsed, and the record has not gone on yet.
TO_CONTINUE = and_(table.state.in_(("answered", "lapsed")), table.continued_run_id.is_(None))
#: Open, or to be continued.
PENDING = or_(table.state == "open", TO_CONTINUE)

#: Whom questions are for, as text: databases don't group by JSON, and every page counts them.
_PEOPLE = cast(table.people, Text)

#: The code of a record that waits for a person.
ASKED = "asked"
#: Questions that one notice tells of, or one run goes on after, at most.
AT_ONCE = 5000

_UNANSWERED: Mapping[str, Any] = MappingProxyType(
    {
        "answer": None,
        "note": "",
        "answered_by": "",
        "answered_at": None,
        "continued_run_id": None,
        "tries": 0,
        "try_at": None,
        "told_in": "",
    }
)


@dataclass(frozen=True, kw_only=True)
class NewQuestion:
    """What is to be asked about one record.

    :param fingerprint: of all that is asked; the same record is not asked the same twice.
    :param details: label and value, as they are shown.
    :param people: e-mail addresses of those who may answer, in small letters; empty: everyone.
    :param within: how long it may take; None: for ever.
    :param task: what is to be done, where it is no question (engine.store.tasks).
    """

    step: str
    fingerprint: bytes
    text: str
    details: tuple[tuple[str, str], ...]
    kind: str
    choices: tuple[str, ...]
    people: tuple[str, ...]
    on_no: str
    otherwise: str
    within: timedelta | None
    task: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question as it stands now."""

    id: int
    recipe: str
    step: str
    record_key: str
    title: str
    run_id: int
    text: str
    details: tuple[tuple[str, str], ...]
    kind: str
    choices: tuple[str, ...]
    people: tuple[str, ...]
    on_no: str
    otherwise: str
    asked_at: datetime
    due_at: datetime | None
    state: State
    answer: Answer | None
    note: str
    answered_by: str
    answered_at: datetime | None
    continued_run_id: int | None
    task: Mapping[str, Any] | None = None

    def may_be_answered_by(self, person: str) -> bool:
        return _may(person, self.people)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a step needs to know of a question it asked before."""

    id: int
    fingerprint: bytes
    state: State
    answer: Answer | None
    note: str
    answered_by: str
    answered_at: datetime | None
    people: tuple[str, ...] = ()
    continued_run_id: int | None = None


@dataclass(frozen=True)
class Asked:
    """One record's question, to be written down when the record is parked.

    :param title: the record's.
    :param at: when it is asked.
    :param earlier: the same question, where it was asked before and is to be asked once more.
    """

    key: str
    title: str
    question: NewQuestion
    at: datetime
    earlier: Known | None = None


# -- asking ----------------------------------------------------------------------------------------


def known_questions(
    store: Store, recipe: str, step: str, keys: Sequence[str]
) -> dict[tuple[str, bytes], Known]:
    """Return the questions that a step asked about these records, by key and fingerprint."""
    query = select(questions).where(
        table.recipe == recipe, table.step == step, among(table.record_key, "keys")
    )
    with store.reading() as connection:
        rows = connection.execute(query, {"keys": list(keys)})
        return {(row.record_key, row.fingerprint): known_of(row) for row in rows}


def has_questions(store: Store, recipe: str) -> bool:
    """Return whether anybody was ever asked by this recipe."""
    query = select(table.id).where(table.recipe == recipe).limit(1)
    with store.reading() as connection:
        return connection.execute(query).first() is not None


def pending(connection: Connection, recipe: str, keys: Sequence[str]) -> list[tuple[int, str, str]]:
    """Return id, record key and state of questions that are open or not yet continued."""
    query = select(table.id, table.record_key, table.state).where(
        table.recipe == recipe, PENDING, among(table.record_key, "keys")
    )
    rows = connection.execute(query, {"keys": list(keys)})
    return [(row.id, row.record_key, row.state) for row in rows]


def put(
    store: Store, connection: Connection, recipe: str, run_id: int, asked: Sequence[Asked]
) -> None:
    """Ask: write questions down, or open them anew where they were asked before."""
    new = []
    for one in asked:
        question = one.question
        values = {
            "title": one.title,
            "run_id": run_id,
            "text": question.text,
            "details": store.vault.seal(_details(question)),
            "kind": question.kind,
            "choices": list(question.choices),
            "people": list(question.people),
            "on_no": question.on_no,
            "otherwise": question.otherwise,
            "asked_at": one.at,
            "due_at": None if question.within is None else one.at + question.within,
            "state": "open",
        }
        if one.earlier is None:
            identity = {"step": question.step, "fingerprint": question.fingerprint}
            new.append({"recipe": recipe, "record_key": one.key, **identity, **values})
        else:
            connection.execute(
                update(questions)
                .where(table.id == one.earlier.id, table.state == one.earlier.state)
                .values(**values, **_UNANSWERED)
            )
    # Another run of the recipe may have asked just now.
    upsert(connection, questions, new, update=())


def withdraw(connection: Connection, ids: Collection[int]) -> None:
    """Take back what is no longer to be asked or carried out."""
    if ids:
        connection.execute(
            update(questions).where(table.id.in_(ids), PENDING).values(state="withdrawn")
        )


def mark_continued(connection: Connection, ids: Collection[int], run_id: int) -> None:
    """Note that the answers took effect in this run."""
    if ids:
        connection.execute(
            update(questions).where(table.id.in_(ids), TO_CONTINUE).values(continued_run_id=run_id)
        )


# -- reading ---------------------------------------------------------------------------------------


def get_question(store: Store, id: int) -> Question | None:
    with store.reading() as connection:
        row = connection.execute(select(questions).where(table.id == id)).first()
    return None if row is None else question_of(store, row)


def list_questions(
    store: Store,
    *,
    states: Sequence[State] = ("open",),
    recipe: str | None = None,
    step: str | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[Question]:
    """Return questions: open ones by when they are due and asked, else the latest answers first.

    :param after: skip this many; for paging.
    """
    query = select(questions).where(table.state.in_(states))
    if recipe is not None:
        query = query.where(table.recipe == recipe)
    if step is not None:
        query = query.where(table.step == step)
    if tuple(states) == ("open",):
        query = query.order_by(table.due_at.is_(None), table.due_at, table.asked_at, table.id)
    else:
        query = query.order_by(table.answered_at.desc(), table.id.desc())
    query = query.offset(after)
    if limit is not None:
        query = query.limit(limit)
    with store.reading() as connection:
        rows = connection.execute(query).all()
    return [question_of(store, row) for row in rows]


def count_questions(
    store: Store, states: Sequence[State] = ("open",), *, kind: str | None = None
) -> int:
    """Return how many questions :func:`list_questions` would list without a limit."""
    query = select(func.count()).select_from(questions).where(table.state.in_(states))
    if kind is not None:
        query = query.where(table.kind == kind)
    with store.reading() as connection:
        return int(connection.execute(query).scalar_one())


def open_about(store: Store, recipe: str, key: str) -> int | None:
    """Return the question that a record waits at, if it waits."""
    query = select(func.max(table.id)).where(
        table.recipe == recipe, table.record_key == key, table.state == "open"
    )
    with store.reading() as connection:
        return connection.execute(query).scalar()


def open_steps(store: Store, person: str, *, kind: str = "choice") -> dict[tuple[str, str], int]:
    """Count the open questions of a kind that this person may answer, by recipe and step."""
    query = (
        select(table.recipe, table.step, _PEOPLE, func.count())
        .where(table.state == "open", table.kind == kind)
        .group_by(table.recipe, table.step, _PEOPLE)
        .order_by(table.recipe, table.step)
    )
    counts: dict[tuple[str, str], int] = {}
    with store.reading() as connection:
        for recipe, step, people, count in connection.execute(query):
            if _may(person, json.loads(people)):
                counts[recipe, step] = counts.get((recipe, step), 0) + count
    return counts


def forget_withdrawn(store: Store, before: datetime) -> int:
    """Delete questions that were taken back and asked before a moment; return how many.

    Answers are kept: a record that comes again is not asked about twice.
    """
    with store.writing() as connection:
        done = connection.execute(
            delete(questions).where(table.state == "withdrawn", table.asked_at < before)
        )
        return done.rowcount


def waiting_for(store: Store, person: str, *, kind: str | None = None) -> int:
    """Return how many open questions, or those of a kind, this person may answer."""
    query = select(_PEOPLE, func.count()).where(table.state == "open").group_by(_PEOPLE)
    if kind is not None:
        query = query.where(table.kind == kind)
    with store.reading() as connection:
        rows = connection.execute(query).all()
    return sum(count for people, count in rows if _may(person, json.loads(people)))


def question_of(store: Store, row: Row[Any]) -> Question:
    given = dict(row._mapping)
    for unshown in ("fingerprint", "tries", "try_at", "told_in"):
        del given[unshown]
    details = store.vault.open(row.details)
    if isinstance(details, Mapping):
        given["task"], details = details["task"], details["details"]
    given["details"] = tuple((label, value) for label, value in details)
    given["choices"], given["people"] = tuple(row.choices), tuple(row.people)
    return Question(**given)


def known_of(row: Row[Any]) -> Known:
    return Known(
        id=row.id,
        fingerprint=row.fingerprint,
        state=row.state,
        answer=row.answer,
        note=row.note,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        people=tuple(row.people),
        continued_run_id=row.continued_run_id,
    )


def _details(question: NewQuestion) -> Any:
    pairs = [list(pair) for pair in question.details]
    return pairs if question.task is None else {"details": pairs, "task": question.task}


def _may(person: str, people: Collection[str]) -> bool:
    return not people or person.strip().lower() in people
