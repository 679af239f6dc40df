"""Tasks on the pages: shown with what to copy, done once, one by one or as a table."""

import csv
import io
import re

from engine.store import questions
from engine.store.questions import get_question
from engine.store.tasks import TaskField

EMAIL = "admin@harborlaw.example"


def test_a_task_shows_what_is_to_be_done_and_each_field_to_copy(admin, task):
    id = task()
    page = admin.get(f"/questions/{id}", follow_redirects=True).text
    assert "Do this in Case Status" in page
    assert "Cases → New case." in page
    assert "=Ada &lt;b&gt;Whitfield&lt;/b&gt;" in page
    assert "Add a case, or update the one of the same id." in page
    assert page.count("data-copy=") == 2
    assert "Id of the case in Case Status" in page
    assert re.findall(r'name="did" value="([\w ]+)"', page) == [
        "done",
        "already there",
        "not possible",
    ]


def test_where_the_record_went_before_is_said_and_its_id_is_filled_in(admin, task):
    page = admin.get(f"/tasks/{task(target_id='4711')}").text
    assert "This record is already case <strong>4711</strong>" in page
    assert 'value="4711"' in page


def test_a_task_is_done_once_and_typed_as_the_app_would_answer(admin, task, store):
    id = task()
    form = {"value.id": "4711", "value.number": "12", "did": "done"}
    page = admin.post(f"/tasks/{id}", follow=True, **form).text
    assert "Done: Create or update a case: 7 Whitfield" in page
    done = get_question(store, id)
    assert (done.state, done.answered_by) == ("answered", EMAIL)
    assert done.answer == {"did": "done", "id": "4711", "record": {"url": None, "number": 12}}
    late = admin.post(f"/tasks/{id}", follow=True, **form).text
    assert "already" in late
    assert "4711" in admin.get(f"/tasks/{id}").text
    assert f"{EMAIL}: done." in admin.get("/questions/?list=closed").text


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(admin, task, store):
    id = task()
    form = {"value.url": "https://x.example", "value.number": "twelve", "did": "done"}
    answer = admin.post(f"/tasks/{id}", **form, note="My note")
    assert answer.status_code == 422
    assert "Enter the id of the case" in answer.text
    assert "Number: " in answer.text
    assert 'value="https://x.example"' in answer.text
    assert "My note" in answer.text
    assert get_question(store, id).state == "open"


def test_a_task_of_someone_else_is_shown_but_not_done(admin, task, store):
    id = task(people=("lawyer@harborlaw.example",))
    page = admin.get(f"/tasks/{id}").text
    assert "It is a task for lawyer@harborlaw.example." in page
    assert 'name="did"' not in page
    answer = admin.post(f"/tasks/{id}", did="not possible", note="No.")
    assert answer.status_code == 422
    assert "may not do this task" in answer.text
    assert get_question(store, id).state == "open"


def test_a_task_is_not_answered_like_a_question(admin, task, store):
    id = task()
    answer = admin.post(f"/questions/{id}/answer", answer="done")
    assert answer.status_code == 422
    assert get_question(store, id).state == "open"


def test_home_and_the_list_count_tasks(admin, task, ask):
    task("1")
    task("2")
    task("3", people=("lawyer@harborlaw.example",))
    assert "3 tasks wait for a person" in admin.get("/questions/").text
    assert "2 tasks wait for you." in admin.get("/").text
    ask()
    page = admin.get("/questions/").text
    assert "3 tasks and 1 question wait for a person" in page
    assert "Do all 2 tasks of" in page


def test_many_tasks_are_done_as_a_table(admin, task, store):
    one, two, three = task("1"), task("2"), task("3")
    text = admin.get("/tasks/contacts/approval/tasks.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Task"] for row in rows] == [str(one), str(two), str(three)]
    assert rows[0]["name"] == "'=Ada <b>Whitfield</b>"  # no formula in a spreadsheet
    rows[0] |= {"id": "4711", "number": "1"}
    rows[1] |= {"What came of it": "not possible", "Note": "No phone."}
    page = send(admin, rows).text
    assert "2 tasks are done." in page
    assert get_question(store, one).answer["id"] == "4711"
    assert get_question(store, two).answer["did"] == "not possible"
    assert get_question(store, two).note == "No phone."
    assert get_question(store, three).state == "open"


def test_rows_that_cannot_be_taken_are_named_and_stay_open(admin, task, store):
    one, two = task("1"), task("2")
    text = admin.get("/tasks/contacts/approval/tasks.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    rows[0] |= {"id": "4711", "number": "one"}
    rows[1] |= {"Task": "999", "id": "4712", "number": "2"}
    page = send(admin, rows).text
    assert f"Task {one}: Number: " in page
    assert "Task 999: It is not an open task of this step." in page
    assert {get_question(store, id).state for id in (one, two)} == {"open"}


def test_another_file_is_refused_with_what_to_do(admin, task):
    task()
    answer = admin.client.post(
        "/tasks/contacts/approval/table",
        data={"csrf_token": admin.token(), "table": (io.BytesIO(b"a,b\n1,2\n"), "x.csv")},
    )
    assert answer.status_code == 422
    assert "Download the table of tasks" in answer.text
    none = admin.post("/tasks/contacts/approval/table")
    assert "Choose the table first." in none.text


def test_a_file_of_a_task_is_sent_to_be_saved(admin, task, store):
    kept = store.files.save("letter.html", [b"<script>"], "text/html")
    field = TaskField(name="letter", title="Letter", value="letter.html", file=dict(kept))
    id = task(fields=(field,))
    assert f"/tasks/{id}/files/0" in admin.get(f"/tasks/{id}").text
    answer = admin.get(f"/tasks/{id}/files/0")
    assert answer.data == b"<script>"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "application/octet-stream"
    assert admin.get(f"/tasks/{id}/files/1").status_code == 404


def test_a_search_is_found_or_not(admin, task, store):
    id = task(search=True, asks_id=False, needs_id=False, results=())
    page = admin.get(f"/tasks/{id}").text
    assert "Look it up in Case Status" in page
    admin.post(f"/tasks/{id}", did="nothing found")
    assert get_question(store, id).answer["did"] == "nothing found"
    assert questions.count_questions(store) == 0


def send(admin, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    data = {"csrf_token": admin.token(), "table": (io.BytesIO(text.getvalue().encode()), "t.csv")}
    return admin.client.post("/tasks/contacts/approval/table", data=data, follow_redirects=True)
