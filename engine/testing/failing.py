"""Checks of what a connector makes of a service that refuses, breaks down, or talks nonsense."""

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from engine.errors import AuthError, BridgeworkError, RemoteError, RetryableError
from engine.fields import Record
from engine.operations import Trigger
from engine.testing.checks import (
    Checks,
    each,
    fail,
    operations_to_try,
    outcome,
    remote_operations,
    remote_triggers,
)
from engine.testing.log import listening
from engine.testing.rig import ASKED_WAIT, Rig, rig
from engine.testing.subject import AnyOperation

LOGIN_PAGE = "<!DOCTYPE html><html><title>Log in</title><body>Please log in.</body></html>"


class FailureChecks(Checks):
    """Each operation meets each kind of failure; the class of the error decides what happens next."""

    @each(remote_operations)
    def test_unauthorized_asks_to_connect_again(self, operation: AnyOperation) -> None:
        """Where the app no longer lets us in (401), a person is asked to connect again: AuthError."""
        self._expect(operation, 401, "", (AuthError,))

    @each(remote_operations)
    def test_a_rate_limit_says_when_to_go_on(self, operation: AnyOperation) -> None:
        """Where the app asks to wait (429), it is known for how many seconds: RetryableError."""
        error = self._expect(
            operation, 429, "", (RetryableError,), {"Retry-After": str(ASKED_WAIT)}
        )
        if isinstance(error, RetryableError) and not error.after:
            fail(f"{operation.name}: the service asked to wait {ASKED_WAIT} seconds; it was lost.")

    @each(remote_operations)
    def test_a_server_error_can_be_retried(self, operation: AnyOperation) -> None:
        """A problem of the app's own (500) can be tried again: RetryableError."""
        self._expect(operation, 500, "Internal Server Error", (RetryableError,))

    @each(remote_operations)
    def test_a_broken_line_is_noticed(self, operation: AnyOperation) -> None:
        """An answer that breaks off is never taken for success."""
        self._expect(operation, 0, '{"data": [', (RetryableError, RemoteError))

    @each(remote_operations)
    def test_nonsense_is_noticed(self, operation: AnyOperation) -> None:
        """A log-in page in the place of an answer is noticed: RemoteError."""
        self._expect(operation, 200, LOGIN_PAGE, (RemoteError,), {"Content-Type": "text/html"})

    @each(remote_triggers)
    def test_a_broken_line_loses_no_record(self, trigger: Trigger) -> None:
        """The line breaks while a later page is read: an error, or all records; never fewer."""
        with rig(self.subject, attempts=3) as line:
            line.read(trigger)  # a practice server may change a record while it is first read
            whole = _keys(trigger, line.read(trigger))
            found = _keys(trigger, _interrupted(line, trigger))
        if whole != found:
            fail(
                f"{trigger.name} yields {whole.total()} records, but {found.total()} after a line "
                f"that broke once and was tried again."
            )
        with rig(self.subject) as line:
            line.read(trigger)
            try:
                found = _keys(trigger, _interrupted(line, trigger))
            except (RetryableError, RemoteError):
                return
            except BridgeworkError as error:
                fail(f"{trigger.name}: the line broke, but the error is {_described(error)}.")
        if found != whole:
            fail(
                f"{trigger.name} yielded {found.total()} of {whole.total()} records when the line "
                f"broke, and ended as if they were all."
            )

    @each(operations_to_try)
    def test_secrets_stay_secret(self, operation: AnyOperation) -> None:
        """No secret is in a log line, an error, or what the context looks like."""
        for status in (None, 400, 401, 403, 404, 500, 0):
            with rig(self.subject) as line, listening() as log:
                if status is not None and line.server is not None:
                    line.break_down(status, '{"error": "no"}')
                error = outcome(line, operation)
                shown = {
                    "an error": "" if error is None else f"{error!r} {error} {error.hint}",
                    "the log": "\n".join(log),
                    "the context": repr(line.context_of(operation)),
                }
                for name, secret in line.secrets.items():
                    for place, text in shown.items():
                        if secret in text:
                            fail(
                                f"{operation.name}: the secret {name!r} shows in {place}"
                                f"{'' if status is None else f' when the API answers {status}'}."
                            )

    def _expect(
        self,
        operation: AnyOperation,
        status: int,
        body: str,
        expected: tuple[type[BridgeworkError], ...],
        headers: Mapping[str, str] | None = None,
    ) -> BridgeworkError:
        with rig(self.subject) as line:
            line.break_down(status, body, headers=headers)
            error = outcome(line, operation)
            requests = line.transport.requests
        if not isinstance(error, expected):
            what = f"the API answered {status}" if status else "the answer broke off"
            wanted = " or ".join(type_.__name__ for type_ in expected)
            if error is not None:
                fail(f"{operation.name}: {what}; that is {wanted}, not {_described(error)}.")
            asked = "" if requests else ", having made no request"
            fail(f"{operation.name}: {what}; that is {wanted}, but it ended well{asked}.")
        return error


def _interrupted(line: Rig, trigger: Trigger) -> list[Record]:
    """Read all, with a line that breaks once: after the first record, else at the first request."""
    records = line.records(trigger)
    found = list(islice(records, 1))
    fault = line.break_down(0, '{"data": [', times=1)
    found += records
    return found if fault.times == 0 else list(line.records(trigger))


def _keys(trigger: Trigger, records: list[Record]) -> Counter[str]:
    return Counter(str(record.get(trigger.key)) for record in records)


def _described(error: BridgeworkError) -> str:
    return f"{type(error).__name__}: {error}"
