"""Checks of triggers: keys, cursors, schemas and the ends of lists, read from a practice server."""

from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low

from engine.calls import guarded
from engine.fields import Record, result_schema
from engine.operations import Trigger
from engine.parameters import named
from engine.run.read import moment
from engine.testing.checks import (
    Checks,
    each,
    fail,
    misfit,
    triggers,
    triggers_in_order,
    triggers_with_cursor,
    triggers_with_fetch,
    unlike,
)
from engine.testing.rig import Rig, again, rig

#: A poll may go back this far, to read late and same-second records again; the key dedupes them.
OVERLAP = timedelta(seconds=2)


class ReadingChecks(Checks):
    """Each trigger is read whole, more than once."""

    @each(triggers)
    def test_records_have_unique_keys(self, trigger: Trigger) -> None:
        """Every record has the key, and no two records of one read share it."""
        for record in (records := self._records(trigger)):
            if record.get(trigger.key) in (None, ""):
                fail(f"{trigger.name} yielded a record without its key {trigger.key!r}: {record!r}")
        if repeated := again(records, trigger.key):
            fail(
                f"{trigger.name} yielded more than one record with the {trigger.key} "
                f"{', '.join(repeated[:5])}: the key doesn't tell records apart, or a page was "
                f"read twice."
            )

    @each(triggers)
    def test_records_fit_their_schema(self, trigger: Trigger) -> None:
        """Recipes are checked against the schema, so records must keep to it."""
        with rig(self.subject) as line:
            schema = result_schema(trigger.function)
            if trigger.schema is not None:
                given = named(trigger.schema, self.subject.parameters_of(trigger))
                schema = trigger.schema(line.context_of(trigger), **given)
            for record in self._warm(line, trigger):
                if problem := misfit(record, {} if schema is None else schema):
                    fail(f"{trigger.name} yielded a record that breaks its schema at {problem}")

    @each(triggers)
    def test_the_sample_is_like_the_records(self, trigger: Trigger) -> None:
        """People build recipes by the sample."""
        sample = trigger.sample or {}
        if (schema := result_schema(trigger.function)) and (problem := misfit(sample, schema)):
            fail(f"The sample of {trigger.name} breaks the schema of its records at {problem}")
        if trigger.schema is None and (problems := unlike(sample, self._records(trigger))):
            fail(f"The sample of {trigger.name} isn't like its records: {'; '.join(problems)}.")

    @each(triggers_with_cursor)
    def test_records_have_cursors(self, trigger: Trigger) -> None:
        """The cursor of every record is a moment."""
        for record in self._records(trigger):
            _cursor(trigger, record)

    @each(triggers_with_cursor)
    def test_nothing_new_since_the_last_cursor(self, trigger: Trigger) -> None:
        """A second poll yields nothing but, perhaps, the last records again."""
        with rig(self.subject) as line:
            known = {
                (str(record[trigger.key]), _cursor(trigger, record))
                for record in self._warm(line, trigger)
            }
            last = max(cursor for _, cursor in known)
            for record in line.read(trigger, last + timedelta(microseconds=1)):
                key, cursor = str(record[trigger.key]), _cursor(trigger, record)
                if (key, cursor) not in known or cursor < last - OVERLAP:
                    fail(
                        f"{trigger.name} was asked for what changed since {last.isoformat()} and "
                        f"yielded {key}, which changed at {cursor.isoformat()}."
                    )

    @each(triggers_with_cursor)
    def test_since_leaves_nothing_out(self, trigger: Trigger) -> None:
        """A poll from the middle yields every record that changed later."""
        with rig(self.subject) as line:
            cursors = {
                str(record[trigger.key]): _cursor(trigger, record)
                for record in self._warm(line, trigger)
            }
            middle = median_low(sorted(cursors.values()))
            found = {str(record[trigger.key]) for record in line.read(trigger, middle)}
        lost = [key for key, cursor in cursors.items() if cursor > middle and key not in found]
        if lost:
            fail(
                f"{trigger.name} was asked for what changed since {middle.isoformat()} and left out "
                f"{len(lost)} that changed later, e.g. {lost[0]}."
            )

    @each(triggers_in_order)
    def test_records_come_in_order(self, trigger: Trigger) -> None:
        """``sorted=True`` lets the cursor move page by page, so cursors must not go back."""
        cursors = [_cursor(trigger, record) for record in self._records(trigger)]
        for earlier, later in pairwise(cursors):
            if later < earlier:
                fail(
                    f"{trigger.name} says it is sorted, but {later.isoformat()} came after "
                    f"{earlier.isoformat()}."
                )

    @each(triggers_with_fetch)
    def test_a_record_can_be_fetched(self, trigger: Trigger) -> None:
        """A retry reads the record afresh: the same one, in the same shape."""
        assert trigger.fetch is not None
        with rig(self.subject) as line:
            record = self._warm(line, trigger)[-1]
            key = str(record[trigger.key])
            wanted = trigger.fetch.__code__.co_varnames[: trigger.fetch.__code__.co_argcount]
            parameters = {
                name: value
                for name, value in self.subject.parameters_of(trigger).items()
                if name in wanted
            }
            with guarded(trigger.connector, trigger.name):
                found = trigger.fetch(line.context_of(trigger), key, **parameters)
        if found is None or str(found.get(trigger.key)) != key:
            fail(f"{trigger.name}: its fetch was asked for {key} and returned {found!r}.")
        elif set(found) != set(record):
            different = ", ".join(sorted(set(found) ^ set(record)))
            fail(f"{trigger.name}: a record that is fetched differs in its fields: {different}.")

    def _records(self, trigger: Trigger) -> list[Record]:
        with rig(self.subject) as line:
            return self._warm(line, trigger)

    def _warm(self, line: Rig, trigger: Trigger) -> list[Record]:
        """Read twice: a practice server may change a record while it is read the first time."""
        line.read(trigger)
        records = line.read(trigger)
        if not records:
            fail(f"{trigger.full_name} yielded no records, so nothing can be said of them.")
        return records


def _cursor(trigger: Trigger, record: Record) -> datetime:
    assert trigger.cursor is not None
    value = record.get(trigger.cursor)
    found = moment(value)
    if found is None:
        fail(
            f"{trigger.name}: {value!r} in {trigger.cursor!r} of the record "
            f"{record.get(trigger.key)} is no moment in time (ISO 8601)."
        )
    return found
