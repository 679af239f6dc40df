"""A newcomer's way: a recipe by questions, its mistakes, a preview, a run; and no page of help."""

import csv
from pathlib import Path

import pytest

CONTACTS = "number,first_name,last_name,mail\n1,Ada,Byron,ada@mail.example\n2,Bob,Roe,bob at mail\n"


@pytest.fixture
def contacts() -> Path:
    Path("contacts.csv").write_text(CONTACTS, "utf-8")
    return Path("contacts.csv")


def test_four_commands_bring_a_list_over(bridgework, contacts: Path, home: Path) -> None:
    said = "contacts.csv\n1\nmembers.csv\n3\n\n"
    asked = ("new", "recipe", "--from", "csv.row_read", "--to", "csv.append_rows")
    assert bridgework(*asked, "--name", "Members", input=said).exit_code == 0
    assert bridgework("check", "members").exit_code == 0
    shown = bridgework("run", "members", "--preview")
    assert (shown.exit_code, "2 would be created" in shown.stdout) == (0, True)
    assert not list(home.rglob("members.csv"))
    assert bridgework("run", "members").exit_code == 0
    [written] = [*home.rglob("members.csv"), *Path().rglob("members.csv")]
    rows = list(csv.DictReader(written.read_text("utf-8").splitlines()))
    assert [row["first_name"] for row in rows] == ["Ada", "Bob"]


def test_the_questions_lead_to_a_recipe_without_mistakes(bridgework, contacts: Path) -> None:
    said = "contacts.csv\n1\na1b2c3d4e5\n3\n\n"
    asked = ("new", "recipe", "--from", "csv.row_read", "--to", "mailchimp.upsert_members")
    result = bridgework(*asked, input=said)
    assert result.exit_code == 0, result.stderr
    [written] = Path("recipes").glob("*.yaml")
    text = written.read_text("utf-8")
    assert 'email: "{{ row.mail | email }}"' in text
    assert 'first_name: "{{ row.first_name }}"' in text
    assert "key: row.key" in text
    assert "bridgework connections add mailchimp" in result.stderr
    assert f"bridgework run {written.stem} --preview" in result.stderr
    assert bridgework("check", str(written)).exit_code == 0


def test_a_file_of_that_name_is_left_alone(bridgework, contacts: Path) -> None:
    for _ in range(2):
        asked = ("new", "recipe", "--from", "csv.row_read", "--to", "csv.append_rows")
        result = bridgework(*asked, "--name", "Copies", input="contacts.csv\n1\nout.csv\n3\n\n")
        assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in Path("recipes").iterdir()) == [
        "copies-2.yaml",
        "copies.yaml",
    ]


def test_what_is_not_clear_is_asked(bridgework) -> None:
    asked = ("new", "recipe", "--from", "clio.contact_changed", "--to", "casestatus.update_stage")
    result = bridgework(*asked, input="\n99\n1\n15\nGetting started\n3\n\n")
    assert "Choose a field of the contact" in result.stderr
    assert "99" in result.stderr
    [written] = Path("recipes").glob("*.yaml")
    text = written.read_text("utf-8")
    assert 'case: "{{ contact.id }}"' in text
    assert "stage: Getting started" in text


def test_an_operation_that_is_not_there_is_said(bridgework) -> None:
    result = bridgework("new", "recipe", "--from", "clio.nothing")
    assert result.exit_code == 2
    assert "clio.matter_changed" in result.stderr


def test_a_file_that_is_not_there_is_asked_for_again(bridgework, contacts: Path) -> None:
    asked = ("new", "recipe", "--from", "csv.row_read", "--to", "csv.append_rows")
    said = "contact.csv\n\ncontacts.csv\n1\nout.csv\n5\n3\n\n"
    result = bridgework(*asked, input=said)
    assert result.exit_code == 0, result.stderr
    assert "There is no file 'contact.csv'." in result.stderr
    assert "'5' is none of the numbers 1 to 4." in result.stderr
    [written] = Path("recipes").glob("*.yaml")
    assert "file: contacts.csv" in written.read_text("utf-8")


def test_what_an_app_has_to_choose_from_is_offered(bridgework, command, contacts: Path) -> None:
    made = command("connections", "add", "mailchimp", "--connector", "mailchimp", "--practice")
    assert made.returncode == 0, made.stderr
    asked = ("new", "recipe", "--from", "csv.row_read", "--to", "mailchimp.upsert_members")
    result = bridgework(*asked, input="contacts.csv\n1\n2\n3\n\n")
    assert result.exit_code == 0, result.stderr
    [written] = Path("recipes").glob("*.yaml")
    assert "audience: f6a7b8c9d0  # Clients\n" in written.read_text("utf-8")
    shown = bridgework("run", written.stem, "--preview")
    assert "1 would be created" in shown.stdout
    assert bridgework("run", written.stem).exit_code == 1  # one address is none
