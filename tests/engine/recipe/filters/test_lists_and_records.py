"""Lists compared, grouped and added up; records put together."""

from typing import Any

import pytest

from engine.recipe.filters import FILTERS, FilterError, filters_for

INVOICES = [
    {"n": "A", "due": 250, "status": "open", "tags": ["vip"], "opened": "2024-03-04"},
    {"n": "B", "due": 90, "status": "paid", "tags": [], "opened": "2024-02-04"},
    {"n": "C", "due": None, "status": "open", "tags": None, "opened": None},
]


def names(**conditions: Any) -> list[str]:
    field = conditions.pop("field")
    return [invoice["n"] for invoice in FILTERS["where"](INVOICES, field, **conditions)]


@pytest.mark.parametrize(
    ("conditions", "kept"),
    [
        ({"field": "status", "equals": "open"}, "AC"),
        ({"field": "status", "is_not": "open"}, "B"),
        ({"field": "status", "one_of": ["paid", "void"]}, "B"),
        ({"field": "due", "over": 90}, "A"),
        ({"field": "due", "under": 250}, "B"),
        ({"field": "due", "at_least": 90}, "AB"),
        ({"field": "due", "at_least": 90, "at_most": 200}, "B"),
        ({"field": "due", "blank": True}, "C"),
        ({"field": "due", "blank": False}, "AB"),
        ({"field": "tags", "containing": "vip"}, "A"),
        ({"field": "opened", "over": "2024-03-01"}, "A"),
        ({"field": "gone"}, ""),
    ],
)
def test_where(conditions: dict[str, Any], kept: str) -> None:
    assert "".join(names(**conditions)) == kept


def test_what_can_not_be_compared() -> None:
    with pytest.raises(FilterError, match="can't compare 'open' with"):
        names(field="status", over=3)
    for name in ("min", "max"):
        with pytest.raises(FilterError, match="of different kinds"):
            FILTERS[name]([1, "a"])
    with pytest.raises(FilterError) as caught:
        FILTERS["average"](["1"])
    assert "each('float')" in caught.value.hint


def test_what_a_list_comes_to() -> None:
    assert FILTERS["average"](INVOICES, "due") == 170
    assert FILTERS["min"](INVOICES, "due") == 90
    assert FILTERS["max"](INVOICES, "opened") == "2024-03-04"
    for name in ("average", "min", "max"):
        assert FILTERS[name]([]) is None
        assert FILTERS[name]([], default=0) == 0


def test_groups() -> None:
    groups = FILTERS["group_by"](INVOICES, "status")
    assert [(g["key"], len(g["entries"])) for g in groups] == [("open", 2), ("paid", 1)]
    assert FILTERS["index_by"](INVOICES, "n")["B"] is INVOICES[1]
    assert FILTERS["index_by"]([{"n": 7}, {"n": None}, {"n": 7, "x": 1}], "n") == {"7": {"n": 7}}
    assert FILTERS["chunk"]([], 2) == []
    assert FILTERS["flatten"]([[1], 2, [], [[3]]]) == [1, 2, [3]]
    assert FILTERS["unique"](INVOICES, "status") == INVOICES[:2]
    with pytest.raises(FilterError):
        FILTERS["chunk"]([1], 0)


def test_two_lists() -> None:
    records = [{"a": 1}, {"a": 2}]
    assert FILTERS["difference"](records, [{"a": 1}]) == [{"a": 2}]
    assert FILTERS["intersection"](records, None) == []
    assert FILTERS["union"]([2, 1, 2], [1, 3]) == [2, 1, 3]
    with pytest.raises(FilterError, match="takes a list"):
        FILTERS["union"]([1], "x")


def test_each_knows_the_recipe_s_tables() -> None:
    each = filters_for({"areas": {"F": "Family"}})["each"]
    assert each(["f", "x"], "translate", "areas", default="Other") == ["Family", "Other"]
    assert each(None, "lower") == []
    with pytest.raises(FilterError, match="no filter 'x'"):
        each([1], "x")
    with pytest.raises(FilterError, match="'n/a' is not an e-mail"):
        each(["n/a"], "email")


def test_records() -> None:
    record = {"a": 1, "b": None}
    assert FILTERS["pick"](record, "b", "c") == {"b": None}
    assert FILTERS["omit"](record, "b") == {"a": 1}
    assert FILTERS["merge"](record, {"b": 2}) == {"a": 1, "b": 2}
    assert FILTERS["merge"](None, None) is None
    assert record == {"a": 1, "b": None}
    for name, arguments in (("pick", ("a",)), ("merge", ({},)), ("keys", ())):
        with pytest.raises(FilterError, match=f"The filter '{name}' takes a record"):
            FILTERS[name]([record], *arguments)
