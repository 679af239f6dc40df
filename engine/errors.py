"""Every error that can reach a person, drawn as a tree; each class says what happens next.

BridgeworkError(message, hint="")          one sentence, and what to do
├── ConnectorError                         raised by connectors and by ctx.http
│   ├── RetryableError(after=None)         wait, try again          time-outs, 429, 5xx
│   │   └── BusyError(until)               the run stops            a wait that is too long
│   ├── AuthError                          renew the connection     401 after a refresh, 403
│   ├── InputError(field=None)             this record is wrong     400, 404, 409, 422
│   ├── RemoteError                        the answer makes no sense
│   ├── CannotTell                         a person decides       asked whether a lost row arrived
│   ├── Interrupted                        the run was stopped while a request waited its turn
│   └── PluginCrash                        a defect in a connector; its traceback is in the log
├── PluginLoadError(plugin, operation, …)  a connector that can't be used
├── DeliveryError(permanent, after)         a notice that could not be sent
├── RecipeError(findings)                  a recipe that can't be used
├── TemplateError(field, expression)       a template that failed for one record
└── SetupError                             a connection, file or key that is missing or wrong
DatabaseAway(message, hint="")             our own database is away, full or locked
"""

from collections.abc import Sequence
from typing import Any


class BridgeworkError(Exception):
    """Base of everything a person may read.

    :param message: one sentence: what happened to which thing, with values in quotes.
    :param hint: what to do about it; may be empty.
    """

    #: Short stable word stored with a record's outcome, so that causes can be grouped.
    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class DatabaseAway(Exception):
    """Our own database is out of reach, full or locked: what was under way may be done again.

    No BridgeworkError: it says nothing of the recipe, record or connection at hand, and nobody who
    deals with those is to take it for their trouble.

    :param message: one sentence.
    :param hint: what to do about it.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message, self.hint = message, hint
        super().__init__(f"{message} {hint}".strip())


class ConnectorError(BridgeworkError):
    """Something went wrong between Bridgework and the other system."""

    code = "connector_error"


class RetryableError(ConnectorError):
    """The other system is busy or out of reach; the same request may work later.

    :param after: seconds to wait before the next try, when the other system says so.
    :param maybe_sent: the request may have been carried out all the same, and can't be repeated
        blindly.
    """

    code = "unavailable"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        after: float | None = None,
        maybe_sent: bool = False,
    ) -> None:
        self.after = after
        self.maybe_sent = maybe_sent
        super().__init__(message, hint=hint)


class BusyError(RetryableError):
    """The other system takes no more requests until a time that is too far off to wait for.

    The request was not carried out.

    :param after: seconds until then.
    """

    code = "limit_reached"


class CannotTell(ConnectorError):
    """An action's ``find`` has no way to tell whether a row has arrived; a person decides.

    For what hangs on the account, e.g. a mailbox that keeps no copies. An action that can never
    tell declares no ``find``.
    """

    code = "cannot_tell"


class Interrupted(ConnectorError):
    """Someone asked the run to stop while a request was waiting to be sent; it was not sent."""

    code = "interrupted"


class AuthError(ConnectorError):
    """The connection is no longer accepted; a person must connect again."""

    code = "reconnect"


class InputError(ConnectorError):
    """The other system refused this one record.

    :param field: the field of the action it complains about, as a recipe writes it.
    :param code: a short stable word for the cause; records with one cause are grouped by it.
    """

    code = "refused"

    def __init__(
        self, message: str, *, hint: str = "", field: str | None = None, code: str | None = None
    ) -> None:
        self.field = field
        if code is not None:
            self.code = code
        super().__init__(message, hint=hint)


class _Tolerance:
    def __init__(self, codes: tuple[str, ...]) -> None:
        self._codes = codes

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        return isinstance(error, ConnectorError) and error.code in self._codes


def tolerating(*codes: str) -> _Tolerance:
    """Take an error with one of these codes for an answer, not for an error::

        with tolerating("not_found"):
            return ctx.http.get(f"/notes/{key}").json()
        return None  # there is no such note

    All other errors are raised.
    """
    return _Tolerance(codes)


class RemoteError(ConnectorError):
    """The other system answered something that its documentation doesn't allow for."""

    code = "bad_answer"


class PluginCrash(ConnectorError):
    """A connector raised something unforeseen: a defect in the connector, not in the record."""

    code = "plugin_defect"

    def __init__(self, connector: str, operation: str) -> None:
        self.connector = connector
        self.operation = operation
        super().__init__(
            f"The connector {connector!r} failed in {operation!r} in a way it did not foresee.",
            hint="This is a defect in the connector; the details are in Bridgework's log.",
        )


class PluginLoadError(BridgeworkError):
    """A connector can't be used as it is written.

    :param plugin: the distribution, module or file it came from.
    :param operation: the trigger or action at fault, or what stands in its place.
    """

    code = "plugin_load"

    def __init__(self, plugin: str, operation: str, problem: str, *, hint: str) -> None:
        self.plugin = plugin
        self.operation = operation
        where = f"Connector {plugin!r}" + (f", {operation}" if operation else "")
        stop = "" if problem.endswith((".", "!", "?")) else "."
        super().__init__(f"{where}: {problem}{stop}", hint=hint)


class RecipeError(BridgeworkError):
    """A recipe has mistakes; ``findings`` holds them all (see engine.recipe.findings)."""

    code = "recipe"

    def __init__(self, message: str, *, hint: str = "", findings: Sequence[Any] = ()) -> None:
        self.findings = list(findings)
        super().__init__(message, hint=hint)


class TemplateError(BridgeworkError):
    """A template failed for one record.

    :param field: the action's field, dotted as the recipe writes it.
    :param expression: the template's own text.
    """

    code = "missing_value"

    def __init__(
        self,
        message: str,
        *,
        field: str,
        expression: str,
        hint: str = "",
        code: str | None = None,
    ) -> None:
        self.field = field
        self.expression = expression
        if code is not None:
            self.code = code
        super().__init__(message, hint=hint)


class DeliveryError(BridgeworkError):
    """A notice could not be sent.

    :param permanent: trying again is no use.
    :param after: seconds to wait before the next try, when the other side says so.
    :param lost_line: whatever else goes the same way will fail as well just now.
    """

    code = "not_sent"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        permanent: bool = False,
        after: float | None = None,
        lost_line: bool = False,
    ) -> None:
        self.permanent = permanent
        self.after = after
        self.lost_line = lost_line
        super().__init__(message, hint=hint)


class SetupError(BridgeworkError):
    """Something around the recipe is missing: a connection, a file, a key, a server."""

    code = "setup"
