"""Answering: who may, what counts as an answer, and that only the first one counts."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import SetupError
from engine.run.people.answering import TooLate, answer_question
from engine.run.people.reminders import look_after_questions
from engine.run.start import request_run
from engine.run.upkeep.duties import Works
from engine.store.answers import mark_lapsed
from engine.store.notices import list_notices
from engine.store.questions import forget_withdrawn, get_question, list_questions

DANA = "dana@mill.example"


@pytest.fixture
def ask(office, make_order):
    """Return the question that a recipe with these further lines asks about one order."""

    def ask(lines="", orders=("1",), name="parcels"):
        office.mill.orders = [make_order(key) for key in orders]
        text = '- id: q\n  ask: "May {{ order.title }} be sent?"\n' + lines
        later = office.SINGLE.replace("{{ order.title }}", "{{ q.answer }}")
        office.run(office.recipe(text + later, name=name))
        return list_questions(office.store, recipe=name)[0]

    return ask


@pytest.mark.parametrize(
    ("lines", "said", "stored"),
    [
        ("", "yes", "yes"),
        ("", " YES ", "yes"),
        ("  choices: [Send it, hold it]\n", "send it", "Send it"),
        ("  choices: [a, A]\n", "A", "A"),
        ("  answer: text\n", "  As agreed.\n", "As agreed."),
        ("  answer: number\n", "12", 12),
        ("  answer: number\n", "12.50", 12.5),
        ("  answer: date\n", "2026-12-24", "2026-12-24"),
    ],
)
def test_an_answer_is_kept_as_what_later_steps_read(office, ask, lines, said, stored):
    question = ask(lines)
    after = answer_question(office.store, question.id, said, by=DANA, note=" fine ")
    assert (after.state, after.answer, after.answered_by, after.note) == (
        "answered", stored, DANA, "fine",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "said", "says"),
    [
        ("", "maybe", "It can be answered with: yes, no."),
        ("", "  ", "The answer is empty."),
        ("  answer: number\n", "1,200.00", "without thousands separators"),
        ("  answer: number\n", "nan", "is not a number"),
        ("  answer: date\n", "24.12.2026", "2026-01-31"),
    ],
)
def test_what_is_no_answer_changes_nothing(office, ask, lines, said, says):
    question = ask(lines)
    with pytest.raises(SetupError) as caught:
        answer_question(office.store, question.id, said, by=DANA)
    assert says in str(caught.value)
    assert get_question(office.store, question.id) == question


def test_only_those_who_are_asked_may_answer(office, ask):
    question = ask("  of: [boss@mill.example]\n")
    with pytest.raises(SetupError, match=r"It is put to boss@mill\.example"):
        answer_question(office.store, question.id, "yes", by=DANA)
    assert answer_question(office.store, question.id, "yes", by="Boss@Mill.example")


def test_of_two_people_at_once_one_is_the_first_and_the_other_is_told(office, ask):
    question = ask()
    start, results = threading.Barrier(8), []

    def answer(number):
        start.wait()
        said = "yes" if number % 2 else "no"
        try:
            results.append(answer_question(office.store, question.id, said, by=f"{number}@x.y"))
        except TooLate as late:
            results.append(late)

    threads = [threading.Thread(target=answer, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    late = [one for one in results if isinstance(one, TooLate)]
    [won] = [one for one in results if not isinstance(one, TooLate)]
    assert len(late) == 7
    assert get_question(office.store, question.id) == won
    assert all(f"{won.answered_by} has answered '{won.answer}'" in str(one) for one in late)


def test_a_question_whose_time_is_up_is_closed(office, ask):
    question = ask("  within: 1 hour\n")
    mark_lapsed(office.store, question.due_at + timedelta(seconds=1))
    with pytest.raises(TooLate, match="The time to answer"):
        answer_question(office.store, question.id, "yes", by=DANA)


def test_there_is_no_such_question(office):
    with pytest.raises(SetupError, match="no question 7"):
        answer_question(office.store, 7, "yes", by=DANA)


def test_withdrawn_questions_are_forgotten_and_answers_kept(office, ask, clock):
    question = ask(orders=["1", "2"])
    answer_question(office.store, question.id, "yes", by=DANA)
    office.mill.orders[1] = {**office.mill.orders[1], "title": "Order 2, renamed"}
    office.run(office.library.load("parcels"))
    assert forget_withdrawn(office.store, clock()) == 0
    assert forget_withdrawn(office.store, clock() + timedelta(days=1)) == 1
    left = list_questions(office.store, states=["open", "answered", "withdrawn"])
    assert sorted(one.state for one in left) == ["answered", "open"]


# -- telling people --------------------------------------------------------------------------------


@pytest.fixture
def duty(office):
    works = Works(office.store, office.host, office.library, lambda run_id: None)
    return lambda: look_after_questions(works)


def notices(office):
    return list_notices(office.store, topic="question")


def test_people_hear_of_a_question_once_and_no_more_when_it_is_answered(office, ask, duty):
    question = ask()
    duty()
    duty()
    [notice] = notices(office)
    assert notice.subject == "Orders become parcels: May Order 1 be sent?"
    assert notice.body == "May Order 1 be sent?\nThe record waits until it is answered."
    assert notice.link == f"/questions/{question.id}"
    assert notice.send_to is None
    assert notice.stands
    answer_question(office.store, question.id, "yes", by=DANA)
    duty()
    [notice] = notices(office)
    assert not notice.stands


def test_the_questions_of_a_run_are_one_notice_which_stands_until_all_are_answered(
    office, ask, duty
):
    ask(orders=[str(n) for n in range(12)])
    duty()
    [notice] = notices(office)
    assert notice.subject == "Orders become parcels: 12 questions for you"
    assert notice.body.count("be sent?") == 10
    assert "And 2 more." in notice.body
    assert notice.link == "/questions/"
    *most, last = list_questions(office.store)
    for question in most:
        answer_question(office.store, question.id, "no", by=DANA)
    duty()
    assert notices(office)[0].stands
    answer_question(office.store, last.id, "no", by=DANA)
    duty()
    assert not notices(office)[0].stands


def test_a_question_to_somebody_is_told_to_them_with_its_time(office, ask, duty):
    ask("  of: [boss@mill.example]\n  within: 3 days\n")
    duty()
    [notice] = notices(office)
    assert notice.send_to == ("boss@mill.example",)
    assert re.search(r"\(until \d\d:\d\d [A-Z]+ \w+", notice.body)


def test_nobody_is_told_while_the_run_is_still_asking(office, ask, duty):
    ask()
    busy = request_run(office.store, office.host, office.library.load("parcels"))
    duty()
    assert notices(office) == []
    office.go(busy)
    duty()
    assert len(notices(office)) == 1


def test_the_duty_closes_what_nobody_answered_in_time(office, ask, duty, clock):
    clock.now = datetime.now(UTC) - timedelta(days=2)
    question = ask("  within: 1 day\n")
    duty()
    assert get_question(office.store, question.id).state == "lapsed"
    assert notices(office) == []
