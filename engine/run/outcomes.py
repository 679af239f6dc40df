"""From an answer to an outcome: what a refusal, a failure or no answer at all makes of a record."""

from collections.abc import Iterable

from engine.errors import (
    BusyError,
    CannotTell,
    ConnectorError,
    InputError,
    PluginCrash,
    RemoteError,
    RetryableError,
)
from engine.recipe.steps import AfterFailure
from engine.results import Accepted, Rejected, RowResult
from engine.run.plan_steps import PlannedStep
from engine.run.shape import Link, Row
from engine.run.traveller import HELD, Sent, Traveller, storable
from engine.store.ledger import Outcome
from engine.store.pairs import Written

#: The code of a rejection that says that the app has no such thing.
NOT_FOUND = "not_found"


def settle_unchanged(step: PlannedStep, row: Row, link: Link) -> None:
    """Let a record pass whose row was sent just so before; later steps read what it gave then.

    Where a crash came between the answer and the report, it counts as what was answered.
    """
    traveller = row.traveller
    traveller.scope[step.name] = link.result or {"id": link.target_id}
    traveller.sent.append(
        Sent(
            step.id, row.key, link.target_id, row.fingerprint, link.outcome, link.result, kept=True
        )
    )


def settle_accepted(
    step: PlannedStep,
    row: Row,
    answer: Accepted,
    link: Link | None,
    *,
    run_id: int,
    written: Written | None = None,
) -> Link:
    """Note what the other side took, for the record and for later steps; return the row's new link.

    :param link: what was known of the row before.
    :param written: what the recipe in the other direction has to know of it.
    """
    target_id, created = answer.target_id or None, answer.created
    outcome: Outcome = "updated" if answer.changed else "unchanged"
    if link is not None:
        target_id = target_id or link.target_id
        created = created or link.outcome == "created"  # its first state came over unreported
    elif created is None:
        created = True
    if created:
        outcome = "created"
    result = answer.record if "id" in answer.record else {**answer.record, "id": target_id}
    row.traveller.scope[step.name] = result
    known_as = None if target_id is None else storable(target_id)
    # An id that no column holds whole is kept with the answer.
    kept = result if step.keeps_result or known_as != target_id else None
    row.traveller.sent.append(
        Sent(
            step.id, row.key, known_as, row.fingerprint, outcome, kept, row.values, written=written
        )
    )
    return Link(known_as, row.fingerprint, run_id, kept)


def may_have_arrived(step: PlannedStep, answer: RowResult | ConnectorError) -> bool:
    """Return whether a row that must not be sent twice may be there although it was not answered."""
    match answer:
        case RetryableError(maybe_sent=True) | RemoteError() | PluginCrash():
            return step.action.once
    return False


def settle_refusal(step: PlannedStep, row: Row, answer: RowResult | ConnectorError) -> None:
    """Settle a record that the other side refused, or could not be asked about."""
    end = row.traveller.end
    match answer:
        case Rejected(reason=reason, code=code, field=field_name, hint=hint):
            end(
                "rejected",
                code=code,
                reason=reason,
                how_to_fix=hint or f"Correct the {step.rows.noun} at the source, then retry.",
                step=step.id,
                field=field_name or "",
            )
        case InputError():
            end(
                "rejected",
                code=answer.code,
                reason=answer.message,
                how_to_fix=answer.hint
                or f"Correct the {step.rows.noun} at the source, then retry.",
                step=step.id,
                field=answer.field or "",
            )
        case CannotTell():
            row.traveller.in_doubt = True
            end(
                "unsure",
                code=answer.code,
                reason=answer.message,
                how_to_fix=answer.hint or f"Look in {step.rows.app} whether it is there.",
                step=step.id,
            )
        case ConnectorError() if may_have_arrived(step, answer):
            row.traveller.in_doubt = True
            silent = isinstance(answer, RetryableError)
            reason = f"{answer.message} It may have arrived all the same."
            if silent:
                app = step.rows.app
                reason = f"It was sent, but {app} did not answer, so it may have arrived."
            end(
                "failed" if step.action.can_tell else "unsure",
                code="no_answer" if silent else answer.code,
                reason=reason,
                how_to_fix=_what_now(step),
                step=step.id,
            )
        case ConnectorError():
            end(
                "failed",
                code=answer.code,
                reason=answer.message,
                how_to_fix=answer.hint or "Retry later.",
                step=step.id,
            )


def apply_policy(step: PlannedStep, row: Row, answer: RowResult | ConnectorError) -> None:
    """Let the recipe's ``on_error`` have its say about a record whose step failed.

    A record at the app's limit, or one that may have arrived, isn't skipped: a later run knows more.
    """
    traveller = row.traveller
    if traveller.outcome == "rejected":
        if traveller.code == NOT_FOUND and step.on_error.not_found == "skip":
            _leave_out(traveller)
        return
    if traveller.outcome != "failed" or isinstance(answer, BusyError):
        return
    then = after_failure(step, answer)
    if then == "hold":
        traveller.code = HELD
        traveller.how_to_fix = (
            f"The recipe holds it for you: retry it when {step.rows.app} is well."
        )
    elif then == "skip" and not may_have_arrived(step, answer):
        _leave_out(traveller)


def after_failure(step: PlannedStep, answer: RowResult | ConnectorError) -> AfterFailure:
    """Return what the recipe says of a failure, the more particular word first."""
    on_error = step.on_error
    said = on_error.then
    if isinstance(answer, RetryableError):
        said = on_error.no_answer or said
    elif isinstance(answer, RemoteError | PluginCrash):
        said = on_error.bad_answer or said
    return said


def _leave_out(traveller: Traveller) -> None:
    traveller.outcome = "skipped"
    traveller.reason = f"{traveller.reason} The recipe goes on without it."
    traveller.how_to_fix = ""


def stop_at_rejection(step: PlannedStep, travellers: Iterable[Traveller]) -> InputError | None:
    """Return why the run is to stop: the recipe says so, and the step rejected a record."""
    on_error = step.on_error
    missing = on_error.not_found or on_error.rejected
    if "stop" not in (on_error.rejected, missing):
        return None
    for traveller in travellers:
        said = missing if traveller.code == NOT_FOUND else on_error.rejected
        if traveller.outcome == "rejected" and traveller.step == step.id and said == "stop":
            return InputError(
                f"'{traveller.title}' was rejected, and the recipe stops then: {traveller.reason}",
                hint=traveller.how_to_fix or "",
            )
    return None


def _what_now(step: PlannedStep) -> str:
    """Say what becomes of a record that may have arrived."""
    app = step.rows.app
    if step.action.find is not None:
        return f"The next run looks in {app} and sends it only if it is not there; or retry now."
    if step.action.idempotency_key:
        return f"The next run sends it again, marked so that {app} takes it once; or retry now."
    return f"Look in {app}; retry it if it is not there, else say that it is there."


def is_done(step: PlannedStep, row: Row) -> bool:
    """Return whether the row needs this step no more."""
    traveller = row.traveller
    return traveller.outcome is not None or traveller.stranded or traveller.has_done(step.id)
