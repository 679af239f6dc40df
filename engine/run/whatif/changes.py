"""Where a trial starts, and how one field of it is changed: the two fields that say one thing together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.fields import Record, Schema
from engine.run.whatif.trial import Answers
from engine.run.whatif.used import ENTRY, Place, Used, properties_of, schema_at
from engine.run.whatif.values import MISSING, second, value_at, with_value
from engine.run.whatif.variant import Variant


@dataclass(frozen=True)
class Situation:
    """What a trial starts from: a record, and what the outside world says."""

    record: Record
    answers: Answers


class Changer:
    """Changes situations field by field.

    :param record: what the recipe calls its record.
    :param used: the fields that the recipe reads; lists they are entries of are added.
    :param names: schemas of what templates may name.
    :param sample: the trigger's.
    """

    def __init__(
        self,
        record: str,
        used: dict[Place, Used],
        names: Mapping[str, Schema],
        sample: Mapping[str, Any],
    ) -> None:
        self.record, self.used, self.names = record, used, names
        self._find_twins(sample)

    def value(self, situation: Situation, place: Place) -> Any:
        root, rest = place[0], place[1:]
        source = situation.record if root == self.record else situation.answers.found.get(root)
        return value_at(source, rest)

    def varied(self, situation: Situation, used: Used, variant: Variant) -> Situation:
        varied = self.put(situation, used.place, variant.value)
        for name in variant.without:
            varied = self.put(varied, (*used.place[:-1], name), None)
        return varied

    def with_second(self, situation: Situation, place: Place) -> Situation:
        value = self.value(situation, place)
        if value is MISSING or isinstance(value, dict | list):
            return situation
        schema = self.used[place].schema if place in self.used else {}
        return self.put(situation, place, second(place[-1], schema, value))

    def put(self, situation: Situation, place: Place, value: Any) -> Situation:
        """Return the situation with one field changed, and its twin with it."""
        root, rest = place[0], place[1:]
        if root != self.record:
            found = dict(situation.answers.found)
            found[root] = with_value(found.get(root) or {}, rest, value)
            return replace(situation, answers=replace(situation.answers, found=found))
        record = with_value(situation.record, rest, value)
        for one, many in self.twins.items():
            if place[: len(one)] == one:
                now = value_at(record, one[1:])
                entries = [] if now is MISSING or now is None else [now]
                record = with_value(record, many[1:], entries)
            elif place[: len(many)] == many and one[:-1] == many[:-1]:
                entries = value_at(record, many[1:])
                first = entries[0] if isinstance(entries, list) and entries else None
                record = with_value(record, one[1:], first)
        return replace(situation, record=record)

    def _find_twins(self, sample: Mapping[str, Any]) -> None:
        """Find lists of which the recipe reads only one entry, kept by the source as a field too.

        Such as Clio's ``client``, the first of ``clients``: two fields that say one thing.
        """
        self.twins: dict[Place, Place] = {}
        for used in list(self.used.values()):
            if used.place[0] != self.record or ENTRY in used.place:
                continue
            for length in range(2, len(used.place) + 1):
                one = used.place[:length]
                self._twin_of(one, sample)
        for used in list(self.used.values()):
            if used.place[0] == self.record and ENTRY in used.place:
                many = used.place[: used.place.index(ENTRY)]
                self._twin_in(many, sample)
        for one, many in self.twins.items():
            if many not in self.used:
                schema = self._schema(many)
                reader = self.used[one]
                self.used[many] = Used(
                    many, schema, reader.position, reader.step, set(reader.steps), twin=one
                )

    def _twin_of(self, one: Place, sample: Mapping[str, Any]) -> None:
        value = value_at(sample, one[1:])
        if not isinstance(value, Mapping) or one in self.twins:
            return
        for name, _ in properties_of(self._schema(one[:-1])):
            entries = value_at(sample, (*one[1:-1], name))
            if isinstance(entries, list) and entries and entries[0] == value:
                self.twins[one] = (*one[:-1], name)

    def _twin_in(self, many: Place, sample: Mapping[str, Any]) -> None:
        entries = value_at(sample, many[1:])
        if not isinstance(entries, list) or not entries or many in self.twins.values():
            return
        for name, _ in properties_of(self._schema(many[:-1])):
            if (
                isinstance(entries[0], Mapping)
                and value_at(sample, (*many[1:-1], name)) == entries[0]
            ):
                self.twins[*many[:-1], name] = many

    def _schema(self, place: Place) -> Schema:
        return schema_at(self.names, place)

    def with_one_entry(self, situation: Situation, place: Place) -> Situation:
        """Leave one entry in each list that a field lies in: no other may stand in for it."""
        for number, part in enumerate(place):
            if part != ENTRY:
                continue
            entries = self.value(situation, place[:number])
            if isinstance(entries, list) and len(entries) > 1:
                situation = self.put(situation, place[:number], entries[:1])
        return situation
