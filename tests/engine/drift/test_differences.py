"""When records count as different from before, and what is said then; and when nothing is."""

from engine.drift.differences import Difference, differences
from engine.drift.shape import merged, shape_of

BEFORE = shape_of([{"id": n, "name": "A", "opened": "2026-03-01", "fee": 1.5} for n in range(20)])


def now(count=5, **fields):
    usual = {"id": 1, "name": "A", "opened": "2026-03-01", "fee": 2.0, **fields}
    return shape_of([{k: v for k, v in usual.items() if v != "gone"}] * count)


def test_nothing_is_said_of_what_is_as_before_nor_of_no_records():
    assert differences(BEFORE, now()) == []
    assert differences(BEFORE, shape_of([])) == []
    assert differences(shape_of([]), now()) == []


def test_a_field_that_all_had_and_none_has_is_removed():
    assert differences(BEFORE, now(name="gone")) == [Difference("name", "removed", "text")]


def test_few_records_are_no_evidence_that_a_field_is_removed():
    assert differences(BEFORE, now(2, name="gone")) == []
    few = shape_of([{"id": 1, "name": "A"}] * 5)
    assert differences(few, shape_of([{"id": 1}] * 5)) == []


def test_a_field_that_came_only_sometimes_is_never_removed():
    sometimes = merged(BEFORE, shape_of([{"id": 1}]))

    assert differences(sometimes, now(500, name="gone")) == []


def test_a_field_that_some_records_still_have_is_not_removed():
    assert differences(BEFORE, merged(now(name="gone"), now(1))) == []


def test_a_record_that_is_gone_is_told_of_once_and_not_field_by_field():
    before = shape_of([{"client": {"name": "A", "email": "a@example.com"}}] * 20)

    assert [d.path for d in differences(before, shape_of([{}] * 5))] == ["client"]
    within = differences(before, shape_of([{"client": {"name": "A"}}] * 5))
    assert [(d.path, d.kind) for d in within] == [("client.email", "removed")]
    assert differences(before, shape_of([{"client": None}] * 5)) == []


def test_new_fields_are_told_of():
    assert differences(BEFORE, now(summary="x")) == [Difference("summary", "added", after="text")]
    whole = differences(BEFORE, now(client={"name": "A"}))
    assert [d.path for d in whole] == ["client"]


def test_another_type_is_told_of_and_whole_numbers_are_numbers():
    assert differences(BEFORE, now(fee="12.00")) == [
        Difference("fee", "type changed", "a number", "text")
    ]
    assert differences(BEFORE, now(fee=2)) == []
    assert differences(BEFORE, now(fee=None)) == []


def test_another_way_of_writing_is_told_of():
    changed = differences(BEFORE, now(opened="2026-03-01T00:00:00Z"))

    assert changed == [Difference("opened", "format changed", "date", "date-time")]
    assert changed[0].sentence == (
        "The text of 'opened' was written as date and is written as date-time now."
    )


def test_a_field_that_is_empty_in_many_records_and_never_was_is_told_of():
    assert differences(BEFORE, now(19, name=None)) == []
    assert differences(BEFORE, now(20, name=None)) == [Difference("name", "now empty", "text")]
    assert differences(BEFORE, now(20, name="")) == [Difference("name", "now empty", "text")]


def test_an_empty_text_is_of_no_other_kind_and_written_in_no_other_way():
    assert differences(BEFORE, now(fee="")) == []
    assert differences(BEFORE, now(opened="")) == []
    assert differences(BEFORE, now(2, fee="12.00")) == []  # two are no evidence


SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "phones": {
            "type": "array",
            "items": {"type": "object", "properties": {"number": {"type": "string"}}},
        },
    },
    "required": ["id", "name"],
}


def test_records_are_compared_with_what_is_declared():
    records = [{"id": "7", "note": None, "phones": [{"number": 5, "kind": "x"}], "extra": 1}] * 3

    told = {(d.path, d.kind): d.sentence for d in differences(SCHEMA, shape_of(records))}

    assert told == {
        ("id", "type changed"): "The field 'id' was a number and is text now.",
        ("name", "removed"): "The field 'name' no longer comes; it was text.",
        ("phones[].number", "type changed"): (
            "The field 'phones[].number' was text and is a number now."
        ),
        ("phones[].kind", "added"): "The field 'phones[].kind' is new: text.",
        ("extra", "added"): "The field 'extra' is new: a number.",
    }


def test_what_some_records_lack_is_no_removal_but_a_looser_declaration():
    records = shape_of([{"id": 1, "name": "A"}, {"id": 2}, {"id": 3, "name": None}])

    told = [(d.path, d.kind) for d in differences(SCHEMA, records)]

    assert told == [("name", "sometimes missing"), ("name", "sometimes empty")]


def test_an_open_schema_and_one_that_says_nothing_find_nothing_new():
    loose = {**SCHEMA, "additionalProperties": True, "required": []}

    assert differences(loose, shape_of([{"id": 1, "extra": 2}])) == []
    assert differences({}, shape_of([{"id": 1}])) == []
