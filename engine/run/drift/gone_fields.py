"""Fields that are gone: which records have them all the same, which must wait, and who is told."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from engine.drift.looking import plain
from engine.drift.readings import Field, Reading, broken_by, readings
from engine.drift.shape import ENTRY, Path, Shape, written
from engine.errors import BridgeworkError, ConnectorError
from engine.fields import Record
from engine.recipe.library import Library
from engine.run.drift.pausing import FIELD_VANISHED, Gone
from engine.run.plan import Plan
from engine.run.read import fetch
from engine.run.traveller import Traveller
from engine.store import runs
from engine.store.database import Store
from engine.store.shapes import Source

#: Fields that one notice names.
NAMED = 5
#: Sentences of a run's report on them.
TOLD = 5


def has(value: Any, path: Path) -> bool:
    """Return whether a record has a field, empty or not; in a list, whether an entry has it."""
    if not path:
        return True
    if path[0] == ENTRY:
        return isinstance(value, list) and any(has(entry, path[1:]) for entry in value)
    return isinstance(value, Mapping) and path[0] in value and has(value[path[0]], path[1:])


def any_has(records: Iterable[Record], every: Iterable[Traveller], path: Path) -> bool:
    """Return whether a record has a field, of the few looked at or of all."""
    return any(has(one, path) for one in records) or any(has(t.source, path) for t in every)


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


def notices_of(gone: Mapping[Field, Gone], library: Library) -> Iterator[tuple[Source, str, str]]:
    """Yield what people hear of fields that are gone: whose, the subject, and what it holds up."""
    for source in dict.fromkeys(source for source, _ in gone):
        mine = {path: one for (of, path), one in gone.items() if of == source}
        app = next(iter(mine.values())).app
        names = ", ".join(f"'{one.path}'" for one in [*mine.values()][:NAMED])
        more = f" and {len(mine) - NAMED} more" if len(mine) > NAMED else ""
        said = f"{names}{more} {'no longer comes' if len(mine) == 1 else 'no longer come'}"
        body = [f"{said} from {app} (connection “{source.connection}”)."]
        body += [one.reason for one in mine.values() if one.reason]
        body += [
            f"Instead of '{one.path}' there is '{one.instead}'."
            for one in mine.values()
            if one.instead
        ]
        body += _held_up(library, [(plain(source), path) for path in mine])
        yield source, f"{app}: {said}", "\n".join(body)


def _held_up(library: Library, gone: Sequence[Field]) -> Iterator[str]:
    hit = []
    for name in library.names():
        with suppress(BridgeworkError):  # what is wrong with a recipe is on its page
            recipe = library.load(name)
            if any(True for _ in broken_by(readings(recipe), gone)):
                hit.append(recipe.title)
    if not hit:
        yield "No recipe reads it."
        return
    yield f"Recipes that read it: {'; '.join(hit)}."
    yield "Nothing is blanked: what reads it is paused or held. `bridgework drift` says where."


def tell_in_report(store: Store, run_id: int, told: Sequence[str], new: Sequence[str]) -> None:
    """Say in a run's report what other systems don't give any more, and what is paused.

    :param told: all there is to say; ``new`` goes to the run's log.
    """
    more = len(told) - TOLD
    rest = [f"… and {more} more: `bridgework drift`."] if more > 0 else []
    with store.writing() as connection:
        runs.change_run(connection, run_id, hint=" ".join([*told[:TOLD], *rest]))
    for sentence in new:
        runs.log(store, run_id, sentence, "warning")
