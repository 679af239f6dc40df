"""Columns and fields that a record surely lacks, since all that there are would be in it.

A row has all columns of its file, be their cells empty, and so has a record all custom fields of its
account, where a connector declares that (``complete``). A name that a recipe reads and such a record
lacks is no empty field, then: it isn't there, for this file or account, and one record tells.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.drift.readings import Field, Reading
from engine.drift.shape import ENTRY, Path, read_path, written
from engine.fields import Record
from engine.operations import Operation
from engine.parameters import named
from engine.recipe.suggest import nearest, same_thing
from engine.run.drift.gone import Gone
from engine.run.plan import Plan
from engine.run.traveller import Traveller
from engine.store.shapes import Source

#: What a record lacks: the fields, with what has none of them, in words.
Lacking = tuple[tuple[Field, str, str], ...]


def is_complete(operation: Operation, path: Path) -> bool:
    """Return whether a record that lacks a field surely has none, so that one record tells."""
    places = (read_path(place) for place in operation.complete)
    return any(len(path) == len(place) + 1 and path[:-1] == place for place in places)


@dataclass(frozen=True)
class _Place:
    """A place in records where all fields are that there are.

    :param wanted: the fields in it that the recipe reads.
    """

    path: Path
    wanted: frozenset[str]
    words: Any

    def lacks(self, record: Record) -> tuple[frozenset[str], Mapping[str, Any]]:
        """Return the wanted fields that a record lacks there, and what it has there."""
        there: Any = record
        for name in self.path:
            if name == ENTRY:
                there = there[0] if isinstance(there, list) and there else None
            else:
                there = there.get(name) if isinstance(there, Mapping) else None
        if not isinstance(there, Mapping) or self.wanted <= there.keys():
            return frozenset(), {}
        return self.wanted - there.keys(), there


class Columns:
    """What the records of one run lack.

    :param operations: whose records they are, by source.
    :param found: what the recipe reads.
    """

    def __init__(
        self, plan: Plan, operations: Mapping[Source, Operation], found: tuple[Reading, ...]
    ) -> None:
        self.plan = plan
        self._places: dict[Source, list[_Place]] = {}
        wanted = {
            field for reading in found if reading.effect != "blank" for field in reading.surely
        }
        for source, operation in operations.items():
            for place, words in operation.complete.items():
                at = read_path(place)
                names = frozenset(
                    path[len(at)]
                    for of, path in wanted
                    if of == source and len(path) > len(at) and path[: len(at)] == at
                )
                if names - {ENTRY}:
                    one = _Place(at, names - {ENTRY}, words)
                    self._places.setdefault(source, []).append(one)
        #: Searches whose answers may lack what the recipe reads.
        self.of_searches = [step for step in plan.uses if step.source in self._places]

    def of_records(
        self, plan: Plan, travellers: Sequence[Traveller]
    ) -> dict[int, tuple[Record, Lacking]]:
        """Return the records that lack something, with what, by their sources' identities.

        Almost always there is none, and finding that out costs less than 1 µs a record.
        """
        found: dict[int, tuple[Record, Lacking]] = {}
        for place in self._places.get(plan.source, ()):
            wanted = place.wanted
            for traveller in travellers:
                record = traveller.source
                whole = not place.lacks(record)[0] if place.path else wanted <= record.keys()
                if not whole and id(record) not in found:
                    lacking = self._lacking(plan.source, record, plan.trigger_parameters)
                    found[id(record)] = record, lacking
        return found

    def of_answers(self, traveller: Traveller) -> Lacking:
        """Return what the answers lack that searches gave a record."""
        found: Lacking = ()
        for step in self.of_searches:
            answer = traveller.scope.get(step.name)
            if isinstance(answer, Mapping):
                found += self._lacking(step.source, dict(answer), {})
        return found

    def _lacking(self, source: Source, record: Record, parameters: Mapping[str, Any]) -> Lacking:
        return tuple(self._each(source, record, parameters))

    def _each(
        self, source: Source, record: Record, parameters: Mapping[str, Any]
    ) -> Iterator[tuple[Field, str, str]]:
        for place in self._places[source]:
            missing, there = place.lacks(record)
            if not missing:
                continue
            given = named(place.words, {**parameters, "record": record})
            words = place.words(**given)
            for name in sorted(missing):
                instead = _instead(name, tuple(there))
                yield (source, (*place.path, name)), f"{words} '{name}'", instead


@lru_cache(maxsize=64)
def _instead(name: str, there: tuple[str, ...]) -> str:
    """Return the name that may be meant; to look for it takes 4 µs a column, and rows are alike."""
    return same_thing(name, there)[0] or nearest(name, there) or ""


def gone_of(lacking: Lacking, apps: Mapping[Source, str]) -> dict[Field, Gone]:
    """Return what a record lacks as fields that can't be had.

    :param apps: what people call whose records they are.
    """
    return {
        (source, path): Gone(
            written(path),
            apps[source],
            instead=written((*path[:-1], instead)) if instead else "",
            lacks=words,
        )
        for (source, path), words, instead in lacking
    }
