"""Records kept since an earlier run, while a field could not be had: they are read anew, or held."""

from collections.abc import Collection, Iterable, Sequence

from engine.drift.readings import Reading, broken_by
from engine.drift.shape import Path, Shape, written
from engine.errors import ConnectorError
from engine.run.drift.gone import FIELD_VANISHED
from engine.run.plan import Plan
from engine.run.read import fetch
from engine.run.traveller import Traveller


def hold_back(
    plan: Plan,
    travellers: Iterable[Traveller],
    before: Shape | None,
    gone: Collection[Path],
    found: Sequence[Reading],
) -> None:
    """Settle kept records that lack what records always have, and the recipe reads.

    They were kept while it could not be had: deciding by them would be deciding wrongly.

    :param before: what records look like.
    :param gone: fields that are gone now: what becomes of records without them is seen to.
    :param found: what the recipe reads.
    """
    wanted = [
        path
        for path, seen in (before.fields.items() if before else ())
        if len(path) == 1
        and seen.always
        and path not in gone
        and any(True for _ in broken_by(found, [(plan.source, path)]))
    ]
    for traveller in travellers:
        missing = next((path for path in wanted if path[0] not in traveller.source), None)
        if missing is not None and not _read_anew(plan, traveller, missing):
            traveller.end(
                "rejected",
                code=FIELD_VANISHED,
                reason=f"It was read while '{written(missing)}' did not come.",
                how_to_fix="Run the recipe once with --full, so that it is read anew.",
                step="trigger",
                field=written(missing),
            )


def _read_anew(plan: Plan, traveller: Traveller, missing: Path) -> bool:
    """Take the record as it is at the source now; return whether it has the field again."""
    if plan.trigger.fetch is None:
        return False
    try:
        record = fetch(plan, traveller.key)
    except ConnectorError:
        return False
    if record is None or missing[0] not in record:
        return False
    traveller.source = traveller.scope[plan.record] = record
    return True
