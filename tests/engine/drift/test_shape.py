"""What is kept of records: which fields, of which kinds, how often; and no value."""

import json
from datetime import date

from engine.drift.shape import (
    ANY_NAME,
    MOST_FIELDS,
    Gauge,
    Seen,
    from_json,
    merged,
    read_path,
    shape_of,
    to_json,
    written,
)

MATTER = {
    "id": 7,
    "description": "Doe v. Roe",
    "opened": "2026-03-01",
    "client": {"email": "jane@example.com", "phones": [{"number": "+1 555 0100"}]},
    "closed": None,
}


def test_fields_are_counted_by_their_kinds_and_formats():
    seen = shape_of([MATTER, {"id": 8}]).fields

    assert seen["id",] == Seen(2, 2, {"integer": 2})
    assert seen["opened",] == Seen(2, 1, {"string": 1}, {"date": 1})
    assert seen["closed",].kinds == {"null": 1}
    assert seen["client", "email"].formats == {"email": 1}
    assert seen["client", "phones", "[]", "number"] == Seen(1, 1, {"string": 1}, {"": 1})


def test_no_value_is_kept_nor_a_name_that_is_a_value():
    shape = shape_of([MATTER, {"jane@example.com": 1, "by_id": {"4711234": {"a": 1}}}])

    kept = json.dumps(to_json(shape))
    assert not any(value in kept for value in ("Doe", "jane", "4711", "2026", "0100"))
    assert shape.fields["by_id", ANY_NAME, "a"].present == 1


def test_of_a_chunk_a_few_are_looked_at_and_of_fewer_their_values():
    gauge = Gauge()

    gauge.look([{"id": n, "name": "A"} for n in range(500)])
    gauge.look([{"id": n} for n in range(500)])

    shape = gauge.shape()
    assert shape.records == 100
    assert shape.fields["name",] == Seen(100, 50, {"string": 20}, {"": 20})
    assert shape.fields["id",].kinds == {"integer": 24}


def test_shapes_of_parts_are_those_of_the_whole():
    many = [MATTER, {"id": 1, "client": {"email": None}}, {"id": 2, "new": True}]

    assert merged(shape_of(many[:1]), shape_of(many[1:])) == shape_of(many)


def test_a_shape_is_bounded_in_size_and_depth():
    deep: dict = {}
    place = deep
    for _ in range(50):
        place["in"] = place = {}

    shape = shape_of([{f"field_{name}": name for name in range(2000)}, deep])

    assert len(shape.fields) <= MOST_FIELDS
    assert max(map(len, shape_of([deep]).fields)) == 5


def test_a_shape_is_stored_and_read_again():
    shape = shape_of([MATTER])

    assert from_json(json.loads(json.dumps(to_json(shape)))) == shape
    assert from_json(to_json(shape_of([]))).records == 0


def test_paths_are_written_as_in_recipes():
    assert written(("client", "phones", "[]", "number")) == "client.phones[].number"
    assert read_path("client.phones[].number") == ("client", "phones", "[]", "number")
    assert read_path("description") == ("description",)


def test_odd_values_and_names_are_no_obstacle():
    odd = {"when": date(2026, 1, 1), "a\0b": 1, "half \ud800": 2, 7: "x", "n": None, "t": ("a",)}

    fields = shape_of([odd]).fields

    assert fields["when",].kinds == {"string": 1}
    assert fields["ab",].present == fields["half ?",].present == 1
    assert fields["t", "[]"].kinds == {"string": 1}
    assert fields[ANY_NAME,].present == 1  # a number is no name
