"""Second stage, for each step: which records it is for, and the row each of them becomes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from engine.errors import TemplateError
from engine.fields import Record
from engine.run.plan import Plan
from engine.run.plan_steps import PlannedStep
from engine.run.rows import Refused
from engine.run.traveller import Traveller, storable
from engine.store import plain
from engine.store.ledger import Outcome


@dataclass(slots=True)
class Row:
    """A record's row for one step, ready to be sent.

    :param key: which record this is to the link table.
    :param idempotency_key: tells the other system that a repeat is one; set before it is sent.
    """

    traveller: Traveller
    key: str
    values: Record
    fingerprint: bytes
    idempotency_key: str = ""


@dataclass(slots=True)
class Link:
    """What the link table knows of a key: where it went, and the fingerprint last sent.

    ``outcome`` is what was made of it by then, where no report says it yet.
    """

    target_id: str | None
    fingerprint: bytes
    run_id: int
    result: Record | None = None
    outcome: Outcome = "unchanged"


def skip(plan: Plan, travellers: Iterable[Traveller]) -> list[Traveller]:
    """Settle the records that a skip rule leaves out; return the others."""
    if not plan.skip:
        return list(travellers)
    going = []
    for traveller in travellers:
        try:
            for rule in plan.skip:
                if rule.condition.holds(traveller.scope):
                    reason = rule.reason.text(traveller.scope)
                    traveller.end("skipped", code="rule", reason=reason, step="skip")
                    break
            else:
                going.append(traveller)
        except TemplateError as error:
            traveller.refuse("skip", error)
    return going


def shape(step: PlannedStep, travellers: Iterable[Traveller]) -> list[Row]:
    """Return a row for each record the step is for; the others are settled or pass by."""
    rows = []
    build, condition, salt = step.rows.build, step.condition, step.salt
    for traveller in travellers:
        scope = traveller.scope
        try:
            if condition is not None and not condition.holds(scope):
                scope[step.name] = None
                continue
            key = key_of(step, traveller)
            values = build(scope)
        except TemplateError as error:
            traveller.refuse(step.id, error)
        except Refused as refused:
            refused.end(traveller, step.id)
        else:
            rows.append(Row(traveller, key, values, fingerprint(salt, values)))
    return rows


def fingerprint(salt: blake2b, values: Record) -> bytes:
    """Return 16 bytes that differ when the row, the action or the account differs."""
    mark = salt.copy()
    mark.update(plain.dump(values))
    return mark.digest()


def split_unchanged(
    step: PlannedStep, rows: Sequence[Row], links: Mapping[str, Link]
) -> tuple[list[Row], list[tuple[Row, Link]]]:
    """Part the rows to send from those that were sent just so before.

    A result that a later step reads, but that was not kept when no step read it yet, is asked for
    once more where that does no harm.
    """
    asks_again = step.keeps_result and step.action.idempotent
    to_send, unchanged = [], []
    for row in rows:
        link = links.get(row.key)
        same = link is not None and link.fingerprint == row.fingerprint
        if link is None or not same or (asks_again and link.result is None):
            to_send.append(row)
        else:
            unchanged.append((row, link))
    return to_send, unchanged


def split_parameters(step: PlannedStep, values: Record) -> tuple[dict[str, Any], Record]:
    """Part a batch action's own parameters from the fields of its row."""
    parameters = {name: values[name] for name in step.parameters if name in values}
    if not parameters:
        return {}, values
    return parameters, {name: value for name, value in values.items() if name not in parameters}


def by_parameters(
    step: PlannedStep, rows: Iterable[Row]
) -> Iterable[tuple[Record, list[tuple[Row, Record]]]]:
    """Part rows by the batch action's own parameters, which one call has once for all its rows."""
    if not step.parameters:
        return [({}, [(row, row.values) for row in rows])]
    groups: dict[str, tuple[Record, list[tuple[Row, Record]]]] = {}
    for row in rows:
        parameters, values = split_parameters(step, row.values)
        name = repr(parameters)
        if name not in groups:
            groups[name] = parameters, []
        groups[name][1].append((row, values))
    return groups.values()


def key_of(step: PlannedStep, traveller: Traveller) -> str:
    """Return what the link table knows a record by at a step.

    :raises Refused: it is empty.
    :raises TemplateError: it can't be worked out.
    """
    if step.key is None:
        return traveller.key
    key = storable(step.key.text(traveller.scope))
    if not key:
        raise Refused(
            "The key of this step is empty.",
            code="no_key",
            field="key",
            how_to_fix="Fill the field it reads at the source, or choose another key.",
        )
    return key
