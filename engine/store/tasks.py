"""Tasks: what a person does by hand in the place of an app, each kept as a question of its own kind.

What is to be done is encrypted with the question; what came of it is the question's answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from engine.fields import Record, Schema
from engine.store.answers import IN_ONE_STATEMENT
from engine.store.database import Store
from engine.store.questions import Known, known_of, table
from engine.store.tables import questions

#: What a person says of a task.
DONE, THERE, IMPOSSIBLE = "done", "already there", "not possible"
FOUND, NOTHING = "found", "nothing found"
#: The code of a record whose task can't be done, as whoever had it says.
NOT_POSSIBLE = "not_possible"
OF_ACTION = (DONE, THERE, IMPOSSIBLE)
OF_SEARCH = (FOUND, NOTHING, IMPOSSIBLE)


@dataclass(frozen=True, kw_only=True)
class TaskField:
    """A field of the row that an app would get, to be read and copied.

    :param file: the file that it is, as :class:`engine.files.File`; None for all else.
    """

    name: str
    title: str
    value: str
    file: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class ResultField:
    """A field that later steps read, as the app would have answered it; names have dots."""

    name: str
    title: str
    schema: Schema
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a person is to do.

    :param use: the operation, e.g. ``casestatus.upsert_case``; ``app`` and ``action`` are titles.
    :param noun: what people call the thing, e.g. case.
    :param asks_id: whether an id belongs to the answer; ``needs_id``: not without it.
    :param target_id: the thing's id, where the record went there before.
    """

    use: str
    app: str
    action: str
    noun: str
    search: bool
    help: str
    note: str
    fields: tuple[TaskField, ...]
    results: tuple[ResultField, ...]
    asks_id: bool = False
    needs_id: bool = False
    target_id: str = ""

    @property
    def ways(self) -> tuple[str, ...]:
        """Return what can be said of it."""
        return OF_SEARCH if self.search else OF_ACTION


@dataclass(frozen=True)
class TaskAnswer:
    """What a person did.

    :param record: the fields that later steps read.
    :param id: what the app knows the thing by.
    """

    did: str
    record: Record
    id: str | None = None


def task_document(task: Task) -> dict[str, Any]:
    return asdict(task)


def task_of(document: Mapping[str, Any]) -> Task:
    fields = tuple(TaskField(**one) for one in document["fields"])
    results = tuple(ResultField(**one) for one in document["results"])
    return Task(**{**document, "fields": fields, "results": results})


def answer_document(answer: TaskAnswer) -> dict[str, Any]:
    return asdict(answer)


def answer_of(document: Any) -> TaskAnswer:
    return TaskAnswer(**document)


def found_before(
    store: Store, recipe: str, step: str, fingerprints: Sequence[bytes]
) -> dict[bytes, Known]:
    """Return what people answered to the same search, whichever record it was for."""
    wanted, found = list(dict.fromkeys(fingerprints)), dict[bytes, Known]()
    of_step = table.recipe == recipe, table.step == step, table.state == "answered"
    with store.reading() as connection:
        for start in range(0, len(wanted), IN_ONE_STATEMENT):
            some = table.fingerprint.in_(wanted[start : start + IN_ONE_STATEMENT])
            query = select(questions).where(*of_step, some).order_by(table.answered_at)
            found.update((row.fingerprint, known_of(row)) for row in connection.execute(query))
    return found


def open_alike(store: Store, id: int) -> list[int]:
    """Return the ids of open questions that ask the same of other records, and of this one."""
    this = select(table.recipe, table.step, table.fingerprint).where(table.id == id)
    with store.reading() as connection:
        row = connection.execute(this).one()
        query = select(table.id).where(
            table.recipe == row.recipe,
            table.step == row.step,
            table.fingerprint == row.fingerprint,
            table.state == "open",
        )
        return list(connection.execute(query).scalars())
