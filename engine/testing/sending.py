"""Checks of actions and searches: every row gets its own answer, in the declared shape."""

from dataclasses import replace

from engine.calls import guarded
from engine.fields import result_schema
from engine.operations import Action
from engine.parameters import named
from engine.results import Accepted, Rejected, RowResult
from engine.testing.checks import (
    Checks,
    actions,
    batch_actions,
    each,
    fail,
    findable_actions,
    keyed_actions,
    live_actions,
    misfit,
    repeatable_actions,
)
from engine.testing.rig import key_of, rig


class SendingChecks(Checks):
    """Each action is called with the suite's example rows."""

    @each(actions)
    def test_an_example_is_taken(self, action: Action) -> None:
        """At least one example row is accepted, or found."""
        results = self._results(action)
        if not any(isinstance(result, Accepted) for result in results):
            reasons = [result.reason for result in results if isinstance(result, Rejected)]
            fail(f"{action.name} took none of the example rows. {' '.join(reasons)}".strip())

    @each(live_actions)
    def test_live_fields_know_the_examples(self, action: Action) -> None:
        """What the app says of its own fields is a schema, and takes the rows that are taken."""
        with rig(self.subject) as line:
            live = {}
            for name, function in action.live_functions.items():
                given = {**self.subject.parameters_of(action)}
                ctx = line.context_of(action)
                with guarded(action.connector, function.__name__):
                    live[name] = function(ctx, **named(function, given))
        whole = replace(action, live=live)
        rows = zip(self.subject.rows_of(action), self._results(action), strict=True)
        for row, result in rows:
            problem = misfit({**self.subject.parameters_of(action), **row}, whole.inputs)
            if isinstance(result, Accepted) and problem:
                fail(f"{action.name} took a row that its live fields refuse at {problem}")

    @each(actions)
    def test_answers_fit_their_schema(self, action: Action) -> None:
        """Later steps read an answer's fields, and are checked against its schema."""
        schema = result_schema(action.function) or {}
        if problem := misfit(action.sample or {}, schema):
            fail(f"The sample of {action.name} breaks the schema of its answers at {problem}")
        for result in self._results(action):
            if isinstance(result, Accepted) and (problem := misfit(result.record, schema)):
                fail(f"{action.name} answered something that breaks its schema at {problem}")

    @each(actions)
    def test_refusals_say_why(self, action: Action) -> None:
        """A rejected row has a sentence and a code that causes are grouped by."""
        for result in self._results(action):
            if isinstance(result, Rejected) and not (result.reason.strip() and result.code.strip()):
                fail(f"{action.name} rejected a row without reason or code: {result!r}")

    @each(batch_actions)
    def test_answers_match_rows(self, action: Action) -> None:
        """One answer a row, in the order of the rows, whatever the order of the vendor's answer."""
        rows = self.subject.rows_of(action)
        forwards = self._results(action)
        with rig(self.subject) as line:
            backwards = line.send(action, rows[::-1])[::-1]
        for row, one, other in zip(rows, forwards, backwards, strict=True):
            if _verdict(one) != _verdict(other):
                fail(
                    f"{action.name} answered {_verdict(one)!r} for the row {row!r}, and "
                    f"{_verdict(other)!r} when the rows came in the opposite order."
                )

    @each(batch_actions)
    def test_a_row_alone_gets_the_same_answer(self, action: Action) -> None:
        """Batches are cut anywhere, so no row's fate may hang on its neighbours."""
        together = self._results(action)
        for row, expected in zip(self.subject.rows_of(action), together, strict=True):
            with rig(self.subject) as line:
                alone = line.send(action, [row])
            if len(alone) != 1 or _verdict(alone[0]) != _verdict(expected):
                fail(
                    f"{action.name} answered {_verdict(expected)!r} for the row {row!r}, and "
                    f"{_verdict(alone[0])!r} when it was sent alone."
                )

    @each(repeatable_actions)
    def test_sending_again_does_no_harm(self, action: Action) -> None:
        """``idempotent=True`` promises that a repeated row is the same row in the other system."""
        rows = self.subject.rows_of(action)
        with rig(self.subject) as line:
            first, second = line.send(action, rows), line.send(action, rows)
        for row, one, other in zip(rows, first, second, strict=True):
            if _verdict(one) != _verdict(other):
                fail(
                    f"{action.name} says it is idempotent, but answered {_verdict(one)!r} and then "
                    f"{_verdict(other)!r} for the row {row!r}."
                )
            if isinstance(other, Accepted) and other.created:
                fail(f"{action.name} says it is idempotent, but created the row {row!r} twice.")

    @each(findable_actions)
    def test_what_was_sent_is_found(self, action: Action) -> None:
        """``find`` promises to tell whether a row arrived whose answer was lost."""
        with rig(self.subject) as line:
            for row in self.subject.rows_of(action):
                before = line.find(action, row)
                [sent] = line.send(action, [row])
                after = line.find(action, row)
                if not isinstance(sent, Accepted):
                    continue
                if before is not None:
                    fail(f"{action.name}: its find found the row {row!r} before it was sent.")
                if after is None or after.target_id != sent.target_id:
                    found = "nothing" if after is None else f"{after.target_id!r}"
                    fail(
                        f"{action.name}: the row {row!r} was sent and became {sent.target_id!r}, but "
                        f"its find found {found}."
                    )

    @each(keyed_actions)
    def test_a_row_sent_twice_with_its_key_is_one(self, action: Action) -> None:
        """``idempotency_key=True`` promises that the key is sent, and that the other system minds it."""
        sent: list[str] = []
        with rig(self.subject) as line:
            line.transport.seen = lambda request: sent.append(
                f"{request.url} {request.headers.raw} {request.read()!r}"
            )
            for row in self.subject.rows_of(action):
                [first], [second] = line.send(action, [row]), line.send(action, [row])
                if not isinstance(first, Accepted):
                    continue
                if not any(key_of(row) in request for request in sent):
                    fail(
                        f"{action.name} doesn't send the idempotency key of the row {row!r}. It is in "
                        f"`ctx.idempotency_key`, in a batch in `ctx.idempotency_keys`."
                    )
                if _verdict(first) != _verdict(second):
                    fail(
                        f"{action.name} sent the row {row!r} twice with one key, and it was "
                        f"{_verdict(first)!r} and then {_verdict(second)!r}."
                    )

    def _results(self, action: Action) -> list[RowResult | None]:
        with rig(self.subject) as line:
            return line.send(action, self.subject.rows_of(action) or [{}])


def _verdict(result: RowResult | None) -> str:
    match result:
        case Accepted():
            return f"accepted as {result.target_id}" if result.target_id else "accepted"
        case Rejected():
            return f"rejected: {result.code}"
    return "nothing found"
