"""Many tasks of one step as a table: its fields go out as CSV, and what was done comes back in it."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.errors import BridgeworkError, SetupError
from engine.report.export import FORMULA_STARTS
from engine.run.people.tasks import ID, answer_task
from engine.store.database import Store
from engine.store.questions import Question, list_questions
from engine.store.tasks import Task, task_of

#: The columns before the fields, and those behind them that are to be filled in.
NUMBER, RECORD, DID, NOTE = "Task", "Record", "What came of it", "Note"
#: Characters of a table that comes back.
LONGEST_SHEET = 5_000_000


@dataclass(frozen=True)
class OpenTask:
    """A task that a person may do."""

    question: Question
    task: Task


@dataclass
class Taken:
    """What came back.

    :param done: how many tasks were answered.
    :param untouched: rows without an answer.
    :param problems: by the task's number as it was written, why it could not be taken.
    """

    done: int = 0
    untouched: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)


def open_tasks(store: Store, recipe: str, step: str, person: str) -> list[OpenTask]:
    """Return the open tasks of a step that this person may do; the most urgent first."""
    return [
        OpenTask(question, task_of(question.task))
        for question in list_questions(store, recipe=recipe, step=step)
        if question.task is not None and question.may_be_answered_by(person)
    ]


def sheet_of(tasks: Sequence[OpenTask]) -> Iterator[str]:
    """Yield the lines of a CSV file of tasks, with empty columns for what came of each."""
    names = list(dict.fromkeys(f.name for one in tasks for f in one.task.fields))
    asked = _asked(tasks)
    yield _line([NUMBER, RECORD, *names, DID, *asked, NOTE])
    for one in tasks:
        values: dict[str, list[str]] = {}
        for shown in one.task.fields:
            values.setdefault(shown.name, []).append(shown.value)
        given = ["; ".join(values.get(name, ())) for name in names]
        known = [one.task.target_id if name == ID else "" for name in asked]
        title = one.question.title
        yield _line([str(one.question.id), title, *given, "", *known, ""])


def take_sheet(
    store: Store, text: str, *, by: str, recipe: str, step: str, now: datetime | None = None
) -> Taken:
    """Answer the tasks of a table that :func:`sheet_of` made; rows without an answer stay open.

    A row with an id that its task didn't come with, or with another field of the result, counts as
    done (or found).

    :raises SetupError: it is no such table.
    """
    if len(text) > LONGEST_SHEET:
        raise SetupError("The table is too large.", hint="Send it in several parts.")
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    columns = reader.fieldnames or ()
    if NUMBER not in columns or DID not in columns:
        raise SetupError(
            f"The table has no columns '{NUMBER}' and '{DID}'.",
            hint="Download the table of tasks, fill it in, and send that file as CSV.",
        )
    tasks = {one.question.id: one for one in open_tasks(store, recipe, step, by)}
    taken = Taken()
    for row in reader:
        number = (row.get(NUMBER) or "").strip()
        cells = {name: _read(cell) for name, cell in row.items() if isinstance(cell, str)}
        one = tasks.get(int(number)) if number.isdecimal() else None
        did = cells.get(DID, "")
        if one is None:
            if did or number:
                taken.problems.append((number, "It is not an open task of this step."))
            continue
        answers = {name: cells.get(name, "") for name in _asked([one])}
        did = did or _implied(one.task, answers)
        if not did:
            taken.untouched += 1
            continue
        try:
            note = cells.get(NOTE, "")
            answer_task(store, one.question.id, did, answers, by=by, note=note, now=now)
        except BridgeworkError as error:
            taken.problems.append((number, str(error)))
        else:
            taken.done += 1
    return taken


def _asked(tasks: Sequence[OpenTask]) -> list[str]:
    ids = [ID] if any(one.task.asks_id for one in tasks) else []
    return list(dict.fromkeys([*ids, *(f.name for one in tasks for f in one.task.results)]))


def _implied(task: Task, answers: dict[str, str]) -> str:
    known = {ID: task.target_id}
    filled = any(value and value != known.get(name, "") for name, value in answers.items())
    return task.ways[0] if filled else ""


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(_safe(cell) for cell in cells)
    return line.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _read(cell: str) -> str:
    cell = cell.strip()
    safe = cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS)
    return cell[1:] if safe else cell
