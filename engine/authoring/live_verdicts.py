"""What is said of each check against a real account."""

from collections.abc import Callable

from engine.authoring.checking import Verdict
from engine.authoring.live_looks import MOST_RECORDS
from engine.errors import BridgeworkError
from engine.fields import Record
from engine.operations import Trigger


def made(check: str, operation: str, about: str, look: Callable[[], str]) -> Verdict:
    """Make a check.

    :param look: returns what is wrong; empty where nothing is.
    """
    try:
        problem = look()
    except BridgeworkError as error:
        problem = str(error)
    return Verdict(check, operation, about, passed=not problem, message=problem)


def left_out(trigger: Trigger, missing: str) -> Verdict:
    return Verdict(
        "records_have_unique_keys",
        trigger.name,
        "Records can be read, each with a key of its own.",
        passed=True,
        message=f"It needs a value: add `--set {trigger.name}.{missing}=…`.",
        made=False,
    )


def count(records: list[Record]) -> str:
    many = " and goes on" if len(records) >= MOST_RECORDS else ""
    return f"{len(records)} read{many}." if records else "There are none, so little can be said."
