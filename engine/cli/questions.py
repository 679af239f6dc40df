"""``questions`` lists what recipes ask of people; ``questions answer`` answers one."""

import getpass
from typing import TYPE_CHECKING, Any

import click

from engine.cli.task_tables import export, import_
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.store.questions import Question

STATES = ("open", "answered", "lapsed", "withdrawn")


@click.group(invoke_without_command=True, short_help="List what recipes ask of people; answer it.")
@click.option(
    "--state",
    type=click.Choice(STATES),
    default="open",
    show_default=True,
    help="Which questions to list.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
@click.pass_context
def questions(context: click.Context, workspace: Workspace, state: str, as_json: bool) -> None:
    """List the questions that records wait at, the most urgent first."""
    if context.invoked_subcommand is None:
        show_list(workspace, state, as_json=as_json)


@questions.command("list", short_help="List the questions, the most urgent first.")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@with_workspace
def list_(workspace: Workspace, state: str, as_json: bool) -> None:
    """List the questions that records wait at, the most urgent first."""
    show_list(workspace, state, as_json=as_json)


@questions.command()
@click.argument("id", type=click.IntRange(1), metavar="ID")
@with_workspace
def show(workspace: Workspace, id: int) -> None:
    """Show a question with its details."""
    from engine.cli.output import console, plain
    from engine.errors import SetupError
    from engine.store.questions import get_question

    found = get_question(workspace.store, id)
    if found is None:
        raise SetupError(f"There is no question {id}.", hint="`bridgework questions` lists them.")
    target = console()
    target.print(plain(found.text), style="bold")
    for label, value in found.details:
        target.print(plain(f"{label}: {value}"))
    if found.task is not None:
        _show_task(found, target.print)
    target.print(plain(f"{found.title}, asked {_when(found.asked_at)} by {found.recipe}."))
    if found.state == "open":
        target.print(plain(f"Answer with: {_ways(found)}.{_until(found)}"))
    elif found.state == "answered":
        note = f" {found.note}" if found.note else ""
        target.print(plain(f"{found.answered_by} answered: {_said(found)}.{note}"))
    else:
        target.print("Nobody answered in time." if found.state == "lapsed" else "No longer asked.")


@questions.command("answer-all", short_help="Answer all questions of a recipe's step alike.")
@click.argument("recipe", metavar="RECIPE")
@click.argument("answer", metavar="ANSWER")
@click.option("--step", help="The question's id in the recipe. [default: the only one asked]")
@click.option("--by", help="Whose answer it is: an e-mail address. [default: your user name here]")
@click.option("--note", default="", help="A few words beside each answer.")
@click.option("--later", is_flag=True, help="Leave it to `bridgework serve` to go on.")
@with_workspace
@click.pass_context
def answer_all(
    context: click.Context,
    workspace: Workspace,
    recipe: str,
    answer: str,
    step: str | None,
    by: str | None,
    note: str,
    later: bool,
) -> None:
    """Answer all open questions of RECIPE alike; their records then go on, here and now."""
    from engine.cli.output import say
    from engine.errors import SetupError
    from engine.run.people.answering import answer_alike
    from engine.store.questions import list_questions

    found = list_questions(workspace.store, recipe=recipe, step=step)
    steps = sorted({one.step for one in found})
    if len(steps) > 1:
        raise SetupError(
            f"{recipe!r} asks several things: {', '.join(steps)}.", hint="Name one with --step."
        )
    done = 0
    if found:
        done = answer_alike(
            workspace.store,
            recipe,
            steps[0],
            answer,
            by=by or getpass.getuser(),
            upto=max(one.id for one in found),
            note=note,
        )
    if not done:
        raise SetupError(
            f"No open question of {recipe!r} takes the answer '{answer}' from you.",
            hint="`bridgework questions` lists what is asked, of whom, and what can be answered.",
        )
    say(f"{done} {'question is' if done == 1 else 'questions are'} answered: '{answer}'.")
    if not later:
        context.exit(_go_on(workspace, recipe))


@questions.command(short_help="Answer a question, or say what came of a task.")
@click.argument("id", type=click.IntRange(1), metavar="ID")
@click.argument("answer", metavar="ANSWER")
@click.option("--by", help="Whose answer it is: an e-mail address. [default: your user name here]")
@click.option("--note", default="", help="A few words beside the answer.")
@click.option(
    "--set",
    "values",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Of a task: the id of what was made (id=…), or another field that later steps read.",
)
@click.option("--later", is_flag=True, help="Leave it to `bridgework serve` to go on.")
@with_workspace
@click.pass_context
def answer(
    context: click.Context,
    workspace: Workspace,
    id: int,
    answer: str,
    by: str | None,
    note: str,
    values: tuple[str, ...],
    later: bool,
) -> None:
    """Answer the question ID, or say what came of the task ID; its record then goes on, here and now.

    A task is answered with 'done', 'already there' or 'not possible' (and why: --note), a search
    with 'found', 'nothing found' or 'not possible'.
    """
    from engine.cli.output import say
    from engine.run.people.answering import answer_question
    from engine.run.people.tasks import answer_task
    from engine.store.questions import get_question

    by = by or getpass.getuser()
    found = get_question(workspace.store, id)
    if found is not None and found.task is not None:
        given = dict(_parted(value) for value in values)
        done = answer_task(workspace.store, id, answer, given, by=by, note=note)
    else:
        done = answer_question(workspace.store, id, answer, by=by, note=note)
    say(f"Answered '{answer.strip()}': {done.text}")
    if not later:
        context.exit(_go_on(workspace, done.recipe))


def show_list(workspace: Workspace, state: str, *, as_json: bool) -> None:
    from typing import cast

    from engine.cli.output import console, print_json, print_table, say
    from engine.store.questions import State, list_questions

    found = (
        [] if workspace.is_new else list_questions(workspace.store, states=(cast(State, state),))
    )
    if as_json:
        print_json([_document(one) for one in found], indent=2)
        return
    if not found:
        say("Nobody is asked anything." if state == "open" else f"No question is {state}.")
        return
    print_table(
        console(),
        ("ID", "Question", "Answers", "For", "Asked", "Until"),
        (
            (
                str(one.id),
                one.text,
                _ways(one) if one.state == "open" else _said(one) or one.state,
                ", ".join(one.people) or "everyone",
                _when(one.asked_at),
                _when(one.due_at) if one.due_at else "",
            )
            for one in found
        ),
    )
    if state == "open":
        say(f"\nAnswer one with `bridgework questions answer ID ANSWER{workspace.option}`.")


def _go_on(workspace: Workspace, recipe: str) -> int:
    """Take a recipe's answered records on, unless a running `bridgework serve` is faster."""
    from datetime import UTC, datetime

    from engine.cli.output import say
    from engine.cli.run import carry_out
    from engine.run.parked.after_answer import continue_recipe
    from engine.run.workers.attendance import Attendance
    from engine.store.answers import to_continue

    store, now = workspace.store, datetime.now(UTC)
    answered = to_continue(store, now).get(recipe, {})
    with Attendance(store) as attendance:
        run_id = continue_recipe(
            store,
            workspace.host,
            workspace.library,
            recipe,
            answered,
            now,
            worker=attendance.shift.worker,
        )
        if run_id is not None:
            return int(carry_out(workspace, run_id, attendance.shift, as_json=False))
    say("It goes on with `bridgework serve`: the recipe is running just now.")
    return 0


def _parted(value: str) -> tuple[str, str]:
    name, equals, text = value.partition("=")
    if not equals:
        raise click.BadParameter(f"{value!r} is not FIELD=VALUE.", param_hint="--set")
    return name.strip(), text


def _show_task(question: "Question", out: Any) -> None:
    """Print what a task says besides its fields, and what is to be entered."""
    from engine.cli.output import plain
    from engine.store.tasks import task_of

    task = task_of(question.task or {})
    if task.target_id:
        out(plain(f"This record is already {task.noun} {task.target_id}: change it there."))
    if task.note:
        out(plain(task.note))
    names = [*(["id"] if task.asks_id else []), *(field.name for field in task.results)]
    if names and question.state == "open":
        out(plain(f"To be entered: {' '.join(f'--set {name}=…' for name in names)}"))


def _said(question: "Question") -> str:
    from engine.store.tasks import answer_of

    if question.task is not None and question.answer is not None:
        return answer_of(question.answer).did
    return str(question.answer or "")


def _ways(question: "Question") -> str:
    from engine.report.words import AN_ANSWER

    return AN_ANSWER.get(question.kind) or ", ".join(question.choices)


def _until(question: "Question") -> str:
    return f" Until {_when(question.due_at)}." if question.due_at else ""


def _when(at: Any) -> str:
    from engine.report import moment

    return str(moment(at))


def _document(question: "Question") -> dict[str, Any]:
    return {
        "id": question.id,
        "recipe": question.recipe,
        "step": question.step,
        "key": question.record_key,
        "title": question.title,
        "question": question.text,
        "details": dict(question.details),
        "kind": question.kind,
        "choices": list(question.choices),
        "people": list(question.people),
        "asked_at": question.asked_at.isoformat(),
        "due_at": question.due_at.isoformat() if question.due_at else None,
        "state": question.state,
        "answer": question.answer,
        "note": question.note,
        "answered_by": question.answered_by,
        "answered_at": question.answered_at.isoformat() if question.answered_at else None,
        "run": question.run_id,
        "continued_in_run": question.continued_run_id,
    }


questions.add_command(export)
questions.add_command(import_)
