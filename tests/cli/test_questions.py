"""``questions`` lists what recipes ask, and answers it; the record then goes on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from engine.store.database import Store
from engine.store.questions import get_question
from engine.store.runs import RunRequest, create_run, list_runs

Bridgework = Callable[..., Result]

RECIPE = """\
name: People into the address book
trigger:
  use: csv.row_read
  with: {file: people.csv, key: id}
  as: person
steps:
  - id: approval
    ask: "May {{ person.name }} go into the book?"
    details: {E-mail: "{{ person.email }}"}
    of: boss@mill.example
    within: 3 days
  - id: row
    use: csv.upsert_rows
    with:
      file: book.csv
      key_column: email
      columns: {email: "{{ person.email }}", by: "{{ approval.by }}"}
"""


@pytest.fixture
def book(home: Path, bridgework: Bridgework) -> Path:
    """Two people wait to go into the book; returns the file that they would stand in."""
    Path("recipes").mkdir()
    Path("recipes/book.yaml").write_text(RECIPE)
    Path("recipes/people.csv").write_text(
        "id,name,email\n1,Ada,ada@x.example\n2,Bob,bob@x.example\n"
    )
    result = bridgework("run", "book")
    assert result.exit_code == 1  # finished, and something needs attention
    return home / "files" / "book.csv"


def test_nothing_is_asked_in_a_new_home(bridgework: Bridgework, home: Path) -> None:
    result = bridgework("questions")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nobody is asked anything." in result.stderr
    assert not home.exists()


def test_questions_are_listed_with_what_can_be_answered(bridgework: Bridgework, book: Path) -> None:
    result = bridgework("questions")
    assert result.exit_code == 0
    ada, bob = result.stdout.splitlines()[1:]
    assert "May Ada go into the book?" in ada
    assert "yes, no" in ada
    assert "boss@mill.example" in bob
    document = json.loads(bridgework("questions", "list", "--json").stdout)
    assert document[0]["question"] == "May Ada go into the book?"
    assert document[0]["details"] == {"E-mail": "ada@x.example"}
    shown = bridgework("questions", "show", document[0]["id"]).stdout
    assert "E-mail: ada@x.example" in shown
    assert "Answer with: yes, no. Until" in shown


def test_an_answer_takes_its_record_on_here_and_now(
    bridgework: Bridgework, book: Path, store: Store
) -> None:
    result = bridgework(
        "questions", "answer", 1, "yes", "--by", "boss@mill.example", "--note", "ok"
    )
    assert result.exit_code == 0, result.stderr
    assert "Answered 'yes': May Ada go into the book?" in result.stderr
    assert book.read_text("utf-8-sig") == "email,by\nada@x.example,boss@mill.example\n"
    assert [run.origin for run in list_runs(store)] == ["answer", "manual"]
    assert "boss@mill.example answered: yes. ok" in bridgework("questions", "show", 1).stdout

    again = bridgework("questions", "answer", 1, "no", "--by", "boss@mill.example")
    assert again.exit_code == 3
    assert "boss@mill.example has answered 'yes' already." in again.stderr
    assert "May Bob" in bridgework("questions").stdout
    assert "May Ada" not in bridgework("questions").stdout
    assert "May Ada" in bridgework("questions", "--state", "answered").stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((1, "maybe", "--by", "boss@mill.example"), "It can be answered with: yes, no."),
        ((1, "yes", "--by", "eve@mill.example"), "It is put to boss@mill.example."),
        ((1, "yes"), "may not answer this question"),
        ((9, "yes"), "There is no question 9."),
    ],
)
def test_what_is_no_answer_changes_nothing(
    bridgework: Bridgework, book: Path, store: Store, arguments: tuple[object, ...], says: str
) -> None:
    result = bridgework("questions", "answer", *arguments)
    assert result.exit_code == 3
    assert says in result.stderr
    question = get_question(store, 1)
    assert question is not None
    assert question.state == "open"
    assert not book.exists()


def test_going_on_can_be_left_to_serve(bridgework: Bridgework, book: Path, store: Store) -> None:
    result = bridgework("questions", "answer", 1, "yes", "--by", "boss@mill.example", "--later")
    assert result.exit_code == 0
    assert not book.exists()
    assert len(list_runs(store)) == 1


def test_an_answer_waits_for_a_run_under_way(
    bridgework: Bridgework, book: Path, store: Store
) -> None:
    first = list_runs(store)[0]
    with store.writing() as connection:
        create_run(
            connection,
            recipe="book",
            title=first.title,
            version_id=first.version_id,
            request=RunRequest(),
            nouns={"source": ("row", "rows"), "target": ("row", "rows")},
            origin="manual",
        )
    result = bridgework("questions", "answer", 1, "yes", "--by", "boss@mill.example")
    assert result.exit_code == 0
    assert "the recipe is running just now" in result.stderr
    question = get_question(store, 1)
    assert question is not None
    assert (question.state, question.continued_run_id) == ("answered", None)


def test_all_questions_of_a_recipe_are_answered_alike(
    bridgework: Bridgework, book: Path, store: Store
) -> None:
    refused = bridgework("questions", "answer-all", "book", "yes")
    assert refused.exit_code == 3
    assert "No open question of 'book' takes the answer 'yes' from you." in refused.stderr
    result = bridgework("questions", "answer-all", "book", "yes", "--by", "boss@mill.example")
    assert result.exit_code == 0, result.stderr
    assert "2 questions are answered: 'yes'." in result.stderr
    assert len(book.read_text("utf-8-sig").splitlines()) == 3
    assert [run.origin for run in list_runs(store)] == ["answer", "manual"]
