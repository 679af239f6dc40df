"""A field that the contact list no longer has, and one that came in its place."""

from datetime import UTC, datetime, timedelta

from engine.drift.shape import shape_of, to_json
from engine.store.database import Store
from engine.store.shapes import Change, Source, keep_shapes

CONTACTS = Source("csv", "csv.row_read", "file=contacts.csv; key=id")


def seed_change(store: Store, field: str = "given_name", new: str = "first_names") -> None:
    """Let ``first_name`` be gone from the contact list, and ``new`` be there; ``field`` is of another kind."""
    at = datetime.now(UTC) - timedelta(hours=3)
    known = shape_of([{"id": "1", "first_name": "Ada", new: "Ada", "email": "a@b.example"}] * 20)
    of = {"source": CONTACTS, "found_at": at, "run_id": 1}
    changes = [
        Change(path=new, kind="added", after="text", **of),
        Change(path="first_name", kind="removed", before="text", **of),
        Change(path=field, kind="type changed", before="text", after="a number", **of),
    ]
    keep_shapes(store, {CONTACTS: to_json(known)}, lambda source, one, two: one, changes, at)
