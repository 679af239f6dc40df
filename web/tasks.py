"""Tasks: steps that people do by hand; each with its fields to copy and a form for what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_login import current_user
from werkzeug import Response
from werkzeug.utils import secure_filename

from engine.errors import BridgeworkError, SetupError
from engine.fields import Schema
from engine.files import File
from engine.recipe.checking.scopes import choices, kinds, options
from engine.redaction import redact
from engine.run.people.answering import TooLate
from engine.run.people.task_sheets import OpenTask, open_tasks, sheet_of, take_sheet
from engine.run.people.tasks import ID, NotAnAnswer, answer_task
from engine.store.questions import Question, get_question
from engine.store.runs import latest_runs
from engine.store.tasks import NOTHING, ResultField, Task, answer_of, task_of
from web.pages import plural
from web.questions import QuestionCard, cards_of
from web.site import site

bp = Blueprint("tasks", __name__, url_prefix="/tasks")

#: Tasks of one step that a page shows; more are done in the table that is downloaded.
SHOWN = 50
#: Problems of a table that are named; the others are counted.
NAMED = 5
VALUE = "value."


@dataclass(frozen=True)
class Shown:
    """A field of a task, ready to be read and copied."""

    title: str
    value: str
    file_url: str


@dataclass(frozen=True)
class Entry:
    """A field of the result, ready to be filled in.

    :param kind: text, lines, number, date or choice.
    :param wrong: what was wrong with what was typed.
    """

    name: str
    title: str
    kind: str
    choices: tuple[str, ...]
    required: bool
    value: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class TaskCard:
    """One task, ready to be shown.

    :param card: what it has in common with questions.
    :param before: what the app knows the record by, where it went there before.
    :param said: what was entered, of a task that is done.
    """

    card: QuestionCard
    task: Task
    fields: tuple[Shown, ...]
    entries: tuple[Entry, ...]
    before: str
    step: str
    said: tuple[tuple[str, str], ...] = ()


@bp.get("/<int:id>")
def show(id: int) -> str:
    """Show one task with its fields and the form for what came of it."""
    question = _task_or_404(id)
    return render_template("tasks/show.html", one=_card(question), more=_more(question))


@bp.post("/<int:id>")
def done(id: int) -> Response | tuple[str, int]:
    """Take what came of a task; its record then goes on by itself."""
    question = _task_or_404(id)
    did, note = request.form.get("did", ""), request.form.get("note", "")
    try:
        after = answer_task(site().store, id, did, _typed(), by=current_user.email, note=note)
    except TooLate as late:
        flash(str(late), "problem")
        return redirect(url_for(".show", id=id))
    except SetupError as error:
        wrong = error.problems if isinstance(error, NotAnAnswer) else {"": str(error)}
        one = _card(question, _typed(), wrong)
        page = render_template(
            "tasks/show.html", one=one, more=0, wrong=wrong, written=note, told=wrong.get("", "")
        )
        return page, 422
    flash(f"{did.capitalize()}: {after.text}", "done")
    step = (question.recipe, question.step)
    if request.form.get("next") == "list" and _of_step(*step):
        return redirect(url_for(".many", recipe=question.recipe, step=question.step))
    return redirect(url_for("questions.index"))


@bp.get("/<int:id>/files/<int:number>")
def file(id: int, number: int) -> Response:
    """Send a file that is one of the task's fields."""
    fields = task_of(_task_or_404(id).task or {}).fields
    found = fields[number].file if number < len(fields) else None
    if found is None:
        abort(404)
    try:
        content = site().store.files.open(cast(File, found))
    except BridgeworkError as error:
        flash(redact(str(error)), "problem")
        return redirect(url_for(".show", id=id))
    name = secure_filename(str(found["name"])) or "file"
    answer = send_file(
        content,
        mimetype="application/octet-stream",  # it is never shown as a page of ours
        as_attachment=True,
        download_name=name,
    )
    answer.cache_control.no_store = True
    return answer


@bp.get("/<recipe>/<step>")
def many(recipe: str, step: str) -> str:
    """Show the tasks of one step, to be done one after the other or in a table."""
    return _many_page(recipe, step)


@bp.get("/<recipe>/<step>/tasks.csv")
def table(recipe: str, step: str) -> Response:
    """Send the tasks of one step as CSV, with empty columns for what came of each."""
    found = _of_step(recipe, step) or abort(404)
    lines = ["\ufeff", *sheet_of(found)]  # without it Excel takes UTF-8 for the old code page
    answer = current_app.response_class("".join(lines), mimetype="text/csv")
    name = f"{recipe}-{step}-tasks.csv"
    names = {"filename": secure_filename(name), "filename*": f"UTF-8''{quote(name, safe='')}"}
    answer.headers.set("Content-Disposition", "attachment", **names)
    answer.cache_control.no_store = True
    return answer


@bp.post("/<recipe>/<step>/table")
def take(recipe: str, step: str) -> Response | tuple[str, int]:
    """Take the table back, filled in."""
    given = request.files.get("table")
    if given is None or not given.filename:
        return _many_page(recipe, step, "Choose the table first."), 422
    try:
        text = given.read().decode("utf-8-sig")
        taken = take_sheet(site().store, text, by=current_user.email, recipe=recipe, step=step)
    except UnicodeDecodeError:
        told = "It is not a CSV file in UTF-8. Save it as “CSV UTF-8”, then send it again."
        return _many_page(recipe, step, told), 422
    except SetupError as error:
        return _many_page(recipe, step, str(error)), 422
    if taken.done:
        flash(f"{plural(taken.done, 'task is', 'tasks are')} done.", "done")
    for number, why in taken.problems[:NAMED]:
        flash(f"Task {number or '?'}: {redact(why)}", "problem")
    if len(taken.problems) > NAMED:
        flash(f"And {len(taken.problems) - NAMED} more were not taken.", "problem")
    if not taken.done and not taken.problems:
        flash("No row of the table says what came of its task.", "note")
    if not _of_step(recipe, step):
        return redirect(url_for("questions.index"))
    return redirect(url_for(".many", recipe=recipe, step=step))


def _many_page(recipe: str, step: str, wrong: str = "") -> str:
    found = _of_step(recipe, step) or abort(404)
    run = latest_runs(site().store).get(recipe)
    return render_template(
        "tasks/many.html",
        cards=[_card(one.question) for one in found[:SHOWN]],
        total=len(found),
        recipe=recipe,
        recipe_title=run.title if run else recipe,
        step=step,
        task=found[0].task,
        wrong=wrong,
    )


def _of_step(recipe: str, step: str) -> list[OpenTask]:
    return open_tasks(site().store, recipe, step, current_user.email)


def _more(question: Question) -> int:
    """Return how many other tasks of the same step wait for who looks."""
    if question.state != "open":
        return 0
    return sum(one.question.id != question.id for one in _of_step(question.recipe, question.step))


def _typed() -> dict[str, str]:
    form = request.form.items()
    return {name.removeprefix(VALUE): value for name, value in form if name.startswith(VALUE)}


def _task_or_404(id: int) -> Question:
    question = get_question(site().store, id)
    if question is None or question.task is None:
        abort(404)
    return question


def _card(
    question: Question,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> TaskCard:
    [card] = cards_of([question])
    task = task_of(question.task or {})
    fields = tuple(
        Shown(
            title=one.title,
            value=redact(one.value),
            file_url=url_for(".file", id=question.id, number=number) if one.file else "",
        )
        for number, one in enumerate(task.fields)
    )
    return TaskCard(
        card=card,
        task=task,
        fields=fields,
        entries=tuple(_entries(task, typed or {}, wrong or {})),
        before=task.target_id,
        step=question.step,
        said=_said(question, task),
    )


def _entries(task: Task, typed: Mapping[str, str], wrong: Mapping[str, str]) -> list[Entry]:
    asked = list(task.results)
    if task.asks_id:
        title = "Id" if task.use.startswith("person.") else f"Id of the {task.noun} in {task.app}"
        asked.insert(0, ResultField(name=ID, title=title, schema={}, required=task.needs_id))
    return [
        Entry(
            name=one.name,
            title=one.title,
            kind=_kind(one.schema),
            choices=tuple(map(str, choices(one.schema))) or _yes_or_no(one.schema),
            required=one.required,
            value=typed.get(one.name, task.target_id if one.name == ID and task.asks_id else ""),
            wrong=wrong.get(one.name, ""),
        )
        for one in asked
    ]


def _kind(schema: Schema) -> str:
    found = kinds(schema)
    if choices(schema) or found == {"boolean"}:
        return "choice"
    if found == {"array"}:
        return "lines"
    if found and found <= {"integer", "number"}:
        return "number"
    dates = [schema.get("format"), *(option.get("format") for option in options(schema))]
    return "date" if "date" in dates else "text"


def _yes_or_no(schema: Schema) -> tuple[str, ...]:
    return ("yes", "no") if kinds(schema) == {"boolean"} else ()


def _said(question: Question, task: Task) -> tuple[tuple[str, str], ...]:
    if question.state != "answered":
        return ()
    answer = answer_of(question.answer)
    lines = [] if answer.id is None else [("Id", answer.id)]
    if answer.did != NOTHING:
        lines += [(one.title, redact(_at(answer.record, one.name))) for one in task.results]
    return tuple((title, value) for title, value in lines if value)


def _at(record: Mapping[str, Any], name: str) -> str:
    value: Any = record
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
