"""The command line as a whole: help, version, exit codes, and errors as people read them."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from engine import redaction
from engine.cli.commands import COMMANDS
from engine.cli.group import CommandGroup, Globals
from engine.errors import SetupError

Bridgework = Callable[..., Result]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def group_with(function: Callable[[], None], home: Path) -> CommandGroup:
    """The real group with one more command, ``act``."""

    @click.group(cls=CommandGroup, commands_at={}, entry_points="bridgework.tests.none")
    @click.pass_context
    def group(context: click.Context) -> None:
        context.obj = Globals(home=home)

    group.add_command(click.Command("act", callback=function))
    return group


def test_version(bridgework: Bridgework) -> None:
    result = bridgework("--version")
    assert result.exit_code == 0
    assert result.stdout == f"bridgework, version {version('bridgework')}\n"


def test_help_lists_every_command_with_a_sentence(bridgework: Bridgework) -> None:
    result = bridgework("--help")
    assert result.exit_code == 0
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line[:2] == "  "}
    for name in COMMANDS:
        assert len(lines[name].split()) > 2, name


def test_every_command_has_help(bridgework: Bridgework) -> None:
    for name in COMMANDS:
        result = bridgework(name, "--help")
        assert result.exit_code == 0, name
        assert "--home" in result.stdout, name


def test_starting_is_quick_and_imports_nothing_heavy() -> None:
    """What takes long to import would be felt at every command, ``--help`` included."""
    heavy = ("sqlalchemy", "httpx2", "pydantic", "rich", "flask", "dbos", "jinja2")
    code = (
        "import sys, engine.cli.commands as c\n"
        "try:\n    c.cli.main(['--version'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    started = time.monotonic()
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]"
    assert time.monotonic() - started < 2  # 0.06 s on a quiet machine


def test_misspelt_command_is_a_usage_error_with_a_suggestion(bridgework: Bridgework) -> None:
    result = bridgework("reprot")
    assert result.exit_code == 2
    assert "Did you mean" in result.stderr
    assert "report" in result.stderr
    assert result.stdout == ""


def test_error_is_a_sentence_and_a_hint_and_leaves_no_folder(
    bridgework: Bridgework, home: Path
) -> None:
    result = bridgework("run", "nightly")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == ["There is no recipe 'nightly'.", "'recipes' holds none."]
    assert result.stdout == ""
    assert not home.exists()


def test_defect_says_where_the_details_are(home: Path) -> None:
    def act() -> None:
        raise RuntimeError("a defect with a password: hunter2hunter2")

    redaction.register("hunter2hunter2")
    result = CliRunner().invoke(group_with(act, home), ["act"])
    log = home / "logs" / "bridgework.log"
    assert result.exit_code == 3
    assert result.stderr == (f"Something went wrong inside Bridgework; details are in '{log}'.\n")
    written = log.read_text()
    assert "Traceback" in written
    assert "RuntimeError" in written
    assert "hunter2hunter2" not in written


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_disk_that_refuses_a_file_is_a_sentence_and_no_defect(home: Path, number: int) -> None:
    reason = os.strerror(number)

    def act() -> None:
        raise OSError(number, reason, "/mnt/full/report.csv")

    result = CliRunner().invoke(group_with(act, home), ["act"])
    assert result.exit_code == 3
    first, hint = result.stderr.splitlines()
    assert first == f"'/mnt/full/report.csv' can't be used: {reason.lower()}."
    assert hint
    assert not home.exists()


def test_home_that_is_a_file_is_told_as_such(
    bridgework: Bridgework, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BRIDGEWORK_HOME", str(tmp_path / "file"))
    result = bridgework("keys", "rotate")
    assert result.exit_code == 3
    assert f"The database can't be opened: '{tmp_path}/file' is no folder." in result.stderr


def test_defect_with_a_home_that_cant_be_written(tmp_path: Path) -> None:
    def act() -> None:
        raise RuntimeError("a defect")

    (tmp_path / "file").touch()
    result = CliRunner().invoke(group_with(act, tmp_path / "file" / "home"), ["act"])
    assert result.exit_code == 3
    assert "the log can't be written either" in result.stderr


@pytest.mark.parametrize("error", [KeyboardInterrupt, click.Abort])
def test_ctrl_c_is_clean(home: Path, error: type[BaseException]) -> None:
    def act() -> None:
        raise error

    result = CliRunner().invoke(group_with(act, home), ["act"])
    assert result.exit_code == 130
    assert result.stderr == "\nStopped.\n"


def test_errors_show_no_secret_and_no_control_characters(home: Path) -> None:
    def act() -> None:
        raise SetupError("The key topsecret99 is \x1b[31mwrong.", hint="Not topsecret99.")

    redaction.register("topsecret99")
    result = CliRunner().invoke(group_with(act, home), ["act"])
    assert result.exit_code == 3
    assert result.stderr.splitlines() == ["The key ••• is \ufffd[31mwrong.", "Not •••."]


def test_reader_that_went_away_is_no_defect(home: Path) -> None:
    def act() -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    result = CliRunner().invoke(group_with(act, home), ["act"])
    assert result.exit_code == 1
    assert not (home / "logs").exists()


def test_options_may_stand_before_and_after_the_command(
    bridgework: Bridgework, tmp_path: Path
) -> None:
    for arguments in (("--home", tmp_path / "a", "runs"), ("runs", "--home", tmp_path / "b")):
        assert bridgework(*arguments).exit_code == 0
    assert (tmp_path / "a" / "bridgework.db").exists()
    assert (tmp_path / "b" / "bridgework.db").exists()


def test_damaged_database_is_one_clear_sentence(bridgework: Bridgework, home: Path) -> None:
    home.mkdir()
    (home / "bridgework.db").write_bytes(b"this is no database, it only has its name" * 100)
    result = bridgework("runs")
    assert result.exit_code == 3
    assert "The database can't be opened: file is not a database." in result.stderr
    assert "Traceback" not in result.stderr


def test_json_alone_is_on_stdout_even_with_a_broken_connector(command: Command, home: Path) -> None:
    (home / "plugins").mkdir(parents=True)
    (home / "plugins" / "broken.py").write_text("import nothing_of_this_name\n")
    result = command("connectors", "list", "--json")
    assert result.returncode == 0
    assert result.stdout.startswith("[")
    assert "broken.py" in result.stderr


def test_no_color_in_pipes_and_with_no_color(command: Command) -> None:
    for environment in ({}, {"NO_COLOR": "1"}, {"TERM": "xterm-256color"}):
        result = command("connectors", **environment)
        assert "\x1b" not in result.stdout + result.stderr


def test_a_wrong_time_zone_is_told_before_anything_is_done(
    bridgework: Bridgework, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGEWORK_TIMEZONE", "Mars/Olympus")
    result = bridgework("keys")
    assert result.exit_code == 3
    assert "There is no time zone 'Mars/Olympus'" in result.stderr


LISTS = ("connections", "connectors", "keys", "notices", "questions", "recipes", "users")


@pytest.mark.parametrize("name", LISTS)
def test_what_lists_by_itself_takes_json_and_its_help_is_cut_nowhere(
    bridgework: Bridgework, name: str
) -> None:
    help_text = bridgework(name, "--help").stdout
    assert "--json" in help_text
    assert [line for line in help_text.splitlines()[1:] if line.endswith("...")] == []
    listed = bridgework(name, "--json")
    assert listed.exit_code == 0
    assert listed.stdout.startswith("[")


def test_every_command_has_a_line_of_help_of_its_own(bridgework: Bridgework) -> None:
    lines = bridgework("--help").stdout.partition("Commands:\n")[2].partition("\n\n")[0]
    assert all(line[2] != " " for line in lines.splitlines())  # none goes on in the next line
