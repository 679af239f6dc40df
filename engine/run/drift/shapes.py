"""What a run sees of the records of its sources: compared with earlier runs, and kept at its end."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from engine.drift.differences import differences, is_removed, kind_words, required_of
from engine.drift.readings import Field
from engine.drift.shape import ENTRY, Gauge, Path, Shape, from_json, merged, to_json
from engine.errors import DatabaseAway
from engine.fields import Record
from engine.operations import Operation
from engine.run.drift.columns import is_complete
from engine.run.traveller import Traveller
from engine.store.database import Store
from engine.store.shapes import Change, Source, keep_shapes, shapes_of
from engine.store.workers import Buried

#: Records of a source after which runs that see nothing new add to its shape once a day only.
KNOWN_WELL, AGAIN_AFTER = 2000, timedelta(days=1)


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


class Sight:
    """The shapes of the records of one run, beside those of earlier ones.

    :param operations: whose records they are, by source.
    :ivar before: what earlier runs saw.
    """

    def __init__(self, store: Store, operations: Mapping[Source, Operation], now: datetime) -> None:
        self.store, self.operations, self.now = store, operations, now
        self._kept = shapes_of(store, operations.keys())
        self.before = {source: from_json(kept.shape) for source, kept in self._kept.items()}
        self._gauges: dict[Source, Gauge] = {}
        self._missed: dict[Source, set[Path]] = {}

    def known(self, source: Source) -> tuple[Shape, set[Path]]:
        """Return what is known of a source's records by now, and the fields new in this run."""
        before, gauge = self.before.get(source, Shape()), self._gauges.get(source)
        if gauge is None:
            return before, set()
        now = gauge.shape()
        return merged(before, now), {path for path in now.fields if path not in before.fields}

    def kind(self, source: Source, path: Path) -> str:
        """Return what a field was, in words; empty where it was never seen."""
        seen = self.before.get(source, Shape()).fields.get(path)
        return "" if seen is None else kind_words(seen)

    def look(
        self,
        source: Source,
        records: Sequence[Record],
        every: Sequence[Traveller],
        known: Sequence[Path],
    ) -> tuple[list[Path], list[Path]]:
        """Look at records; return the fields that are back, and those that are gone.

        :param every: those they are a part of; looked at where the few seem to lack a field.
        :param known: fields that are known to be gone.
        """
        gauge = self._gauges.get(source)
        if gauge is None:
            gauge = self._gauges[source] = Gauge()
            self._missed[source] = self._expected(source, known)
        gauge.look(records)
        missed = self._missed[source]
        if not missed and not known:
            return [], []
        shape = gauge.shape()
        missed -= {path for path in missed if (s := shape.fields.get(path)) and s.present}
        back = [path for path in known if any_has(records, every, path)]
        gone = [
            path
            for path in self._surely_gone(source, shape, missed)
            if not any_has(records, every, path)
        ]
        missed -= set(gone)
        return back, gone

    def _expected(self, source: Source, known: Sequence[Path]) -> set[Path]:
        """Return the fields whose absence would be news."""
        before = self.before.get(source, Shape())
        found = {path for path, seen in before.fields.items() if seen.always and path[-1] != ENTRY}
        expected = (found | self._required(source)) - set(known)
        operation = self.operations[source]  # of columns each record tells by itself
        return {path for path in expected if not is_complete(operation, path)}

    def _surely_gone(self, source: Source, shape: Shape, missed: Collection[Path]) -> list[Path]:
        before, required = self.before.get(source, Shape()), self._required(source)
        gone: list[Path] = []
        for path in sorted(missed, key=len):
            within = any(path[: len(above)] == above for above in gone)
            if not within and is_removed(path, before, shape, required=path in required):
                gone.append(path)
        return gone

    def _required(self, source: Source) -> set[Path]:
        operation = self.operations[source]
        if getattr(operation, "schema", None) is not None:
            return set()
        return set(required_of(operation.result))

    def keep(self, run_id: int, gone: Collection[Field]) -> None:
        """Add what was seen to what earlier runs saw, in one write.

        :param gone: fields that are not expected now, and yet not forgotten.
        """
        with suppress(Buried, DatabaseAway):  # whoever goes on with the run sees it all again
            self._keep(run_id, gone)
        self._gauges.clear()

    def _keep(self, run_id: int, gone: Collection[Field]) -> None:
        seen: dict[Source, Any] = {}
        changes: list[Change] = []
        for source, gauge in self._gauges.items():
            shape = gauge.shape()
            before = self.before.get(source)
            if before is not None:
                changes += self._changes(run_id, source, before, shape)
            if self._worth_keeping(source, before, shape, gone):
                seen[source] = to_json(shape)
        if seen or changes:

            def merge(
                source: Source, one: Mapping[str, Any], other: Mapping[str, Any]
            ) -> Mapping[str, Any]:
                left = [path for of, path in gone if of == source]
                return to_json(merged(from_json(one), from_json(other), left))

            keep_shapes(self.store, seen, merge, changes, self.now)

    def _changes(
        self, run_id: int, source: Source, before: Shape, shape: Shape
    ) -> Iterator[Change]:
        for one in differences(before, shape):
            if one.kind != "removed":
                yield Change(
                    source=source,
                    path=one.path,
                    kind=one.kind,
                    before=one.before,
                    after=one.after,
                    found_at=self.now,
                    run_id=run_id,
                )

    def _worth_keeping(
        self, source: Source, before: Shape | None, shape: Shape, gone: Collection[Field]
    ) -> bool:
        if before is None or before.records < KNOWN_WELL:
            return bool(shape.records)
        if self.now - self._kept[source].last_seen >= AGAIN_AFTER:
            return True
        return any(
            path not in before.fields
            or not seen.kinds.keys() <= before.fields[path].kinds.keys()
            or (before.fields[path].always and not seen.always and (source, path) not in gone)
            for path, seen in shape.fields.items()
        )
