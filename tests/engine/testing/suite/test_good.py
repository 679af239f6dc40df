"""The contract suite: a good connector passes, and its author says what is left out."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from engine.testing import connector_suite
from tests.engine.testing.suite.notes import (
    ROWS,
    NotesServer,
    failures,
    ignores_answers,
    notes,
)


def test_a_good_connector_passes_everything() -> None:
    assert failures(notes()) == {}


def test_missing_examples_are_asked_for() -> None:
    found = failures(notes(), rows={"add_notes": ROWS["add_notes"]})
    assert found == {
        "there_are_examples[pin_note]": "pin_note can't be tried without note. Give the suite "
        "`rows={'notes.pin_note': …}`."
    }


def test_exemptions_need_a_reason_and_an_aim() -> None:
    one = {"nonsense_is_noticed[ignores_answers]": "The answer says nothing."}
    rows = {"add_notes": ROWS["add_notes"], "ignores_answers": [{"note": "n1"}]}
    assert failures(notes(single=ignores_answers), rows=rows, exempt=one) == {}
    whole = {"nonsense_is_noticed": "None of the answers says anything."}
    assert failures(notes(single=ignores_answers), rows=rows, exempt=whole) == {}
    with pytest.raises(ValueError, match=r"no check 'nonsense_noticed' .* 'nonsense_is_noticed'\?"):
        connector_suite(notes(), exempt={"nonsense_noticed": "Because."})
    with pytest.raises(ValueError, match="Say why notes is exempt from 'it_loads'"):
        connector_suite(notes(), exempt={"it_loads": " "})


def test_unknown_operations_and_missing_servers() -> None:
    with pytest.raises(ValueError, match=r"notes has no operation 'notes\.delete'"):
        connector_suite(notes(), rows={"notes.delete": []})
    built = notes()
    built.practice_function = None
    with pytest.raises(ValueError, match="notes brings no practice server"):
        connector_suite(built)
    assert failures(built, server=NotesServer) == {}


THREE_LINES = """
    from engine.testing import connector_suite

    TestConnector = connector_suite({arguments})
"""


def run_pytest(folder: Path, arguments: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(dedent(THREE_LINES).format(arguments=arguments))
    root = Path(__file__).parents[4]
    pytest = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*pytest, *options, "."],
        cwd=folder,
        env={"PYTHONPATH": str(root), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


def test_three_lines_are_enough_for_pytest(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, '"zapier"')
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def test_pytest_shows_sentences_and_no_traceback(tmp_path: Path) -> None:
    arguments = "'mailchimp', parameters={'member_changed': {}}"
    done = run_pytest(tmp_path, arguments, "-k", "there_are_examples")
    assert done.returncode == 1
    assert "member_changed can't be tried without audience." in done.stdout
    assert "Traceback" not in done.stdout
    assert "suite.py" not in done.stdout
