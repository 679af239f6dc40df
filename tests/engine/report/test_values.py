"""Values as people read them."""

import pytest

from engine.report.values import spoken

FILE = {"name": "invoice.pdf", "media_type": "", "size": 1200, "file": "f1"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "(nothing)"),
        ("", "(nothing)"),
        ([], "(nothing)"),
        (True, "yes"),
        (12.5, "12.5"),
        (["red", "blue"], "red, blue"),
        ([{"sku": "APPLE-1", "count": 3}], "sku: APPLE-1, count: 3"),
        ([{"sku": "A"}, {"sku": "B"}], "sku: A; sku: B"),
        ({"to": {"city": "Berlin"}}, "to: city: Berlin"),
        ([FILE], "file invoice.pdf (1 kB)"),
    ],
)
def test_values_are_said_without_brackets_and_quotes(value: object, words: str) -> None:
    assert spoken(value) == words
