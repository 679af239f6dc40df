"""Questions: what recipes ask of people, each with what may be answered, and who answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from engine.errors import SetupError
from engine.redaction import redact
from engine.report.words import AN_ANSWER
from engine.run.people.answering import TooLate, answer_alike, answer_question
from engine.store import questions as store_questions
from engine.store.questions import Question, State
from engine.store.runs import Run, get_runs, latest_runs
from engine.store.tasks import answer_of
from web.pages import page_number, plural
from web.site import site
from web.times import When, when

bp = Blueprint("questions", __name__, url_prefix="/questions")

#: The lists there are, and what each holds.
LISTS: dict[str, tuple[State, ...]] = {
    "open": ("open",),
    "closed": ("answered", "lapsed", "withdrawn"),
}
QUESTIONS_A_PAGE = 25
#: From so many questions of one step on, they may be answered at once.
ALIKE_FROM = 3
#: Of those so many are named; the others are counted.
ALIKE_SHOWN = 100


@dataclass(frozen=True)
class AlikeLink:
    """Where many questions of one step can be answered at once."""

    recipe_title: str
    count: int
    url: str
    tasks: bool = False


@dataclass(frozen=True)
class QuestionCard:
    """One question, ready to be shown.

    :param mine: the person who looks may answer it now.
    :param people: those who may, where it is not everyone.
    :param no: what the answer no does, in words; empty where that is left to the recipe.
    :param lapse: what happens when nobody answers in time; empty where there is no such time.
    :param result: how it was closed, and what came of it.
    :param run_url: the report of the run that went on with the record.
    """

    id: int
    recipe: str
    recipe_title: str
    title: str
    text: str
    details: tuple[tuple[str, str], ...]
    kind: str
    choices: tuple[str, ...]
    hint: str
    people: str
    mine: bool
    no: str
    lapse: str
    asked: When
    due: When | None
    state: State
    result: str
    note: str
    answered: When | None
    run_url: str

    @property
    def open(self) -> bool:
        return self.state == "open"


@bp.get("/")
def index() -> str:
    """List what is asked, the most urgent first; ``?list=closed``: what was, the latest first."""
    chosen = request.args.get("list", "open")
    states = LISTS.get(chosen) or abort(404)
    total = store_questions.count_questions(site().store, states)
    tasks = store_questions.count_questions(site().store, states, kind="task")
    pager = page_number(
        request.args.get("page"), total, QUESTIONS_A_PAGE, ("question", "questions")
    )
    found = store_questions.list_questions(
        site().store, states=states, after=pager.after, limit=pager.size
    )
    return render_template(
        "questions/index.html",
        cards=cards_of(found),
        chosen=chosen,
        pager=pager,
        headline=_headline(chosen, total, tasks),
        groups=_groups() if chosen == "open" else [],
    )


@bp.get("/about")
def about() -> Response:
    """Lead to what is asked about the record ``?key=`` of a ``?recipe=``."""
    recipe, key = request.args.get("recipe", ""), request.args.get("key", "")
    id = store_questions.open_about(site().store, recipe, key)
    if id is None:
        flash("Nothing is asked about this record any more.", "note")
        return redirect(url_for("questions.index"))
    return redirect(url_for("questions.show", id=id))


@bp.get("/alike/<recipe>/<step>")
def alike(recipe: str, step: str) -> str:
    """Show the questions of one step, to answer them all at once."""
    found = _of_step(recipe, step)
    cards = cards_of(found[:ALIKE_SHOWN])
    return render_template(
        "questions/alike.html",
        cards=cards or abort(404),
        total=len(found),
        upto=max(question.id for question in found),
        recipe=recipe,
        step=step,
        choices=found[0].choices,
    )


@bp.post("/alike/<recipe>/<step>")
def answer_all(recipe: str, step: str) -> Response:
    """Answer all questions of one step with ``answer``, up to the newest that was seen."""
    said = request.form.get("answer", "")
    done = answer_alike(
        site().store,
        recipe,
        step,
        said,
        by=current_user.email,
        upto=request.form.get("upto", default=0, type=int),
        note=request.form.get("note", ""),
    )
    if done:
        flash(f"{plural(done, 'question is', 'questions are')} answered: “{said}”.", "done")
    else:
        flash("No question was answered: none of them takes this answer now.", "problem")
    return redirect(url_for("questions.index"))


@bp.get("/<int:id>")
def show(id: int) -> str | Response:
    question = _question_or_404(id)
    if question.task is not None:
        return redirect(url_for("tasks.show", id=id))
    return render_template("questions/show.html", card=cards_of([question])[0])


@bp.post("/<int:id>/answer")
def answer(id: int) -> Response | tuple[str, int]:
    """Answer with ``answer``, and a ``note`` beside it; its record then goes on by itself."""
    question = _question_or_404(id)
    said, note = request.form.get("answer", ""), request.form.get("note", "")
    try:
        done = answer_question(site().store, id, said, by=current_user.email, note=note)
    except TooLate as late:
        flash(str(late), "problem")
        return redirect(url_for("questions.show", id=id))
    except SetupError as error:
        card = cards_of([question])[0]
        page = render_template(
            "questions/show.html", card=card, said=said, written=note, wrong=str(error)
        )
        return page, 422
    flash(f"Answered “{done.answer}”: {done.text}", "done")
    return redirect(url_for("questions.index"))


def count_on_every_page(app: Flask) -> None:
    """Let every page say how many questions wait for the person who looks at it."""

    @app.context_processor
    def waiting() -> dict[str, int]:
        if not current_user or not current_user.is_authenticated:
            return {}
        return {"waiting_for_me": store_questions.waiting_for(site().store, current_user.email)}


def _groups() -> list[AlikeLink]:
    """Return the steps with so many questions that they may be answered at once."""
    links, runs = [], latest_runs(site().store)
    for (recipe, step), count in store_questions.open_steps(
        site().store, current_user.email
    ).items():
        if count >= ALIKE_FROM:
            title = runs[recipe].title if recipe in runs else recipe
            links.append(AlikeLink(title, count, url_for(".alike", recipe=recipe, step=step)))
    for (recipe, step), count in store_questions.open_steps(
        site().store, current_user.email, kind="task"
    ).items():
        if count > 1:
            title = runs[recipe].title if recipe in runs else recipe
            url = url_for("tasks.many", recipe=recipe, step=step)
            links.append(AlikeLink(title, count, url, tasks=True))
    return links


def _of_step(recipe: str, step: str) -> list[Question]:
    """Return the open questions of a step with one set of choices, which who looks may answer."""
    found = [
        question
        for question in store_questions.list_questions(site().store, recipe=recipe, step=step)
        if question.kind == "choice" and question.may_be_answered_by(current_user.email)
    ]
    return [question for question in found if question.choices == found[0].choices]


def _question_or_404(id: int) -> Question:
    return store_questions.get_question(site().store, id) or abort(404)


def cards_of(questions: Sequence[Question]) -> list[QuestionCard]:
    """Return questions ready to be shown."""
    wanted = {id for question in questions for id in (question.run_id, question.continued_run_id)}
    known = get_runs(site().store, {id for id in wanted if id is not None})
    return [_card(question, known) for question in questions]


def _card(question: Question, runs: Mapping[int, Run]) -> QuestionCard:
    asking = runs.get(question.run_id)
    run = runs.get(question.continued_run_id or 0)
    noun = asking.source_noun.one if asking else "record"
    return QuestionCard(
        id=question.id,
        recipe=question.recipe,
        recipe_title=asking.title if asking else question.recipe,
        title=redact(question.title),
        text=redact(question.text),
        details=tuple((label, redact(value)) for label, value in question.details),
        kind=question.kind,
        choices=question.choices,
        hint=AN_ANSWER.get(question.kind, ""),
        people=" or ".join(question.people),
        mine=question.state == "open" and question.may_be_answered_by(current_user.email),
        no={
            "skip": f"“no” leaves the {noun} out.",
            "reject": f"“no” puts the {noun} among the rejected ones.",
        }.get(question.on_no, ""),
        lapse=_lapse(question, noun),
        asked=when(question.asked_at),
        due=when(question.due_at) if question.due_at else None,
        state=question.state,
        result=_result(question),
        note=redact(question.note),
        answered=when(question.answered_at) if question.answered_at else None,
        run_url="" if run is None else url_for("reports.show", run_id=run.id),
    )


def _lapse(question: Question, noun: str) -> str:
    match question.otherwise:
        case "":
            return ""
        case "skip":
            return f"After that the {noun} is left out."
        case "reject":
            return f"After that the {noun} is among the rejected ones."
    return f"After that “{question.otherwise}” counts as the answer."


def _result(question: Question) -> str:
    match question.state:
        case "answered" if question.task is not None:
            return redact(f"{question.answered_by}: {answer_of(question.answer).did}.")
        case "answered":
            return redact(f"{question.answered_by} answered “{question.answer}”.")
        case "lapsed":
            return f"Nobody {'did it' if question.task is not None else 'answered'} in time."
        case "withdrawn":
            return "This is no longer asked: the record changed or went another way meanwhile."
    return ""


def _headline(chosen: str, total: int, tasks: int) -> str:
    if chosen == "closed":
        return "What was asked"
    if tasks == total > 0:
        return f"{plural(total, 'task waits', 'tasks wait')} for a person"
    if tasks:
        asked = plural(total - tasks, "question", "questions")
        return f"{plural(tasks, 'task', 'tasks')} and {asked} wait for a person"
    return (
        f"{plural(total, 'question waits', 'questions wait')} for an answer"
        if total
        else ("No question waits for an answer")
    )
