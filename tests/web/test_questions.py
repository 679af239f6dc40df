"""Questions on the pages: listed, answered once, and closed ones say what came of them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from engine.store import questions
from engine.store.answers import mark_answered, mark_lapsed
from engine.store.questions import get_question
from engine.store.runs import get_run

EMAIL = "admin@harborlaw.example"


def test_what_is_asked_is_listed_with_its_answers(admin, ask):
    assert "No question waits for an answer" in admin.get("/questions/").text
    id = ask()
    page = admin.get("/questions/").text
    assert "1 question waits for an answer" in page
    assert "May 00007 go to the client?" in page
    assert "Ada &lt;b&gt;Whitfield&lt;/b&gt;" in page
    assert "Contacts join the newsletter" in page
    assert "“no” leaves the matter out." in page
    assert f'action="/questions/{id}/answer"' in page
    assert re.findall(r'name="answer" value="(\w+)"', page) == ["yes", "no"]


def test_every_page_says_how_many_questions_wait_for_who_looks(admin, ask):
    assert "badge-count" not in admin.get("/runs/").text
    ask()
    ask(key="8", people=("lawyer@harborlaw.example",))
    ask(key="9", people=(EMAIL,))
    assert re.search(r'badge-count">2<', admin.get("/runs/").text)


def test_an_answer_counts_with_its_note_and_the_list_goes_on(admin, ask, store):
    id = ask()
    page = admin.post(f"/questions/{id}/answer", follow=True, answer="yes", note="as agreed").text
    assert "Answered “yes”: May 00007 go to the client?" in page
    assert "No question waits for an answer" in page
    done = get_question(store, id)
    assert (done.state, done.answer, done.note, done.answered_by) == (
        "answered", "yes", "as agreed", EMAIL,
    )  # fmt: skip


def test_the_second_of_two_people_is_told(admin, ask, store):
    id = ask()
    mark_answered(store, [id], "no", by="dana@harborlaw.example", note="", now=datetime.now(UTC))
    page = admin.post(f"/questions/{id}/answer", follow=True, answer="yes").text
    assert "dana@harborlaw.example has answered &#39;no&#39; already." in page
    assert get_question(store, id).answer == "no"


@pytest.mark.parametrize(
    ("kind", "said", "says"),
    [
        ("number", "1,200", "without thousands separators"),
        ("date", "soon", "Write it like 2026-01-31."),
        ("text", "", "The answer is empty."),
        ("choice", "maybe", "It can be answered with: yes, no."),
    ],
)
def test_what_is_no_answer_is_said_beside_what_was_typed(admin, ask, store, kind, said, says):
    id = ask(kind=kind, on_no="", **({} if kind == "choice" else {"choices": ()}))
    answer = admin.post(f"/questions/{id}/answer", answer=said, note="My note")
    assert answer.status_code == 422
    assert says in answer.text
    assert "My note" in answer.text
    if kind == "number":
        assert 'value="1,200"' in answer.text
    assert get_question(store, id).state == "open"


def test_a_question_to_others_is_shown_but_not_answered(admin, ask, store):
    id = ask(people=("lawyer@harborlaw.example", "boss@harborlaw.example"))
    for page in (admin.get("/questions/").text, admin.get(f"/questions/{id}").text):
        assert "Only lawyer@harborlaw.example or boss@harborlaw.example can answer this." in page
        assert f"/questions/{id}/answer" not in page
    answer = admin.post(f"/questions/{id}/answer", answer="yes")
    assert answer.status_code == 422
    assert f"{EMAIL} may not answer this question." in answer.text
    assert get_question(store, id).state == "open"


def test_the_time_there_is_and_what_happens_then_is_said(admin, ask):
    id = ask(within=timedelta(days=3), otherwise="reject")
    page = admin.get(f"/questions/{id}").text
    assert "until <time" in page
    assert "After that the matter is among the rejected ones." in page
    assert (
        "After that the matter is left out."
        in admin.get(f"/questions/{ask(key='8', within=timedelta(days=3), otherwise='skip')}").text
    )
    assert (
        "After that “yes” counts as the answer."
        in admin.get(f"/questions/{ask(key='9', within=timedelta(days=3), otherwise='yes')}").text
    )


def test_closed_questions_say_who_answered_and_what_came_of_it(admin, ask, store, seed):
    now = datetime.now(UTC)
    answered = ask()
    mark_answered(store, [answered], "yes", by="dana@harborlaw.example", note="ok", now=now)
    page = admin.get(f"/questions/{answered}").text
    assert "dana@harborlaw.example answered “yes”." in page
    assert "“ok”" in page
    assert "goes on within seconds" in page
    run_id = seed.run([seed.row("7", "00007", "created", target_id="C7")], origin="answer")
    lapsed = ask(key="8", within=timedelta(seconds=1), at=now - timedelta(days=1))
    mark_lapsed(store, now)
    gone = ask(key="9")
    with store.writing() as connection:
        questions.mark_continued(connection, [answered], run_id)
        questions.withdraw(connection, [gone])
    page = admin.get("/questions/?list=closed").text
    assert f'href="/runs/{run_id}/report"' in page
    assert "Nobody answered in time." in page
    assert "This is no longer asked" in page
    assert "Nobody answered in time." in admin.get(f"/questions/{lapsed}").text
    assert "started by an answer" in admin.get(f"/runs/{run_id}").text


def test_many_questions_have_pages(admin, ask):
    for number in range(30):
        ask(f"Question {number}?", key=str(number))
    page = admin.get("/questions/").text
    assert "1–25 of 30 questions" in page
    assert "Question 29?" not in page
    assert "Question 29?" in admin.get("/questions/?page=2").text


def test_waiting_records_are_answered_not_retried(admin, ask):
    id = ask()
    page = admin.get("/recipes/contacts/problems/").text
    assert page.count('href="/questions/"') >= 2  # above, and beside the cause
    assert "Retry this one" not in page
    found = re.search(r'href="(/questions/about[^"]+)"', page)[1].replace("&amp;", "&")
    assert admin.get(found).location == f"/questions/{id}"
    admin.post(f"/questions/{id}/answer", answer="yes")
    assert (
        "Nothing is asked about this record any more."
        in admin.get(found, follow_redirects=True).text
    )


@pytest.mark.parametrize(
    ("page", "retry", "words"),
    [
        ("/runs/1/report", "/runs/1/retry", "Retry the one that needs attention"),
        ("/recipes/contacts/problems/", "/recipes/contacts/problems/retry", "Retry the one that failed"),
    ],
)  # fmt: skip
def test_what_waits_is_not_among_what_is_retried(admin, seed, store, page, retry, words):
    waits = seed.row("7", "00007 Whitfield", "waiting", code="asked", reason="?")
    failed = seed.row("8", "00008 Sanchez", "rejected", code="no_phone", reason="No phone.")
    seed.run([waits, failed])
    assert words in admin.get(page).text
    admin.post(retry)
    assert get_run(store, 2).request.retry == ("8",)


@pytest.mark.parametrize("path", ["/questions/99", "/questions/?list=odd"])
def test_what_is_not_there_is_said(admin, path):
    assert admin.get(path).status_code == 404


def test_strangers_see_and_answer_nothing(visitor, admin, ask, store):
    id = ask()
    admin.post("/log-out")
    assert visitor.get("/questions/").status_code == 302
    assert visitor.post(f"/questions/{id}/answer", answer="yes").status_code == 302
    assert get_question(store, id).state == "open"


# -- many at once ----------------------------------------------------------------------------------


@pytest.fixture
def many(ask):
    """Four questions of one step, of which one is not the admin's to answer; their ids."""
    mine = [ask(f"May {n} go?", key=str(n)) for n in range(3)]
    return [*mine, ask("And this?", key="9", people=("lawyer@harborlaw.example",))]


def test_many_questions_of_a_step_are_answered_at_once(admin, many, store):
    assert "Answer all 3 of “Contacts join the newsletter” at once" in admin.get("/questions/").text
    page = admin.get("/questions/alike/contacts/approval").text
    assert "Answer these 3 questions at once" in page
    assert "May 2 go?" in page
    assert "And this?" not in page
    upto = re.search(r'name="upto" value="(\d+)"', page)[1]
    later = admin.post(
        "/questions/alike/contacts/approval", follow=True, answer="yes", upto=upto, note="all well"
    ).text
    assert "3 questions are answered: “yes”." in later
    states = [get_question(store, id).state for id in many]
    assert states == ["answered", "answered", "answered", "open"]
    assert get_question(store, many[0]).note == "all well"


def test_what_was_asked_since_is_left_open(admin, many, ask, store):
    upto = many[-1]
    since = ask("Asked just now?", key="20")
    admin.post("/questions/alike/contacts/approval", answer="yes", upto=upto)
    assert get_question(store, since).state == "open"
    assert get_question(store, many[0]).state == "answered"


@pytest.mark.parametrize("form", [{"answer": "maybe", "upto": "99"}, {"answer": "yes"}])
def test_what_is_no_answer_to_them_answers_none(admin, many, store, form):
    page = admin.post("/questions/alike/contacts/approval", follow=True, **form).text
    assert "No question was answered" in page
    assert {get_question(store, id).state for id in many} == {"open"}


def test_a_few_questions_are_answered_one_by_one(admin, ask):
    ask()
    assert "at once" not in admin.get("/questions/").text
    assert admin.get("/questions/alike/contacts/nothing").status_code == 404
