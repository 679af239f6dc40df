"""Ctrl-C while the program starts, before a command is there that could be stopped."""

import os
import signal
from types import FrameType


def end_at_once() -> None:
    """Let Ctrl-C end the program without a word, until :func:`commands_hear_of_it`.

    Nothing has been done by then, and what it would interrupt is an import, whose traceback tells
    nobody anything.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it is to be ignored
        signal.signal(signal.SIGINT, _end)


def commands_hear_of_it() -> None:
    """Let Ctrl-C interrupt what is going on, as it does in every Python program."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)  # the shell's convention
