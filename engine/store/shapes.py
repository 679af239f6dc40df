"""What operations' records looked like in earlier runs, and what was found to be another since."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, or_, select
from sqlalchemy.engine import Row

from engine.redaction import redact
from engine.store.database import Store, take_turns, upsert
from engine.store.notices import add_notice, close_notices
from engine.store.tables import field_changes, shapes

#: As engine.drift.shape writes a shape.
Document = Mapping[str, Any]
#: Characters of a field's path that are kept.
LONGEST_PATH = 300


class Source(NamedTuple):
    """Whose records: an operation's over one connection, with the same parameters.

    :param operation: its full name.
    :param parameters: in words; empty where the recipe gives none that are the same for all records.
    """

    connection: str
    operation: str
    parameters: str = ""


@dataclass(frozen=True)
class Kept:
    """A shape that is kept.

    :param last_seen: when records were last looked at, to the day or better.
    """

    shape: Document
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that is another than it was in a source's records.

    :param kind: as :class:`engine.drift.differences.Difference` says, and so the two after it.
    :param reason: how a connector knows, in its words; empty where it was seen.
    :param run_id: the run that found it.
    """

    source: Source
    path: str
    kind: str
    before: str = ""
    after: str = ""
    reason: str = ""
    found_at: datetime
    run_id: int | None = None


def shapes_of(store: Store, sources: Collection[Source]) -> dict[Source, Kept]:
    """Return the shapes that are kept of some sources."""
    connections = {source.connection for source in sources}
    query = select(shapes).where(shapes.c.connection.in_(connections))
    with store.reading() as connection:
        found = {_source(row): row for row in connection.execute(query)}
    return {
        source: Kept(row.shape, row.first_seen, row.last_seen)
        for source, row in found.items()
        if source in sources
    }


def keep_shapes(
    store: Store,
    seen: Mapping[Source, Document],
    merge: Callable[[Source, Document, Document], Document],
    changes: Iterable[Change],
    now: datetime,
) -> None:
    """Add what a run saw to what is kept, and note what it found to be another.

    :param merge: puts the kept shape and the new one together.
    """
    with store.writing() as connection:
        rows = []
        for source in sorted(seen):
            take_turns(connection, f"shape of {' '.join(source)}")
            earlier = connection.execute(select(shapes).where(_is(shapes, source))).first()
            shape = seen[source] if earlier is None else merge(source, earlier.shape, seen[source])
            rows.append(
                {
                    **source._asdict(),
                    "shape": shape,
                    "records": shape["records"],
                    "first_seen": now if earlier is None else earlier.first_seen,
                    "last_seen": now,
                }
            )
        upsert(connection, shapes, rows, update=["shape", "records", "last_seen"])
        upsert(connection, field_changes, [_row(change) for change in changes], update=[])


def note_gone(
    store: Store, changes: Collection[Change], notices: Collection[tuple[Source, str, str]]
) -> bool:
    """Note fields that can't be had any more, at once, and tell people; return whether it is news.

    :param notices: for each source subject and body of what people hear.
    """
    with store.writing() as connection:
        known = {
            (_source(row), row.path)
            for row in connection.execute(
                select(field_changes).where(or_(*(_is_change(one) for one in changes)))
            )
            if row.kind == "removed"
        }
        new = [one for one in changes if (one.source, one.path[:LONGEST_PATH]) not in known]
        for change in new:  # what was another before is gone now
            connection.execute(delete(field_changes).where(_is_change(change)))
        upsert(connection, field_changes, [_row(change) for change in new], update=[])
        for source, subject, body in notices if new else ():
            fields = ",".join(sorted(change.path for change in new if change.source == source))
            if fields:
                add_notice(
                    connection,
                    kind="fields_gone",
                    about=f"{_about(source)}{fields}"[:300],
                    subject=subject,
                    body=body,
                    link="/drift/",
                )
    return bool(new)


def changes_of(store: Store, sources: Collection[Source] | None = None) -> list[Change]:
    """Return what was found to be another and is not accepted, the oldest first.

    :param sources: only of these; default: of all.
    """
    query = select(field_changes).order_by(field_changes.c.found_at, field_changes.c.path)
    if sources is not None:
        query = query.where(field_changes.c.connection.in_({one.connection for one in sources}))
    with store.reading() as connection:
        found = [_change(row) for row in connection.execute(query)]
    return [one for one in found if sources is None or one.source in sources]


def end_changes(store: Store, ended: Collection[tuple[Source, str]]) -> int:
    """Forget what is as before again; return how many were known."""
    with store.writing() as connection:
        count = 0
        for source, path in ended:
            found = and_(_is(field_changes, source), field_changes.c.path == path[:LONGEST_PATH])
            count += connection.execute(delete(field_changes).where(found)).rowcount
        _close_notices(connection, {source for source, _ in ended})
        return count


def accept_changes(
    store: Store,
    accepted: Collection[Change],
    without: Callable[[Document, Collection[str]], Document],
) -> None:
    """Take what is another now for the normal.

    :param without: leaves fields out of a shape: nothing is expected of them any more.
    """
    with store.writing() as connection:
        by_source: dict[Source, list[str]] = {}
        for change in accepted:
            connection.execute(delete(field_changes).where(_is_change(change)))
            by_source.setdefault(change.source, []).append(change.path)
        for source, paths in by_source.items():
            take_turns(connection, f"shape of {' '.join(source)}")
            row = connection.execute(select(shapes).where(_is(shapes, source))).first()
            if row is not None:
                new = without(row.shape, paths)
                connection.execute(shapes.update().where(_is(shapes, source)).values(shape=new))
        _close_notices(connection, by_source)


def forget_shapes(store: Store, before: datetime) -> None:
    """Forget what nobody has looked at since a moment, e.g. of recipes that are gone."""
    with store.writing() as connection:
        old = select(shapes).where(shapes.c.last_seen < before)
        for source in [_source(row) for row in connection.execute(old)]:
            for table in (shapes, field_changes):
                connection.execute(delete(table).where(_is(table, source)))
            close_notices(connection, kind="fields_gone", about=_about(source))


def _close_notices(connection: Connection, sources: Iterable[Source]) -> None:
    """End what people heard of sources that lack nothing any more."""
    for source in sources:
        gone = and_(_is(field_changes, source), field_changes.c.kind == "removed")
        if connection.execute(select(field_changes.c.path).where(gone).limit(1)).first() is None:
            close_notices(connection, kind="fields_gone", about=_about(source))


def _about(source: Source) -> str:
    return f"fields:{':'.join(source)}:"


def _is(table: Any, source: Source) -> Any:
    return and_(
        table.c.connection == source.connection,
        table.c.operation == source.operation,
        table.c.parameters == source.parameters,
    )


def _is_change(change: Change) -> Any:
    return and_(
        _is(field_changes, change.source), field_changes.c.path == change.path[:LONGEST_PATH]
    )


def _source(row: Row[Any]) -> Source:
    return Source(row.connection, row.operation, row.parameters)


def _row(change: Change) -> dict[str, Any]:
    return {
        **change.source._asdict(),
        "path": change.path[:LONGEST_PATH],
        "kind": change.kind,
        "before": change.before,
        "after": change.after,
        "reason": redact(change.reason),
        "found_at": change.found_at,
        "run_id": change.run_id,
    }


def _change(row: Row[Any]) -> Change:
    return Change(
        source=_source(row),
        path=row.path,
        kind=row.kind,
        before=row.before,
        after=row.after,
        reason=row.reason,
        found_at=row.found_at,
        run_id=row.run_id,
    )
