"""Why a run stops before its end."""

from engine.errors import ConnectorError, SetupError
from engine.store.runs import Status


class Halt(Exception):
    """The run can't go on; records not yet sent are read again by the next run.

    :ivar step: the id of the step that stopped it; empty where that is not known yet.
    :ivar connection: the one that step works with, where it works with one.
    """

    def __init__(self, cause: ConnectorError | SetupError) -> None:
        self.cause = cause
        self.step = ""
        self.connection = ""
        super().__init__(str(cause))


class RunFailed(Exception):
    """The run ends here; ``message`` and ``hint`` are what its page says."""

    def __init__(self, message: str, hint: str = "", status: Status = "failed") -> None:
        self.message = message
        self.hint = hint
        self.status: Status = status
        super().__init__(message)


class Paused(Exception):
    """The program is about to end; the run goes on when it is back."""


def failure_of(halt: Halt) -> tuple[str, str]:
    """Return the message and the hint of a run that a step stopped."""
    hint = f"{halt.cause.hint} The records not sent yet come with the next run."
    return halt.cause.message, hint.strip()
