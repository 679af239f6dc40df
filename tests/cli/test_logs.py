"""The log file: it is in nobody's way."""

import logging

from engine.cli.logs import PrivateFileHandler


def test_a_log_that_can_not_be_written_is_no_trouble_of_its_own(capsys):
    """As on a full disk: the command's own words are what a person reads."""
    handler = PrivateFileHandler("/dev/full", maxBytes=1000, backupCount=1)
    handler.handle(logging.LogRecord("bridgework", logging.ERROR, "", 1, "It broke.", (), None))
    handler.close()
    assert capsys.readouterr().err == ""
