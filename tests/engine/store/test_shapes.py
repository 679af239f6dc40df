"""Shapes are added to, changes noted once, ended and accepted; people hear of them while they stand."""

from datetime import UTC, datetime, timedelta

from engine.store.connections import remove_connection
from engine.store.declarations import Declared, declarations_of, keep_declarations
from engine.store.notices import list_notices
from engine.store.shapes import (
    Change,
    Source,
    accept_changes,
    changes_of,
    end_changes,
    forget_shapes,
    keep_shapes,
    note_gone,
    shapes_of,
)

MATTERS = Source("clio", "clio.matter_changed", "status=open")
OTHERS = MATTERS._replace(parameters="status=closed")
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


def gone(path, source=MATTERS, **more):
    return Change(source=source, path=path, kind="removed", found_at=NOW, run_id=1, **more)


def add(source, one, two):
    return {"records": one["records"] + two["records"], "fields": [*one["fields"], source[2]]}


def test_a_shape_is_added_to_what_is_kept(store):
    keep_shapes(store, {MATTERS: {"records": 2, "fields": []}}, add, [], NOW)
    later = NOW + timedelta(days=1)
    seen = {MATTERS: {"records": 3, "fields": []}, OTHERS: {"records": 1, "fields": []}}
    keep_shapes(store, seen, add, [], later)

    kept = shapes_of(store, {MATTERS})

    assert kept[MATTERS].shape == {"records": 5, "fields": ["status=open"]}
    assert (kept[MATTERS].first_seen, kept[MATTERS].last_seen) == (NOW, later)


def test_what_is_gone_is_noted_and_told_once(store):
    for _ in range(2):
        new = note_gone(store, [gone("name")], [(MATTERS, "Clio: 'name' no longer comes", "…")])

    assert not new
    assert [change.path for change in changes_of(store, {MATTERS})] == ["name"]
    [notice] = list_notices(store)
    assert (notice.stands, notice.repeats) == (True, 0)


def test_what_was_of_another_kind_and_is_gone_now_is_gone(store):
    other = Change(source=MATTERS, path="name", kind="type changed", found_at=NOW)
    keep_shapes(store, {}, add, [other], NOW)

    note_gone(store, [gone("name", reason="It is refused.")], [])

    [change] = changes_of(store)
    assert (change.kind, change.reason) == ("removed", "It is refused.")


def test_the_notice_ends_with_the_last_field_of_its_source(store):
    note_gone(store, [gone("name"), gone("fee")], [(MATTERS, "Two are gone", "…")])
    note_gone(store, [gone("name", OTHERS)], [(OTHERS, "One is gone", "…")])

    end_changes(store, [(MATTERS, "name")])
    assert len(list_notices(store, standing=True)) == 2
    end_changes(store, [(MATTERS, "fee")])

    assert [one.subject for one in list_notices(store, standing=True)] == ["One is gone"]
    assert [change.source for change in changes_of(store)] == [OTHERS]


def test_what_is_accepted_is_forgotten_with_its_notice(store):
    keep_shapes(store, {MATTERS: {"records": 2, "fields": ["name", "fee"]}}, add, [], NOW)
    note_gone(store, [gone("name")], [(MATTERS, "One is gone", "…")])

    accept_changes(
        store,
        changes_of(store),
        lambda shape, paths: {**shape, "fields": [f for f in shape["fields"] if f not in paths]},
    )

    assert shapes_of(store, {MATTERS})[MATTERS].shape["fields"] == ["fee"]
    assert changes_of(store) == list_notices(store, standing=True) == []


def test_what_nobody_reads_any_more_is_forgotten_with_all_that_was_told_of_it(store):
    shape = {"records": 2, "fields": []}
    keep_shapes(store, {MATTERS: shape}, add, [], NOW - timedelta(days=401))
    keep_shapes(store, {OTHERS: shape}, add, [], NOW)
    note_gone(store, [gone("name")], [(MATTERS, "One is gone", "…")])

    forget_shapes(store, NOW - timedelta(days=400))

    assert shapes_of(store, {MATTERS, OTHERS}).keys() == {OTHERS}
    assert changes_of(store) == list_notices(store, standing=True) == []


def test_another_account_has_other_records(store):
    keep_shapes(store, {MATTERS: {"records": 2, "fields": []}}, add, [gone("name")], NOW)

    remove_connection(store, "clio")

    assert shapes_of(store, {MATTERS}) == {}
    assert changes_of(store) == []


def test_what_connectors_declare_takes_the_place_of_what_they_declared(store):
    keep_declarations(store, [Declared("clio", "1", {"clio.a": {}})], NOW)
    keep_declarations(store, [Declared("clio", "2", {}), Declared("csv", "", {})], NOW)

    assert declarations_of(store, ["clio"]) == {"clio": Declared("clio", "2", {})}
    assert declarations_of(store).keys() == {"clio", "csv"}
