"""The log file: it is in nobody's way."""

import logging

from engine.cli.logs import LINE, LogLines, PrivateFileHandler


def test_a_log_that_can_not_be_written_is_no_trouble_of_its_own(capsys):
    """As on a full disk: the command's own words are what a person reads."""
    handler = PrivateFileHandler("/dev/full", maxBytes=1000, backupCount=1)
    handler.handle(logging.LogRecord("bridgework", logging.ERROR, "", 1, "It broke.", (), None))
    handler.close()
    assert capsys.readouterr().err == ""


def test_what_several_processes_write_at_once_is_moved_away_once(tmp_path):
    """Each has the file open when one of them moves it: the others follow."""
    path = tmp_path / "bridgework.log"
    handlers = [PrivateFileHandler(path, maxBytes=2_000, backupCount=50) for _ in range(3)]
    lines = [f"{turn:03} of {number} {'x' * 40}" for turn in range(100) for number in range(3)]
    for index, line in enumerate(lines):
        handlers[index % 3].handle(told(line))
    for handler in handlers:
        handler.close()
    parts = sorted(tmp_path.glob("bridgework.log*"), key=lambda part: len(part.read_bytes()))
    assert "".join(sorted("".join(part.read_text() for part in parts).splitlines(True))) == "".join(
        f"{line}\n" for line in sorted(lines)
    )
    assert all(len(part.read_bytes()) > 1_500 for part in parts[1:])  # but for the newest


def test_a_log_that_logrotate_moved_or_somebody_deleted_is_begun_anew(tmp_path):
    path = tmp_path / "bridgework.log"
    handler = PrivateFileHandler(path, maxBytes=2_000, backupCount=1)
    handler.handle(told("before"))
    path.rename(tmp_path / "moved")
    handler.handle(told("after"))
    assert path.read_text() == "after\n"
    assert path.stat().st_mode & 0o077 == 0
    path.unlink()
    handler.handle(told("again"))
    handler.close()
    assert path.read_text() == "again\n"


def test_a_line_tells_the_time_where_people_are_and_which_process_wrote_it(monkeypatch):
    monkeypatch.setenv("BRIDGEWORK_TIMEZONE", "America/New_York")
    record = told("Done.")
    record.created, record.msecs, record.process = 1_795_689_921.5, 500.0, 4711
    said = "2026-11-26 05:45:21,500 INFO bridgework[4711]: Done."
    assert LogLines(LINE).format(record) == said
    monkeypatch.setenv("BRIDGEWORK_TIMEZONE", "America/Nowhere")
    assert LogLines(LINE).format(record).endswith("bridgework[4711]: Done.")


def told(words: str) -> logging.LogRecord:
    return logging.LogRecord("bridgework", logging.INFO, "", 1, words, (), None)


def test_what_was_said_to_the_person_is_one_line_of_the_log(bridgework, home, store):
    assert bridgework("users", "reset", "ann@firm.example").exit_code == 3
    (line,) = (home / "logs" / "bridgework.log").read_text().splitlines()
    assert "could not be carried out: There is no user 'ann@firm.example'." in line
