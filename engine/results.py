"""What a connector's functions answer: of each row that is sent, and of what is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.fields import Record


@dataclass(slots=True)  # not frozen: one is made for every record, and so in a quarter of the time
class Accepted:
    """The other system took this row.

    :param record: what it answered; later steps read it by the step's id.
    :param id: the id it knows the row by; default: ``record["id"]``.
    :param created: whether it is new there; None where the vendor doesn't say, and then a key
        that was sent before counts as updated.
    :param changed: False where the vendor says that nothing changed.
    """

    record: Record
    id: str | None = None
    created: bool | None = None
    changed: bool = True

    @property
    def target_id(self) -> str | None:
        found = self.id if self.id is not None else self.record.get("id")
        return None if found is None else str(found)


@dataclass(frozen=True)
class Rejected:
    """The other system refused this row, and only this one.

    :param reason: one sentence a person understands.
    :param code: a short stable word for the cause.
    :param field: the field it complains about.
    :param hint: what to do about it.
    """

    reason: str
    code: str = "refused"
    field: str | None = None
    hint: str = ""


RowResult = Accepted | Rejected


@dataclass(frozen=True)
class BadRecord:
    """A trigger read something that can't be a record; it is reported as rejected at once.

    :param key: tells it apart, as the trigger's key tells records apart.
    :param reason: one sentence a person understands.
    :param code: a short stable word for the cause; bad records with one cause are grouped by it.
    :param hint: what to do about it.
    :param label: what a person knows it by, e.g. "line 17"; default: the key.
    :param source: what was read of it, kept with the outcome; JSON values only.
    """

    key: str
    reason: str
    code: str
    hint: str = ""
    label: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PartRead:
    """A trigger yields it after the last record of a part of its source, such as a file.

    Once everything before it is settled, ``ctx.unread`` doesn't return the part any more.

    :param part: what ``ctx.unread`` was asked about; tells the part's present state from others,
        e.g. a file's name, size and time.
    :param then: done once everything is settled, never in a preview, e.g. to move the file away. It
        may not get its turn (a crash): yield the part again as long as there is something to do.
    """

    part: str
    then: Callable[[], None] | None = None
