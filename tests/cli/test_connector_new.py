"""``connectors new`` as its users call it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Bridgework = Callable[..., Result]

SPEC = Path(__file__).parents[1] / "engine" / "scaffold" / "contactbook.yaml"


def test_it_says_what_becomes_of_each_request(bridgework: Bridgework, home: Path) -> None:
    result = bridgework("connectors", "new", "contactbook", "--from", SPEC)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "left out  DELETE /contacts/{contactId}: it deletes something" in result.stderr
    assert (
        "GET /contacts  →  trigger contact_changed (key id, new since updated_since, "
        "pages by page_token)" in result.stderr
    )
    assert "POST /contacts  →  action create_contact (7 fields)" in result.stderr
    folder = home / "plugins" / "contactbook"
    assert f"'{folder}' is written." in result.stderr
    shown = bridgework("connectors", "show", "contactbook").stdout
    assert "Action contactbook.create_contact: Create a contact" in shown


def test_what_is_written_passes_its_checks(bridgework: Bridgework) -> None:
    assert bridgework("connectors", "new", "jottings").exit_code == 0
    result = bridgework("connectors", "test", "jottings")
    assert result.exit_code == 0, result.output
    assert "Jottings passed all " in result.stdout


def test_operations_are_picked(bridgework: Bridgework, home: Path) -> None:
    result = bridgework(
        "connectors",
        "new",
        "book",
        "--from",
        SPEC,
        "--operations",
        "createContact, contact_changed",
    )
    assert result.exit_code == 0, result.output
    (connector,) = [one for one in ("book",) if (home / "plugins" / one).exists()]
    shown = bridgework("connectors", "show", connector).stdout
    assert "book.contact_changed" in shown
    assert "book.create_contact" in shown
    assert "find_contact" not in shown
    readme = (home / "plugins" / "book" / "README.md").read_text()
    assert "it deletes something" in readme


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["Notes"], 2, "'Notes' can't be a connector's name."),
        (["class"], 2, "'class' can't be a connector's name."),
        (["clio"], 3, "There is a connector 'clio' already."),
        (["x", "--from", "nothing.json"], 3, "'nothing.json' can't be read: No such file"),
        (["x", "--from", "a.json", "--from-curl", "curl"], 2, "Give either --from or --from-curl."),
        (["x", "--from-curl", "@nothing"], 3, "'nothing' can't be read"),
        (["x", "--from-curl", "curl https://a.example/x"], 3, "Nothing of this can be turned"),
        (
            ["x", "--from", str(SPEC), "--operations", "creat_contact"],
            3,
            "There is no operation 'creat_contact' to pick.\nDid you mean 'create_contact'?",
        ),
    ],
    ids=range(8),
)
def test_what_cannot_be_done_is_said(
    bridgework: Bridgework, arguments: list[str], code: int, said: str
) -> None:
    result = bridgework("connectors", "new", *arguments)
    assert result.exit_code == code
    assert said in result.stderr


def test_nothing_is_written_over(bridgework: Bridgework, tmp_path: Path) -> None:
    assert bridgework("connectors", "new", "book", "--to", tmp_path).exit_code == 0
    mine = tmp_path / "book" / "actions.py"
    mine.write_text("# mine")
    result = bridgework("connectors", "new", "book", "--to", tmp_path)
    assert result.exit_code == 3
    assert f"'{tmp_path / 'book'}' is there already, and nothing of it is written over." in (
        result.stderr
    )
    assert mine.read_text() == "# mine"


def test_a_distribution_has_its_entry_point(bridgework: Bridgework, tmp_path: Path) -> None:
    result = bridgework("connectors", "new", "note_book", "--package", "--to", tmp_path)
    assert result.exit_code == 0, result.output
    root = tmp_path / "bridgework-note-book"
    assert f"  {sys.executable} -m pip install -e {root}  " in result.stderr
    project = (root / "pyproject.toml").read_text()
    assert 'name = "bridgework-note-book"' in project
    assert 'note_book = "bridgework_note_book"' in project
    assert (root / "bridgework_note_book" / "practice" / "server.py").exists()


def test_beside_the_connectors_of_a_project_the_entry_point_is_told(
    bridgework: Bridgework, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    result = bridgework("connectors", "new", "book", "--to", tmp_path / "plugins")
    assert 'add  book = "plugins.book"  to' in result.stderr
