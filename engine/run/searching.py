"""Searches: each is asked once a run, and what is not found ends a record as the recipe says."""

import contextlib
from dataclasses import dataclass, field

from engine.errors import ConnectorError, RetryableError, TemplateError
from engine.fields import Record
from engine.results import Accepted
from engine.run.calling import Answer, Caller, Heard
from engine.run.outcomes import apply_policy, settle_refusal
from engine.run.plan_steps import PlannedStep
from engine.run.shape import Row

#: Search results remembered by one step of one run.
REMEMBERED_SEARCHES = 5000


@dataclass
class Searcher:
    """Asks the searches of one run, and remembers the answers."""

    caller: Caller
    heard: Heard = lambda step, answers: None
    _found: dict[str, dict[bytes, Answer]] = field(default_factory=dict)

    def search(self, step: PlannedStep, rows: list[Row]) -> None:
        """Ask for every row; each traveller gets what was found, or is settled."""
        known = {} if step.anew else self._found.setdefault(step.id, {})
        if len(known) > REMEMBERED_SEARCHES:
            known.clear()
        new = {row.fingerprint: row for row in rows if row.fingerprint not in known}

        def answered(row: Row, answer: Answer) -> None:
            self.heard(step, (answer,))
            known[row.fingerprint] = answer

        caller = self.caller
        caller.each(step, new.values(), lambda row: caller.call(step, row, None), answered)
        for row in rows:
            unasked = row.fingerprint not in known
            if unasked or (caller.stopped and isinstance(known[row.fingerprint], RetryableError)):
                row.traveller.stranded = True  # the other side is down: it is read again
                continue
            answer = known[row.fingerprint]
            if answer is None:
                nothing_found(step, row)
            elif isinstance(answer, Accepted):
                row.traveller.scope[step.name] = answer.record
            else:
                settle_refusal(step, row, answer)
                apply_policy(step, row, answer)
        # What failed may work a moment later; only real answers are remembered.
        for key in [k for k, answer in known.items() if isinstance(answer, ConnectorError)]:
            del known[key]

    def learn(self, step: PlannedStep, row: Row, made: Record) -> None:
        """Remember what was made where the search found nothing."""
        if not step.anew:
            self._found.setdefault(step.id, {})[row.fingerprint] = Accepted(made)

    def forget(self, step: PlannedStep, row: Row) -> None:
        """Forget an answer: it may be another by now."""
        self._found.get(step.id, {}).pop(row.fingerprint, None)


def nothing_found(step: PlannedStep, row: Row) -> None:
    """Let a record go on, or end, as the recipe says of a search that finds nothing."""
    traveller = row.traveller
    traveller.scope[step.name] = None
    if step.if_none in (None, "continue"):
        return
    reason = ""
    if step.none_reason is not None:
        with contextlib.suppress(TemplateError):  # the record's outcome is clear without it
            reason = step.none_reason.text(traveller.scope)
    sentence = reason or f"{step.rows.app} has no such {step.action.noun.one}."
    untold = [f"{n} {v!r}" for n, v in row.values.items() if str(v) not in sentence]
    looked_for = f" Looked for {', '.join(untold)}." if untold else ""
    traveller.end(
        "rejected" if step.if_none == "reject" else "skipped",
        code="not_found",
        reason=sentence + looked_for,
        how_to_fix=f"Add the {step.action.noun.one} in {step.rows.app}, or correct the "
        f"{step.rows.noun}, then retry."
        if step.if_none == "reject"
        else "",
        step=step.id,
    )
