"""From an answer to an outcome: what a refusal, a failure or no answer at all makes of a record."""

from engine.errors import ConnectorError, InputError, PluginCrash, RemoteError, RetryableError
from engine.operations import Rejected, RowResult
from engine.run.plan import PlannedStep
from engine.run.shape import Link, Row
from engine.run.traveller import Sent


def settle_unchanged(step: PlannedStep, row: Row, link: Link) -> None:
    """Let a record pass whose row was sent just so before; later steps read what it gave then."""
    traveller = row.traveller
    traveller.scope[step.id] = link.result or {"id": link.target_id}
    traveller.sent.append(
        Sent(step.id, row.key, link.target_id, row.fingerprint, "unchanged", link.result, kept=True)
    )


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
        case RetryableError(maybe_sent=True) if step.writes and not step.action.idempotent:
            end(
                "unsure",
                code="no_answer",
                reason=f"It was sent, but {step.rows.app} did not answer, so it may have arrived.",
                how_to_fix=f"Look in {step.rows.app}; retry only if it is not there.",
                step=step.id,
            )
        case RemoteError() | PluginCrash() if step.writes and not step.action.idempotent:
            end(
                "unsure",
                code=answer.code,
                reason=f"{answer.message} It may have arrived all the same.",
                how_to_fix=f"Look in {step.rows.app}; retry only if it is not there.",
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
