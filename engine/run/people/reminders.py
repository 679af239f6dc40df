"""Questions whose time is up are closed, and people hear of those that wait for them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from engine.local_time import local_zone
from engine.report.words import moment
from engine.run.upkeep.duties import Works
from engine.store import answers
from engine.store.database import Store
from engine.store.notices import add_notice, close_notice, list_notices
from engine.store.questions import Question
from engine.store.runs import active_run, get_run
from engine.store.untold import mark_told, told_and_open, untold, untold_recipes

#: Questions that one notice names.
NAMED = 10


def look_after_questions(works: Works) -> None:
    """Close what nobody answered in time, and tell of what is new: a duty."""
    now = datetime.now(UTC)
    answers.mark_lapsed(works.store, now)
    close_answered(works.store, now)
    tell(works.store, now)


def tell(store: Store, now: datetime) -> None:
    """Note the questions that nobody has heard of yet, those of a run together.

    While a run is still asking it is left to ask on: one notice then tells of all its questions.
    """
    for recipe in untold_recipes(store):
        if active_run(store, recipe) is not None:
            continue
        groups: dict[tuple[str, ...], list[Question]] = {}
        for question in untold(store, recipe):
            groups.setdefault(question.people, []).append(question)
        for people, asked in groups.items():
            _tell(store, people, asked, now)


def close_answered(store: Store, now: datetime) -> None:
    """End the notices of which no question is open any more."""
    standing = list_notices(store, topic="question", standing=True, limit=1000)
    if not standing:
        return
    with store.writing() as connection:
        still = told_and_open(connection)
        for notice in standing:
            if notice.about not in still:
                close_notice(connection, kind="question", about=notice.about, at=now)


def _tell(store: Store, people: tuple[str, ...], asked: Sequence[Question], now: datetime) -> None:
    first = asked[0]
    run = get_run(store, first.run_id)
    title = run.title if run is not None else first.recipe
    alone = len(asked) == 1
    about = f"question:{first.id}" if alone else f"questions:{first.recipe}:{first.id}"
    with store.writing() as connection:
        if not mark_told(connection, [one.id for one in asked], about):
            return
        add_notice(
            connection,
            kind="question",
            about=about,
            subject=f"{title}: {first.text if alone else f'{len(asked)} {_what(asked)} for you'}",
            body="\n".join(_body(asked, now)),
            link=f"/questions/{first.id}" if alone else "/questions/",
            send_to=people or None,
            at=now,
        )


def _body(asked: Sequence[Question], now: datetime) -> list[str]:
    lines = [
        one.text if one.due_at is None else f"{one.text} (until {_when(one.due_at, now)})"
        for one in asked[:NAMED]
    ]
    if len(asked) > NAMED:
        lines.append(f"And {len(asked) - NAMED} more.")
    it = "The record waits until it is" if len(asked) == 1 else "The records wait until they are"
    return [*lines, f"{it} {'done' if _what(asked) == 'tasks' else 'answered'}."]


def _what(asked: Sequence[Question]) -> str:
    return "tasks" if all(one.task is not None for one in asked) else "questions"


def _when(due: datetime, now: datetime) -> str:
    """Return ``20:18 EST on Wednesday 9 December``."""
    zone = local_zone()
    clock, _, day = moment(due, now.astimezone(zone)).partition(" ")
    return f"{clock} {due.astimezone(zone):%Z} {day}"
